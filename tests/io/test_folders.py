import numpy as np
import pytest

from ecgkit.io import save_recording
from ecgkit.io.folders import recordings_in
from ecgkit.io.limits import MAX_BYTES
from ecgkit.processing.synthetic import generate_ecg

SHORT = generate_ecg(2.0, 250.0, leads=("II",))


def names(folder):
    return [path.relative_to(folder).as_posix() for path in recordings_in(folder)]


def test_records_are_told_by_their_content_and_their_parts_left_out(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / ".hidden").mkdir()
    for path in ("one.hea", "a/two.edf", "a/b/three.hea", ".hidden/four.csv", "a/.five.csv"):
        save_recording(SHORT, tmp_path / path)
    save_recording(SHORT, tmp_path / "six.csv")
    (tmp_path / "six.csv").rename(tmp_path / "six.of.no.ending")
    np.save(tmp_path / "seven.npy", SHORT.signal)
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (tmp_path / "noise").write_bytes(bytes(range(256)))
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("A note, not a table.\n")
    assert names(tmp_path) == [
        "a/b/three.hea",
        "a/two.edf",
        "one.hea",
        "seven.npy",
        "six.of.no.ending",
    ]


def test_a_databases_lists_are_no_records(tmp_path):
    save_recording(SHORT, tmp_path / "100.hea")
    (tmp_path / "RECORDS").write_text("\n".join(map(str, range(100, 140))))
    (tmp_path / "index.csv").write_text("id,age\n" + "1,40\n" * 40)
    assert names(tmp_path) == ["100.hea"]
    (tmp_path / "100.hea").unlink()
    assert "index.csv" in names(tmp_path)  # without headers a table may be a recording


def test_damaged_headers_and_files_too_large_are_listed(tmp_path):
    (tmp_path / "damaged.hea").write_text("damaged many\nwhat is this\n")
    (tmp_path / "empty.hea").write_bytes(b"")
    with (tmp_path / "large.bin").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert names(tmp_path) == ["damaged.hea", "empty.hea", "large.bin"]


@pytest.mark.shared
@pytest.mark.parametrize(("database", "count"), [("ludb", 200), ("cinc2021", 262), ("nstdb", 3)])
def test_official_layouts(shared_data, database, count):
    assert len(recordings_in(shared_data / database)) == count
