"""What stands before every rhythm network: twelve leads, one rate, no baseline, known scale."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from ecgkit.leads import STANDARD_LEADS, limb_lead, with_upright_leads
from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.resampling import resample
from ecgkit.recording import Recording, Signal

FS = 256
"""Samples a second that the networks and the scalogram work at: one second is a power of two."""


@dataclass(frozen=True)
class PreprocessingSettings:
    """What a recording is brought to before a network sees it.

    Attributes
    ----------
    median_windows
        Seconds of the two median filters, one after the other, that leave the baseline: the first
        takes out QRS complexes and P waves, the second T waves (de Chazal et al. 2004).
    typical_rms
        Median RMS in mV of each standard lead of the training set's calibrated recordings: the
        scale that leads without one are brought to.
    """

    median_windows: tuple[float, ...] = (0.2, 0.6)
    typical_rms: tuple[float, ...] = (
        0.12,
        0.12,
        0.091,
        0.116,
        0.087,
        0.089,
        0.133,
        0.215,
        0.222,
        0.216,
        0.19,
        0.153,
    )


SETTINGS = PreprocessingSettings()


@dataclass(frozen=True, eq=False)
class Prepared:
    """A recording as the rhythm networks see it.

    Attributes
    ----------
    signal
        float32, shape (12, samples) at :data:`FS`, in mV, without baseline; absent leads are zero.
    present
        bool, shape (12,): leads that are there, or follow from two others, and are not flat.
    """

    signal: Signal
    present: NDArray[np.bool_]

    @property
    def seconds(self) -> int:
        """Whole seconds."""
        return int(self.signal.shape[1] // FS)


def prepare(recording: Recording) -> Prepared:
    """Bring a recording to the twelve standard leads at 256 Hz without baseline.

    Limb leads that are absent are worked out from any two that are there (Einthoven's and
    Goldberger's equations). Missing samples are bridged. Leads of an uncalibrated
    recording are scaled to a typical RMS (:class:`PreprocessingSettings`), each by itself, as
    their relation is lost.
    """
    filled, _ = fill_gaps(recording.signal)
    at_rate = resample(filled, recording.fs, FS)
    flat = np.ptp(filled, axis=1) == 0  # resampling would leave a ripple on a constant
    at_rate = np.where(flat[:, np.newaxis], np.float32(0), at_rate)
    rows = with_upright_leads(dict(zip(recording.leads, at_rate, strict=True)))
    if "II" not in rows and "MLII" in rows:
        rows["II"] = rows["MLII"]
    signal = np.zeros((12, at_rate.shape[1]), np.float32)
    present = np.zeros(12, np.bool_)
    for place, lead in enumerate(STANDARD_LEADS):
        row = rows.get(lead)
        if row is None and recording.calibrated:
            row = limb_lead(lead, rows)
        if row is not None and np.ptp(row) > 0:
            signal[place], present[place] = row, True
    if present.any():
        signal[present] = remove_baseline(signal[present])
    if not recording.calibrated:
        rms = np.sqrt(np.mean(signal**2, axis=1, keepdims=True))
        signal *= np.array(SETTINGS.typical_rms, np.float32)[:, np.newaxis] / np.maximum(rms, 1e-9)
    return Prepared(signal, present)


def remove_baseline(signal: Signal, fs: float = FS) -> Signal:
    """Return the signal less its baseline: a median over 0.2 s, then one over 0.6 s.

    Parameters
    ----------
    signal
        Shape (leads, samples), without NaN.
    """
    baseline = signal
    for seconds in SETTINGS.median_windows:
        size = 2 * round(seconds * fs / 2) + 1
        baseline = np.stack([median_filter(row, size, mode="nearest") for row in baseline])
    result: Signal = (signal - baseline).astype(np.float32)
    return result
