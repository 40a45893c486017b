"""The homography that suits what was read of a grid's upright and level lines."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgkit.paper.geometry import transform

Values = NDArray[np.float64]


def fit_homography(
    sides: list[tuple[Values, Values, Values]], start: Values, shape: tuple[int, ...]
) -> Values:
    """Fit where upright lines should lie along x, and level ones along y.

    Each round solves the linear equations, divided by the depth of the round before, and trusts
    far cells less.
    """
    height, width = shape[:2]
    half = max(height, width) / 2
    shrink = np.array(
        [[1 / half, 0, -width / 2 / half], [0, 1 / half, -height / 2 / half], [0, 0, 1]]
    )
    plane = start @ np.linalg.inv(shrink)
    plane /= plane[2, 2]
    for _ in range(8):
        blocks, targets = [], []
        for axis, (points, wanted, weight) in enumerate(sides):
            at = transform(shrink, points)
            depth = at @ plane[2, :2] + 1
            now = (at @ plane[axis, :2] + plane[axis, 2]) / depth
            distance = now - wanted
            scale = max(1.5 * float(np.median(np.abs(distance))), 0.05)
            trust = np.sqrt(weight / (1 + (distance / scale) ** 2)) / depth
            block = np.zeros((len(at), 8))
            block[:, 3 * axis : 3 * axis + 2] = at
            block[:, 3 * axis + 2] = 1
            block[:, 6:] = -wanted[:, None] * at
            blocks.append(block * trust[:, None])
            targets.append(wanted * trust)
        # A little pull towards a level look keeps a narrow strip from tilting wildly.
        blocks.append(np.concatenate([np.zeros((2, 6)), 3.0 * np.eye(2)], axis=1))
        targets.append(np.zeros(2))
        solved = np.linalg.lstsq(np.concatenate(blocks), np.concatenate(targets))[0]
        plane = np.array([[*solved[:3]], [*solved[3:6]], [*solved[6:], 1.0]])
    return np.asarray(plane @ shrink)
