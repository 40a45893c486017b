"""Recording: the one value that all views share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from ecgkit.errors import RecordingError as RecordingError
from ecgkit.leads import STANDARD_LEADS as STANDARD_LEADS
from ecgkit.leads import standard_lead_name as standard_lead_name

if TYPE_CHECKING:
    import pandas

Signal = NDArray[np.float32]

MAX_HOURS = 24
MAX_LEAD_HOURS = 24 * 12
MAX_VALUES = MAX_LEAD_HOURS * 3600 * 250
"""Values that a recording may hold: 24 h of 12 leads at 250 Hz, 1 GB in memory."""
MIN_FS, MAX_FS = 20.0, 50_000.0


@dataclass(frozen=True, eq=False)
class Recording:
    """An ECG recording: a checked, read-only value.

    Attributes
    ----------
    signal
        float32, shape (leads, samples), in mV; NaN marks a missing sample. Read-only.
    fs
        Sampling frequency in Hz.
    leads
        One name a lead, unique, in the standard spelling where it is one of the twelve.
    name
        What to call the recording on a page: a record's or file's name, never a patient's.
    notes
        What the reader noticed and a person should know, one sentence each.
    calibrated
        False where the source gives no voltage (unit «NU» or none): then ``signal`` is in
        arbitrary units and no statement in mV may be made of it.

    Raises
    ------
    RecordingError
        Where shape, names, sampling frequency or size are not as said above.
    """

    signal: Signal
    fs: float
    leads: tuple[str, ...]
    name: str = "recording"
    notes: tuple[str, ...] = ()
    calibrated: bool = True
    _index: dict[str, int] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        signal = np.asarray(self.signal)
        if signal.ndim != 2 or not signal.size:
            raise RecordingError(
                f"has a signal of shape {signal.shape}",
                where=self.name,
                remedy="A recording needs one or more leads of one or more samples.",
            )
        if not (np.isfinite(self.fs) and MIN_FS <= self.fs <= MAX_FS):
            raise RecordingError(
                f"has a sampling frequency of {self.fs:g} Hz",
                where=self.name,
                remedy=f"It must lie between {MIN_FS:g} and {MAX_FS:g} Hz.",
            )
        check_size(signal.shape[0], signal.shape[1], self.fs, where=self.name)
        leads = unique_names([standard_lead_name(lead) for lead in self.leads])
        if len(leads) != signal.shape[0]:
            raise RecordingError(
                f"has {signal.shape[0]} signals but {len(leads)} lead names",
                where=self.name,
                remedy="Each signal needs one name.",
            )
        with np.errstate(over="ignore", invalid="ignore"):
            values = np.array(signal, dtype=np.float32, order="C")
        values[np.isinf(values)] = np.nan
        values.flags.writeable = False
        object.__setattr__(self, "signal", values)
        object.__setattr__(self, "fs", float(self.fs))
        object.__setattr__(self, "leads", leads)
        object.__setattr__(self, "notes", tuple(dict.fromkeys(self.notes)))
        object.__setattr__(self, "_index", {lead: row for row, lead in enumerate(leads)})

    @property
    def n_samples(self) -> int:
        """Samples in each lead."""
        return int(self.signal.shape[1])

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.n_samples / self.fs

    @property
    def time(self) -> NDArray[np.float64]:
        """Time of each sample in seconds from the start, shape (samples,)."""
        return np.arange(self.n_samples) / self.fs

    def __contains__(self, lead: object) -> bool:
        return lead in self._index

    @overload
    def __getitem__(self, key: str) -> Signal: ...

    @overload
    def __getitem__(self, key: slice) -> Recording: ...

    def __getitem__(self, key: str | slice) -> Signal | Recording:
        """Return a lead by its name, or the part between two times in seconds.

        ``recording["II"]`` is :meth:`lead`, ``recording[2.0:7.0]`` is :meth:`window`; an end that
        is left open (``recording[2.0:]``) is that of the recording.

        Raises
        ------
        RecordingError
            Where there is no such lead, a time is below zero or no number, or a step is given.
        """
        if isinstance(key, str):
            return self.lead(key)
        if not isinstance(key, slice):
            raise RecordingError(
                f"has nothing under {key!r}",
                where=self.name,
                remedy='Give a lead ("II") or a stretch in seconds (2.0:7.0).',
            )
        if key.step is not None:
            raise RecordingError(
                f"cannot be cut in steps of {key.step!r}",
                where=self.name,
                remedy="To change its sampling frequency, resample it.",
            )
        start = 0.0 if key.start is None else self._seconds(key.start)
        stop = self.duration if key.stop is None else self._seconds(key.stop)
        if min(start, stop) < 0:
            raise RecordingError(
                f"has nothing at {min(start, stop):g} s",
                where=self.name,
                remedy="Times count in seconds from the recording's start, not back from its end.",
            )
        return self.window(start, stop)

    def __repr__(self) -> str:
        unit = "mV" if self.calibrated else "no unit"
        return (
            f"<Recording {self.name!r}: {_counted(self.leads)} ({_listed(self.leads)}), "
            f"{self.duration:g} s at {self.fs:g} Hz, {unit}>"
        )

    def _repr_html_(self) -> str:
        """Return what a notebook shows: a table of the facts."""
        missing = 100 * float(np.isnan(self.signal).mean())
        rows = {
            "Leads": _listed(self.leads, most=24),
            "Sampling frequency": f"{self.fs:g} Hz",
            "Duration": f"{self.duration:g} s ({self.n_samples:,} samples)",
            "Unit": "mV" if self.calibrated else "none: arbitrary units",
            **({"Missing": f"{missing:.2g} % of the samples"} if missing else {}),
            **({"Notes": " ".join(self.notes)} if self.notes else {}),
        }
        cells = "".join(
            f'<tr><th scope="row" style="text-align:left">{name}</th>'
            f'<td style="text-align:left">{escape(value)}</td></tr>'
            for name, value in rows.items()
        )
        caption = f'<caption style="text-align:left">Recording {escape(self.name)}</caption>'
        return f"<table>{caption}<tbody>{cells}</tbody></table>"

    def to_dict(self) -> dict[str, Any]:
        """Return what is known of the recording as plain values, ready for JSON; no samples.

        Returns
        -------
        dict
            ``name``, ``leads``, ``fs`` (Hz), ``samples`` (in each lead), ``duration_s``, ``unit``
            (``"mV"``, or None where it is not calibrated), ``missing`` (samples of each lead that
            are NaN) and ``notes``.
        """
        return {
            "name": self.name,
            "leads": list(self.leads),
            "fs": self.fs,
            "samples": self.n_samples,
            "duration_s": self.duration,
            "unit": "mV" if self.calibrated else None,
            "missing": np.isnan(self.signal).sum(axis=1).tolist(),
            "notes": list(self.notes),
        }

    def to_dataframe(self) -> pandas.DataFrame:
        """Return the samples as a table: a row a sample, a column a lead.

        Returns
        -------
        pandas.DataFrame
            float32, in mV (in arbitrary units where the recording is not calibrated), NaN where
            missing; the index holds each sample's time in s.
        """
        import pandas as pd

        index = pd.Index(self.time, name="time [s]")
        return pd.DataFrame(self.signal.T, index=index, columns=list(self.leads))

    def lead(self, name: str) -> Signal:
        """Return one lead's samples in mV, shape (samples,), found by its name in any spelling."""
        row = self._index.get(standard_lead_name(name))
        if row is None:
            raise RecordingError(
                f"has no lead {name}", where=self.name, remedy=f"It has {', '.join(self.leads)}."
            )
        values: Signal = self.signal[row]
        return values

    def select(self, leads: Sequence[str]) -> Recording:
        """Return the recording with these leads only, in this order."""
        rows = [self.lead(lead) for lead in leads]
        signal = np.stack(rows) if rows else np.empty((0, 0), np.float32)
        return replace(self, signal=signal, leads=tuple(leads))

    def window(self, start: float, stop: float) -> Recording:
        """Return the part between two times in seconds, cut to whole samples.

        What lies before the recording's start or after its end is left out.

        Raises
        ------
        RecordingError
            Where a time is no finite number, or nothing lies between them.
        """
        start, stop = self._seconds(start), self._seconds(stop)
        first, last = (round(min(max(t, 0), self.duration) * self.fs) for t in (start, stop))
        if last <= first:
            raise RecordingError(
                f"has nothing between {start:g} and {stop:g} s",
                where=self.name,
                remedy=f"It lasts {self.duration:g} s.",
            )
        return replace(self, signal=self.signal[:, first:last])

    def _seconds(self, time: float) -> float:
        try:
            seconds = float(time)
        except (TypeError, ValueError):
            seconds = float("nan")
        if not np.isfinite(seconds):
            raise RecordingError(
                f"has no time {time!r}",
                where=self.name,
                remedy=f"Give seconds from its start, 0 to {self.duration:g}.",
            )
        return seconds

    def with_signal(self, signal: NDArray[np.floating], *notes: str) -> Recording:
        """Return the same recording with other samples (same leads) and further notes."""
        return replace(self, signal=signal, notes=self.notes + notes)


