"""Methods side by side on one window: outcomes, scores and residuals as one value."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ecgkit.arguments import checked_recording
from ecgkit.denoising.base import Method
from ecgkit.processing import metrics
from ecgkit.processing.metrics import Metrics
from ecgkit.recording import Recording, RecordingError

if TYPE_CHECKING:
    import pandas as pd

CONTEXT = 5.0
"""Seconds before and after a window that a method sees with it."""


@dataclass(frozen=True)
class Window:
    """A stretch of time in seconds."""

    start: float
    stop: float

    def widened(self, duration: float, context: float = CONTEXT) -> Window:
        """Return the window with its context, as far as a recording of this duration goes."""
        return Window(max(0.0, self.start - context), min(duration, self.stop + context))

    def inside(self, wide: Window, fs: float) -> Window:
        """Return the same stretch as seen from a recording cut to ``wide``, to the sample."""
        shift = round(wide.start * fs) / fs
        return Window(self.start - shift, self.stop - shift)

    def cut(self, recording: Recording) -> Recording:
        """Return the recording's part in this window."""
        return recording.window(self.start, self.stop)


@dataclass(frozen=True)
class Outcome:
    """What a method made of a window.

    Attributes
    ----------
    key
        The signal's key in :data:`ecgkit.drawing.style.STYLES`.
    recording
        The visible window, without the context.
    seconds
        Time that the method took, context included; None for a signal that no method made.
    """

    key: str
    label: str
    recording: Recording
    seconds: float | None = None


@dataclass(frozen=True)
class Score:
    """How near an outcome is to the reference's same window: over all leads and lead by lead."""

    outcome: Outcome
    reference: Recording

    @cached_property
    def overall(self) -> Metrics:
        """The metrics over all leads."""
        return metrics.compare(self.outcome.recording.signal, self.reference.signal)

    @cached_property
    def by_lead(self) -> list[Metrics]:
        """The metrics of each lead."""
        return metrics.compare_leads(self.outcome.recording.signal, self.reference.signal)


def denoise_window(key: str, method: Method, wide: Recording, inner: Window) -> Outcome:
    """Denoise a stretch with its context, time it, and keep the inner window."""
    begin = time.perf_counter()
    result = method.denoise(wide)
    seconds = time.perf_counter() - begin
    return Outcome(key, method.label, inner.cut(result), seconds)


def matching_reference(recording: Recording, reference: Recording) -> Recording:
    """Return the reference with the recording's leads in its order.

    Raises
    ------
    RecordingError
        Where sampling frequency, length or leads differ.
    """
    problem = ""
    missing = [lead for lead in recording.leads if lead not in reference]
    if abs(reference.fs - recording.fs) > 1e-6 * recording.fs:
        problem = f"has a sampling frequency of {reference.fs:g} Hz, not {recording.fs:g} Hz"
    elif reference.n_samples != recording.n_samples:
        problem = f"has {reference.n_samples:,} samples a lead, not {recording.n_samples:,}"
    elif missing:
        problem = f"lacks the leads {', '.join(missing)}"
    if problem:
        raise RecordingError(
            problem,
            where=f"The clean reference {reference.name}",
            remedy="It must be the same recording as the noisy trace, sample for sample.",
        )
    return reference.select(recording.leads)


