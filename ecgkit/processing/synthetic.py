"""A noise-free 12-lead ECG with known truth: a beating dipole seen by the leads.

The heart is a current dipole that moves through space, as in McSharry et al. [1]_ and, in three
dimensions, Sameni et al. [2]_: a sum of Gaussian pulses for the P wave, the QRS complex and the
T wave. Dower's matrix [3]_ turns it into leads. Pulses are placed in time rather than in phase, so
that P and QRS keep their duration while the QT interval follows the rate.

References
----------
.. [1] P. E. McSharry et al., "A dynamical model for generating synthetic electrocardiogram
   signals", IEEE Trans. Biomed. Eng. 50 (2003) 289-294.
.. [2] R. Sameni et al., "Multichannel ECG and noise modeling", EURASIP J. Adv. Signal Process.
   (2007) 043407.
.. [3] G. E. Dower, H. B. Machado and J. A. Osborne, "On deriving the electrocardiogram from
   vectorcardiographic leads", Clin. Cardiol. 3 (1980) 87-95.
.. [4] M. Stridh and L. Sörnmo, "Spatiotemporal QRST cancellation techniques for analysis of atrial
   fibrillation", IEEE Trans. Biomed. Eng. 48 (2001) 105-111.
.. [5] L. S. Fridericia, "Die Systolendauer im Elektrokardiogramm bei normalen Menschen und bei
   Herzkranken", Acta Med. Scand. 53 (1920) 469-486.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ecgkit.leads import FROM_I_AND_II
from ecgkit.recording import MAX_FS, STANDARD_LEADS, Recording, RecordingError, Signal, check_size

Rhythm = Literal["sinus", "afib"]
Values = NDArray[np.float64]


class Pulse(NamedTuple):
    """One Gaussian pulse of the dipole.

    Attributes
    ----------
    centre
        Seconds from the R peak; for the P and T waves at a rate of 60 a minute.
    rise, fall
        Standard deviation in seconds before and after the centre.
    dipole
        Height in mV along Frank's axes: left, down, back.
    """

    centre: float
    rise: float
    fall: float
    dipole: tuple[float, float, float]


P_WAVE = (
    Pulse(-0.165, 0.018, 0.020, (0.03, 0.075, -0.045)),  # right atrium, in front
    Pulse(-0.135, 0.018, 0.020, (0.06, 0.045, 0.040)),  # left atrium, behind
)
QRS = (
    Pulse(-0.023, 0.009, 0.008, (-0.16, 0.00, -0.27)),  # septum, to the right and forwards
    Pulse(0.000, 0.010, 0.010, (1.20, 0.78, 0.26)),  # free walls, to the left and down
    Pulse(0.014, 0.010, 0.011, (0.05, 0.05, 0.58)),  # the left ventricle's back wall
    Pulse(0.034, 0.009, 0.010, (-0.22, -0.10, 0.12)),  # base
)
T_WAVE = (Pulse(0.265, 0.060, 0.040, (0.30, 0.20, -0.15)),)

FIBRILLATION = ((6.1, (-0.02, 0.03, -0.045)), (7.3, (0.015, 0.025, -0.02)))
"""Frequency in Hz and dipole in mV of each fibrillatory wave."""

DOWER = {
    "I": (0.632, -0.235, 0.059),
    "II": (0.235, 1.066, -0.132),
    "V1": (-0.515, 0.157, -0.917),
    "V2": (0.044, 0.164, -1.387),
    "V3": (0.882, 0.098, -1.277),
    "V4": (1.213, 0.127, -0.601),
    "V5": (1.125, 0.127, -0.086),
    "V6": (0.831, 0.076, 0.230),
}
"""The independent leads as Dower and colleagues give them; the others follow from I and II."""

MAX_SECONDS, MIN_FS = 3600.0, 100.0
MIN_RATE, MAX_RATE = 20.0, 220.0
RESOLUTION = 2.0**16
"""Steps in a mV. Binary, so that sums of leads hold exactly in float32; 0.015 µV each."""


def generate_ecg(
    duration: float = 10.0,
    fs: float = 500.0,
    *,
    heart_rate: float = 70.0,
    rhythm: Rhythm = "sinus",
    seed: int = 0,
    leads: Sequence[str] = STANDARD_LEADS,
) -> Recording:
    """Generate a noise-free ECG.

    The sinus rhythm is a normal one: respiratory and slower variation of the rate, P before every
    QRS complex, QT after Fridericia [5]_. Atrial fibrillation has irregular RR intervals, no P, and
    fibrillatory waves of 6 to 7 Hz that are largest in V1 (after [4]_). Respiration changes the
    height of the beats by 3 %. I + III = II and aVR + aVL + aVF = 0 hold exactly.

    Parameters
    ----------
    duration
        Length in seconds, up to an hour.
    fs
        Sampling frequency in Hz, 100 or more.
    heart_rate
        Mean rate in beats a minute, 20 to 220.
    rhythm
        ``"sinus"`` or ``"afib"``.
    seed
        The same seed gives the same beats at every sampling frequency.
    leads
        Any of the twelve standard leads.

    Returns
    -------
    Recording
        In mV. :func:`generate_beats`, given the same settings, tells when the beats are.

    Raises
    ------
    RecordingError
        Where a setting is not as said above.
    """
    _check(duration, heart_rate, rhythm, fs, leads)
    n_samples = max(1, round(duration * fs))
    rng = np.random.default_rng(seed)
    beats = _beats(duration, heart_rate, rhythm, rng)
    rr = np.diff(beats, prepend=2 * beats[0] - beats[1])
    breathing = 1 + 0.03 * np.sin(2 * np.pi * 0.25 * beats + rng.uniform(0, 2 * np.pi))
    stretch = np.cbrt(_smoothed(rr))  # the QT interval follows the rate within some beats

    waves = [(QRS, np.ones_like(beats)), (T_WAVE, stretch)]
    if rhythm == "sinus":
        waves.append(
            (P_WAVE, np.sqrt(stretch))
        )  # PR shortens by some 30 ms from 60 to 150 a minute
    dipole = np.zeros((3, n_samples))
    for pulses, scale in waves:
        for pulse in pulses:
            dipole += _train(pulse, beats, scale, breathing, n_samples, fs)
    if rhythm == "afib":
        dipole += _fibrillation(n_samples, fs, rng)

    rhythm_name = "sinus rhythm" if rhythm == "sinus" else "atrial fibrillation"
    return Recording(
        signal=_project(dipole, leads),
        fs=fs,
        leads=tuple(leads),
        name=f"generated {rhythm_name}",
        notes=("This ECG is generated: its clean signal is known.",),
    )


def generate_beats(
    duration: float = 10.0,
    *,
    heart_rate: float = 70.0,
    rhythm: Rhythm = "sinus",
    seed: int = 0,
) -> Values:
    """Return the times of the beats that :func:`generate_ecg` makes with these settings.

    Returns
    -------
    ndarray
        Seconds from the start, ascending, of each beat's main QRS vector. It makes the R peak of
        leads I, II and V4 to V6, and lies within 5 ms of it.

    Raises
    ------
    RecordingError
        As for :func:`generate_ecg`.
    """
    _check(duration, heart_rate, rhythm, MIN_FS, STANDARD_LEADS)
    beats = _beats(duration, heart_rate, rhythm, np.random.default_rng(seed))
    return beats[(beats >= 0) & (beats < duration)]


def _check(
    duration: float, heart_rate: float, rhythm: str, fs: float, leads: Sequence[str]
) -> None:
    where = "generated ECG"
    if not 0 < duration <= MAX_SECONDS:
        raise RecordingError(
            f"cannot last {duration:g} s", where=where, remedy=f"Up to {MAX_SECONDS:g} s can."
        )
    if not MIN_RATE <= heart_rate <= MAX_RATE:
        raise RecordingError(
            f"cannot beat {heart_rate:g} times a minute",
            where=where,
            remedy=f"Give a rate from {MIN_RATE:g} to {MAX_RATE:g}.",
        )
    if rhythm not in ("sinus", "afib"):
        raise RecordingError(
            f"has no rhythm {rhythm!r}", where=where, remedy="Choose sinus or afib."
        )
    if not MIN_FS <= fs <= MAX_FS:
        raise RecordingError(
            f"cannot be sampled at {fs:g} Hz",
            where=where,
            remedy=f"Give {MIN_FS:g} to {MAX_FS:g} Hz.",
        )
    unknown = [lead for lead in leads if lead not in STANDARD_LEADS]
    if unknown or not leads:
        raise RecordingError(
            f"has no lead {', '.join(unknown) or 'at all'}",
            where=where,
            remedy=f"It has {', '.join(STANDARD_LEADS)}.",
        )
    check_size(len(leads), round(duration * fs), fs, where=where)


def _beats(duration: float, heart_rate: float, rhythm: str, rng: np.random.Generator) -> Values:
    """Return beat times from before the start until after the end, so that no wave is missing."""
    mean_rr = 60 / heart_rate
    count = int(1.25 * duration / mean_rr) + 10
    if rhythm == "afib":
        # Independent intervals of log-normal spread, none shorter than the node's recovery.
        rr = mean_rr * np.exp(0.22 * rng.standard_normal(count) - 0.22**2 / 2)
        rr = np.maximum(rr, min(0.3, 0.8 * mean_rr))
    else:
        about = mean_rr * np.arange(count)
        breathing, vasomotion = rng.uniform(0, 2 * np.pi, 2)
        rr = mean_rr * (
            1
            + 0.03 * np.sin(2 * np.pi * 0.25 * about + breathing)
            + 0.02 * np.sin(2 * np.pi * 0.1 * about + vasomotion)
            + 0.008 * rng.standard_normal(count).clip(-3, 3)
        )
    beats: Values = np.cumsum(rr) - rr[:3].sum() + rng.uniform(0.2, 0.9) * mean_rr
    return beats[: int(np.searchsorted(beats, duration)) + 2]


def _smoothed(rr: Values) -> Values:
    """Return the running mean of each interval and the four before it."""
    padded = np.concatenate([np.full(4, rr[0]), rr])
    smooth: Values = np.convolve(padded, np.full(5, 0.2), mode="valid")
    return smooth


def _train(
    pulse: Pulse, beats: Values, stretch: Values, height: Values, n_samples: int, fs: float
) -> Values:
    """Return one pulse repeated at every beat, shape (3, samples)."""
    centres = beats + pulse.centre * stretch
    reach = int(np.ceil(5 * max(pulse.rise, pulse.fall) * stretch.max() * fs))
    places = np.round(centres * fs).astype(np.int64)[:, None] + np.arange(-reach, reach + 1)
    offset = places / fs - centres[:, None]
    sigma = np.where(offset < 0, pulse.rise, pulse.fall) * stretch[:, None]
    values = height[:, None] * np.exp(-0.5 * (offset / sigma) ** 2)
    inside = (places >= 0) & (places < n_samples)
    train = np.bincount(places[inside], weights=values[inside], minlength=n_samples)
    return np.array(pulse.dipole)[:, None] * train


def _fibrillation(n_samples: int, fs: float, rng: np.random.Generator) -> Values:
    """Return fibrillatory waves, shape (3, samples): saw teeth of wavering rate and height."""
    time = np.arange(n_samples) / fs
    waves = np.zeros((3, n_samples))
    for frequency, dipole in FIBRILLATION:
        start, slow, swell = rng.uniform(0, 2 * np.pi, 3)
        rate = rng.uniform(0.11, 0.19)
        phase = 2 * np.pi * frequency * time + 4.0 * np.sin(2 * np.pi * rate * time + slow) + start
        height = 1 + 0.3 * np.sin(2 * np.pi * 0.7 * rate * time + swell)
        teeth = sum(np.sin(order * phase) / order for order in (1, 2, 3))
        waves += np.array(dipole)[:, None] * (height * teeth)
    return waves


def _project(dipole: Values, leads: Sequence[str]) -> Signal:
    """Return the leads of a dipole (3, samples), the derived ones exact sums of I and II."""
    seen = {
        lead: np.round(np.array(axis) @ dipole * RESOLUTION) / RESOLUTION
        for lead, axis in DOWER.items()
        if lead in leads or lead in ("I", "II")
    }
    first, second = seen["I"], seen["II"]
    for lead, (of_first, of_second) in list(FROM_I_AND_II.items())[2:]:
        seen[lead] = of_first * first + of_second * second
    return np.stack([seen[lead] for lead in leads]).astype(np.float32)
