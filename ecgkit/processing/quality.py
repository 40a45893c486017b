"""Indicators of the noise in a recording, made without a clean reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import periodogram

from ecgkit.processing.beats import detect_beats
from ecgkit.processing.faults import find_faults
from ecgkit.processing.filters import highpass
from ecgkit.processing.gaps import fill_gaps
from ecgkit.recording import Recording

Row = NDArray[np.floating]
Places = NDArray[np.int64]

BASELINE_CUTOFF = 0.5
NOISE_CUTOFF = 40.0
QRS_HALF_WIDTH = 0.1
BEAT_START, BEAT_STOP = -0.25, 0.45
MIN_BEATS = 5
MIN_SPECTRUM_SECONDS = 4.0

INDICATORS: dict[str, tuple[str, str]] = {
    "baseline_share": ("Baseline wander: share of power below 0.5 Hz", "%"),
    "noise_level": ("High-frequency noise: RMS level above 40 Hz between beats", "mV"),
    "mains_50_share": ("Powerline: share of power at 50 Hz", "%"),
    "mains_60_share": ("Powerline: share of power at 60 Hz", "%"),
    "template_snr_db": ("SNR estimated from the average beat", "dB"),
    "flat_share": ("Flat", "%"),
    "saturated_share": ("Saturated", "%"),
    "missing_share": ("Missing", "%"),
}
"""Field of :class:`LeadIndicators` -> label and unit; shares themselves run from 0 to 1."""


@dataclass(frozen=True)
class LeadIndicators:
    """Indicators of the noise in one lead, or over all; NaN where one cannot be told.

    Attributes
    ----------
    baseline_share
        Share of the power below 0.5 Hz, where little of the ECG lies: baseline wander. One minus
        the ``basSQI`` of [1]_, with a lower edge. 0 to 1.
    noise_level
        RMS level of what lies above 40 Hz between the QRS complexes, in mV: muscle artefact,
        powerline and the amplifier's noise. 1.4826 times the median absolute deviation, the
        robust estimate of a standard deviation [2]_. NaN where the recording has no unit or is
        sampled too slowly.
    mains_50_share, mains_60_share
        Share of the power within 1 Hz of the powerline's frequency, above the level of the
        spectrum around it. 0 to 1.
    template_snr_db
        SNR in dB, the average beat taken as signal and each beat's deviation from it as noise [3]_.
        Up to 10 dB in a regular rhythm it is mostly within 1 dB of the true SNR. It never goes
        much above 20 dB, since no two beats are alike, and is far too low where beats differ in
        shape (ectopic beats). Noise locked to the beat escapes it.
    flat_share, saturated_share, missing_share
        Share of the samples with each fault of
        :func:`ecgkit.processing.faults.find_faults`. 0 to 1.

    References
    ----------
    .. [1] G. D. Clifford et al., "Signal quality indices and data fusion for determining clinical
       acceptability of electrocardiograms", Physiol. Meas. 33 (2012) 1419-1433.
    .. [2] P. J. Rousseeuw and C. Croux, "Alternatives to the median absolute deviation", J. Am.
       Stat. Assoc. 88 (1993) 1273-1283.
    .. [3] L. Sörnmo and P. Laguna, "Bioelectrical Signal Processing in Cardiac and Neurological
       Applications" (2005), section 4.3 on ensemble averaging.
    """

    baseline_share: float
    noise_level: float
    mains_50_share: float
    mains_60_share: float
    template_snr_db: float
    flat_share: float
    saturated_share: float
    missing_share: float


@dataclass(frozen=True)
class Indicators:
    """Indicators of noise, made without a clean reference: hints, no measurements of SNR.

    Attributes
    ----------
    leads
        Lead name -> its indicators.
    overall
        The median over the leads in which each can be told; for the three faults the mean.
    """

    leads: dict[str, LeadIndicators]
    overall: LeadIndicators


def noise_indicators(recording: Recording) -> Indicators:
    """Return what can be said of a recording's noise when no clean reference is known.

    Gaps are bridged by straight lines first. :data:`INDICATORS` has the labels and units.

    Returns
    -------
    Indicators
        For each lead and over all; see :class:`LeadIndicators` for each one's meaning and limits.
    """
    fs = recording.fs
    beats = detect_beats(recording).samples
    per_lead = {}
    for lead, faults in zip(recording.leads, find_faults(recording.signal, fs), strict=True):
        found = {fault.kind: fault.fraction for fault in faults}
        filled, missing = fill_gaps(recording.lead(lead)[np.newaxis])
        row, gaps = filled[0].astype(np.float64), missing[0]
        row -= np.median(row[~gaps]) if not gaps.all() else 0.0
        baseline, mains_50, mains_60 = _spectral_shares(row, fs)
        per_lead[lead] = LeadIndicators(
            baseline_share=baseline,
            noise_level=_noise_level(row, gaps, beats, fs) if recording.calibrated else np.nan,
            mains_50_share=mains_50,
            mains_60_share=mains_60,
            template_snr_db=_template_snr_db(row, gaps, beats, fs),
            flat_share=found.get("flat", 0.0),
            saturated_share=found.get("saturated", 0.0),
            missing_share=found.get("missing", 0.0),
        )
    overall = {
        field: _summary([getattr(one, field) for one in per_lead.values()], field)
        for field in INDICATORS
    }
    return Indicators(per_lead, LeadIndicators(**overall))


def _summary(values: list[float], field: str) -> float:
    if field in ("flat_share", "saturated_share", "missing_share"):
        return float(np.mean(values))
    told = [value for value in values if not np.isnan(value)]
    return float(np.median(told)) if told else float("nan")


def _spectral_shares(row: Row, fs: float) -> tuple[float, float, float]:
    """Return the shares of power below 0.5 Hz, at 50 Hz and at 60 Hz."""
    unknown = (float("nan"), float("nan"), float("nan"))
    if row.size < MIN_SPECTRUM_SECONDS * fs:
        return unknown
    frequencies, density = periodogram(row, fs, window="hann", detrend="constant")
    total = float(density.sum())
    if total <= 0:
        return unknown
    baseline = float(density[frequencies < BASELINE_CUTOFF].sum()) / total
    density = density / total
    return baseline, _line_share(frequencies, density, 50), _line_share(frequencies, density, 60)


def _line_share(frequencies: Row, density: Row, line: float) -> float:
    if frequencies[-1] < line + 1:
        return float("nan")
    distance = np.abs(frequencies - line)
    near, around = distance <= 1, (distance > 2) & (distance <= 5)
    # The mean of exponentially distributed bins is their median over log 2.
    floor = np.median(density[around]) / np.log(2)
    return max(0.0, float(np.sum(density[near] - floor)))


def _noise_level(row: Row, gaps: NDArray[np.bool_], beats: Places, fs: float) -> float:
    if fs / 2 < 1.25 * NOISE_CUTOFF:
        return float("nan")
    between = ~gaps
    reach = round(QRS_HALF_WIDTH * fs)
    for beat in beats:
        between[max(0, beat - reach) : beat + reach + 1] = False
    if not between.any():
        return float("nan")
    noise = highpass(row, fs, NOISE_CUTOFF)[between]
    return float(1.4826 * np.median(np.abs(noise - np.median(noise))))


def _template_snr_db(row: Row, gaps: NDArray[np.bool_], beats: Places, fs: float) -> float:
    window = np.arange(round(BEAT_START * fs), round(BEAT_STOP * fs))
    places = beats[(beats + window[0] >= 0) & (beats + window[-1] < row.size)][:, None] + window
    places = places[~gaps[places].any(axis=1)]
    n = len(places)
    if n < MIN_BEATS:
        return float("nan")
    beat = row[places].mean(axis=0)
    noise = float(np.sum((row[places] - beat) ** 2)) / ((n - 1) * window.size)
    # The average of n beats still holds 1/n of the noise's power.
    signal = float(np.mean(beat**2)) - noise / n
    if noise <= 0:
        return float("nan")
    return float(10 * np.log10(max(signal / noise, 0.01)))