def _counted(leads: Sequence[str]) -> str:
    return f"{len(leads)} lead{'s' if len(leads) > 1 else ''}"


def _listed(leads: Sequence[str], most: int = 12) -> str:
    names = ", ".join(lead[:40] for lead in leads[:most])
    return f"{names}, …" if len(leads) > most else names


def unique_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names, empty ones filled in, repeated ones numbered (``"ECG"``, ``"ECG 2"``)."""
    seen: set[str] = set()
    result = []
    for place, name in enumerate(names, start=1):
        candidate, copy = name or f"lead {place}", 2
        while candidate in seen:
            candidate, copy = f"{name or f'lead {place}'} {copy}", copy + 1
        seen.add(candidate)
        result.append(candidate)
    return tuple(result)


def check_size(leads: int, samples: int, fs: float, *, where: str) -> None:
    """Refuse more than 24 hours, 24 h x 12 leads or 1 GB; call it before memory is taken.

    Raises
    ------
    RecordingError
        Where the recording would be too large.
    """
    hours = samples / fs / 3600
    if hours > MAX_HOURS + 1e-6 or hours * leads > MAX_LEAD_HOURS + 1e-6:
        raise RecordingError(
            f"holds {leads} leads of {hours:.1f} hours",
            where=where,
            remedy=f"At most {MAX_HOURS} hours of 12 leads can be opened; cut out a part of it.",
        )
    if leads * samples > MAX_VALUES:
        raise RecordingError(
            f"holds {leads * samples:,} samples",
            where=where,
            remedy=f"At most {MAX_VALUES:,} can be opened; cut out a part or resample it.",
        )
