"""The numbers that tune each stage of the rectification, with their units and reasons.

One frozen dataclass a stage, made once as ``SETTINGS`` in the stage's own module. A box is the 5 mm
between two strong lines of the grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class GridSpectrumSettings:
    """How spectra speak for a grid's period and direction (:mod:`.grid_spectrum`)."""

    ink: float = 0.6
    """A pixel is of a trace or of text from this share of the darkness of ink around it on."""
    palest_ink: float = 0.4
    """Ink is nowhere taken to be paler than this share of the picture's full darkness."""
    ink_surroundings: int = 41
    """In quarters of a px: side of the square in which the darkness of ink is measured, as ink in
    shadow or out of focus is paler than elsewhere."""
    most_ink: float = 0.1
    """Share of the picture; where more is dark it is the grid, and nothing is left out."""
    speck: int = 6
    """In px: what is dark and shorter may be a dot of the grid."""
    most_block: float = 0.08
    """In units of the channel: what repeats every 8 px is taken away up to this strength, as the
    blocks of JPEG are faint and a grid is not."""
    tile: int = 256
    """In px: side of a tile and of its spectrum."""
    most_turn: float = 32.0
    """In degrees: how far a page may be turned from the nearest quarter turn."""
    turn_step: float = 1.0
    """In degrees: from one candidate direction to the next."""
    widest_box: float = 110.0
    """In px: width of a box at most."""
    narrowest_box: float = 8.0
    """In px: width of a box at least."""
    period_step: float = 0.015
    """From one candidate period to the next, as a logarithm."""
    radii: int = 512
    """Points from a spectrum's middle to its edge at which it is sampled in each direction."""
    peak_floor: float = 0.05
    """Share of the strong peaks' power; what is weaker does not make valleys between them."""
    tile_turns: int = 7
    """In candidate directions: the window in which tiles of one picture may differ, as perspective
    turns their lines."""
    tile_periods: int = 9
    """In candidate periods: the window in which tiles of one picture may differ, as perspective
    makes far boxes smaller."""
    same_period: int = 7
    """In candidate periods: nearer than this a period is the same."""
    starts: tuple[int, int] = (3, 2)
    """Starts that are taken from the comb of all multiples, and from that of the 1 mm lines."""
    usual_width: float = 240.0
    """In mm: how much paper pictures show along their longer side."""
    width_spread: float = 0.9
    """Standard deviation of the logarithm of that width: it only tells multiples of a period
    apart."""


@dataclass(frozen=True)
class GridSearchSettings:
    """How homographies are drawn around a start (:mod:`.grid_search`).

    A homography's six numbers: the logarithms of frequency and of its ratio between the two
    families of lines; the angle, and how much more one family is turned, in radians; the slopes of
    depth along x and y, over half the picture's longer side.
    """

    rounds: int = 7
    """Rounds of drawing, each around the best of the one before."""
    drawn: int = 72
    """Homographies that are drawn in a round."""
    narrowing: float = 0.6
    """Factor by which draws lie closer from one round to the next."""
    steps: tuple[float, ...] = (0.05, 0.06, 0.05, 0.04, 0.12, 0.12)
    """Standard deviations of the six numbers in the first round."""
    usual_spread: tuple[float, ...] = (inf, 0.06, inf, 0.06, 0.25, 0.25)
    """Standard deviations of the six numbers among photos, which hold the search back; a photo's
    frequency and angle may be any."""
    coarse_rounds: int = 3
    """First rounds, in which peaks are blurred more, so that a draw that is a little off meets
    them."""
    coarse_blur: float = 1.8
    """In px of the spectrum: standard deviation of the blur in the first rounds."""
    fine_blur: float = 0.8
    """In px of the spectrum: standard deviation of the blur in the last rounds."""
    same_grid: float = 0.05
    """Two homographies whose scales and directions differ by less, as a share, show one grid."""


@dataclass(frozen=True)
class GridPhaseSettings:
    """How shifts of the grid are read in cells (:mod:`.grid_phase`)."""

    stretch: float = 20.0
    """In mm: the stretch in which waves are told from those half way between."""
    shifts: int = 25
    """Shifts that are compared, over one box: 0.2 mm apart."""
    usual_bend: float = 0.04
    """In mm for each mm: how much shifts usually change from cell to cell, as paper bends."""
    most_jump_cost: float = 8.0
    """In nats: no jump between cells costs more, as paper may be creased or torn."""
    own_share: float = 0.25
    """Share of its evidence that a cell brings alone, as cells overlap."""
    usual_strength: float = 0.75
    """Quantile of the cells' power above which none counts more: separators are lines too."""
    least_lead: float = 2.0
    """In nats: a cell whose next likely shift is nearer is not used."""
    same_shift: float = 0.45
    """In mm: shifts nearer than this are the same, and not the next likely one."""
    newton_rounds: int = 3
    """Rounds of Newton's method from a compared shift to the summit beside it."""


