"""The numbers that tune each stage of the tracing, with their units and reasons.

One frozen dataclass a stage, made once as ``SETTINGS`` in the stage's own module. Lengths in px are
those of a page rectified to 5 px/mm.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class InkSettings:
    """What counts as ink in a page's picture (:mod:`.ink`)."""

    sure_trace: float = 0.6
    """Probability from which a pixel of the mask surely is trace: the darkness of traces is
    taken there."""
    usual_contrast: float = 80.0
    """In grey levels: how much darker than the paper traces are, where none is surely seen."""
    least_contrast: float = 24.0
    """In grey levels: fainter traces are no measure, as noise would be ink."""
    share: float = 0.5
    """A pixel is ink from this share of the traces' contrast on: half of it is where edges lie."""


@dataclass(frozen=True)
class RowSettings:
    """Where the rows of a page run (:mod:`.rows`)."""

    trace_probability: float = 0.4
    """A pixel of the mask from this probability on is trace; below one half, as faint lines
    break else."""
    steep_stroke: int = 11
    """In px: runs of ink at least so tall are strokes of a QRS complex, not of a baseline."""
    window: int = 80
    """In px: width of the windows (0.64 s at 25 mm/s) in which bends of the paper are followed."""
    most_drift: int = 5
    """In px: how far all rows may rise or fall from one window to the next."""
    comb_step: int = 2
    """In px: the comb of rows is looked for at this resolution."""
    least_spacing: int = 36
    """In px: distance of neighbouring rows, 7 mm at least."""
    most_spacing: int = 400
    """In px: distance of neighbouring rows, 80 mm at most."""
    off_comb: float = 0.2
    """A row lies no farther off the even comb, in distances of rows."""
    row_cost: float = 0.22
    """A row costs this share of the fullest row's ink: less is no row."""
    usual_counts: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 12)
    """How many rows pages have as a rule, rhythm strips included."""
    unusual_count: float = 0.85
    """What a comb with another number of rows is worth, as a factor."""


@dataclass(frozen=True)
class PathSettings:
    """How a row's trace is followed through the ink of the mask (:mod:`.trace_path`)."""

    most_runs: int = 40
    """Runs of ink in one column that are looked at; bounds memory and time."""
    most_jump_cost: float = 2.0
    """Cost of any jump, so that one lead may end and the next begin anywhere."""
    jump_cost: float = 0.05
    """Cost of a px between the ink of neighbouring columns."""
    distance_cost: float = 0.3
    """Cost of a column whose ink lies a whole row away from the baseline."""
    gap_cost: float = 0.25
    """Cost of a column without ink."""
    lift_cost: float = 0.6
    """Cost of lifting the pen or of setting it down."""
    faint_cost: float = 0.15
    """Cost of ink of probability 0, against that of probability 1."""
    edge_reach: int = 2
    """In px: the soft edge of ink reaches so far beyond it, and into it."""
    least_island: int = 25
    """In columns: less ink apart from any other is a speck."""
    most_island_gap: int = 10
    """In columns: ink that lies farther from other ink is apart from it."""
    stroke: int = 5
    """In px: vertical strokes at least so tall are closed where they are broken."""
    most_break: int = 15
    """In px: shorter breaks of a stroke are closed."""
    closed_probability: float = 0.5
    """Probability of trace that closed breaks are given; just above that of ink."""


@dataclass(frozen=True)
class CrossingSettings:
    """Whose ink it is where two traces cross (:mod:`.crossings`)."""

    tall: float = 3.0
    """In pens: taller ink is a stroke, not a line."""
    short: int = 4
    """In columns: a shorter shared stretch is passed over straight, whatever its height."""


@dataclass(frozen=True)
class CenterlineSettings:
    """From ink to the line that the pen drew (:mod:`.centerline`)."""

    bridged_confidence: float = 0.3
    """Factor of confidence for a sample that bridges a gap."""
    most_bridge: int = 6
    """In px: shorter gaps are bridged, as a trace is often broken for less than 50 ms."""
    crossed_confidence: float = 0.6
    """Factor of confidence for a sample where two traces cross."""
    points_per_px: int = 4
    """Points of a line in a px: a pen is drawn in quarters of a px."""
    drift_step: int = 30
    """In px: at every so many the height that rows share is measured."""
    least_drift: float = 18.0
    """In px: less common drift is not told from what leads have in common."""
    blend: float = 0.6
    """Width of the soft change between upper and lower outline, in shares of their lead."""
    rounds: int = 2
    """How often the line is drawn and read anew."""
    margin: float = 18.0
    """In px: room around the line that is drawn anew."""
    profile_reach: int = 4
    """In px: how far across a flat line its blur is measured."""
    level_window: int = 75
    """In px: the level of a trace is its running median over so many (0.6 s at 25 mm/s)."""
    level_step: int = 3
    """In px: at every so many the level is computed."""


