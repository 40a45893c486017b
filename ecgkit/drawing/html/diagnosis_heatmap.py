"""Where on a page a network sees a label: a translucent heat over the rectified photo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.diagnosis.labels import LABELS
from ecgkit.digitization.rectification.rectify import Rectified
from ecgkit.drawing.html.templating import render
from ecgkit.drawing.images import ink_png
from ecgkit.paper.scale import PX_PER_MM

LEVELS = (0.25, 0.5, 0.75)
"""Shares of the greatest heat at which a line is drawn: what colour says, the lines say too."""
_COARSER = 4
"""Heat is smooth: a picture of it can be this many times smaller than the page."""

Heat = NDArray[np.floating]


def heat_layer(heat: Heat) -> tuple[str, str]:
    """Return a heat from 0 to 1 as what :func:`draw_evidence` lays over a page.

    Returns
    -------
    tuple[str, str]
        A data address of a picture whose opacity is the heat; and its lines, as an SVG path in px
        of the page.
    """
    height, width = heat.shape
    small = cv2.resize(
        heat.astype(np.float32),
        (max(1, width // _COARSER), max(1, height // _COARSER)),
        interpolation=cv2.INTER_AREA,
    )
    scale = np.array([width / small.shape[1], height / small.shape[0]])
    path = []
    for level in LEVELS:
        above = (small >= level).astype(np.uint8)
        outlines, _ = cv2.findContours(above, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
        for outline in outlines:
            points = (outline[:, 0] + 0.5) * scale
            path.append("M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in points) + "Z")
    return ink_png(np.clip(small, 0, 1), steps=64), "".join(path)


def draw_evidence(address: str, layer: tuple[str, str], page: Rectified, label: str) -> str:
    """Return the rectified page with the heat over it, and a slider that fades it, as HTML.

    Parameters
    ----------
    address
        The rectified page's copy for the browser.
    layer
        See :func:`heat_layer`.
    label
        A key of :data:`ecgkit.diagnosis.labels.LABELS`.
    """
    height, width = page.picture.shape[:2]
    ink, path = layer
    said = (
        f"Where the study's network sees {label} ({LABELS[label]}) on the rectified page, by "
        "Grad-CAM; lines at a quarter, a half and three quarters of the greatest evidence."
        if path
        else f"Nothing on the page speaks for {label} to the study's network."
    )
    return render(
        "evidence",
        address=address,
        ink=ink,
        path=path,
        width=width,
        height=height,
        mm=width / PX_PER_MM,
        said=said,
    )
