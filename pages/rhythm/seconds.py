"""What is drawn of the seconds in sight: the tracing, the stacks, and each second's classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from ecgkit import models
from ecgkit.drawing.html.player import player
from ecgkit.drawing.html.rhythm_answers import seconds_tables
from ecgkit.drawing.svg.ecg_paper import Paper, clock
from ecgkit.drawing.svg.overlay import natural_scale
from ecgkit.drawing.svg.timeline import draw_timeline
from ecgkit.drawing.svg.tracing import draw_tracing, left_out, rhythm_lead
from ecgkit.recording import RecordingError
from ecgkit.rhythm.report import NETWORKS, RhythmReport, card_name
from pages.rhythm.controls import WHY_WHOLE, Choice, Evidence
from pages.rhythm.signals import Stretch
from pages.rhythm.view import show_parts
from pages.shell.loading import TRANSFORM, loaded_or_reason
from pages.shell.session import attempt, plain, remember

if TYPE_CHECKING:
    from ecgkit.drawing.svg.stacked_scalograms import StackedScalograms

VIEW = "rhythm_view"


@dataclass(frozen=True)
class Drawn:
    """The drawings that can be downloaded.

    Attributes
    ----------
    second
        The one in sight, counted from 0.
    tracing
        Makes the SVG file of the tracing with that second highlighted.
    stack
        Makes the SVG file of that second's scalogram; None where there is none.
    """

    second: int
    tracing: Callable[[], bytes]
    stack: Callable[[], bytes] | None = None


def show_seconds(
    shown: Stretch, choice: Choice, evidence: Evidence, reports: list[RhythmReport]
) -> Drawn:
    """Show the tracing with everything that follows the chosen second."""
    draw, caption = _tracing(shown, choice, evidence)
    mark = (shown.mark, choice, evidence.rhythm if evidence.weights is not None else "")
    parts = {"tracing": remember(("tracing", mark), lambda: draw(0).html())}
    scalograms = _scalograms(shown, choice, evidence)
    token = f"{st.session_state['recording_number']} {shown.key}"
    if isinstance(scalograms, str):
        show_parts(parts, VIEW, token=token)
        st.caption(plain(caption))
        st.caption(plain(scalograms))
        return Drawn(0, lambda: draw(None).svg(caption).encode())
    from ecgkit.drawing.svg.scalogram import draw_stacked_scalogram, draw_thumbnails

    lead = rhythm_lead(shown.window, shown.beats)
    own = [report for report in reports if report.model == choice.model]
    title = f"Stacked scalograms of leads {', '.join(scalograms.leads)}, 0.5 to 100 Hz"
    parts["player"] = player(shown.start, scalograms.seconds)
    parts["thumbs"] = draw_thumbnails(scalograms, own[0].second_labels if own else [])
    seen = evidence.rhythm if evidence.heat is not None else ""
    parts["stack"] = remember(
        ("stack", shown.mark, choice.mode, seen),
        lambda: draw_stacked_scalogram(
            scalograms, (lead, _seconds(shown, 0, scalograms.seconds)), title=title
        ),
    )
    if reports:
        parts["second"] = seconds_tables(reports, scalograms.seconds)
        parts["timeline"] = draw_timeline(reports, shown.start)
    show_parts(parts, VIEW, token=token, on_second=_chosen)
    second = min(st.session_state[VIEW].get("second") or 0, scalograms.seconds - 1)
    for line in (caption, *_about(scalograms, shown, choice, evidence, bool(reports))):
        st.caption(plain(line))
    with st.expander("Why the whole recording is transformed at once"):
        st.write(WHY_WHOLE)
    return Drawn(
        second,
        lambda: draw(second).svg(caption).encode(),
        lambda: _scalogram_file(scalograms, shown, lead, second),
    )


def _chosen() -> None:
    """Take note of the second: the browser has drawn it, the downloads follow."""


def _seconds(shown: Stretch, first: int, last: int) -> object:
    lead = rhythm_lead(shown.window, shown.beats)
    return shown.window.window(first, last).lead(lead)


def _scalogram_file(scalograms: StackedScalograms, shown: Stretch, lead: str, second: int) -> bytes:
    from ecgkit.drawing.svg.scalogram import draw_stacked_scalogram, scalogram_file

    drawing = draw_stacked_scalogram(
        scalograms.only(second), (lead, _seconds(shown, second, second + 1))
    )
    begin, end = (clock(round(shown.start + second + place, 1)) for place in (0, 1))
    return scalogram_file(drawing, f"{shown.recording.name}, {begin} to {end}: stacked scalogram.")


def _tracing(
    shown: Stretch, choice: Choice, evidence: Evidence
) -> tuple[Callable[[int | None], Paper], str]:
    """Return what draws the tracing with a second highlighted, and the caption."""
    window = shown.window
    scale = natural_scale(choice.speed, choice.gain, window.calibrated, window.signal)
    caption = (
        f"{shown.recording.name}, {clock(round(shown.start, 1))} to {clock(round(shown.stop, 1))}. "
        f"{scale.text}; a small box is {1000 / scale.speed:g} ms"
        + (f" by {1 / scale.gain:g} mV" if scale.unit == "mV" else "")
        + ". Each lead is drawn about its median. Triangles: R peaks, with the RR intervals in ms."
    )
    absent = left_out(window, choice.layout)
    if absent:
        caption += f" {absent}"
    if evidence.weights is not None:
        caption += (
            f" Tinted: what speaks for {evidence.rhythm} (orange, +) and against it (blue, −) by "
            f"occlusion: the fall of its log-odds in the {NETWORKS[choice.model]} when that second "
            "of that lead is hidden."
            + (
                " Only what is on the paper is tinted; 12 × 1 shows all of it."
                if choice.layout != "12x1"
                else ""
            )
        )

    def draw(second: int | None) -> Paper:
        return draw_tracing(
            window,
            shown.beats,
            layout=choice.layout,
            start=shown.start,
            scale=scale,
            weights=evidence.weights,
            second=second,
            title=f"ECG tracing. {caption}",
        )

    return draw, caption


def _scalograms(shown: Stretch, choice: Choice, evidence: Evidence) -> StackedScalograms | str:
    """Return the scalograms, or why there are none."""
    there = loaded_or_reason(TRANSFORM)
    if there is None:
        return "Loading the transform …"
    if isinstance(there, str):
        return there
    from ecgkit.drawing.svg.stacked_scalograms import stack_scalograms, with_heat

    scalograms = remember(
        ("scalograms", shown.mark, choice.mode),
        lambda: attempt(
            lambda: stack_scalograms(shown.recording, shown.start, shown.stop, choice.mode)
        ),
    )
    if isinstance(scalograms, RecordingError):
        return str(scalograms)
    if evidence.heat is None:
        return scalograms
    config = models.catalogue()[card_name("cnn2d")].config
    return remember(
        ("heat", shown.mark, choice.mode, evidence.rhythm),
        lambda: with_heat(scalograms, evidence.heat, config),
    )


def _about(
    scalograms: StackedScalograms,
    shown: Stretch,
    choice: Choice,
    evidence: Evidence,
    answered: bool,
) -> list[str]:
    """Return what one needs to know to read the scalogram."""
    said = (
        "Scalogram: magnitude of the complex Morlet transform (ω₀ = 6) at 64 frequencies a lead, "
        "baseline removed by two median filters (0.2 and 0.6 s). Paler, with a dashed edge: the "
        "cone of influence, where the end of the signal counts."
    )
    if scalograms.limit < 100:
        said += (
            f" The recording is sampled at {shown.recording.fs:g} Hz: above "
            f"{scalograms.limit:g} Hz there is nothing."
        )
    if scalograms.derived:
        said += f" Worked out from two other leads: {', '.join(scalograms.derived)}."
    if scalograms.unit != "mV":
        said += " Without a voltage scale, each lead is brought to a usual size."
    lines = [said]
    if evidence.heat is not None:
        lines.append(
            f"Grad-CAM: darkened is what counted less for {evidence.rhythm} in the "
            f"{NETWORKS['cnn2d']}; beyond its own frequencies it sees nothing. An aid, no proof."
        )
    if answered:
        lines.append(
            "One second cannot show a rate or an irregular rhythm: a second's class is what it "
            f"adds to the answer, not an answer of its own. The thumbnails' classes are those of "
            f"the {NETWORKS[choice.model]}."
        )
    return lines
