"""Noise of the kinds that ECGs meet, mixed into a recording at an exact SNR, by seed.

Two sources: the MIT-BIH Noise Stress Test Database (NSTDB; Moody, Muldrow and Mark 1984), and
generators of our own with the power spectra of its three records, for where it is not at hand.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ecgkit.arguments import checked_choice, checked_count, checked_number, checked_recording
from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.resampling import resample
from ecgkit.recording import Recording, RecordingError

Noise = NDArray[np.float64]

NOISE_KINDS = {
    "baseline_wander": "Baseline wander",
    "muscle_artefact": "Muscle artefact",
    "electrode_motion": "Electrode motion",
    "powerline": "Powerline interference",
    "white": "White noise",
    "blend": "Blend of wander, muscle and motion",
}
NSTDB_RECORDS = {"baseline_wander": "bw", "muscle_artefact": "ma", "electrode_motion": "em"}
BLENDED = tuple(NSTDB_RECORDS)

_FREQUENCIES = (
    *(0.025, 0.071, 0.141, 0.265, 0.418, 0.592, 0.837, 1.183, 1.673, 2.449, 3.464, 4.899),
    *(6.928, 9.798, 13.86, 19.6, 27.71, 39.19, 55.43, 75.9, 107.3, 151.8),
)
_SPECTRA = {  # dB of power per Hz, total power 1: Welch's method (60 s) on NSTDB, both channels
    "baseline_wander": (
        *(-12.4, 3.8, 8.7, -2.3, -7.0, -14.7, -17.8, -23.0, -28.0, -34.0, -39.2, -40.7),
        *(-43.3, -45.1, -44.2, -45.5, -46.2, -46.8, -48.4, -52.2, -57.1, -61.2),
    ),
    "electrode_motion": (
        *(-16.8, -4.6, 5.2, -3.7, -7.8, -12.2, -3.6, -6.6, -7.7, -10.2, -15.0, -16.9),
        *(-18.7, -23.3, -27.1, -33.3, -38.3, -42.0, -45.8, -50.5, -56.3, -58.0),
    ),
    "muscle_artefact": (
        *(-5.6, 5.2, 6.3, -1.1, -4.6, -6.5, -11.1, -15.7, -19.4, -24.3, -28.3, -30.7),
        *(-31.5, -28.1, -25.9, -24.5, -23.7, -26.0, -32.4, -43.7, -47.9, -48.2),
    ),
}
HIGHEST_SHARE = 0.45
"""Highest share of the sampling frequency at which a generated sine still looks like one."""
_HARMONICS = ((1, 1.0), (2, 0.1), (3, 0.25), (5, 0.1))
"""Powerline harmonics and their amplitudes; odd ones dominate in a mains supply."""


class NoiseSource(Protocol):
    """Gives stretches of baseline wander, muscle artefact and electrode motion."""

    name: str

    def draw(self, kind: str, n_samples: int, fs: float, rng: np.random.Generator) -> Noise:
        """Return a stretch of noise of any scale, shape (n_samples,)."""
        ...


class GeneratedNoise:
    """Noise from our own generators, with the spectra of NSTDB's records.

    Gaussian noise shaped in the frequency domain. Muscle artefact and electrode motion come in
    bouts: their amplitude follows a slow log-normal envelope.
    """

    name = "generated"

    def draw(self, kind: str, n_samples: int, fs: float, rng: np.random.Generator) -> Noise:
        """Return a stretch of noise, shape (n_samples,)."""
        noise = _shaped(_SPECTRA[kind], n_samples, fs, rng)
        if kind != "baseline_wander":
            noise *= np.exp(0.5 * _smooth(n_samples, fs, rng, seconds=2.0))
        return noise


class NstdbNoise:
    """Noise from NSTDB's records ``bw``, ``ma`` and ``em`` in their official folder.

    Parameters
    ----------
    folder
        Where ``bw.hea`` and its siblings lie.
    part
        Which part of each record to draw from, as fractions: trainings keep the last third apart.

    Raises
    ------
    RecordingError
        Where a record is missing or cannot be read.
    """

    name = "NSTDB"

    def __init__(self, folder: Path, part: tuple[float, float] = (0.0, 1.0)) -> None:
        import wfdb

        self.channels: dict[str, NDArray[np.float32]] = {}
        for kind, record in NSTDB_RECORDS.items():
            try:
                read = wfdb.rdrecord(str(folder / record))
            except Exception as error:  # wfdb raises whatever its parsers meet
                raise RecordingError(
                    "could not be read",
                    where=str(folder / record),
                    remedy="The noise folder needs NSTDB's records bw, ma and em.",
                ) from error
            self.fs = float(read.fs)
            filled, _ = fill_gaps(read.p_signal.T)
            first, last = (round(share * filled.shape[1]) for share in part)
            self.channels[kind] = filled[:, first:last]

    def draw(self, kind: str, n_samples: int, fs: float, rng: np.random.Generator) -> Noise:
        """Return a random stretch of a random channel; at the record's end it turns back."""
        channels = self.channels[kind]
        channel = channels[rng.integers(len(channels))]
        wanted = int(np.ceil(n_samples * self.fs / fs)) + 1
        places = (int(rng.integers(channel.size)) + np.arange(wanted)) % (2 * channel.size)
        stretch = channel[np.where(places < channel.size, places, 2 * channel.size - 1 - places)]
        return resample(stretch, self.fs, fs, n_samples).astype(np.float64)


