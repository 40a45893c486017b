"""How paper is bent: a smooth field of small distances, and its fit to what was measured in cells.

Bends of paper are gentle but for creases, so that second differences between neighbouring cells
are small but for a few. Cells where nothing could be read follow from those around them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.linalg import solveh_banded
from scipy.ndimage import map_coordinates

from ecgkit.digitization.rectification.settings import PaperBendSettings
from ecgkit.paper.geometry import transform

Values = NDArray[np.float64]

SETTINGS = PaperBendSettings()


@dataclass(frozen=True, eq=False)
class Bend:
    """Displacements at the nodes of a regular lattice.

    Attributes
    ----------
    values
        float64, shape (rows, columns, 2): displacement at each node, in the unit of the points.
    to_nodes
        float64, shape (3, 3): from points to the lattice, its nodes at whole numbers.
    """

    values: Values
    to_nodes: Values

    def at(self, points: Values) -> Values:
        """Return the displacement of points of shape (…, 2); beyond the lattice that of its rim."""
        nodes = transform(self.to_nodes, points)
        place = (nodes[..., 1], nodes[..., 0])
        layers = [
            map_coordinates(self.values[..., axis], place, order=1, mode="nearest")
            for axis in (0, 1)
        ]
        return np.stack(layers, axis=-1)

    def seen_from(self, matrix: Values) -> Bend:
        """Return the same field for points that an affine map brings to this one's."""
        back = np.linalg.inv(matrix[:2, :2])
        return Bend(self.values @ back.T, np.asarray(self.to_nodes @ matrix, np.float64))


def smooth_field(shift: Values, precision: Values, cell: float, *, hold: bool = True) -> Values:
    """Return a smooth field near the shifts read in cells.

    Parameters
    ----------
    shift
        Shape (rows, columns), in mm.
    precision
        1 over the square of each one's standard error in mm; 0 where unknown.
    cell
        From cell to cell, in mm.
    hold
        Whether the field levels off where nothing is known, rather than going on as it does at
        the edge of what is known.
    """
    rows, columns = shift.shape
    across = columns > rows  # the band of the equations is as wide as the shorter side
    if across:
        return np.asarray(smooth_field(shift.T, precision.T, cell, hold=hold).T)
    if min(rows, columns) < 3 or not precision.any():
        return np.zeros_like(shift)
    curves, slopes = _differences(rows, columns)
    weight = precision.ravel() / (1 + precision.ravel() * SETTINGS.least_error**2)
    wanted = shift.ravel()
    usual = 1 / (SETTINGS.curvature * cell**2) ** 2
    steepness = SETTINGS.slope if hold else SETTINGS.free_slope
    level = (slopes.T @ slopes) / (steepness * cell) ** 2
    trust, bent = weight, np.full(curves.shape[0], usual)
    found = np.zeros_like(wanted)
    for _ in range(SETTINGS.rounds):
        matrix = sparse.diags(trust) + level + curves.T @ sparse.diags(bent) @ curves
        found = _solve_banded(matrix, trust * wanted, 2 * columns)
        trust = weight / (1 + (found - wanted) ** 2 * weight / 9)
        bent = usual / (1 + (curves @ found) ** 2 * usual / 4)
    return found.reshape(shift.shape)


def _differences(rows: int, columns: int) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    """Return the second differences and the first ones between neighbouring cells."""

    def step(count: int, order: int) -> sparse.csr_matrix:
        values = ([-1.0, 1.0], [1.0, -2.0, 1.0])[order - 1]
        return sparse.diags(
            values, list(range(order + 1)), shape=(count - order, count), format="csr"
        )

    down, along = sparse.identity(rows), sparse.identity(columns)
    curves = sparse.vstack(
        [
            sparse.kron(step(rows, 2), along),
            sparse.kron(down, step(columns, 2)),
            np.sqrt(2) * sparse.kron(step(rows, 1), step(columns, 1)),
        ],
        format="csr",
    )
    slopes = sparse.vstack(
        [sparse.kron(step(rows, 1), along), sparse.kron(down, step(columns, 1))], format="csr"
    )
    return curves, slopes


def _solve_banded(matrix: sparse.spmatrix, right: Values, width: int) -> Values:
    entries = sparse.triu(matrix, format="coo")
    band = np.zeros((width + 1, len(right)))
    band[width + entries.row - entries.col, entries.col] = entries.data
    return np.asarray(solveh_banded(band, right), np.float64)
