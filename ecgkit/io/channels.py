"""From the channels that a file describes to the leads of one recording."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ecgkit.io.units import millivolts
from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.resampling import resample
from ecgkit.recording import STANDARD_LEADS, Signal, check_size, standard_lead_name

_ECG = re.compile(r"ECG|EKG", re.IGNORECASE)
_OTHER_VOLTAGE = re.compile(r"\b(EEG|EOG|EMG|SEEG|ECOG|ERG|GSR|RESP)", re.IGNORECASE)


@dataclass(frozen=True)
class Channel:
    """What a file says of one of its channels, before any sample is read.

    Attributes
    ----------
    name
        As the file spells it.
    unit
        As the file spells it; empty where it gives none.
    fs
        Sampling frequency in Hz.
    calibrated
        False where the file says that its scale is not known.
    """

    name: str
    unit: str
    fs: float
    calibrated: bool = True

    @property
    def is_voltage(self) -> bool:
        """Whether samples can be given in mV."""
        return self.calibrated and millivolts(self.unit) is not None


@dataclass(frozen=True)
class Choice:
    """Which channels become leads (``places``), and what to say of it."""

    places: tuple[int, ...]
    calibrated: bool
    notes: tuple[str, ...]


def choose_ecg_channels(channels: Sequence[Channel]) -> Choice:
    """Choose the channels that hold an ECG.

    Voltages go before anything else; among voltages of other kinds (EEG, EMG), those that are named
    as an ECG go first. Where nothing is a voltage, all channels stay, in arbitrary units.
    """
    voltages = [place for place, channel in enumerate(channels) if channel.is_voltage]
    kept = voltages or list(range(len(channels)))
    if any(_OTHER_VOLTAGE.search(channels[place].name) for place in kept):
        named = [place for place in kept if _is_ecg_name(channels[place].name)]
        other = [place for place in kept if not _OTHER_VOLTAGE.search(channels[place].name)]
        kept = named or other or kept
    notes = []
    dropped = [channel for place, channel in enumerate(channels) if place not in kept]
    if dropped:
        names = listed([f"{c.name} ({c.unit})" if c.unit else c.name for c in dropped])
        notes.append(f"Left out, as no ECG voltages: {names}.")
    if not voltages:
        units = sorted({channels[place].unit for place in kept if channels[place].calibrated})
        said = f"The file gives {listed(units)} as unit" if any(units) else "The file gives no unit"
        notes.append(f"{said}, not a voltage: amplitudes are in arbitrary units.")
    return Choice(tuple(kept), bool(voltages), tuple(notes))


def stack_at_highest_rate(
    signals: Sequence[Signal], rates: Sequence[float], names: Sequence[str], *, where: str
) -> tuple[Signal, float, tuple[str, ...]]:
    """Stack leads of differing sampling frequencies at the highest of them.

    Parameters
    ----------
    signals
        One float32 array of shape (samples,) a lead; NaN marks missing samples. A shorter lead is
        filled up with NaN.
    rates
        Sampling frequency of each, in Hz.
    names
        Of the leads, for the note.
    where
        The file, for the error.

    Returns
    -------
    signal, fs, notes
        Shape (leads, samples), Hz, and a note where leads were resampled.

    Raises
    ------
    RecordingError
        Where the result would be too large.
    """
    fs = max(rates)
    slower = [name for name, rate in zip(names, rates, strict=True) if rate != fs]
    lengths = [
        round(signal.size * fs / rate) if rate != fs else signal.size
        for signal, rate in zip(signals, rates, strict=True)
    ]
    length = max(lengths)
    check_size(len(signals), length, fs, where=where)
    stacked = np.full((len(signals), length), np.nan, dtype=np.float32)
    for row, signal, rate, wanted in zip(stacked, signals, rates, lengths, strict=True):
        if rate == fs or not signal.size:
            row[: signal.size] = signal
            continue
        filled, missing = fill_gaps(signal[np.newaxis])
        row[:wanted] = resample(filled[0], rate, fs, wanted)
        source = np.minimum((np.arange(wanted) * (rate / fs)).astype(int), signal.size - 1)
        row[:wanted][missing[0][source]] = np.nan
    notes = (f"Resampled to {fs:g} Hz like the other leads: {listed(slower)}.",) if slower else ()
    return stacked, fs, notes


def default_names(count: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return names for leads that a file does not name, and a note that says so."""
    if count == len(STANDARD_LEADS):
        order = ", ".join(STANDARD_LEADS)
        return STANDARD_LEADS, (f"The file names no leads; their order is taken to be {order}.",)
    if count == 1:
        return ("ECG",), ()
    return tuple(f"lead {place}" for place in range(1, count + 1)), ("The file names no leads.",)


def listed(names: Sequence[str], most: int = 12) -> str:
    """Return names as a person lists them, the end of a long list counted only."""
    clean = ["".join(c if c.isprintable() else "?" for c in name)[:40] for name in names]
    if len(clean) > most:
        return f"{', '.join(clean[:most])} and {len(clean) - most} more"
    return ", ".join(clean)


def _is_ecg_name(name: str) -> bool:
    return standard_lead_name(name) in STANDARD_LEADS or _ECG.search(name) is not None
