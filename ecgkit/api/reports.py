"""What networks say of a recording, and its drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ecgkit.arguments import checked_choice, checked_number, checked_recording
from ecgkit.recording import Recording

if TYPE_CHECKING:
    from torch import nn

    from ecgkit.diagnosis.predict import Diagnoses
    from ecgkit.drawing.plot import Figure
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


def plot(
    recording: Recording, *, start: float = 0.0, seconds: float | None = None, layout: str = "3x4"
) -> Figure:
    """Draw leads on ECG paper, 25 mm/s and 10 mm/mV, with beats and RR intervals.

    Parameters
    ----------
    recording
        In mV; one that is not calibrated is drawn without a calibration pulse.
    start, seconds
        Which part, in s; ten seconds where nothing is said.
    layout
        ``"3x4"``, ``"6x2"`` or ``"12x1"``; what would leave columns empty is drawn as the last.

    Returns
    -------
    Figure
        A notebook shows it; ``save`` writes it as .svg, .pdf or .png.

    Raises
    ------
    RecordingError
        Where nothing lies in that part, or an argument is impossible.

    Examples
    --------
    >>> import ecgkit
    >>> ecgkit.plot(ecgkit.demo(), seconds=5).save("ecg.svg")
    PosixPath('ecg.svg')
    """
    from ecgkit.drawing.plot import plot as draw
    from ecgkit.drawing.svg.tracing import LAYOUTS

    checked_recording(recording)
    first = checked_number(start, "the start", low=0.0, unit="s")
    if seconds is not None:
        seconds = checked_number(seconds, "the duration", low=0.1, unit="s")
    return draw(
        recording,
        start=first,
        seconds=seconds,
        layout=checked_choice(layout, "the layout", LAYOUTS),
    )
