"""What people give: paths, uploads, archives, pictures by mistake, and bombs."""

from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgkit.io import open_recording, save_recording, write_csv, write_edf, write_wfdb
from ecgkit.io.limits import MAX_BYTES
from ecgkit.recording import RecordingError


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return stream.getvalue()


@pytest.mark.parametrize("folder", ["", "mitdb/1.0/", "a b/ü/"])
def test_a_zip_of_a_record_opens(folder: str, maker) -> None:
    recording = maker()
    files = {folder + name: content for name, content in write_wfdb(recording, "100").items()}
    clutter = {
        "__MACOSX/._100.hea": b"\0\5\x16",
        folder + ".DS_Store": b"\0\0\0\1Bud1",
        "RECORDS": b"100",
    }
    read = open_recording({"upload.zip": packed(files | clutter)})
    np.testing.assert_allclose(read.signal, recording.signal, atol=1e-5)
    assert read.name == "100"


@pytest.mark.parametrize("write", [write_csv, write_edf])
def test_a_zip_of_one_file_and_its_licence_opens(write, maker) -> None:
    content = packed({"x/data": write(maker()), "x/LICENSE": b"You may copy it.\nVersion 2\n"})
    assert open_recording({"a": content}).n_samples == 500


@pytest.mark.parametrize("name", ["scan.pdf", "x.csv", "x.hea", "x", ""])
def test_content_decides_not_the_name(name: str, maker) -> None:
    assert open_recording({name: write_edf(maker())}).leads[0] == "I"


def test_paths_and_lists_of_paths(tmp_path: Path, maker) -> None:
    recording = maker()
    saved = save_recording(recording, tmp_path / "r.hea")
    for source in (saved[0], str(saved[0]), saved, [str(path) for path in reversed(saved)]):
        assert open_recording(source).n_samples == recording.n_samples
    with pytest.raises(RecordingError, match=r"without its header.*r\.hea"):
        open_recording(saved[1])


def test_name_can_be_given_and_is_cleaned(maker) -> None:
    content = write_edf(maker())
    assert open_recording({"p/q.edf": content}).name == "q"
    assert open_recording({"p/q.edf": content}, name=" night\n1\0 ").name == "night 1"


@pytest.mark.parametrize("ending", [".hea", ".csv", ".edf", ".EDF"])
def test_saving_chooses_by_the_ending_and_leaves_nothing_else(
    ending: str, tmp_path: Path, maker
) -> None:
    recording = maker()
    (tmp_path / f"out{ending}").write_bytes(b"old")
    saved = save_recording(recording, tmp_path / f"out{ending}")
    assert sorted(tmp_path.iterdir()) == sorted(saved)
    read = open_recording(saved[0])
    np.testing.assert_allclose(read.signal, recording.signal, atol=1e-4)
    assert read.leads == recording.leads


def test_saving_elsewhere_is_refused_in_words(tmp_path: Path, maker) -> None:
    with pytest.raises(RecordingError, match=r"ending '.xyz'"):
        save_recording(maker(), tmp_path / "a.xyz")
    with pytest.raises(RecordingError, match="no ending"):
        save_recording(maker(), tmp_path / "a")
    with pytest.raises(RecordingError, match="cannot be written"):
        save_recording(maker(), tmp_path / "nowhere" / "a.csv")
    (tmp_path / "b.csv").mkdir()
    with pytest.raises(RecordingError, match="cannot be written"):
        save_recording(maker(), tmp_path / "b.csv")
    assert [path.name for path in tmp_path.iterdir()] == ["b.csv"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.7\n" + bytes(50), "PDF.*recording itself"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "PNG picture.*recording itself"),
        (b"\xff\xd8\xff\xe0" + bytes(50), "JPEG picture"),
        (b"GIF89a" + bytes(50), "GIF picture"),
        (b"II*\0" + bytes(50), "TIFF picture"),
        (b"BM\0\0\0\0\0\0\0\0" + bytes(50), "BMP picture"),
        (b"RIFF\0\0\0\0WEBPVP8 " + bytes(50), "WebP picture"),
        (b"\0\0\0\x18ftypheic" + bytes(50), "HEIC picture"),
        (b"<!DOCTYPE html><html>404</html>", "web page"),
        (b'<?xml version="1.0"?><AnnotatedECG/>', "XML file"),
        (b"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0SCPECG" + bytes(50), "SCP-ECG"),
        (gzip.compress(b"1,2\n" * 100), "gzip archive"),
        (b"Rar!\x1a\x07\0" + bytes(50), "RAR archive"),
        (b"fLaC" + bytes(50), "without its header"),
        (b"", "empty"),
        (b"\n \n", "empty"),
        (bytes(1000), "no known format|empty"),
        (b"\x7fELF" + bytes(range(256)), "no known format"),
        (packed({"[Content_Types].xml": b"<x/>", "xl/a.xml": b"<x/>"}), "Office document"),
    ],
)
def test_other_files_are_named_and_refused(content: bytes, words: str) -> None:
    with pytest.raises(RecordingError, match=words) as caught:
        open_recording({"x": content})
    assert caught.value.remedy


