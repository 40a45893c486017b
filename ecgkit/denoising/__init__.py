"""Denoising methods behind one interface: APR-CNN, DWT, band-pass, autoencoder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ecgkit.arguments import checked_choice
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


def make_method(key: str, /, **settings: Any) -> Method:
    """Return a method by its key.

    Parameters
    ----------
    key
        One of :data:`METHODS`. Networks are loaded on first use and kept.
    settings
        ``level``, ``rule`` and ``baseline`` of :class:`~ecgkit.denoising.wavelet.Wavelet`, ``low``
        and ``high`` of :class:`~ecgkit.denoising.bandpass.Bandpass`; the networks have none.

    Raises
    ------
    RecordingError
        Where the key, a setting or a setting's value is not one of these.
    """
    checked_choice(key, "the method", METHODS)
    # Imported here, so that a wavelet does not wait for torch, nor a page for either.
    if key == "dwt":
        from ecgkit.denoising.wavelet import Wavelet

        _check_settings(key, settings, ("level", "rule", "baseline"))
        return Wavelet(**settings)
    if key == "bandpass":
        from ecgkit.denoising.bandpass import Bandpass

        _check_settings(key, settings, ("low", "high"))
        return Bandpass(**settings)
    from ecgkit import models
    from ecgkit.denoising.inference import NetworkMethod

    _check_settings(key, settings, ())
    return NetworkMethod(key, METHODS[key], models.load(NETWORKS[key]))


def _check_settings(key: str, settings: Mapping[str, Any], known: tuple[str, ...]) -> None:
    strange = [name for name in settings if name not in known]
    if strange:
        raise RecordingError(
            f"{METHODS[key]} has no setting {', '.join(strange)}",
            remedy=f"It has {', '.join(known)}." if known else "It has none.",
        )
