"""MATLAB (.mat up to version 7) and NumPy (.npy, .npz) arrays."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.io.channels import Channel, choose_ecg_channels, default_names
from ecgkit.io.detection import is_mat4
from ecgkit.io.limits import (
    check_channels,
    check_fs,
    display_name,
    missing_facts,
    readable,
    stem,
)
from ecgkit.io.matlab import MatlabReader
from ecgkit.io.sources import unzip
from ecgkit.io.units import is_arbitrary, millivolts
from ecgkit.recording import Recording, RecordingError, check_size

_SIGNAL_NAMES = ("val", "signal", "signals", "ecg", "data", "p_signal", "x")
_FS_NAMES = {
    *("fs", "freq", "frequency", "sfreq", "srate", "samplerate", "samplefrequency"),
    *("samplingrate", "samplingfrequency", "samplefreq", "samplingfreq"),
}
_UNIT_NAMES = {"unit", "units"}
_LEAD_NAMES = {"leads", "lead", "leadnames", "signame", "signames", "channels", "channelnames"}
_MAX_RANK = 8


def read_mat(content: bytes, name: str, fs: float | None, unit: str | None) -> Recording:
    """Read a .mat file of level 4 or 5: one matrix of samples, maybe with ``fs`` and ``unit``."""
    where = display_name(name)
    with readable(where, "is a damaged .mat file", "Save it again with save(name, …, '-v7')."):
        if is_mat4(content):
            import scipy.io

            arrays = dict(scipy.io.loadmat(io.BytesIO(content), appendmat=False))
        else:
            arrays = MatlabReader(content, where).arrays()
    arrays = {key: value for key, value in arrays.items() if isinstance(value, np.ndarray)}
    return _recording(arrays, name, fs, unit)


def read_npy(content: bytes, name: str, fs: float | None, unit: str | None) -> Recording:
    """Read a .npy file: one array of samples."""
    return _recording({"signal": _npy(content, display_name(name))}, name, fs, unit)


def read_npz(content: bytes, name: str, fs: float | None, unit: str | None) -> Recording:
    """Read a .npz file: one array of samples, maybe with ``fs``, ``unit`` and ``leads``."""
    members = unzip(content, name)
    arrays = {
        key[:-4]: _npy(member, f"{display_name(name)}, {display_name(key)}")
        for key, member in members.items()
    }
    return _recording(arrays, name, fs, unit)


def _npy(content: bytes, where: str) -> NDArray[Any]:
    """Return the array in a .npy file, its header checked before memory is taken."""
    stream = io.BytesIO(content)
    with readable(where, "is a damaged NumPy array", "Save it again with numpy.save."):
        version = np.lib.format.read_magic(stream)
        read = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }[version]
        shape, by_column, dtype = read(stream)
        if dtype.hasobject or dtype.kind not in "biufUS":
            raise RecordingError(
                "holds Python objects, not plain numbers",
                where=where,
                remedy="Save an array of floating-point or whole numbers.",
            )
        count = math.prod(shape)
        if len(shape) > _MAX_RANK or count * dtype.itemsize > len(content) - stream.tell():
            raise RecordingError(
                f"announces {count:,} numbers and holds fewer",
                where=where,
                remedy="Copy it again; it was cut off.",
            )
        array = np.frombuffer(content, dtype=dtype, count=count, offset=stream.tell())
        return array.reshape(shape, order="F" if by_column else "C")


def _recording(
    arrays: Mapping[str, NDArray[Any]], name: str, fs: float | None, unit: str | None
) -> Recording:
    where = display_name(name)
    chosen, notes = _signal_name(arrays, where)
    signal = _leads_first(arrays[chosen], where)
    fs = _stated_fs(arrays, where) or fs
    stated = _stated_texts(arrays, _UNIT_NAMES)
    units = [text for text in stated if millivolts(text) is not None or is_arbitrary(text)]
    unit = units[0] if units else unit
    if fs is None or unit is None:
        raise missing_facts(where, fs, unit)
    check_channels(signal.shape[0], where)
    check_size(signal.shape[0], signal.shape[1], fs, where=where)
    leads = tuple(_stated_texts(arrays, _LEAD_NAMES))
    if len(leads) != signal.shape[0]:
        leads, unnamed = default_names(signal.shape[0])
        notes += unnamed
    if len(units) not in (len(leads), 1, 0) or len(set(units)) < 2:
        units = [unit] * len(leads)
    choice = choose_ecg_channels(
        [Channel(lead, u, fs) for lead, u in zip(leads, units, strict=True)]
    )
    rows = np.empty((len(choice.places), signal.shape[1]), dtype=np.float32)
    for row, place in zip(rows, choice.places, strict=True):
        row[:] = signal[place].astype(np.float64) * (millivolts(units[place]) or 1.0)
    return Recording(
        rows,
        fs,
        tuple(leads[place] for place in choice.places),
        name=stem(name),
        notes=(*notes, *choice.notes),
        calibrated=choice.calibrated,
    )


def _signal_name(arrays: Mapping[str, NDArray[Any]], where: str) -> tuple[str, tuple[str, ...]]:
    """Return the name of the array of samples: a usual name, else the largest."""
    sizes = {
        name: array.size
        for name, array in arrays.items()
        if array.dtype.kind in "iuf" and array.size > 1 and _plain_name(name) not in _FS_NAMES
    }
    if not sizes:
        raise RecordingError(
            "holds no array of numbers",
            where=where,
            remedy="Save one array with a row a lead, and fs and unit beside it.",
        )
    usual = [name for wanted in _SIGNAL_NAMES for name in sizes if name.lower() == wanted]
    chosen = usual[0] if usual else max(sizes, key=lambda name: sizes[name])
    notes = (
        () if len(sizes) == 1 else (f"Of {len(sizes)} arrays, «{display_name(chosen)}» was read.",)
    )
    return chosen, notes


def _leads_first(array: NDArray[Any], where: str) -> NDArray[Any]:
    """Return an array as (leads, samples): samples run along the longer side."""
    if array.ndim > 2:
        array = array.squeeze()
    if array.ndim == 1:
        return array[np.newaxis]
    if array.ndim != 2 or not array.size or array.dtype.kind not in "iuf":
        raise RecordingError(
            f"holds an array of shape {array.shape} and type {array.dtype}",
            where=where,
            remedy="Save numbers with two dimensions: leads and samples.",
        )
    return array.T if array.shape[0] > array.shape[1] else array


def _stated_fs(arrays: Mapping[str, NDArray[Any]], where: str) -> float | None:
    for name, array in arrays.items():
        if _plain_name(name) in _FS_NAMES and array.size == 1 and array.dtype.kind in "iuf":
            return check_fs(float(array.reshape(-1)[0]), where)
    return None


def _stated_texts(arrays: Mapping[str, NDArray[Any]], names: set[str]) -> list[str]:
    """Return the texts under one of these names."""
    for name, array in arrays.items():
        if _plain_name(name) in names and array.dtype.kind in "US":
            items = array.reshape(-1)[:1000].tolist()
            texts = [i.decode("latin-1") if isinstance(i, bytes) else i for i in items]
            return [text.strip()[:100] for text in texts]
    return []


def _plain_name(name: str) -> str:
    return name.lower().replace("_", "")
