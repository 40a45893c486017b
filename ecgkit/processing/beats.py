"""Heartbeats: R peaks and the heart rate."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.arguments import checked_recording
from ecgkit.processing.filters import bandpass
from ecgkit.processing.gaps import fill_gaps, mostly_present
from ecgkit.processing.resampling import resample
from ecgkit.recording import Recording

if TYPE_CHECKING:
    import pandas

FAVOURED = ("II", "MLII")
"""Leads that lie along the heart's axis, where R peaks stand tallest in most people."""
FAVOUR = 0.7
"""A favoured lead is used while its QRS prominence reaches this share of the best lead's."""
DIRECT_FS = (100.0, 1000.0)
DETECTION_FS = 250.0
MIN_SECONDS = 1.0
STILL_SECONDS = 2.0
QRS_BAND = (5.0, 30.0)
QRS_HALF_WIDTH = 0.08
NEIGHBOURS, MIN_HEIGHT = 15, 0.15
"""A find lower than this share of the median of so many around it is no QRS complex."""
REFRACTORY = 0.2
"""Seconds in which the heart cannot beat twice."""
AMPLE_PROMINENCE = 8.0
"""From here on beats are found as well as in any lead that stands out further."""
MIN_PROMINENCE = 1.4
"""RMS in the QRS band inside beats over that between them. Noise alone gives 1.1 to 1.4, every lead
of MIT-BIH and LUDB, the faintest included, 1.48 or more."""

Row = NDArray[np.floating]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False, repr=False)
class Beats:
    """Heartbeats found in one lead of a recording.

    Attributes
    ----------
    samples
        Place of each R peak in samples from the recording's start, ascending, shape (beats,).
    fs
        The recording's sampling frequency in Hz.
    lead
        The lead in which they were found; empty where no lead could be used.
    """

    samples: Places
    fs: float
    lead: str

    def __len__(self) -> int:
        return int(self.samples.size)

    @property
    def times(self) -> NDArray[np.float64]:
        """Time of each R peak in seconds from the recording's start, shape (beats,)."""
        return self.samples / self.fs

    @property
    def rr(self) -> NDArray[np.float64]:
        """Seconds from each beat to the next, shape (beats - 1,); a gap's span is among them."""
        return np.diff(self.times)

    @property
    def heart_rate(self) -> float:
        """Beats a minute from the median RR interval; NaN for fewer than two beats.

        The median holds where a beat is missed, doubled or early. In an irregular rhythm it is the
        typical rate, which can differ a little from beats counted over a minute.
        """
        return 60 / float(np.median(self.rr)) if len(self) > 1 else float("nan")

    def __repr__(self) -> str:
        if not len(self):
            return "<Beats: none>"
        rate = f", {self.heart_rate:.0f} per minute" if len(self) > 1 else ""
        return f"<Beats: {len(self)} in lead {self.lead}{rate}>"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: lead, beats a minute (None where unknown), times and RR in s."""
        return {
            "lead": self.lead or None,
            "heart_rate": self.heart_rate if len(self) > 1 else None,
            "times_s": self.times.tolist(),
            "rr_s": self.rr.tolist(),
        }

    def to_dataframe(self) -> pandas.DataFrame:
        """Return a table: a row a beat, its sample, its time in s and the RR interval before it."""
        import pandas as pd

        before = np.concatenate([np.full(min(1, len(self)), np.nan), self.rr])
        return pd.DataFrame({"sample": self.samples, "time_s": self.times, "rr_s": before})

    def _repr_html_(self) -> str:
        """Return what a notebook shows: the beats in words and each RR interval as a bar."""
        words = f"<p>{escape(repr(self)[1:-1])}</p>"
        if len(self) < 2:
            return words
        shown = self.rr[:200]
        width, top = 1000 / shown.size, float(shown.max())
        bars = "".join(
            f'<rect x="{place * width:.1f}" y="{60 * (1 - rr / top):.1f}" '
            f'width="{0.8 * width:.1f}" height="{60 * rr / top:.1f}">'
            f"<title>{rr:.3f} s</title></rect>"
            for place, rr in enumerate(shown)
        )
        return (
            f'{words}<svg viewBox="0 0 1000 60" width="100%" height="60" role="img" '
            f'preserveAspectRatio="none" fill="#0063a6" aria-label="RR intervals, the tallest bar '
            f'{top:.3f} s">{bars}</svg><p>RR intervals; the tallest bar is {top:.3f} s</p>'
        )


def detect_beats(recording: Recording, lead: str | None = None) -> Beats:
    """Find the heartbeats of a recording.

    SleepECG's detector after Pan and Tompkins [1]_ finds the QRS complexes in each lead; every beat
    is then moved to the top of its R wave (or the bottom of its S wave, where that is the larger
    deflection of most beats).

    Parameters
    ----------
    recording
        Any recording. Gaps are bridged and beats inside them dropped. Sampling frequencies outside
        100 to 1000 Hz are resampled for the search.
    lead
        The lead to use. By default lead II (or MLII), unless the QRS complexes of another one stand
        out of the signal between them much further, as they do where lead II is flat or noisy, or
        lead II is missing for most of the time that another one is there.

    Returns
    -------
    Beats
        Without beats where the lead is flat, missing, or shorter than a second.

    Raises
    ------
    RecordingError
        Where the recording has no such lead.

    References
    ----------
    .. [1] J. Pan and W. J. Tompkins, "A real-time QRS detection algorithm", IEEE Trans. Biomed.
       Eng. 32 (1985) 230-236.

    Examples
    --------
    >>> import ecgkit
    >>> ecgkit.detect_beats(ecgkit.demo("generated"))
    <Beats: 11 in lead II, 70 per minute>
    """
    checked_recording(recording)
    if lead is None:
        seen = mostly_present(recording.signal)
        leads = [name for name, here in zip(recording.leads, seen, strict=True) if here]
    else:
        leads = list(recording.select([lead]).leads)
    best, best_score = Beats(np.empty(0, np.int64), recording.fs, ""), 0.0
    for name in sorted(leads, key=lambda name: name not in FAVOURED):
        filled, missing = fill_gaps(recording.lead(name)[np.newaxis])
        row = filled[0].astype(np.float64)
        samples, prominence = _search(row, recording.fs)
        score = min(prominence, AMPLE_PROMINENCE) / (FAVOUR if name in FAVOURED else 1)
        if prominence > MIN_PROMINENCE and score > best_score:
            samples = _to_peaks(row, samples, recording.fs)
            best = Beats(samples[~missing[0, samples]], recording.fs, name)
            best_score = score
    return best


def _search(row: Row, fs: float) -> tuple[Places, float]:
    """Return rough places of a lead's QRS complexes and how far they stand out."""
    from sleepecg.heartbeats import detect_heartbeats  # takes a second, only to look for beats

    row = row - np.median(row)
    scale = float(np.max(np.abs(row)))
    if row.size < MIN_SECONDS * fs or scale == 0:
        return np.empty(0, np.int64), 0.0
    search_fs = fs if DIRECT_FS[0] <= fs <= DIRECT_FS[1] else DETECTION_FS
    # The detector squares and multiplies what it is given: bring any unit to about one.
    signal = resample(row / scale, fs, search_fs).astype(np.float64)
    beginning = int(np.argmax(signal != signal[0]))  # the detector leaves out a flat beginning
    if signal.size - beginning < MIN_SECONDS * search_fs:
        return np.empty(0, np.int64), 0.0
    # SleepECG 0.6.0 keeps one interval too few where beats follow each other at its refractory
    # period throughout, and writes beyond its memory: a still end leaves it room for ten more.
    still = np.full(round(STILL_SECONDS * search_fs), signal[-1])
    found = detect_heartbeats(np.concatenate([signal, still]), search_fs)
    found = found[found < signal.size]
    if not found.size:
        return found, 0.0
    band = bandpass(signal, search_fs, *QRS_BAND)
    found = _to_complexes(band, found, search_fs)
    places = np.minimum(np.round(found * (fs / search_fs)), row.size - 1)
    return places.astype(np.int64), _prominence(band, found, search_fs)


