"""Stacked time-frequency images: a complex Morlet transform of all leads at once, by FFT.

For every second of a recording the scalograms of its leads are stacked row-wise into one image, as
in the study of stacked time-frequency scalograms that this view follows. The wavelet is Morlet's
with ω₀ = 6 [1]_, scaled so that a sine of 1 mV gives a magnitude of 1 mV at its own
frequency.

References
----------
.. [1] C. Torrence and G. P. Compo, "A practical guide to wavelet analysis", Bull. Amer. Meteor.
   Soc. 79 (1998) 61-78, table 1 and section 3g (cone of influence).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.fft import next_fast_len
from torch import Tensor
from torch.nn import functional

from ecgkit.arguments import checked_choice, checked_count, checked_number
from ecgkit.recording import MAX_FS, RecordingError


@dataclass(frozen=True)
class ScalogramSettings:
    """The wavelet, and the frequencies of the picture.

    Attributes
    ----------
    omega_0
        Centre of the mother wavelet in radians: about one oscillation a standard deviation.
    support
        The wavelet is zero, to one part in 3000, beyond so many standard deviations.
    low, high
        Frequencies of the picture in Hz: from what baseline removal leaves to beyond QRS complexes.
    count
        How many of them, evenly spaced on a log axis: eight an octave.
    """

    omega_0: float = 6.0
    support: float = 4.0
    low: float = 0.5
    high: float = 100.0
    count: int = 64


SETTINGS = ScalogramSettings()

Mode = Literal["whole", "per_second"]
MODES: dict[Mode, str] = {
    "whole": "the recording at once, then cut into seconds",
    "per_second": "each second alone",
}


def log_frequencies(
    low: float = SETTINGS.low, high: float = SETTINGS.high, count: int = SETTINGS.count
) -> NDArray[np.float64]:
    """Return frequencies in Hz, ascending and evenly spaced on a log axis, shape (count,).

    Raises
    ------
    RecordingError
        Where they do not rise from above 0, or there is less than one.
    """
    checked_number(low, "the lowest frequency", low=1e-3, high=MAX_FS, unit="Hz")
    checked_number(high, "the highest frequency", low=low, high=MAX_FS, unit="Hz")
    checked_count(count, "the number of frequencies", low=1, high=100_000)
    return np.geomspace(low, high, count)


def scale_of(frequency: float | NDArray[np.float64]) -> float | NDArray[np.float64]:
    """Return the wavelet's standard deviation in seconds at a frequency in Hz."""
    return SETTINGS.omega_0 / (2 * math.pi * frequency)


def cone_of_influence(
    frequencies: float | NDArray[np.float64],
) -> float | NDArray[np.float64]:
    """Return how many seconds from an end, at each frequency in Hz, are under its influence.

    Within √2 standard deviations of the wavelet, the jump at the end counts for more than e⁻² of
    its power.
    """
    return math.sqrt(2) * scale_of(frequencies)


def scalogram(
    signal: Tensor, fs: float, frequencies: Sequence[float] | NDArray[np.float64]
) -> Tensor:
    """Return the magnitude of the complex Morlet transform.

    Parameters
    ----------
    signal
        float, shape (…, samples), in mV, without NaN. Beyond its ends it counts as zero.
    fs
        Sampling frequency in Hz.
    frequencies
        In Hz, shape (frequencies,), above 0.

    Returns
    -------
    Tensor
        Shape (…, frequencies, samples), in mV: a sine's amplitude where its frequency is met.

    Raises
    ------
    RecordingError
        Where the signal is no tensor of finite numbers, or a frequency not above 0.
    """
    return coefficients(signal, fs, frequencies).abs()


def coefficients(
    signal: Tensor, fs: float, frequencies: Sequence[float] | NDArray[np.float64]
) -> Tensor:
    """Return the complex coefficients behind :func:`scalogram`, of the same shape."""
    wanted = _checked(signal, fs, frequencies)
    samples = signal.shape[-1]
    # What the longest wavelet carries over one end must not come in at the other.
    reach = math.ceil(SETTINGS.support * float(scale_of(float(wanted.min()))) * fs)
    length = next_fast_len(samples + reach)
    response = torch.from_numpy(_response(wanted, fs, length)).to(signal.dtype)
    if reach > samples:  # of so long a wavelet only the middle meets the signal
        middle = torch.fft.ifft(response, length).roll(samples, -1)[:, : 2 * samples]
        length = next_fast_len(2 * samples)
        middle = functional.pad(middle, (0, length - 2 * samples)).roll(-samples, -1)
        response = torch.fft.fft(middle)
    spectrum = torch.fft.fft(signal, length)[..., : response.shape[-1]]
    product = spectrum.unsqueeze(-2) * response
    found: Tensor = torch.fft.ifft(product, length)[..., :samples]
    return found


