"""MATLAB and NumPy arrays: orientation, what lies beside them, and hostile headers."""

from __future__ import annotations

import contextlib
import io
import pickle
import struct
import zlib

import numpy as np
import pytest
import scipy.io
from hypothesis import given, settings
from hypothesis import strategies as st

from ecgkit.io import open_recording
from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError

RNG = np.random.default_rng(0)
SIGNAL = RNG.normal(0, 0.5, (12, 400))


def mat(version: str = "5", **variables: object) -> bytes:
    stream = io.BytesIO()
    scipy.io.savemat(stream, variables, format=version)
    return stream.getvalue()


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


def npz(compressed: bool = False, **arrays: object) -> bytes:
    stream = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(stream, **arrays)
    return stream.getvalue()


def read(content: bytes, **given: object) -> Recording:
    return open_recording({"a.bin": content}, **given)


MAKERS = {
    "mat 4": lambda array: mat("4", val=array),
    "mat 5": lambda array: mat("5", val=array),
    "npy": npy,
    "npz": lambda array: npz(x=array),
    "npz, packed": lambda array: npz(True, x=array),
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.int16])
def test_samples_run_along_the_longer_side(make, turned: bool, dtype: type) -> None:
    array = (SIGNAL * 1000).astype(dtype)
    got = read(make(array.T if turned else array), fs=500, unit="uV")
    np.testing.assert_allclose(got.signal, array / 1000, rtol=1e-6)
    assert got.leads == STANDARD_LEADS
    assert any("order" in note for note in got.notes)


def test_one_lead_and_needless_dimensions() -> None:
    assert read(npy(SIGNAL[0]), fs=500, unit="mV").signal.shape == (1, 400)
    assert read(npy(SIGNAL[np.newaxis, :3]), fs=500, unit="mV").signal.shape == (3, 400)


@pytest.mark.parametrize("make", [mat, npz])
def test_what_lies_beside_is_used(make) -> None:
    got = read(make(signal=SIGNAL[:2], fs=360.0, unit="uV", leads=["II", "v5"]))
    assert (got.fs, got.leads) == (360, ("II", "V5"))
    np.testing.assert_allclose(got.signal, SIGNAL[:2] / 1000, rtol=1e-6)


def test_a_matlab_structure_is_looked_into() -> None:
    got = read(mat(ECG={"data": SIGNAL, "sex": "Male", "age": 60.0}), fs=500, unit="mV")
    assert got.signal.shape == (12, 400)


def test_matlab_files_agree_with_scipy_in_every_class_and_packing() -> None:
    for dtype in ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8"):
        array = RNG.integers(0, 100, (3, 70)).astype(dtype)
        for packed in (False, True):
            stream = io.BytesIO()
            texts = {
                "fs": 250.0,
                "units": "uV",
                "leads": np.array(["I", "II", "aVL"], dtype=object),
            }
            scipy.io.savemat(stream, {"sig": array, **texts}, do_compression=packed)
            got = read(stream.getvalue())
            np.testing.assert_allclose(got.signal, array / 1000, rtol=1e-6)
            assert got.leads == ("I", "II", "aVL")


def test_lead_names_as_rows_of_characters() -> None:
    assert read(mat(val=SIGNAL[:2], fs=500, unit="mV", leads=["II", "aVF"])).leads == ("II", "aVF")


def test_units_of_their_own() -> None:
    got = read(npz(signal=SIGNAL[:2], fs=360, units=["mV", "uV"]))
    np.testing.assert_allclose(got.signal, SIGNAL[:2] * [[1], [1e-3]], rtol=1e-6)


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_what_is_missing_is_asked_for(make) -> None:
    with pytest.raises(RecordingError) as caught:
        read(make(SIGNAL))
    assert caught.value.asks == {"fs", "unit"}


def raw_npy(header: str) -> bytes:
    text = header.ljust(117) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + bytes(800)


def mat_bomb() -> bytes:
    packed = zlib.compress(bytes(300 * 1024 * 1024), 9)
    head = b"MATLAB 5.0 MAT-file".ljust(124) + b"\x00\x01IM"
    return head + struct.pack("<2I", 15, len(packed)) + packed


BAD = {
    "pickled": (npy(np.array([{"a": 1}], dtype=object)), "Python objects"),
    "pickled npz": (npz(a=np.array([print], dtype=object)), "Python objects"),
    "plain pickle": (pickle.dumps(SIGNAL), "no known format"),
    "huge": (raw_npy("{'descr':'<f8','fortran_order':False,'shape':(1000000000,12),}"), "fewer"),
    "negative": (raw_npy("{'descr':'<f8','fortran_order':False,'shape':(-1,12),}"), "damaged"),
    "no header": (raw_npy("__import__('os').abort()"), "damaged"),
    "structured": (npy(np.zeros(10, dtype=[("a", "f8")])), "Python objects"),
    "complex": (npy(np.zeros(10, dtype=complex)), "Python objects"),
    "cube": (npy(np.zeros((5, 5, 5))), "shape"),
    "texts": (npz(a=np.array(["x"])), "no array of numbers"),
    "empty": (npy(np.zeros((0, 12))), "no array of numbers"),
    "many leads": (npy(np.zeros((600, 700))), "600 signals"),
    "fs of 0": (npz(x=SIGNAL, fs=0), "0 Hz"),
    "mat bomb": (mat_bomb(), "200 MB"),
    "cut mat": (mat(val=SIGNAL)[:3000], "damaged"),
    "hdf5": (b"\x89HDF\r\n\x1a\n" + bytes(100), "-v7"),
    "mat 7.3": (b"MATLAB 7.3 MAT-file, Platform".ljust(512) + b"\x89HDF\r\n\x1a\n", "-v7"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_files_are_refused_in_words(case: str) -> None:
    content, words = BAD[case]
    with pytest.raises(RecordingError, match=words) as caught:
        read(content, fs=None if "fs" in case else 500, unit="mV")
    assert caught.value.remedy


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_damaged_files_open_or_are_refused(data: st.DataObject) -> None:
    make = data.draw(st.sampled_from(list(MAKERS.values())))
    content = bytearray(make(SIGNAL[:2, :30]))
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    with contextlib.suppress(RecordingError):
        read(bytes(content), fs=500, unit="mV")