@dataclass(frozen=True)
class GridFitSettings:
    """From guesses to the one map that lays the grid straight (:mod:`.grid_fit`)."""

    px_per_mm: int = 5
    """Resolution of the flat picture in which shifts are read."""
    first_cell: float = 7.0
    """In mm: side of cells as long as the bend is little known."""
    last_cell: float = 5.0
    """In mm: side of cells in the last reading."""
    least_side: float = 20.0
    """In mm: a picture that shows less paper along a side holds no grid to measure."""
    most_side: float = 700.0
    """In mm: a picture that would show more paper along a side is seen at a wrong period."""
    worth_trying: float = 0.45
    """Share of the best guess's score from which on a guess is tried."""
    worth_fine_lines: float = 0.8
    """Share of the best guess's score from which on a guess is tried by the 1 mm lines alone."""
    most_correction: float = 0.08
    """How far a guess's scale may be wrong, as a logarithm: else it was another grid."""
    least_cells: int = 12
    """Cells that must be read in each family of lines."""
    most_passes: int = 5
    """Readings with cells of the first size, at most."""
    nearly_all: float = 0.93
    """Share of cells read from which on there is nothing to win with cells of the first size."""
    least_gain: float = 1.03
    """Factor by which the cells read must grow in a pass for another one of the first size."""
    beyond_doubt: float = 4.0
    """Evidence from which on no other guess is tried."""
    lasting: float = 0.8
    """Share of its evidence that a true grid keeps when it is read again; the evidence of a wrong
    multiple of the period falls apart."""
    usual_width: float = 240.0
    """In mm: how much paper pictures show along their longer side."""
    width_spread: float = 0.45
    """Standard deviation of the logarithm of that width."""
    width_weight: float = 1.0
    """In evidence: what an unusual width costs, for half the square of its standard deviations."""
    least_evidence: float = 0.4
    """Evidence of the weaker family of lines; pictures without a grid have less."""
    least_bend: float = 0.05
    """In mm: a smaller bend, in mean, is not worth bending a picture for."""


@dataclass(frozen=True)
class PaperBendSettings:
    """How smooth the bend of paper is (:mod:`.paper_bend`)."""

    curvature: float = 0.0012
    """Per mm: how fast the slope of a shift usually changes along the paper."""
    slope: float = 0.06
    """In mm for each mm: how steep shifts usually are; levels the field off where nothing is
    known."""
    free_slope: float = 1.0
    """In mm for each mm: as ``slope``, where the field may go on as it does at the edge of what is
    known."""
    least_error: float = 0.06
    """In mm: read shifts are no better than this, whatever the clearness of lines."""
    rounds: int = 3
    """Rounds of the fit, each trusting outliers and creases less."""


@dataclass(frozen=True)
class OrientationSettings:
    """What tells which way up a page lies (:mod:`.orientation`)."""

    px_per_mm: float = 2.5
    """Resolution at which ink is looked at: enough for traces, and fast."""
    line_stretch: float = 45.0
    """In mm: what is dark in most of a stretch so long is a line of the grid."""
    pulse_foot: float = 1.5
    """In mm: length of the feet beside a calibration pulse."""
    pen: float = 0.6
    """In mm: width of the line that pulses are drawn with."""
    pulse_edge: float = 0.22
    """Pulses stand within this share of the page's width from its left or right edge."""
    lying_weights: tuple[float, float] = (2.0, 4.5)
    """Weights of the features that tell quarter turns, by logistic regression on drawn pages."""
    head_weights: tuple[float, float] = (16.0, 0.15)
    """Weights of the features that tell a page on its head, by logistic regression on drawn
    pages."""
    usually_up: float = 2.5
    """In nats: what speaks against a page on its head beforehand, as few are sent so."""
    stroke: float = 3.0
    """In mm: upright ink at least so tall is a stroke of a QRS complex."""
    flat: float = 2.4
    """In mm: level ink at least so long is a flat part of a trace."""
    stroke_reach: float = 7.0
    """In mm: how far beside a stroke its flat parts are looked for."""


@dataclass(frozen=True)
class RectifySettings:
    """How a page is cut out, and what is said of it (:mod:`.rectify`)."""

    measured_side: int = 1400
    """In px: longer side of the picture that the grid is measured in."""
    clear_evidence: float = 4.0
    """Evidence of a grid that is beyond doubt."""
    margin: float = 25.0
    """In mm: paper that is kept around the grid that was seen."""
    least_side: float = 25.0
    """In mm: no page is smaller."""
    most_side: float = 600.0
    """In mm: no page is larger."""
    told_bend: float = 0.5
    """In mm: a larger bend, in mean, is told of."""
    sure: float = 0.8
    """Confidence below which scale or direction should be checked."""


@dataclass(frozen=True)
class RowLengthSettings:
    """How rows of traces give the scale (:mod:`.row_length_scale`)."""

    length: float = 250.0
    """In mm: how long a row of traces is held to be."""
    first_side: float = 290.0
    """In mm: longer side of the photo in the first round, as little is shown around the rows."""
    rounds: int = 4
    """Rounds in which the scale may settle."""
    settled: float = 1.03
    """A round that changes the scale by a smaller factor is the last but one."""
    least_rows: int = 2
    """Rows below which a picture shows no ECG: one may be any line."""
    least_seen: float = 0.8
    """Share of the rows' columns with ink below which a picture shows no ECG."""