def _around(samples: Places, half_width: int, size: int) -> Places:
    """Return the places within a half width of each beat, shape (beats, 2 * half_width + 1)."""
    places: Places = samples[:, None] + np.arange(-half_width, half_width + 1)
    return np.clip(places, 0, size - 1)


def _to_complexes(band: Row, samples: Places, fs: float) -> Places:
    """Move finds from P waves to their QRS complexes, and drop those that are far too low."""
    from scipy.ndimage import median_filter

    places = _around(samples, round(0.9 * REFRACTORY * fs), band.size)
    size = np.abs(band)
    nearby = places[np.arange(samples.size), size[places].argmax(axis=1)]
    here = size[_around(samples, round(QRS_HALF_WIDTH * fs), band.size)].max(axis=1)
    moved: Places = np.unique(np.where(size[nearby] > 2 * here, nearby, samples))
    # The search looks ever lower where it misses a beat, in a pause in vain: it ends at noise.
    height = size[_around(moved, round(QRS_HALF_WIDTH * fs), band.size)].max(axis=1)
    usual = median_filter(height, size=NEIGHBOURS, mode="nearest")
    tall: Places = moved[height >= MIN_HEIGHT * usual]
    return tall


def _prominence(row: Row, samples: Places, fs: float) -> float:
    """Return how far the QRS complexes stand out: RMS inside them over RMS between them."""
    inside = np.zeros(row.size, bool)
    inside[_around(samples, round(QRS_HALF_WIDTH * fs), row.size)] = True
    power = np.square(row, dtype=np.float64)
    between = power[~inside].mean() if not inside.all() else 0.0
    return float(np.sqrt(power[inside].mean() / max(between, np.finfo(np.float64).tiny)))


def _to_peaks(row: Row, samples: Places, fs: float) -> Places:
    """Move each beat to the extremum of its QRS complex, on the side most beats point to."""
    places = _around(samples, max(1, round(QRS_HALF_WIDTH * fs)), row.size)
    windows = row[places].astype(np.float64)
    windows -= np.median(windows, axis=1, keepdims=True)
    upright = np.median(windows.max(axis=1) + windows.min(axis=1)) >= 0
    # A beat that points the other way (a ventricular one) is taken where it clearly does so.
    height = windows if upright else -windows
    height = np.where(height < 0, -height / 1.5, height)
    peaks: Places = np.unique(places[np.arange(samples.size), height.argmax(axis=1)])
    return peaks
