"""How each signal looks everywhere: colour for light and dark, line width and dash.

The colours are of Okabe and Ito's palette, which people with colour-blindness tell apart, darkened
or lightened to stand out on the paper. A signal also has its own dash and width, so that no one
needs the colour. The clean reference is a broad band beneath: what leaves it is an error.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from ecgkit.disclaimer import NOT_A_DEVICE as NOT_A_DEVICE

CAUTION = (
    "Denoising changes the signal: ST segments, voltages and small waves may differ from the "
    "recording. Read them from the recording itself."
)

RHYTHM_CAUTION = (
    "The networks know four rhythms and no other: paced, junctional, ventricular and all further "
    "rhythms get one of the four, or «uncertain». Probabilities are calibrated on recordings like "
    "those of the training; elsewhere they can be off. Read the tracing."
)


PAPER_CAUTION = (
    "Digitized from a picture: voltages, times and even lead names can be wrong, and what was "
    "hidden is missing. Check every lead against the paper."
)

DIAGNOSES_CAUTION = (
    "NOT A MEDICAL DEVICE: nothing here is a diagnosis of a person. Each label is asked alone and "
    "held against its own threshold. Sensitivity and specificity are cross-validated on drawn "
    "pages of PTB-XL recordings; on other pages, devices and people they can be worse. Read the "
    "tracing."
)


@dataclass(frozen=True)
class Style:
    """The line of one signal.

    Attributes
    ----------
    light, dark
        Stroke colour on light and on dark paper.
    width
        Line width in mm.
    dash
        Lengths in mm of dashes and gaps in turn; a solid line where empty.
    """

    light: str
    dark: str
    width: float
    dash: tuple[float, ...] = ()

    @property
    def dash_text(self) -> str:
        """The dash as SVG writes it, in mm."""
        return " ".join(f"{length:g}" for length in self.dash)


STYLES = {
    "tracing": Style("#1d1b1a", "#f1eeea", 0.3),
    "doubtful": Style("#c24a00", "#ff9a4d", 0.4, (0.6, 0.5)),
    "input": Style("#85878f", "#8f939c", 0.22),
    "reference": Style("#a9c3de", "#3d5a78", 1.1),
    "aprcnn": Style("#0063a6", "#56b4e9", 0.45),
    "dwt": Style("#c24a00", "#ff9a4d", 0.4, (3.0, 0.8)),
    "dwt_baseline": Style("#7a4b00", "#e6c229", 0.4, (3.0, 0.8, 0.7, 0.8)),
    "bandpass": Style("#00795a", "#2fd6a5", 0.4, (1.2, 0.7)),
    "autoencoder": Style("#9b3f80", "#e39ac8", 0.45, (0.5, 0.7)),
}
"""Signal key to line. Plain signals first; then one a method."""

PAPER = {  # name: (light, dark)
    "paper": ("#fffdfc", "#191716"),
    "minor": ("#f4d5cf", "#30282b"),
    "major": ("#e3a59b", "#574040"),
    "ink": ("#2b2523", "#e8e2de"),
    "shade": ("#0063a6", "#56b4e9"),
    "now": ("#d39b00", "#e6c229"),
    "for": ("#c24a00", "#ff9a4d"),
    "against": ("#0063a6", "#56b4e9"),
}
"""The paper and what is marked on it: the chosen second, what speaks for a class and against it."""

CLASSES = {  # name: (light, dark)
    "SB": ("#0063a6", "#56b4e9"),
    "AFIB": ("#c24a00", "#ff9a4d"),
    "GSVT": ("#9b3f80", "#e39ac8"),
    "SR": ("#00795a", "#2fd6a5"),
    "uncertain": ("#5f6368", "#a5abb3"),
    "chip": ("#ffffff", "#14171a"),
}
"""Rhythm class to colour; ``"chip"`` is for text on them. Each always stands with its name."""


def variable(name: str) -> str:
    """Return the CSS colour of a signal or a part of the paper; light where nothing else is set."""
    light = STYLES[name].light if name in STYLES else (PAPER | CLASSES)[name][0]
    return f"var(--ecg-{name},{light})"


def dark_variables() -> str:
    """Return the CSS declarations that turn every drawing dark."""
    colours = {name: style.dark for name, style in STYLES.items()}
    colours |= {name: dark for name, (_, dark) in (PAPER | CLASSES).items()}
    return "".join(f"--ecg-{name}:{colour};" for name, colour in colours.items())


def swatch(key: str) -> str:
    """Return a short piece of a signal's line as inline SVG: the table's legend."""
    style = STYLES[key]
    return (
        '<svg class="swatch" viewBox="0 0 12 3" width="42" height="10" aria-hidden="true">'
        f'<path d="M0 1.5H12" fill="none" stroke="{variable(key)}" '
        f'stroke-width="{2 * style.width:g}" stroke-dasharray="{style.dash_text}"/></svg>'
    )


def chip(label: str) -> str:
    """Return a rhythm class's name on its colour, as HTML; dashed where it is «uncertain»."""
    dashed = " unsure" if label == "uncertain" else ""
    return (
        f'<span class="chip{dashed}" style="background:{variable(label)};'
        f'color:{variable("chip")}">{escape(label)}</span>'
    )