@dataclass(frozen=True)
class Agreement:
    """How far a recording is from its clean reference.

    Attributes
    ----------
    overall
        The metrics over all leads.
    by_lead
        Lead -> its own metrics, in the output's order.
    """

    overall: Metrics
    by_lead: Mapping[str, Metrics]

    @property
    def snr_db(self) -> float:
        """Signal-to-noise ratio in dB over all leads."""
        return self.overall.snr_db

    def __repr__(self) -> str:
        count = len(self.by_lead)
        return (
            f"<Agreement: SNR {self.overall.snr_db:.2f} dB, RMSE {self.overall.rmse:.4g} mV, "
            f"correlation {self.overall.pearson:.3f}; {count} lead{'s' if count > 1 else ''}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: the metrics over all leads, and each lead's under its name."""
        leads = {lead: asdict(own) for lead, own in self.by_lead.items()}
        return {**asdict(self.overall), "by_lead": leads}

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table: leads down, and ``"all"`` above them; metrics across."""
        import pandas as pd

        rows = {"all": self.overall, **self.by_lead}
        table = pd.DataFrame([asdict(row) for row in rows.values()], index=list(rows))
        return table.rename_axis(index="lead")

    def _repr_html_(self) -> str:
        return str(self.to_dataframe().to_html())


def compare(output: Recording, reference: Recording) -> Agreement:
    """Return how far a recording is from its clean reference.

    Parameters
    ----------
    output
        What a method gave, or the noisy recording itself.
    reference
        The same recording without noise: same sampling frequency and length. Leads are matched by
        name; it may have more of them, in any order.

    Raises
    ------
    RecordingError
        Where either is no recording, or where sampling frequency, length or leads differ.

    Examples
    --------
    >>> from ecgkit.processing.noise import add_noise
    >>> from ecgkit.processing.synthetic import generate_ecg
    >>> clean = generate_ecg(10.0, leads=("I", "II"))
    >>> noisy = add_noise(clean, "muscle_artefact", 6.0)
    >>> round(compare(noisy, clean).snr_db, 2)
    6.0
    """
    matched = matching_reference(
        checked_recording(output, "the output"), checked_recording(reference, "the reference")
    )
    each = metrics.compare_leads(output.signal, matched.signal)
    return Agreement(
        metrics.compare(output.signal, matched.signal), dict(zip(output.leads, each, strict=True))
    )


def residual(outcome: Outcome, reference: Recording) -> NDArray[np.float32]:
    """Return what differs from the reference: output minus reference, (leads, samples) in mV."""
    return outcome.recording.signal - reference.signal


@dataclass(frozen=True, eq=False)
class Comparison:
    """Methods side by side on one window of some leads: what view 1 shows, as one value.

    Attributes
    ----------
    window
        Which seconds of the recording it is about.
    noisy
        The window before denoising.
    clean
        The same window without noise; None where it is not known.
    outcomes
        Method's key -> what it made of the window, in the order of the table.
    """

    window: Window
    noisy: Recording
    clean: Recording | None = None
    outcomes: Mapping[str, Outcome] = field(default_factory=dict)

    @property
    def leads(self) -> tuple[str, ...]:
        """The leads that are compared."""
        return self.noisy.leads

    @property
    def reference(self) -> Outcome | None:
        """The clean window as a signal to draw, where it is known."""
        return None if self.clean is None else Outcome("reference", "Clean reference", self.clean)

    @cached_property
    def signals(self) -> tuple[Outcome, ...]:
        """The noisy input, then what each method made of it: the lines of the table."""
        return (Outcome("input", "Noisy input", self.noisy), *self.outcomes.values())

    @property
    def base(self) -> Recording:
        """What the paper is scaled to: the clean window, or the noisy one where that is all."""
        return self.noisy if self.clean is None else self.clean

    @cached_property
    def scores(self) -> tuple[Score, ...]:
        """How near each of :attr:`signals` is to the clean window; empty where it is not known."""
        if self.clean is None:
            return ()
        return tuple(Score(outcome, self.clean) for outcome in self.signals)

    @cached_property
    def residuals(self) -> dict[str, Recording]:
        """Key -> output less the clean window, the input's first.

        Without a clean window, output less input: what each method took away.
        """
        compared = self.signals if self.clean is not None else tuple(self.outcomes.values())
        return {
            outcome.key: self.base.with_signal(residual(outcome, self.base)) for outcome in compared
        }

    def __repr__(self) -> str:
        if self.scores:
            found = [f"{s.outcome.label} {s.overall.snr_db:.1f} dB" for s in self.scores]
        else:
            found = [outcome.label for outcome in self.signals]
        return (
            f"<Comparison: leads {', '.join(self.leads)}, {self.window.start:g} to "
            f"{self.window.stop:g} s; {', '.join(found)}>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values: window, leads, and each signal's label, time and metrics."""
        known = {score.outcome.key: asdict(score.overall) for score in self.scores}
        return {
            "start": self.window.start,
            "stop": self.window.stop,
            "leads": list(self.leads),
            "signals": {
                outcome.key: {
                    "label": outcome.label,
                    "seconds": outcome.seconds,
                    **known.get(outcome.key, {}),
                }
                for outcome in self.signals
            },
        }

    def to_dataframe(self) -> pd.DataFrame:
        """Return a table: signals down; label, time in s and metrics across."""
        import pandas as pd

        rows = self.to_dict()["signals"]
        table = pd.DataFrame(list(rows.values()), index=list(rows))
        return table.rename_axis(index="signal")

    def _repr_html_(self) -> str:
        return str(self.to_dataframe().to_html())


Run = Callable[[str, Method, Recording, Window], Outcome]
"""What denoises a window for :func:`compare_methods`, as :func:`denoise_window` does."""


def compare_methods(
    noisy: Recording,
    clean: Recording | None,
    methods: Mapping[str, Method],
    window: Window | None = None,
    *,
    start: float = 0.0,
    run: Run | None = None,
) -> Comparison:
    """Denoise a window of a recording with several methods and put them side by side.

    Parameters
    ----------
    noisy
        The recording, or a part of it that holds the window with its context; its leads are
        compared.
    clean
        The whole recording without noise; None where it is not known.
    methods
        Key -> method, in the order of the table.
    window
        Seconds of the whole recording; all of ``noisy`` where None.
    start
        Seconds of the whole recording at which ``noisy`` begins.
    run
        Stands in for :func:`denoise_window`, for a caller that remembers outcomes.

    Raises
    ------
    RecordingError
        Where the window lies outside, or the clean recording is not that of the noisy one.

    Examples
    --------
    >>> from ecgkit.denoising import make_method
    >>> from ecgkit.processing.noise import add_noise
    >>> from ecgkit.processing.synthetic import generate_ecg
    >>> clean = generate_ecg(10.0, leads=("II",))
    >>> noisy = add_noise(clean, "white", 6.0)
    >>> compared = compare_methods(noisy, clean, {"dwt": make_method("dwt")})
    >>> compared.scores[1].overall.snr_db > compared.scores[0].overall.snr_db
    True
    """
    checked_recording(noisy, "the noisy recording")
    window = window or Window(start, start + noisy.duration)
    inner = window.inside(Window(start, start + noisy.duration), noisy.fs)
    visible = inner.cut(noisy)
    if clean is not None:
        checked_recording(clean, "the clean recording")
        clean = matching_reference(visible, window.cut(clean))
    outcomes = {
        key: (run or denoise_window)(key, method, noisy, inner) for key, method in methods.items()
    }
    return Comparison(window, visible, clean, outcomes)