def draw_noise(
    kind: str,
    n_samples: int,
    fs: float,
    rng: np.random.Generator,
    *,
    source: NoiseSource | None = None,
    mains: float = 50.0,
) -> Noise:
    """Return noise of one kind with zero mean and unit power, shape (n_samples,).

    Parameters
    ----------
    kind
        A key of :data:`NOISE_KINDS`. A blend is baseline wander, muscle artefact and electrode
        motion with random shares of the power.
    fs
        Sampling frequency in Hz.
    source
        Where the three recorded kinds come from; :class:`GeneratedNoise` by default.
    mains
        Powerline frequency in Hz, 50 or 60.

    Raises
    ------
    RecordingError
        Where the kind is unknown, or the sampling frequency too low for the mains'.
    """
    if kind not in NOISE_KINDS:
        raise RecordingError(
            f"the noise kind {kind!r} is unknown", remedy=f"Choose one of {', '.join(NOISE_KINDS)}."
        )
    source = source or GeneratedNoise()
    if kind == "white":
        noise = rng.standard_normal(n_samples)
    elif kind == "powerline":
        if mains >= HIGHEST_SHARE * fs:
            raise RecordingError(
                f"powerline interference of {mains:g} Hz cannot show at a sampling frequency of"
                f" {fs:g} Hz",
                remedy=f"It takes more than {mains / HIGHEST_SHARE:.0f} Hz; choose another noise.",
            )
        noise = _powerline(n_samples, fs, rng, mains)
    elif kind == "blend":
        shares = rng.dirichlet(np.ones(len(BLENDED)))
        noise = np.zeros(n_samples)
        for share, part in zip(shares, BLENDED, strict=True):
            noise += np.sqrt(share) * _unit_power(source.draw(part, n_samples, fs, rng))
    else:
        noise = source.draw(kind, n_samples, fs, rng)
    return _unit_power(noise)


