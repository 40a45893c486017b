"""Protocol R's test: ten-second segments of unseen records, every noise kind at every SNR."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ecgkit.denoising.aprcnn import FS
from ecgkit.denoising.base import Method
from ecgkit.processing.beats import detect_beats
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.noise import NOISE_KINDS, NstdbNoise, draw_noise, mixing_scale
from ecgkit.recording import Recording
from ecgkit.training.datasets.databases import mitdb_records, read_mitdb
from ecgkit.training.denoising.noise_mixing import NOISE_PARTS

SNRS = (-6.0, -4.0, -2.0, 0.0, 4.0, 8.0, 12.0)
SECONDS = 10.0
PAPER_KINDS = ("baseline_wander", "muscle_artefact", "electrode_motion", "blend")
"""The kinds that the headline means are taken over: the paper's three noises and their blend."""


@dataclass(frozen=True)
class Segment:
    """A clean segment of one lead, mean removed, in mV at 360 Hz."""

    record: str
    lead: int
    clean: NDArray[np.float32]

    def recording(self, signal: NDArray[np.floating]) -> Recording:
        """Return a signal of this segment's length as a recording of one lead."""
        return Recording(np.asarray(signal)[None], FS, ("II",), name=self.record)


def draw_segments(
    folder: Path, part: str, each: int, *, seconds: float = SECONDS, seed: int = 0
) -> list[Segment]:
    """Return ``each`` random segments of every lead of a part of MIT-BIH."""
    rng = np.random.default_rng(seed)
    length = round(seconds * FS)
    segments = []
    names = mitdb_records(folder, part)
    for name, record in zip(names, read_mitdb(folder, part), strict=True):
        for number, lead in enumerate(record):
            for _ in range(each):
                first = int(rng.integers(lead.size - length + 1))
                clean = lead[first : first + length]
                segments.append(Segment(name, number, clean - clean.mean()))
    return segments


def output_snrs(
    methods: Sequence[Method], segments: Sequence[Segment], source: NstdbNoise, seed: int = 0
) -> dict[str, dict[str, dict[str, float]]]:
    """Return the mean output SNR in dB by method's label, noise kind and input SNR.

    Each segment, kind and SNR has the same noise for all methods, centred, and mixed at exactly
    the SNR of equation (4) over the segment.
    """
    sums: dict[str, dict[str, dict[str, list[float]]]] = {
        method.label: {kind: {f"{snr:g}": [] for snr in SNRS} for kind in NOISE_KINDS}
        for method in methods
    }
    for place, segment in enumerate(segments):
        clean = segment.clean.astype(np.float64)
        for number, kind in enumerate(NOISE_KINDS):
            rng = np.random.default_rng((seed, place, number))
            mains = float(rng.choice((50.0, 60.0)))
            noise = draw_noise(kind, clean.size, FS, rng, source=source, mains=mains)
            scales = [mixing_scale(clean, noise, snr) for snr in SNRS]
            # The seven SNRs ride as seven leads of one recording: one call a method.
            noisy = Recording(
                np.stack([clean + scale * noise for scale in scales]),
                FS,
                tuple(f"{snr:g} dB" for snr in SNRS),
            )
            for method in methods:
                output = method.denoise(noisy)
                for row, snr in zip(output.signal, SNRS, strict=True):
                    sums[method.label][kind][f"{snr:g}"].append(snr_db(row, clean))
    return {
        label: {
            kind: {snr: round(float(np.mean(values)), 3) for snr, values in by_snr.items()}
            for kind, by_snr in by_kind.items()
        }
        for label, by_kind in sums.items()
    }


def headline(table: dict[str, dict[str, float]]) -> dict[str, float]:
    """Return the mean over the paper's kinds at each SNR, from one method's table."""
    return {
        f"{snr:g}": round(float(np.mean([table[kind][f"{snr:g}"] for kind in PAPER_KINDS])), 3)
        for snr in SNRS
    }


def harm_on_clean(method: Method, recordings: Sequence[Recording]) -> dict[str, float]:
    """Return what a method does to recordings without added noise.

    Over all leads of all recordings: the output's median SNR against its input in dB (and the
    10th percentile), the median change of the QRS amplitude (peak to peak from 50 ms before to
    50 ms after the R peak) in %, and the median absolute change of the ST level (100 to 120 ms
    after the R peak, against the PR level 80 to 60 ms before it) in mV.
    """
    snrs, qrs, st = [], [], []
    for recording in recordings:
        output = method.denoise(recording)
        beats = detect_beats(recording).samples
        for before, after in zip(recording.signal, output.signal, strict=True):
            if np.ptp(before) < 0.05:  # mV: a detached lead
                continue
            centred = before - before.mean()
            snrs.append(snr_db(after - before.mean(), centred))
            if len(beats) >= 2:
                old, new = (_beat_levels(signal, beats, recording.fs) for signal in (before, after))
                if old[0] > 0.1:  # mV: a QRS that can be measured
                    qrs.append(100 * (new[0] / old[0] - 1))
                    st.append(abs(new[1] - old[1]))
    return {
        "leads": len(snrs),
        "snr_db_median": round(float(np.median(snrs)), 2),
        "snr_db_10th_percentile": round(float(np.percentile(snrs, 10)), 2),
        "qrs_amplitude_change_percent_median": round(float(np.median(qrs)), 2),
        "qrs_amplitude_absolute_change_percent_median": round(float(np.median(np.abs(qrs))), 2),
        "st_level_change_mv_median": round(float(np.median(st)), 4),
        "st_level_change_mv_95th_percentile": round(float(np.percentile(st, 95)), 4),
    }


def _beat_levels(
    signal: NDArray[np.float32], beats: NDArray[np.int64], fs: float
) -> tuple[float, float]:
    """Median over beats of the QRS's peak-to-peak amplitude and the ST level above PR, in mV."""

    def around(beat: int, start: float, stop: float) -> NDArray[np.float32]:
        return signal[beat + round(start * fs) : beat + round(stop * fs) + 1]

    inside = [int(beat) for beat in beats if beat > 0.1 * fs and beat < signal.size - 0.15 * fs]
    if not inside:
        return 0.0, 0.0
    amplitude = np.median([np.ptp(around(beat, -0.05, 0.05)) for beat in inside])
    level = np.median(
        [np.mean(around(beat, 0.10, 0.12)) - np.mean(around(beat, -0.08, -0.06)) for beat in inside]
    )
    return float(amplitude), float(level)


def held_out_noise(folder: Path) -> NstdbNoise:
    """Return NSTDB's last third, which no training and no validation sees."""
    return NstdbNoise(folder / "nstdb", NOISE_PARTS["test"])
