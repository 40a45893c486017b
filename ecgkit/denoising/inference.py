"""Denoising by a network of the catalogue: APR-CNN and the autoencoder."""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from ecgkit.denoising.base import Progress, on_whole_leads
from ecgkit.denoising.overlap_add import denoise_windows
from ecgkit.recording import Recording


@dataclass(frozen=True)
class NetworkMethod:
    """A network as a method.

    Attributes
    ----------
    network
        (batch, 1, samples) to the same, at 360 Hz.
    """

    key: str
    label: str
    network: nn.Module

    def denoise(self, recording: Recording, progress: Progress | None = None) -> Recording:
        """Return the recording denoised (see :class:`ecgkit.denoising.base.Method`)."""
        return on_whole_leads(
            recording,
            lambda signal: denoise_windows(self.network, signal, recording.fs, progress),
            progress,
        )
