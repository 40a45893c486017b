"""Denoising methods behind one interface: APR-CNN, DWT, band-pass, autoencoder."""

from __future__ import annotations

from typing import Any

from ecgkit.denoising.base import Method, Progress
from ecgkit.recording import RecordingError

__all__ = ["METHODS", "Method", "Progress", "make_method"]

METHODS = {
    "aprcnn": "APR-CNN",
    "dwt": "DWT db8",
    "bandpass": "Band-pass",
    "autoencoder": "Autoencoder",
}
NETWORKS = {"aprcnn": "denoise-aprcnn", "autoencoder": "denoise-autoencoder"}
"""Which network of the catalogue a method runs."""


def make_method(key: str, **settings: Any) -> Method:
    """Return a method by its key.

    Parameters
    ----------
    key
        One of :data:`METHODS`. Networks are loaded on first use and kept.
    settings
        Fields of :class:`~ecgkit.denoising.wavelet.Wavelet` or
        :class:`~ecgkit.denoising.bandpass.Bandpass`; the networks have none.

    Raises
    ------
    RecordingError
        Where the key or a setting's value is unknown.
    """
    # Imported here, so that a wavelet does not wait for torch, nor a page for either.
    if key == "dwt":
        from ecgkit.denoising.wavelet import Wavelet

        return Wavelet(**settings)
    if key == "bandpass":
        from ecgkit.denoising.bandpass import Bandpass

        return Bandpass(**settings)
    if key in NETWORKS:
        from ecgkit import models
        from ecgkit.denoising.inference import NetworkMethod

        return NetworkMethod(key, METHODS[key], models.load(NETWORKS[key]), **settings)
    raise RecordingError(
        f"the method {key!r} is unknown", remedy=f"Choose one of {', '.join(METHODS)}."
    )
