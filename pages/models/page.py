"""The catalogue: every network, what it learnt from and how well it does."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ecgkit import models
from ecgkit.drawing.charts import reliability_chart
from ecgkit.drawing.html.diagnoses import BASES


def _figures(values: dict[str, Any], title: str = "") -> None:
    """Show measured figures: a table for each group, however deep the groups lie."""
    plain = {key: value for key, value in values.items() if not isinstance(value, dict)}
    groups = {key: value for key, value in values.items() if isinstance(value, dict)}
    if title:
        st.markdown(f"**{title}**")
    if plain:
        st.table({"figure": list(plain), "value": [_said(value) for value in plain.values()]})
    if groups and all(_is_row(value) for value in groups.values()):
        columns = list(dict.fromkeys(key for value in groups.values() for key in value))
        cells = {
            column: {row: _said(value.get(column, "–")) for row, value in groups.items()}
            for column in columns
        }
        if len(columns) > 2 * len(groups):  # a wide table would be cut off: turn it
            cells = {row: {c: cells[c][row] for c in columns} for row in groups}
        names = [_words(name) for name in next(iter(cells.values()))]
        st.table({"": names, **{_words(c): list(rows.values()) for c, rows in cells.items()}})
    else:
        for key, value in groups.items():
            _figures(value, f"{title} · {key}" if title else key)


def _is_row(value: Any) -> bool:
    return isinstance(value, dict) and not any(isinstance(part, dict) for part in value.values())


def _words(name: str) -> str:
    return name.replace("_", " ")


def _said(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _reliability(card: models.Card) -> None:
    """Show how far the network's probabilities can be taken at their word."""
    bins = list(card.figures.get("reliability", {}).values())
    if bins:
        st.markdown("**Calibration: probability said against share right, cross-validated**")
        chart = reliability_chart(
            [row["recordings"] for row in bins],
            [row["said"] for row in bins],
            [row["right"] for row in bins],
            dark=st.context.theme.type == "dark",
        )
        words = "; ".join(f"{row['said']:.2f} said, {row['right']:.2f} right" for row in bins)
        st.plotly_chart(chart, key=f"reliability-{card.name}", alt=f"Calibration: {words}.")


def _thresholds(decision: dict[str, Any], title: str = "") -> None:
    """Show the thresholds of the eleven labels, and what they mean, a table for each use."""
    for use, labels in decision.items():
        if use == "blend":
            shares = ", ".join(f"{name} {share:.2f}" for name, share in labels["weights"].items())
            st.markdown(f"**Blend:** {shares}")
            views = {key: value for key, value in labels.items() if key != "weights"}
            _thresholds(views, "Blend, ")
            continue
        words = title + BASES[use]
        st.markdown(f"**{words[0].upper()}{words[1:]}**")
        columns: dict[str, list[str]] = {"": list(labels)}
        for rule in next(iter(labels.values()))["thresholds"]:
            points = [_point(own, rule) for own in labels.values()]
            for place, what in enumerate(("threshold", "sensitivity", "specificity")):
                columns[f"{what}, {rule}"] = [f"{point[place]:.3f}" for point in points]
        columns["recordings with it"] = [str(own["positives"]) for own in labels.values()]
        st.table(columns)


def _point(label: dict[str, Any], rule: str) -> list[float]:
    threshold = label["thresholds"][rule]
    point: list[float] = min(label["curve"], key=lambda point: abs(point[0] - threshold))
    return point


st.title("Models", anchor=False)
cards = models.catalogue()
if not cards:
    st.info("The catalogue is empty: no network has been trained yet.")
for card in cards.values():
    with st.container(border=True):
        st.subheader(card.title, anchor=False)
        loaded = models.is_loaded(card.name)
        st.badge("in memory" if loaded else "loaded on first use", color=("gray", "green")[loaded])
        st.write(card.description)
        size = models.weights_path(card.name).stat().st_size / 1e6
        st.markdown(
            f"- **Task:** {card.task}\n- **Data:** {card.data}\n- **Split:** {card.split}\n"
            f"- **Size:** {card.parameters:,} parameters, {size:.2f} MB\n"
            f"- **Licence:** {card.licence}"
        )
        st.caption("Trained with")
        st.code(card.command, language="bash", wrap_lines=True)
        st.caption(f"SHA-256 of {card.name}.safetensors")
        st.code(card.sha256, language=None, wrap_lines=True)
        with st.expander("Measured figures"):
            _figures({key: value for key, value in card.figures.items() if key != "reliability"})
            _reliability(card)
        if card.decision:
            with st.expander("How its outputs become an answer"):
                if card.task == "diagnosis":
                    _thresholds(card.decision)
                else:
                    _figures(card.decision)
