"""The last stage of view 3: eleven labels, each against its own threshold."""

from __future__ import annotations

from functools import partial

import streamlit as st

from ecgkit import models
from ecgkit.diagnosis.explanation import explain_page
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.page_reading import PageReading
from ecgkit.diagnosis.predict import CLASSIFIERS, DEFAULT, RULES, Diagnoses
from ecgkit.drawing.html.diagnoses import (
    AXIS_WORDS,
    SHORT,
    STEPS,
    basis_words,
    contradiction,
    findings_list,
    networks_words,
    side_by_side,
    summary,
)
from ecgkit.drawing.percent import fine_percent
from ecgkit.drawing.style import DIAGNOSES_CAUTION
from pages.paper.stages import PAGE_RESULTS, page_address, show_failure, show_warnings
from pages.paper.view import show_picture
from pages.shell.loading import DIAGNOSES, loaded_or_reason
from pages.shell.session import plain, remember

ORDER = (DEFAULT, *(name for name in CLASSIFIERS if name != DEFAULT))
SLIDER = "paper_threshold of"


def show_diagnoses(report: PageReading) -> Diagnoses | None:
    """Show the diagnoses; return those in sight, against the thresholds in sight."""
    if show_failure("labels", report):
        return None
    if not report.diagnoses:
        reason = loaded_or_reason(DIAGNOSES)
        said = reason if isinstance(reason, str) else "The networks gave no answer about this page."
        st.error(plain(said), icon=":material/block:")
        return None
    classifier, rule = _controls()
    st.warning(DIAGNOSES_CAUTION, icon=":material/warning:")
    said_by = report.diagnoses.get(classifier)
    if said_by is None:
        st.info(f"«{plain(CLASSIFIERS[classifier])}» has no answer. {plain(_who_answered(report))}")
        return None
    own = _own_thresholds(classifier)
    shown = said_by.by_rule(rule).at(own)
    st.markdown(f"**{plain(summary(shown))}**")
    # What comes and goes has a place of its own: a slider's fast reruns overlap in the browser,
    # which gives up where one of them finds another's columns in place of a line of text.
    with st.container():
        show_warnings([*said_by.warnings, *filter(None, [contradiction(shown)])])
        _show_own_thresholds(own)
    show_picture(findings_list(shown, own), "paper_findings")
    titles = {name: card.title for name, card in models.catalogue().items()}
    st.caption(
        f"{AXIS_WORDS}  \n{plain(networks_words(shown, titles))} {plain(basis_words(shown))}"
    )
    left, right = st.columns(2)
    with left:
        label = _threshold_controls(shown, said_by.by_rule(rule), own)
    with right:
        _show_side_by_side(report, shown, rule)
    if st.session_state["paper_evidence"]:
        _evidence(report, label)
    return shown


def _controls() -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        classifier = st.segmented_control(
            "Who is asked",
            ORDER,
            format_func=SHORT.__getitem__,
            default=DEFAULT,
            required=True,
            key="paper_classifier",
            help="  \n".join(f"{SHORT[name]}: {CLASSIFIERS[name]}." for name in ORDER),
        )
        rule = st.segmented_control(
            "Thresholds by",
            RULES,
            default=RULES[0],
            required=True,
            key="paper_rule",
            help="Chosen on validation folds alone. The greatest F1 weighs what is found against "
            "what is found falsely, and finds at least half. Youden's J, the study's rule, is "
            "sensitivity plus specificity less one: a rare label gets a low threshold, is missed "
            "less, and has many false alarms.",
        )
    return classifier, rule


