"""Recordings: opened, saved, made noisy and clean again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ecgkit.arguments import checked_choice, checked_recording
from ecgkit.recording import Recording, RecordingError

if TYPE_CHECKING:
    from ecgkit.denoising.base import Progress


class Buffer(Protocol):
    """A file that is open for reading bytes."""

    def read(self) -> bytes:
        """Return the rest of its content."""
        ...


def open(
    source: str | Path | bytes | Buffer | Iterable[str | Path] | Mapping[str, bytes],
    *,
    fs: float | None = None,
    unit: str | None = None,
    name: str | None = None,
) -> Recording:
    """Open a recording, its format recognised by content.

    Parameters
    ----------
    source
        A path (the header of a WFDB record brings the files that it names), several paths, a file's
        bytes, a file that is open for reading bytes, or file names with their bytes.
    fs
        Sampling frequency in Hz, for files that do not state it.
    unit
        Unit of the samples, for files that do not state it: ``"uV"``, ``"mV"``, ``"V"``, or
        ``"NU"`` where it is unknown.
    name
        What to call the recording; by default the file's name without its ending.

    Returns
    -------
    Recording
        In mV. Its notes tell what was repaired, left out or assumed.

    Raises
    ------
    RecordingError
        For every failure. Its ``asks`` names what ``fs`` and ``unit`` could add.

    Examples
    --------
    >>> import ecgkit
    >>> ecgkit.save(ecgkit.demo("generated"), "normal.edf")
    [PosixPath('normal.edf')]
    >>> recording = ecgkit.open("normal.edf")
    >>> recording.leads[:3], recording.fs
    (('I', 'II', 'III'), 500.0)
    """
    from ecgkit.io.open import open_recording

    return open_recording(_files(source), fs=fs, unit=unit, name=name)


def _files(source: Any) -> Any:
    """Return what :func:`ecgkit.io.open.open_recording` takes: paths, or names with bytes."""
    if isinstance(source, bytes | bytearray | memoryview):
        return {"recording": bytes(source)}
    if callable(getattr(source, "read", None)):
        content = source.read()
        if not isinstance(content, bytes):
            raise RecordingError(
                "is open as text", where="The file", remedy="Open it with mode 'rb'."
            )
        return {Path(str(getattr(source, "name", None) or "recording")).name: content}
    if isinstance(source, Mapping):
        wrong = [n for n, c in source.items() if not isinstance(c, bytes | bytearray | memoryview)]
        if wrong:
            raise RecordingError(
                "is given without bytes", where=str(wrong[0]), remedy="Map file names to bytes."
            )
        return source
    if isinstance(source, str | Path):
        return source
    paths = list(source) if isinstance(source, Iterable) else []
    if not paths or not all(isinstance(path, str | Path) for path in paths):
        raise RecordingError(
            f"a {type(source).__name__} cannot be opened",
            remedy="Give a path, several paths, bytes, an open file, or file names with bytes.",
        )
    return paths


def save(recording: Recording, path: str | Path) -> list[Path]:
    """Write a recording to disk.

    Parameters
    ----------
    recording
        What to write.
    path
        Its ending chooses the format: ``.hea`` (WFDB, with its ``.dat`` beside it), ``.csv`` or
        ``.edf``. Existing files are replaced.

    Returns
    -------
    list of Path
        The files written.

    Raises
    ------
    RecordingError
        Where the ending is another, or the files cannot be written.

    Examples
    --------
    >>> import ecgkit
    >>> sorted(path.name for path in ecgkit.save(ecgkit.demo("generated"), "normal.hea"))
    ['normal.dat', 'normal.hea']
    """
    from ecgkit.io.save import save_recording

    if not isinstance(path, str | Path):
        raise RecordingError(
            f"a {type(path).__name__} is no path", remedy="Give a path that ends in .hea or .edf."
        )
    return save_recording(checked_recording(recording), path)


def demo(key: str = "12-lead") -> Recording:
    """Open a recording that comes with the software; no network is needed.

    Parameters
    ----------
    key
        ``"12-lead"`` (a real resting ECG, 10 s), ``"holter"`` (a real ambulatory trace, 5 min) or
        ``"generated"`` (a normal ECG without noise, 10 s).

    Raises
    ------
    RecordingError
        Where there is no such demo.

    Examples
    --------
    >>> import ecgkit
    >>> ecgkit.demo().duration
    10.0
    """
    from ecgkit.demos import DEMOS, open_demo

    return open_demo(checked_choice(key, "the demo", DEMOS))


def denoise(
    recording: Recording,
    method: str = "aprcnn",
    *,
    progress: Progress | None = None,
    **settings: Any,
) -> Recording:
    """Return a recording denoised: same leads, length and sampling frequency.

    Missing samples stay missing; flat leads come back as they are.

    Parameters
    ----------
    recording
        Any length, sampling frequency and number of leads.
    method
        ``"aprcnn"`` (a network), ``"dwt"`` (wavelet thresholding), ``"bandpass"`` or
        ``"autoencoder"``.
    progress
        Called with the share done, 0 to 1.
    settings
        Fields of :class:`ecgkit.denoising.wavelet.Wavelet` or
        :class:`ecgkit.denoising.bandpass.Bandpass`; the networks have none.

    Raises
    ------
    RecordingError
        Where the method or a setting is unknown, or a setting's value impossible.

    Examples
    --------
    >>> import ecgkit
    >>> clean = ecgkit.demo("generated")
    >>> noisy = ecgkit.add_noise(clean, "muscle_artefact", snr_db=0)
    >>> output = ecgkit.denoise(noisy, method="aprcnn")
    >>> ecgkit.compare(output, clean).snr_db > 5
    True
    """
    from ecgkit.denoising import METHODS, make_method

    checked_recording(recording)
    key = checked_choice(method, "the method", METHODS)
    return make_method(key, **settings).denoise(recording, progress)