@dataclass(frozen=True)
class ColumnSettings:
    """Where one lead ends and the next begins (:mod:`.columns`)."""

    full_jump: float = 6.0
    """In px: a jump without ink of this height is surely a boundary."""
    most_gap: int = 25
    """In px: a longer gap is missing ink, not the gap between two leads."""
    reach: int = 4
    """In px: a boundary may lie so far off the even columns."""
    most_late: float = 30.0
    """In px: how far the first column may begin behind where traces are seen."""
    most_early: float = 100.0
    """In px: how far the first column may begin before it, as pages are cut off."""
    stretch: float = 0.05
    """How much wider or narrower than the traces' extent columns may be, as a share."""
    off_cost: float = 2.0
    """Cost of columns that lie off the traces' ends, per column's width."""
    usual_width: float = 250.0
    """In mm: width of all columns together, 10 s at 25 mm/s."""
    usual_bonus: float = 0.1
    """What it counts that all columns together have the usual width."""
    seen: float = 0.3
    """A boundary that shows so much is taken from the traces, not from the even columns."""
    faded_end: float = 0.35
    """In px: how much of a trace's end a mask misses, in the middle of many pages."""


@dataclass(frozen=True)
class LayoutSettings:
    """How layouts are weighed against what a page shows (:mod:`.layout_detection`)."""

    boundary: float = 1.0
    """What a boundary that shows in all rows counts."""
    label: float = 0.5
    """What a lead label that is read counts."""
    law: float = 0.6
    """What a law of the limb leads that holds counts."""
    hidden_boundary: float = 0.1
    """What a boundary costs that is not seen: the simpler layout wins."""
    cabrera: float = 0.3
    """What Cabrera's order costs, as it is rare."""
    other_label: float = 0.6
    """What another label in a lead's place costs, as a factor of ``label``."""
    stray_label: float = 0.5
    """What a label costs where none should stand, as a factor of ``label``."""
    missing_label: float = 0.4
    """What a label costs that is missing where other columns show theirs, as a factor of
    ``label``."""
    label_before: float = 8.0
    """In px: a label may begin so far before its column's left end."""
    label_after: float = 24.0
    """In px: a label may begin so far behind its column's left end."""
    label_beside: float = 75.0
    """In px: a label may begin so far before the first column, where it stands beside the row."""
    label_reach: float = 0.55
    """How far above or below its row a label may stand, in distances of rows."""
    read: float = 0.35
    """A label is taken as read from this score on."""
    similar: float = 0.7
    """A rhythm strip must be so similar to a lead to show it."""
    rare_strip: float = 0.3
    """What a limb lead other than II costs as a rhythm strip, as it is seldom one."""


@dataclass(frozen=True)
class LabelSettings:
    """How lead labels are matched (:mod:`.lead_label_matching`)."""

    least_height: int = 6
    """In px: height of a letter at least."""
    most_height: int = 22
    """In px: height of a letter at most."""
    most_width: int = 70
    """In px: width of a label at most."""
    template_height: int = 16
    """In px: height to which labels and templates are brought."""
    template_width: int = 32
    """In px: width to which labels and templates are brought."""
    template_edge: int = 2
    """In px: empty edge around them, so that blur does not end at the letters."""
    drawn_size: int = 48
    """In px: size at which templates are drawn before they are brought to theirs."""
    aspect_cost: float = 0.5
    """Likeness lost by a label that is e times too wide."""
    most_letters: int = 2000
    """Letters that are looked at; bounds time on pages full of text."""
    least_likeness: float = 0.55
    """Likeness (correlation) that says nothing."""
    sure_likeness: float = 0.85
    """Likeness (correlation) that says all."""


@dataclass(frozen=True)
class PulseSettings:
    """How calibration pulses are found (:mod:`.calibration_pulses`)."""

    gains: tuple[float, ...] = (5.0, 10.0, 20.0)
    """In mm/mV: what pages are printed at, and a pulse's height in mm."""
    widths: tuple[float, ...] = (2.5, 5.0, 10.0)
    """In mm: 0.1 or 0.2 s at 25 mm/s, 0.2 s at 50 mm/s."""
    edge_share: float = 0.22
    """Pulses lie within this share of the page's width from its left or right edge."""
    height_slack: float = 0.06
    """A pulse may be so much taller or lower than it should, as a share."""
    foot: int = 7
    """In px: length of the feet that are looked for beside a pulse."""
    air: int = 4
    """In px: beyond its corners a pulse's strokes must end within so many."""
    thickness: int = 3
    """In px: what is left out beside a stroke, as it may be so thick."""
    stroke_ink: float = 0.6
    """Share of a left stroke that must be ink before the rest is looked at."""
    most_rows: int = 13
    """Pulses at one place at most: more are the grid."""
    most_columns: int = 400
    """Columns that are looked at; bounds time on pages with a grid in the ink."""
    sure: float = 0.72
    """How much of its outline must be ink, on the average of several pulses."""
    sure_single: float = 0.85
    """How much of its outline must be ink of a pulse that stands alone."""


@dataclass(frozen=True)
class TimingSettings:
    """Whether columns show the same time (:mod:`.column_timing`)."""

    most_lag: int = 4
    """In px: how far two columns are shifted against each other to match."""
    same: float = 0.95
    """Mean correlation of columns, without a rhythm strip, from which they show the same time."""
    least_match: float = 0.45
    """Correlation with the rhythm strip's beginning below which they surely do not."""
    better: float = 0.15
    """By how much the strip's beginning must match better than what stands above."""
    smooth: float = 3.0
    """In px: standard deviation of the smoothing of steepness (24 ms at 25 mm/s)."""
