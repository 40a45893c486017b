"""DICOM waveforms: 12-lead, general and ambulatory ECG.

Standard: DICOM PS3.3, section C.10.9 (waveform module), and PS3.16, CID 3001 (ECG leads).
"""

from __future__ import annotations

import functools
import io
import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.waveforms.numpy_handler import multiplex_array

from ecgkit.io.channels import Channel, choose
from ecgkit.io.limits import check_channels, check_fs, readable, shown, stem
from ecgkit.io.units import millivolts
from ecgkit.leads import standard_lead_name
from ecgkit.recording import Recording, RecordingError, Signal, check_size

_DEFLATED = b"1.2.840.10008.1.2.1.99"
_LEAD_CODE = re.compile(r"(?:2:|5\.6\.3-9-)(\d{1,5})")
"""Both code schemes number leads alike: MDC «2:61» and SCPECG «5.6.3-9-61» are lead III."""
_MDC_NUMBERS = (131_328, 131_072)
"""Where ISO/IEEE 11073-10101 begins to count potentials of leads (131329 is I), and leads."""
_MDC_NAME = re.compile(r"MDC_ECG_(?:LEAD|ELEC_POTL)_(\w+)")
_SHORT_NAME = re.compile(r"(?:Lead )?(\S{1,4})(?:,.*| \(.*\))?")
"""A meaning that begins with a lead's name: «aVR, augmented voltage, right», «Lead V4R»."""
_LONGEST_NAME = 64
_LINEAR = {"SS", "US", "SB", "UB", "SL", "UL"}


@dataclass(frozen=True, eq=False)
class _Group:
    """One multiplex group: channels sampled together, ``samples`` of each, at ``fs`` in Hz."""

    place: int
    item: Dataset
    channels: int
    samples: int
    fs: float
    definitions: list[Dataset]
    leads: list[str]

    @property
    def duration(self) -> float:
        """In seconds."""
        return self.samples / self.fs

    @property
    def is_original(self) -> bool:
        """Whether it was recorded, not computed, as a median beat is."""
        derived = str(self.item.get("WaveformOriginality", "")).upper() == "DERIVED"
        return not derived and "MEDIAN" not in str(self.item.get("MultiplexGroupLabel")).upper()

    @property
    def stretch(self) -> tuple[object, ...]:
        """What groups have in common that were recorded at once."""
        offset = self.item.get("MultiplexGroupTimeOffset") or 0
        return self.fs, self.samples, float(offset), self.is_original


def read_dicom(content: bytes, name: str) -> Recording:
    """Read the ECG in a DICOM file: of its groups the longest one that was recorded.

    Groups of further leads over the same stretch of time are read with it.
    Nothing that tells who the patient is comes along.

    Raises
    ------
    RecordingError
        Where the file is damaged, holds no waveform, or one that is too large.
    """
    where = shown(name)
    if _DEFLATED in content[:1024]:
        raise RecordingError(
            "is a deflated DICOM file", where=where, remedy="Export it without compression."
        )
    with (
        readable(where, "is a damaged DICOM file", "Export it again."),
        warnings.catch_warnings(),
    ):
        # pydicom warns of every value that breaks the standard; what matters is checked here.
        warnings.filterwarnings("ignore", module=r"pydicom\.")
        dataset = pydicom.dcmread(io.BytesIO(content), force=True)
        groups = _groups(dataset, where)
        group = max(groups, key=lambda g: (g.is_original, g.duration, g.channels))
        return _recording(dataset, _together(group, groups), groups, name)


def _groups(dataset: Dataset, where: str) -> list[_Group]:
    sequence = dataset.get("WaveformSequence") or ()
    if not sequence:
        kind = str(dataset.get("Modality", "")) or "unknown"
        raise RecordingError(
            f"is a DICOM file without a waveform (modality {kind[:16]})",
            where=where,
            remedy="Export the ECG as a waveform, not as a picture or PDF.",
        )
    groups = []
    for place, item in enumerate(sequence):
        channels, samples = int(item.NumberOfWaveformChannels), int(item.NumberOfWaveformSamples)
        check_channels(channels, where)
        fs = check_fs(float(item.SamplingFrequency), where)
        check_size(channels, samples, fs, where=where)
        definitions = list(item.get("ChannelDefinitionSequence") or ())[:channels]
        if len(definitions) < channels:
            raise RecordingError(
                f"describes {len(definitions)} of {channels} channels",
                where=where,
                remedy="Each channel needs its lead and sensitivity; export it again.",
            )
        if samples > 0:
            leads = [_lead(channel, number) for number, channel in enumerate(definitions, 1)]
            groups.append(_Group(place, item, channels, samples, fs, definitions, leads))
    if not groups:
        raise RecordingError(
            "holds waveforms without samples", where=where, remedy="Export it again."
        )
    return groups


def _together(chosen: _Group, groups: Sequence[_Group]) -> list[_Group]:
    """Return the groups that hold further leads of the chosen group's very stretch of time."""
    leads: set[str] = set()
    together = []
    for group in [chosen, *(group for group in groups if group is not chosen)]:
        if group.stretch == chosen.stretch and leads.isdisjoint(group.leads):
            together.append(group)
            leads.update(group.leads)
    return together


