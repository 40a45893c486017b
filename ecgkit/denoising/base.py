"""The one interface of all denoising methods, and what surrounds every one of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ecgkit.processing.gaps import fill_gaps
from ecgkit.recording import Recording, Signal

Progress = Callable[[float], None]


class Method(Protocol):
    """A denoising method: any length, sampling frequency and number of leads."""

    @property
    def key(self) -> str:
        """Short name (``"aprcnn"``)."""
        ...

    @property
    def label(self) -> str:
        """What to call it, with its settings, in a table."""
        ...

    def denoise(self, recording: Recording, progress: Progress | None = None) -> Recording:
        """Return the recording denoised: same leads, length and sampling frequency.

        Missing samples stay missing; flat leads come back as they are.

        Parameters
        ----------
        progress
            Called with the share done, 0 to 1, as the work goes on.
        """
        ...


def on_whole_leads(
    recording: Recording,
    work: Callable[[Signal], NDArray[np.floating]],
    progress: Progress | None = None,
) -> Recording:
    """Apply ``work`` to the signal with gaps bridged, and put gaps and flat leads back.

    Parameters
    ----------
    work
        (leads, samples) in mV to the same shape.
    """
    filled, missing = fill_gaps(recording.signal)
    moving = np.ptp(filled, axis=1) > 0
    result = filled.copy()
    if moving.any():
        result[moving] = work(filled[moving])
    result[missing] = np.nan
    if progress is not None:
        progress(1.0)
    return recording.with_signal(result)