def encrypted() -> bytes:
    content = bytearray(packed({"a.csv": b"1,2\n" * 100}))
    content[6] |= 1
    content[content.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(content)


def lying_bomb() -> bytes:
    """Return an archive that unpacks to 300 MB and says that it is of 10 bytes."""
    content = bytearray(packed({"a.csv": bytes(300 * 1024 * 1024)}))
    directory = content.rindex(b"PK\x01\x02")
    content[22:26] = content[directory + 24 : directory + 28] = (10).to_bytes(4, "little")
    return bytes(content)


ARCHIVES = {
    "slip": (packed({"../../etc/cron.d/x": b"1,2\n" * 100}), "outside"),
    "absolute": (packed({"/etc/x.csv": b"1,2\n" * 100}), "outside"),
    "backslash": (packed({"..\\x.csv": b"1,2\n" * 100}), "outside"),
    "drive": (packed({"C:/x.csv": b"1,2\n" * 100}), "outside"),
    "nested": (packed({"a.zip": packed({"a.csv": b"1,2\n" * 100})}), "within an archive"),
    "bomb": (packed({"a.csv": bytes(250 * 1024 * 1024)}), "200 MB"),
    "bomb of many": (packed({f"{k}": bytes(30 * 1024 * 1024) for k in range(8)}), "200 MB"),
    "lying bomb": (lying_bomb(), "damaged|200 MB"),
    "encrypted": (encrypted(), "encrypted"),
    "empty": (packed({}), "empty"),
    "many": (packed({f"{k}": b"" for k in range(10_001)}), "10,001 files"),
    "cut": (packed({"a.csv": b"1,2\n" * 100})[:60], "damaged"),
    "two recordings": (
        packed({"a.csv": b"I (mV)\n" + b"1.5\n" * 99, "b.csv": b"1.5\n" * 99}),
        "2 recordings",
    ),
    "none": (packed({"a.txt": b"hello"}), "."),
}


@pytest.mark.parametrize("case", ARCHIVES)
def test_bad_archives_are_refused_in_words(case: str) -> None:
    content, words = ARCHIVES[case]
    with pytest.raises(RecordingError, match=words) as caught:
        open_recording({"x.zip": content})
    assert caught.value.remedy


def test_a_file_that_occurs_twice_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("a.csv", b"1,2\n" * 100)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.csv", b"3,4\n" * 100)
    with pytest.raises(RecordingError, match="twice"):
        open_recording({"x.zip": stream.getvalue()})


def test_more_than_200_mb_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as stream:
        stream.truncate(MAX_BYTES + 1)
    with pytest.raises(RecordingError, match="200 MB"):
        open_recording(path)
    half = bytes(MAX_BYTES // 2 + 1)
    with pytest.raises(RecordingError, match="200 MB"):
        open_recording({"a": half, "b": half})


def test_paths_that_are_no_files(tmp_path: Path) -> None:
    for source, words in (
        (tmp_path, "folder"), (tmp_path / "no.csv", "does not exist"), ("/dev/zero", "no ordinary"),
        ("a\0b", "cannot be read"), ([], "no file"), ({}, "no file"),
    ):  # fmt: skip
        with pytest.raises(RecordingError, match=words):
            open_recording(source)


@pytest.mark.parametrize("fs", [0, -1, float("nan"), float("inf"), 1e9])
def test_a_given_sampling_frequency_must_be_possible(fs: float) -> None:
    with pytest.raises(RecordingError, match="sampling frequency"):
        open_recording({"x": b"1,2\n" * 100}, fs=fs, unit="mV")


def test_names_of_uploads_are_shown_tamely() -> None:
    with pytest.raises(RecordingError) as caught:
        open_recording({"x/\x1b[31m\n" + "a" * 500: b"%PDF-1.7"})
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 300


@given(st.binary(max_size=400), st.sampled_from(["", "x.csv", "x.hea", "x.dat", "x.mat", "x.zip"]))
@settings(max_examples=300, deadline=None)
def test_any_bytes_open_or_are_refused(content: bytes, name: str) -> None:
    with contextlib.suppress(RecordingError):
        open_recording({name: content}, fs=250, unit="mV")


MAGIC = [b"PK\x03\x04", b"\x93NUMPY", b"MATLAB 5.0 MAT-file", b"\xffBIOSEMI", b"0       ", b"fLaC"]


@given(st.sampled_from(MAGIC), st.binary(max_size=600), st.booleans())
@settings(max_examples=200, deadline=None)
def test_any_bytes_behind_a_known_beginning(magic: bytes, rest: bytes, printable: bool) -> None:
    if printable:
        rest = bytes(32 + byte % 95 for byte in rest)
    with contextlib.suppress(RecordingError):
        open_recording({"x": magic + rest}, fs=250, unit="mV")


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_damaged_archives_open_or_are_refused(data: st.DataObject) -> None:
    content = bytearray(packed({"a/x.csv": b"I (mV),II (mV)\n" + b"0.5,1\n" * 50}))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(RecordingError):
        open_recording({"x.zip": bytes(content)}, fs=250)