def add_noise(
    recording: Recording,
    kind: str,
    snr_db: float,
    *,
    seed: int = 0,
    mains: float = 50.0,
    source: NoiseSource | None = None,
) -> Recording:
    """Return the recording with noise mixed in, each lead at exactly this SNR (equation 4).

    Each lead has noise of its own. Missing samples stay missing; a lead that is zero throughout has
    no SNR and stays as it is, which a note says.

    Parameters
    ----------
    kind, mains, source
        As for :func:`draw_noise`.
    snr_db
        Signal-to-noise ratio in dB over the whole lead, as
        :func:`ecgkit.processing.metrics.snr_db` measures it.
    seed
        The same seed gives the same noise; another SNR with it only scales the noise.

    Raises
    ------
    RecordingError
        As for :func:`draw_noise`, and where the SNR is not a finite number.

    Examples
    --------
    >>> import ecgkit
    >>> clean = ecgkit.demo("generated")
    >>> noisy = ecgkit.add_noise(clean, "muscle_artefact", snr_db=0, seed=1)
    >>> abs(ecgkit.compare(noisy, clean).snr_db) < 1e-3
    True
    """
    checked_recording(recording)
    checked_choice(kind, "the noise kind", NOISE_KINDS)
    checked_number(snr_db, "the SNR", unit="dB")
    checked_count(seed, "the seed")
    checked_number(mains, "the powerline frequency", low=1.0, high=1000.0, unit="Hz")
    rng = np.random.default_rng(seed)
    noisy = recording.signal.astype(np.float64)
    silent = []
    for row, lead in zip(noisy, recording.leads, strict=True):
        noise = draw_noise(kind, row.size, recording.fs, rng, source=source, mains=mains)
        known = ~np.isnan(row)
        scale = mixing_scale(row[known], noise[known], snr_db)
        if scale == 0:
            silent.append(lead)
        row += scale * noise
    notes = [f"No noise was added to {', '.join(silent)}: a flat lead has no SNR."] * bool(silent)
    return recording.with_signal(noisy, *notes)


def mixing_scale(clean: NDArray[np.floating], noise: NDArray[np.floating], snr_db: float) -> float:
    """Return the factor on ``noise`` that gives ``clean + factor * noise`` this SNR in dB.

    0 where either has no power.
    """
    clean_power, noise_power = float(np.sum(clean**2)), float(np.sum(noise**2))
    if clean_power == 0 or noise_power == 0:
        return 0.0
    return float(np.sqrt(clean_power / noise_power) * 10 ** (-snr_db / 20))


def _unit_power(noise: Noise) -> Noise:
    noise = noise - noise.mean()
    power = float(np.mean(noise**2))
    return noise / np.sqrt(power) if power > 0 else noise


def _shaped(
    spectrum_db: tuple[float, ...], n_samples: int, fs: float, rng: np.random.Generator
) -> Noise:
    """Gaussian noise with a power spectrum given at ``_FREQUENCIES``, straight in log-log."""
    padded = max(n_samples, round(20 * fs))  # room for the slowest part of a short stretch
    frequencies = np.fft.rfftfreq(padded, 1 / fs)
    level = np.interp(
        np.log(np.maximum(frequencies, _FREQUENCIES[0] / 2)), np.log(_FREQUENCIES), spectrum_db
    )
    size = frequencies.size
    bins = rng.standard_normal(size) + 1j * rng.standard_normal(size)
    bins *= 10 ** (level / 20)
    bins[0] = 0
    noise = np.fft.irfft(bins, padded)[:n_samples] * np.sqrt(padded)
    return np.asarray(noise, np.float64)


def _smooth(n_samples: int, fs: float, rng: np.random.Generator, *, seconds: float) -> Noise:
    """Slow Gaussian noise of unit variance: random knots, one each ``seconds``, joined smoothly."""
    from scipy.interpolate import CubicSpline

    knots = max(4, int(np.ceil(n_samples / fs / seconds)) + 2)
    spline = CubicSpline(np.arange(knots) * seconds, rng.standard_normal(knots))
    return np.asarray(spline(np.arange(n_samples) / fs), dtype=np.float64)


def _powerline(n_samples: int, fs: float, rng: np.random.Generator, mains: float) -> Noise:
    """Mains hum: frequency drifting by some 0.1 Hz, amplitude by some 20 %, with harmonics."""
    frequency = mains + 0.1 * _smooth(n_samples, fs, rng, seconds=5.0)
    phase = 2 * np.pi * np.cumsum(frequency) / fs
    noise = np.zeros(n_samples)
    for multiple, amplitude in _HARMONICS:
        offset = rng.uniform(0, 2 * np.pi)
        if multiple * mains < HIGHEST_SHARE * fs:
            noise += amplitude * np.sin(multiple * phase + offset)
    noise *= np.exp(0.2 * _smooth(n_samples, fs, rng, seconds=3.0))
    return noise