def _recording(
    dataset: Dataset, chosen: Sequence[_Group], groups: Sequence[_Group], name: str
) -> Recording:
    where, fs = shown(name), chosen[0].fs
    stored, channels, paddings = [], [], []
    for group in chosen:
        _check_samples(group, where)
        samples = multiplex_array(dataset, group.place, as_raw=True)
        stored += list(samples.T)
        channels += group.definitions
        paddings += [_padding(group.item, samples.dtype)] * group.channels
    names = [lead for group in chosen for lead in group.leads]
    check_channels(len(names), where)
    check_size(len(names), chosen[0].samples, fs, where=where)
    choice = choose(
        [
            Channel(lead, _unit(channel), fs, "ChannelSensitivity" in channel)
            for lead, channel in zip(names, channels, strict=True)
        ]
    )
    signal = np.stack([_scaled(stored[p], channels[p], paddings[p]) for p in choice.places])
    notes = [
        f"Left out: a further {'recording' if group.is_original else 'computed waveform'} of "
        f"{group.channels} leads and {group.duration:.3g} s."
        for group in groups
        if group not in chosen
    ]
    return Recording(
        signal,
        fs,
        tuple(names[place] for place in choice.places),
        name=stem(name),
        notes=(*notes, *choice.notes),
        calibrated=choice.calibrated,
    )


def _check_samples(group: _Group, where: str) -> None:
    """Refuse samples that are fewer than announced, or no plain whole numbers."""
    coding = str(group.item.WaveformSampleInterpretation)
    if coding not in _LINEAR:
        raise RecordingError(
            f"is coded as {coding[:8]}, which only sound is",
            where=where,
            remedy="Export the ECG as whole numbers (SS, US, SB, UB, SL or UL).",
        )
    size = group.channels * group.samples * int(group.item.WaveformBitsAllocated) // 8
    if len(group.item.WaveformData) < size:
        raise RecordingError(
            f"announces {group.samples:,} samples and holds fewer",
            where=where,
            remedy="Copy it again; it was cut off.",
        )


def _lead(channel: Dataset, place: int) -> str:
    for code in channel.get("ChannelSourceSequence") or ():
        value = str(code.get("CodeValue") or code.get("LongCodeValue") or "").strip()
        meaning = str(code.get("CodeMeaning") or "").strip()
        known = _by_number(value) or _by_mdc_name(value) or _by_mdc_name(meaning)
        if name := known or _short(re.sub(r"\(.*?\)", "", meaning).strip()):
            return name[:_LONGEST_NAME]
    return str(channel.get("ChannelLabel", "") or f"channel {place}").strip()[:_LONGEST_NAME]


def _by_number(value: str) -> str | None:
    if match := _LEAD_CODE.fullmatch(value):
        return _lead_names().get(int(match[1]))
    if not re.fullmatch(r"\d{6}", value):
        return None
    found = (_lead_names().get(int(value) - first) for first in _MDC_NUMBERS)
    return next((name for name in found if name), None)


def _by_mdc_name(text: str) -> str | None:
    match = _MDC_NAME.fullmatch(text)
    return standard_lead_name(match[1]) if match else None


def _short(meaning: str) -> str:
    match = _SHORT_NAME.fullmatch(meaning)
    return match[1].replace("\N{MINUS SIGN}", "-") if match else meaning


@functools.cache
def _lead_names() -> dict[int, str]:
    """Return number -> lead of CID 3001, all but 0, which says that the lead is not specified."""
    from pydicom.sr.codedict import codes

    table = codes.CID3001.concepts.values()
    names = {int(code.value.removeprefix("2:")): _short(code.meaning) for code in table}
    return {number: name for number, name in names.items() if number}


def _unit(channel: Dataset) -> str:
    for code in channel.get("ChannelSensitivityUnitsSequence") or ():
        return str(code.get("CodeValue", ""))
    return ""


def _padding(item: Dataset, dtype: np.dtype) -> int | None:
    raw = item.get("WaveformPaddingValue")
    if isinstance(raw, bytes) and len(raw) >= dtype.itemsize:
        return int(np.frombuffer(raw[: dtype.itemsize], dtype=dtype)[0])
    return raw if isinstance(raw, int) else None


def _scaled(stored: NDArray[np.integer], channel: Dataset, padding: int | None) -> Signal:
    """Return one channel in mV (where its unit is a voltage), NaN where padded."""
    step = float(channel.get("ChannelSensitivity", 1.0) or 1.0)
    step *= float(channel.get("ChannelSensitivityCorrectionFactor", 1.0) or 1.0)
    offset = float(channel.get("ChannelBaseline", 0.0) or 0.0)
    factor = millivolts(_unit(channel)) or 1.0
    values = ((stored.astype(np.float64) * step + offset) * factor).astype(np.float32)
    if padding is not None:
        values[stored == padding] = np.nan
    return values
