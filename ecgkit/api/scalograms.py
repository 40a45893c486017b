"""The time-frequency image of a recording's leads as a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.arguments import checked_count, checked_number, checked_recording
from ecgkit.recording import Recording, RecordingError

if TYPE_CHECKING:
    import pandas

LONGEST = 60.0
"""Seconds that are transformed at most: a minute of twelve leads takes 50 MB."""


@dataclass(frozen=True, eq=False, repr=False)
class Scalogram:
    """Magnitude of the complex Morlet transform of each lead; a notebook shows it.

    Attributes
    ----------
    magnitude
        float32, shape (leads, frequencies, samples), in mV: a sine's amplitude where its frequency
        is met.
    frequencies
        In Hz, ascending, shape (frequencies,).
    fs
        Samples a second.
    start
        Time of the first sample in s.
    leads
        One name a lead.
    name
        The recording's.
    """

    magnitude: NDArray[np.float32]
    frequencies: NDArray[np.float64]
    fs: float
    start: float
    leads: tuple[str, ...]
    name: str

    @property
    def times(self) -> NDArray[np.float64]:
        """Time of each sample in s from the recording's start, shape (samples,)."""
        return self.start + np.arange(self.magnitude.shape[-1]) / self.fs

    def __getitem__(self, lead: str) -> NDArray[np.float32]:
        """Return one lead's magnitude, shape (frequencies, samples)."""
        if lead not in self.leads:
            raise RecordingError(
                f"has no lead {lead}", where=self.name, remedy=f"It has {', '.join(self.leads)}."
            )
        found: NDArray[np.float32] = self.magnitude[self.leads.index(lead)]
        return found

    def __repr__(self) -> str:
        low, high = self.frequencies[[0, -1]]
        return (
            f"<Scalogram of {self.name}: {len(self.leads)} leads, {len(self.frequencies)} "
            f"frequencies from {low:g} to {high:g} Hz, {self.times[-1] - self.start:.3g} s>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: what was transformed, and each lead's dominant frequency in Hz."""
        power = np.square(self.magnitude, dtype=np.float64).mean(axis=-1)
        return {
            "name": self.name,
            "leads": list(self.leads),
            "fs": self.fs,
            "start_s": self.start,
            "frequencies_hz": self.frequencies.tolist(),
            "dominant_hz": {
                lead: float(self.frequencies[row.argmax()])
                for lead, row in zip(self.leads, power, strict=True)
            },
        }

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a table: a row for each frequency in Hz, each lead's RMS magnitude in mV."""
        import pandas as pd

        rms = np.sqrt(np.square(self.magnitude, dtype=np.float64).mean(axis=-1))
        index = pd.Index(self.frequencies, name="frequency_hz")
        return pd.DataFrame(rms.T, index=index, columns=list(self.leads))

    def _repr_html_(self) -> str:
        from ecgkit.drawing.images import coloured_png, compressed

        top = max(float(self.magnitude.max()), 1e-9)
        low, high = self.frequencies[[0, -1]]
        step = -(-self.magnitude.shape[-1] // 900)  # as many columns as a page shows
        light = compressed(self.magnitude[:, ::-1, ::step], top)
        pictures = "".join(
            f'<figure style="margin:0 0 .4em"><img alt="Scalogram of lead {escape(lead)}" '
            f'style="width:100%;height:5em" src="{coloured_png(rows)}">'
            f"<figcaption>{escape(lead)}</figcaption></figure>"
            for lead, rows in zip(self.leads, light, strict=True)
        )
        words = (
            f"{escape(self.name)}: {self.times[0]:g} to {self.times[-1]:.4g} s from left to right, "
            f"{high:g} Hz on top to {low:g} Hz below (log), brightest {top:.3g} mV"
        )
        return f"<div>{pictures}<p>{words}</p></div>"


def scalogram(
    recording: Recording,
    leads: Sequence[str] | None = None,
    *,
    start: float = 0.0,
    duration: float = 10.0,
    lowest: float = 0.5,
    highest: float = 100.0,
    frequencies: int = 64,
) -> Scalogram:
    """Return the complex Morlet scalogram of each lead.

    The leads are brought to 256 Hz and their baseline removed, as the rhythm networks see them.

    Parameters
    ----------
    recording
        One or more of the twelve standard leads.
    leads
        Which of them; all by default.
    start, duration
        Which part, in s; at most a minute.
    lowest, highest, frequencies
        In Hz, and how many between them, evenly spaced on a log axis.

    Raises
    ------
    RecordingError
        Where a lead is not there or flat, or a number is impossible.

    References
    ----------
    C. Torrence and G. P. Compo, "A practical guide to wavelet analysis", Bull. Amer. Meteor. Soc.
    79 (1998) 61-78, table 1.

    Examples
    --------
    >>> import ecgkit
    >>> image = ecgkit.scalogram(ecgkit.demo("generated"), ["II"])
    >>> image["II"].shape
    (64, 2560)
    """
    checked_recording(recording)
    first = checked_number(start, "the start", low=0.0, unit="s")
    length = checked_number(duration, "the duration", low=1.0, high=LONGEST, unit="s")
    low = checked_number(lowest, "the lowest frequency", low=0.05, high=127.0, unit="Hz")
    high = checked_number(highest, "the highest frequency", low=low, high=128.0, unit="Hz")
    count = checked_count(frequencies, "the number of frequencies", low=1, high=512)
    if isinstance(leads, str):
        leads = [leads]

    import torch

    from ecgkit.leads import STANDARD_LEADS, standard_lead_name
    from ecgkit.rhythm.preprocessing import FS, prepare
    from ecgkit.rhythm.scalogram import log_frequencies
    from ecgkit.rhythm.scalogram import scalogram as transform

    prepared = prepare(recording.window(first, first + length))
    there = [lead for lead, here in zip(STANDARD_LEADS, prepared.present, strict=True) if here]
    wanted = [standard_lead_name(str(lead)) for lead in (there if leads is None else leads)]
    lacking = [lead for lead in wanted if lead not in there]
    if lacking or not wanted:
        raise RecordingError(
            f"has no signal in {', '.join(lacking) or 'any standard lead'}",
            where=recording.name,
            remedy=f"It has {', '.join(there) or 'none of the twelve leads'}.",
        )
    rows = prepared.signal[[STANDARD_LEADS.index(lead) for lead in wanted]]
    grid = log_frequencies(low, high, count)
    found = transform(torch.from_numpy(rows), FS, grid).numpy()
    return Scalogram(found, grid, float(FS), first, tuple(wanted), recording.name)