def _threshold_controls(shown: Diagnoses, by_rule: Diagnoses, own: dict[str, float]) -> str:
    """Show one label's threshold to be moved, and whether its evidence is to be shown."""
    st.markdown("**One label closer**")
    st.session_state.setdefault("paper_label", shown.ranked[0].label)
    label = st.selectbox(
        "Label", list(LABELS), format_func=lambda name: f"{name}: {LABELS[name]}", key="paper_label"
    )
    now = next(finding for finding in shown.findings if finding.label == label)
    usual = next(finding for finding in by_rule.findings if finding.label == label).threshold
    state = st.session_state
    key = f"{SLIDER} {shown.classifier} {label} {usual} {state['paper_number']}"
    # Not set on every run: a slider that is moved while one is under way would be moved back.
    state.setdefault(key, now.threshold)
    st.select_slider(
        f"Threshold of {plain(label)}",
        _options(usual, now.threshold),
        format_func=fine_percent,
        key=key,
        on_change=partial(_threshold_given, key, shown.classifier, label, usual),
        help="For teaching: what a lower threshold finds more, and what it takes for found.",
    )
    st.caption(
        f"At {fine_percent(now.threshold)}, {fine_percent(now.sensitivity)} of the recordings with "
        f"{plain(label)} are found, and {fine_percent(now.specificity)} of those without are left "
        "alone."
    )
    st.button(
        "Reset all thresholds",
        key="paper_reset",
        icon=":material/undo:",
        disabled=not own,
        on_click=partial(_reset, shown.classifier),
    )
    st.toggle("Show where on the page the evidence lies", key="paper_evidence")
    return label


def _options(*exact: float) -> list[float]:
    """Return the thresholds that can be set, no two of the same words: a slider goes by these."""
    words = {fine_percent(value): value for value in (*STEPS, *reversed(exact))}
    return sorted(words.values())


def _show_side_by_side(report: PageReading, shown: Diagnoses, rule: str) -> None:
    st.markdown("**Side by side**")
    answers = {
        name: one.by_rule(rule).at(_own_thresholds(name)) for name, one in report.diagnoses.items()
    }
    order = [finding.label for finding in shown.ranked]
    show_picture(side_by_side(answers, order, shown.classifier), "paper_beside")
    said = "Probabilities, each classifier's against its own thresholds."
    if len(answers) < len(CLASSIFIERS):
        said += f" {_who_answered(report)}"
    st.caption(plain(said))


def _evidence(report: PageReading, label: str) -> None:
    """Show where the study's network sees a label; it is asked for, thus made, only now."""
    from ecgkit.drawing.html.diagnosis_heatmap import draw_evidence, heat_layer

    page, mask, choices = report.rectified, report.mask, report.choices
    if page is None or mask is None:
        return
    layer = remember(
        ("evidence", choices, label),
        lambda: heat_layer(
            explain_page(mask, label, mm_per_s=choices.mm_per_s, mm_per_mv=choices.mm_per_mv)
        ),
        PAGE_RESULTS,
    )
    st.markdown(f"**Where the study's network sees {plain(label)} ({plain(LABELS[label])})**")
    show_picture(draw_evidence(page_address(report), layer, page, label), "paper_evidence_view")
    st.caption(
        "Grad-CAM: an aid to look, no proof. It is of the study's network on the mask, whoever is "
        "asked above, and tells where that network looked, coarsely, not what is there. Lines at a "
        "quarter, a half and three quarters of the greatest evidence."
        if layer[1]
        else "Nothing on the page speaks for this label to the study's network: there is nothing "
        "to show."
    )


def _who_answered(report: PageReading) -> str:
    """Return in a sentence that the image alone could be asked."""
    names = " and ".join(f"«{SHORT[name]}»" for name in ORDER if name in report.diagnoses)
    return f"Too few leads were read: {names} answer from the mask's image alone."


def _show_own_thresholds(own: dict[str, float]) -> None:
    if own:
        said = ", ".join(f"{label} {fine_percent(value)}" for label, value in own.items())
        st.info(
            f"You have set thresholds yourself: {plain(said)}. No validation chose them.",
            icon=":material/tune:",
        )


def _own_thresholds(classifier: str) -> dict[str, float]:
    """Return the thresholds that a person has set for a classifier: label -> threshold."""
    thresholds: dict[str, dict[str, float]] = st.session_state.get("paper_thresholds", {})
    return thresholds.get(classifier, {})


def _threshold_given(key: str, classifier: str, label: str, usual: float) -> None:
    given = st.session_state[key]
    own = {name: value for name, value in _own_thresholds(classifier).items() if name != label}
    if given != usual:
        own[label] = given
    st.session_state.setdefault("paper_thresholds", {})[classifier] = own


def _reset(classifier: str) -> None:
    state = st.session_state
    state.get("paper_thresholds", {}).pop(classifier, None)
    for key in [key for key in state if str(key).startswith(SLIDER)]:
        del state[key]
