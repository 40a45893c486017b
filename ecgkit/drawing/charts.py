"""Charts as plotly figures: SNR out against SNR in, the DWT's levels, and calibration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ecgkit.denoising.noise_bench import Sweep
from ecgkit.drawing.style import NOT_A_DEVICE, STYLES

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

_DASHES = {
    "aprcnn": "solid",
    "dwt": "dash",
    "dwt_baseline": "dashdot",
    "bandpass": "dot",
    "autoencoder": "longdash",
}
_SYMBOLS = {
    "aprcnn": "circle",
    "dwt": "square",
    "dwt_baseline": "diamond",
    "bandpass": "triangle-up",
    "autoencoder": "x",
}


def snr_curves(curves: Sweep, *, dark: bool = False) -> Figure:
    """Return SNR out against SNR in, with the line on which a method changes nothing."""
    from plotly.graph_objects import Figure, Scatter

    figure = Figure()
    ends = [min(curves.snr_in), max(curves.snr_in)]
    grey = STYLES["input"].dark if dark else STYLES["input"].light
    figure.add_trace(
        Scatter(x=ends, y=ends, mode="lines", name="unchanged", line={"color": grey, "width": 1})
    )
    for key, values in curves.snr_out.items():
        style = STYLES[key]
        figure.add_trace(
            Scatter(
                x=curves.snr_in,
                y=values,
                mode="lines+markers",
                name=curves.labels[key],
                line={"color": style.dark if dark else style.light, "dash": _DASHES[key]},
                marker={"symbol": _SYMBOLS[key], "size": 8},
                hovertemplate="in %{x:.1f} dB, out %{y:.1f} dB<extra>%{fullData.name}</extra>",
            )
        )
    return _finished(figure, "SNR in (dB)", "SNR out (dB)")


def level_chart(
    levels: Sequence[int], bands: Sequence[str], snr: Sequence[float], *, dark: bool = False
) -> Figure:
    """Return the SNR that DWT thresholding reaches with each decomposition level.

    Parameters
    ----------
    bands
        What frequencies each level adds, as text under its number.
    """
    from plotly.graph_objects import Figure, Scatter

    style = STYLES["dwt"]
    figure = Figure(
        Scatter(
            x=[f"{level}<br>{band}" for level, band in zip(levels, bands, strict=True)],
            y=list(snr),
            mode="lines+markers+text",
            text=[f"{value:.2f}" for value in snr],
            textposition="top center",
            line={"color": style.dark if dark else style.light, "dash": "dash"},
            marker={"symbol": "square", "size": 8},
            cliponaxis=False,
            hovertemplate="level %{x}: %{y:.2f} dB<extra></extra>",
        )
    )
    figure.update_layout(showlegend=False)
    return _finished(figure, "Decomposition level, and the band that it adds (Hz)", "SNR out (dB)")


def reliability_chart(
    counts: Sequence[int], said: Sequence[float], right: Sequence[float], *, dark: bool = False
) -> Figure:
    """Return the share of right answers against the probability said.

    Parameters
    ----------
    counts, said, right
        For each bin of probabilities: recordings, mean probability of the answer, and the share of
        them that was right.
    """
    from plotly.graph_objects import Figure, Scatter

    style, grey = STYLES["aprcnn"], STYLES["input"]
    figure = Figure()
    line = {"color": grey.dark if dark else grey.light, "width": 1, "dash": "dash"}
    figure.add_trace(Scatter(x=[0, 1], y=[0, 1], mode="lines", name="said = right", line=line))
    figure.add_trace(
        Scatter(
            x=list(said),
            y=list(right),
            mode="lines+markers",
            name="measured; larger with more recordings",
            customdata=list(counts),
            line={"color": style.dark if dark else style.light},
            marker={"size": [6 + min(20.0, count**0.5 / 2) for count in counts]},
            cliponaxis=False,
            hovertemplate="said %{x:.2f}, right %{y:.2f}, %{customdata} recordings<extra></extra>",
        )
    )
    figure = _finished(figure, "Probability said", "Share right")
    figure.update_xaxes(range=[0, 1.02])
    return figure.update_yaxes(range=[0, 1.02])


def _finished(figure: Figure, x: str, y: str) -> Figure:
    figure.update_layout(
        height=380,
        margin={"l": 50, "r": 10, "t": 20, "b": 90},
        xaxis={"title": x, "zeroline": False},
        yaxis={"title": y, "zeroline": False},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        annotations=[
            {
                "text": NOT_A_DEVICE.partition(".")[0],
                "xref": "paper",
                "yref": "paper",
                "x": 1,
                "y": 0,
                "xanchor": "right",
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 10, "color": "gray"},
            }
        ],
    )
    return figure
