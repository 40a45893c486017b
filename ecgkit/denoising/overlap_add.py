"""Run a network over leads of any length and sampling frequency.

Leads are cut into windows of some ten seconds that overlap by two; each window is brought to the
network's sampling frequency, centred, scaled, denoised and brought back, and in the overlap one
fades into the next, so there is no seam. Beside the result itself, memory holds one batch of
windows, however long the recording is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ecgkit.denoising.aprcnn import FS
from ecgkit.denoising.base import Progress
from ecgkit.processing.resampling import resample
from ecgkit.recording import Signal


@dataclass(frozen=True)
class WindowSettings:
    """How leads are cut into windows.

    Attributes
    ----------
    margin
        Seconds mirrored beyond both ends of a lead, so that they are no edges to the network.
    window
        Seconds of a window: a standard ten-second ECG with its margins is one, without any seam.
    overlap
        Seconds in which one window fades into the next.
    batch
        Windows that the network is given at once: the most that memory must hold.
    """

    margin: float = 0.2
    window: float = 10.4
    overlap: float = 2.0
    batch: int = 12


SETTINGS = WindowSettings()


def denoise_windows(
    network: nn.Module, signal: Signal, fs: float, progress: Progress | None = None
) -> Signal:
    """Return the network's output for every lead.

    Parameters
    ----------
    network
        (batch, 1, samples) to the same, for windows at 360 Hz of zero mean and unit power.
    signal
        float32 (leads, samples) in mV, without NaN.
    fs
        Sampling frequency in Hz.
    progress
        Called with the share done, 0 to 1.
    """
    n_leads, n_samples = signal.shape
    margin = round(SETTINGS.margin * fs)
    size = min(round(SETTINGS.window * fs), n_samples + 2 * margin)
    starts = window_starts(n_samples + 2 * margin, size, round(SETTINGS.overlap * fs))
    fade = _fade(size, round(SETTINGS.overlap * fs))
    jobs = [(lead, start) for start in starts for lead in range(n_leads)]
    result = np.zeros((n_leads, n_samples), np.float32)
    weights = np.zeros(n_samples, np.float32)
    for first in range(0, len(jobs), SETTINGS.batch):
        part = jobs[first : first + SETTINGS.batch]
        windows = np.stack(
            [signal[lead, _mirrored(start - margin, size, n_samples)] for lead, start in part]
        )
        output = _denoise_batch(network, windows, fs)
        for (lead, start), window in zip(part, output, strict=True):
            begin = max(0, start - margin)
            end = min(n_samples, start - margin + size)
            inside = slice(begin - (start - margin), end - (start - margin))
            result[lead, begin:end] += fade[inside] * window[inside]
            if lead == 0:
                weights[begin:end] += fade[inside]
        if progress is not None:
            progress(min(1.0, (first + SETTINGS.batch) / len(jobs)))
    result /= weights
    return result


def window_starts(length: int, size: int, overlap: int) -> list[int]:
    """Return where windows of ``size`` start so as to cover ``length``, by ``overlap`` or more."""
    return [*range(0, length - size, max(1, size - overlap)), length - size]


def _denoise_batch(network: nn.Module, windows: Signal, fs: float) -> Signal:
    """Denoise windows (batch, samples), each about its own mean and in units of its own deviation.

    The mean is put back: what an amplifier's offset is and what wander is, ten seconds cannot tell.
    """
    centres = windows.mean(axis=1, keepdims=True)
    inputs = resample(windows - centres, fs, FS)
    scales = inputs.std(axis=1, keepdims=True) + 1e-6
    with torch.inference_mode():
        output = network(torch.from_numpy(inputs / scales)[:, None])[:, 0].numpy() * scales
    return np.asarray(resample(output, FS, fs, windows.shape[1]) + centres)


def _mirrored(start: int, size: int, length: int) -> NDArray[np.int64]:
    """Return the places of a window whose parts beyond 0 … length − 1 are mirrored inwards."""
    places = np.arange(start, start + size) % (2 * length)
    return np.where(places < length, places, 2 * length - 1 - places)


def _fade(size: int, overlap: int) -> NDArray[np.float32]:
    """Return a window's weights: rising over the overlap, one, falling; nowhere zero."""
    rise = (np.arange(size) + 1) / (overlap + 1)
    return np.minimum(1, np.minimum(rise, rise[::-1])).astype(np.float32)