def _checked(signal: Any, fs: Any, frequencies: Any) -> NDArray[np.float64]:
    """Return the frequencies as an array; refuse what cannot be transformed."""
    checked_number(fs, "the sampling frequency", low=1e-3, high=MAX_FS, unit="Hz")
    if not isinstance(signal, Tensor) or not signal.is_floating_point() or not signal.numel():
        raise RecordingError(
            "the signal is no tensor of numbers",
            remedy="Give a floating-point torch tensor of shape (…, samples), in mV.",
        )
    if not torch.isfinite(signal).all():
        raise RecordingError(
            "the signal holds values that are no numbers",
            remedy="Bridge missing samples first (ecgkit.rhythm.preprocessing.prepare).",
        )
    try:
        wanted = np.asarray(frequencies, np.float64)
    except (TypeError, ValueError):
        wanted = np.empty(0)
    if wanted.ndim != 1 or not wanted.size or not np.all((wanted > 0) & np.isfinite(wanted)):
        raise RecordingError(
            "the frequencies cannot be transformed to",
            remedy="Give one or more numbers above 0, in Hz.",
        )
    return wanted


def _response(frequencies: NDArray[np.float64], fs: float, length: int) -> NDArray[np.float64]:
    """Return the wavelets' frequency responses, real, shape (frequencies, length // 2 + 1).

    Only positive frequencies answer: the wavelet is analytic. The factor two gives a sine, half of
    which lies at negative frequencies, its full amplitude.
    """
    bins = np.arange(length // 2 + 1) * (fs / length)
    scales = np.asarray(scale_of(frequencies))[:, np.newaxis]
    response: NDArray[np.float64] = 2 * np.exp(
        -((2 * np.pi * scales * bins - SETTINGS.omega_0) ** 2) / 2
    )
    response[:, 0] = 0
    return response


def stacks(
    signal: Tensor,
    fs: int,
    frequencies: Sequence[float] | NDArray[np.float64],
    columns: int,
    mode: Mode = "whole",
) -> Tensor:
    """Return one stacked image a second.

    Parameters
    ----------
    signal
        Shape (…, leads, samples) in mV.
    fs
        Samples a second, a multiple of ``columns``.
    frequencies
        In Hz, ascending.
    columns
        Width of a second; each column is the mean over ``fs / columns`` samples.
    mode
        ``"whole"`` transforms the recording at once, so that only its own ends are under the cone
        of influence; ``"per_second"`` each second alone, which below 2.7 Hz is all cone.

    Returns
    -------
    Tensor
        Shape (…, seconds, leads × frequencies, columns) in mV; the first lead on top, in each lead
        the highest frequency on top. A rest shorter than a second is left out.

    Raises
    ------
    RecordingError
        As :func:`scalogram`; where the mode is unknown, ``columns`` do not divide ``fs``, or there
        is less than a second.
    """
    checked_choice(mode, "the mode", MODES)
    checked_count(fs, "the sampling frequency", low=1)
    checked_count(columns, "the number of columns", low=1, high=fs)
    _checked(signal, fs, frequencies)
    if fs % columns:
        raise RecordingError(
            f"{columns} columns do not divide a second of {fs} samples",
            remedy="Give a number of columns that does.",
        )
    if signal.ndim < 2 or signal.shape[-1] < fs:
        raise RecordingError(
            f"the signal has the shape {tuple(signal.shape)}",
            remedy=f"Give (leads, samples) of a second or more, {fs} samples.",
        )
    seconds = signal.shape[-1] // fs
    if mode == "whole":
        image = scalogram(signal, fs, frequencies)[..., : seconds * fs]
        image = _averaged(image, seconds * columns)
        image = image.reshape(*image.shape[:-1], seconds, columns).movedim(-2, -4)
    else:
        parts = signal[..., : seconds * fs].reshape(*signal.shape[:-1], seconds, fs)
        image = _averaged(scalogram(parts.movedim(-2, -3), fs, frequencies), columns)
    return image.flip(-2).flatten(-3, -2)


def _averaged(image: Tensor, columns: int) -> Tensor:
    """Return the mean of neighbouring samples, so that ``columns`` are left."""
    return image.reshape(*image.shape[:-1], columns, -1).mean(-1)
