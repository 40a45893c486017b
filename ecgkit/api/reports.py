"""What networks say of a recording, and its drawing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ecgkit.arguments import checked_choice, checked_number, checked_recording
from ecgkit.recording import Recording, RecordingError

if TYPE_CHECKING:
    from torch import nn

    from ecgkit.diagnosis.predict import Diagnoses
    from ecgkit.rhythm.report import RhythmReport


def classify_rhythm(
    recording: Recording, model: str = "cnn1d", *, start: float = 0.0
) -> RhythmReport:
    """Ask a network which of four rhythms ten seconds of a recording show.

    Parameters
    ----------
    recording
        One or more of the twelve standard leads, 5 s or longer.
    model
        ``"cnn1d"``, ``"cnn_lstm"`` or ``"cnn2d"``.
    start
        Where the ten seconds begin, in s.

    Returns
    -------
    RhythmReport
        Its ``label`` is ``"SB"`` (sinus bradycardia), ``"AFIB"`` (atrial fibrillation or flutter),
        ``"GSVT"`` (supraventricular tachycardia), ``"SR"`` (sinus rhythm) or ``"uncertain"``; its
        ``probabilities`` are calibrated.

    Raises
    ------
    RecordingError
        Where the networks have nothing to go by: no standard lead, too short, or no heartbeats.

    Examples
    --------
    >>> import ecgkit
    >>> ecgkit.classify_rhythm(ecgkit.demo("generated")).label
    'SR'
    """
    from ecgkit.rhythm.report import NETWORKS, rhythm_report

    checked_recording(recording)
    key = checked_choice(model, "the rhythm network", NETWORKS)
    return rhythm_report(recording, key, checked_number(start, "the start", low=0.0, unit="s"))


def diagnose(recording: Recording, *, start: float = 0.0) -> Diagnoses:
    """Ask a network which of eleven labels ten seconds of a recording show.

    Parameters
    ----------
    recording
        One or more of the twelve standard leads; the figures are for all twelve.
    start
        Where the ten seconds begin, in s; of a shorter rest, all of it is read.

    Returns
    -------
    Diagnoses
        A finding for each label, with its calibrated probability, its own threshold, sensitivity
        and specificity; ``ranked`` has the clearest first.

    Raises
    ------
    RecordingError
        Where it has no standard lead, nothing in it varies, or it ends before the start.

    Examples
    --------
    >>> import ecgkit
    >>> findings = ecgkit.diagnose(ecgkit.demo()).findings
    >>> [finding.label for finding in findings][:3]
    ['NORM', 'Acute MI', 'Old MI']
    """
    from ecgkit.diagnosis.predict import diagnose_recording
    from ecgkit.diagnosis.signal_network import SECONDS

    checked_recording(recording)
    first = checked_number(start, "the start", low=0.0, unit="s")
    return diagnose_recording(recording.window(first, first + SECONDS))


def load_model(name: str) -> nn.Module:
    """Return a network of the catalogue in evaluation mode; loaded once in a process.

    Parameters
    ----------
    name
        Its name in the catalogue, such as ``"denoise-aprcnn"``; ``ecgkit models`` lists all.

    Raises
    ------
    RecordingError
        Where the catalogue has no such network, or its weights are not those of its card.

    Examples
    --------
    >>> import ecgkit
    >>> network = ecgkit.load_model("rhythm-cnn1d")
    >>> network.training
    False
    """
    from ecgkit import models

    return models.load(checked_choice(name, "the network", models.catalogue()))


@dataclass(frozen=True, repr=False)
class Plot:
    """A recording drawn on ECG paper; a notebook shows it.

    Attributes
    ----------
    svg
        The drawing.
    description
        What it shows, in words.
    """

    svg: str
    description: str

    def __repr__(self) -> str:
        return f"<Plot: {self.description}>"

    def _repr_html_(self) -> str:
        return f'<div style="overflow-x:auto">{self.svg}</div>'

    def save(self, path: str | Path) -> Path:
        """Write the drawing as an .svg file, and return its path.

        Raises
        ------
        RecordingError
            Where the ending is another, or the file cannot be written.
        """
        target = Path(path)
        if target.suffix.lower() != ".svg":
            raise RecordingError(
                f"ends in {target.suffix!r}", where=target.name, remedy="Plots are saved as .svg."
            )
        try:
            target.write_text(self.svg, encoding="utf-8")
        except OSError as error:
            raise RecordingError(
                f"cannot be written ({error.strerror})", where=target.name
            ) from error
        return target


def plot(recording: Recording, *, start: float = 0.0, duration: float = 10.0) -> Plot:
    """Draw leads on ECG paper, 25 mm/s and 10 mm/mV, with beats and RR intervals.

    Parameters
    ----------
    recording
        In mV; one that is not calibrated is drawn without a calibration pulse.
    start, duration
        Which part, in s; at most 60 s are drawn.

    Raises
    ------
    RecordingError
        Where nothing lies in that part.

    Examples
    --------
    >>> import ecgkit
    >>> ecgkit.plot(ecgkit.demo())
    <Plot: 12-lead demo, 0 to 10 s on ECG paper, 25 mm/s · 10 mm/mV>
    """
    from ecgkit.drawing.svg.ecg_paper import PaperScale
    from ecgkit.drawing.svg.tracing import draw_tracing, layouts_for
    from ecgkit.processing.beats import detect_beats

    checked_recording(recording)
    first = checked_number(start, "the start", low=0.0, unit="s")
    length = checked_number(duration, "the duration", low=0.1, high=60.0, unit="s")
    window = recording.window(first, first + length)
    scale = PaperScale(unit="mV" if recording.calibrated else "a.u.")
    title = (
        f"{recording.name}, {first:g} to {first + window.duration:g} s on ECG paper, {scale.text}"
    )
    paper = draw_tracing(
        window,
        detect_beats(window),
        layout=layouts_for(window, window.duration)[0],
        start=first,
        scale=scale,
        title=title,
    )
    return Plot(paper.svg(), title)
