"""How near to the truth a page was read: what the benchmark and the results share."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ecgkit.digitization.extraction import FS, Traces
from ecgkit.digitization.rectification.rectify import Rectified
from ecgkit.paper.geometry import transform
from ecgkit.paper.pen import Polyline, draw_lines
from ecgkit.paper.scale import PX_PER_MM
from ecgkit.processing.beats import detect_beats
from ecgkit.processing.gaps import fill_gaps
from ecgkit.processing.metrics import snr_db
from ecgkit.processing.resampling import resample
from ecgkit.recording import Recording
from ecgkit.rendering.page import Page
from ecgkit.training.segmentation.patches import LEAST_PEN

WORST = -10.0
"""SNR in dB of a lead that was not found, or is worse."""
LARGEST_SHIFT, PAGE_SHIFT = 25, 750
"""In samples at 500 Hz: of a lead, and of a page whose beginning was cut off."""
LEAST_SAMPLES = 100
_ROUNDS = 30

Signal = NDArray[np.floating]


@dataclass(frozen=True)
class SignalScores:
    """What came of a page's leads.

    Attributes
    ----------
    aligned, plain
        SNR in dB of each lead that the page shows: with each lead's best shift within ±50 ms and
        without its mean; and as it was read.
    layout_right, leads_found
        Whether the layout is the page's, and the share of its leads that were found.
    rate_error
        In beats per minute, the same detector on what was read and on what is shown; NaN where
        what is shown is too short for a rate.
    """

    aligned: list[float]
    plain: list[float]
    layout_right: bool
    leads_found: float
    rate_error: float


@dataclass(frozen=True)
class PageErrors:
    """What is wrong with a rectified page.

    Attributes
    ----------
    scale
        Along x and y, as a part of 1.
    displacement
        Mean distance in mm of points from where they should lie, after the best shift.
    turns
        By how many quarter turns it lies wrong.
    """

    scale: tuple[float, float]
    displacement: float
    turns: int


def signal_scores(page: Page, found: Traces) -> SignalScores:
    """Return how near what was read is to what a page shows."""
    shown, style = at_500(page.sheet.shown()), page.style
    read = found.recording
    pairs = [(read.lead(lead), shown.lead(lead)) for lead in shown.leads if lead in read]
    # A regular rhythm is much like itself one beat later: the shift must be worth it.
    aligned = max(
        ([lead_snr(*pair, about) for pair in pairs] for about in {0, page_shift(read, shown)}),
        key=lambda snr: float(np.median(snr)) if snr else 0.0,
    )
    lost = [WORST] * (len(shown.leads) - len(pairs))
    rates = [detect_beats(recording).heart_rate for recording in (read, shown)]
    error = abs(rates[0] - rates[1]) if np.isfinite(rates[0]) else np.inf
    alike = {style.layout, found.layout} == {"strips", "12x1"} and len(shown.leads) == 12
    return SignalScores(
        aligned=aligned + lost,
        plain=[plain_snr(*pair) for pair in pairs] + lost,
        layout_right=found.layout == style.layout or alike,
        leads_found=len(pairs) / len(shown.leads),
        rate_error=float(error) if np.isfinite(rates[1]) else float("nan"),
    )


def at_500(recording: Recording) -> Recording:
    """Return a recording at 500 Hz, gaps kept."""
    filled, missing = fill_gaps(recording.signal)
    signal = resample(filled, recording.fs, FS).copy()
    place = np.round(np.arange(signal.shape[1]) * recording.fs / FS).astype(int)
    signal[missing[:, np.minimum(place, recording.n_samples - 1)]] = np.nan
    return Recording(signal, FS, recording.leads)


def page_shift(found: Recording, shown: Recording) -> int:
    """Return by how many samples all leads together are early; 0 within ±50 ms.

    Where the beginning of a page was cut off, time starts later than the truth's.
    """
    size = 2**15
    total = np.zeros(size)
    for lead in shown.leads:
        if lead in found:
            a, b = (np.fft.rfft(np.nan_to_num(np.diff(r.lead(lead))), size) for r in (found, shown))
            total += np.fft.irfft(b * np.conj(a), size)
    lags = np.fft.fftfreq(size, 1 / size).round().astype(int)
    total[np.abs(lags) > PAGE_SHIFT] = -np.inf
    best = int(lags[total.argmax()])
    return best if abs(best) > LARGEST_SHIFT else 0


def lead_snr(found: Signal, shown: Signal, about: int) -> float:
    """Return the SNR in dB at the best shift within ±50 ms of ``about``, means taken off."""
    size = max(found.size, shown.size) + PAGE_SHIFT + LARGEST_SHIFT
    best = WORST
    truth = np.full(size, np.nan)
    truth[: shown.size] = shown
    for shift in range(about - LARGEST_SHIFT, about + LARGEST_SHIFT + 1):
        moved = np.full(size, np.nan)
        part = found[max(0, -shift) :]
        moved[max(0, shift) : max(0, shift) + part.size] = part
        both = np.isfinite(moved) & np.isfinite(truth)
        if both.sum() >= LEAST_SAMPLES:
            a, b = moved[both], truth[both]
            best = max(best, snr_db(a - a.mean(), b - b.mean()))
    return best


def plain_snr(found: Signal, shown: Signal) -> float:
    """Return the SNR in dB of a lead as it was read: nothing shifted, nothing taken off."""
    size = min(found.size, shown.size)
    both = np.isfinite(found[:size]) & np.isfinite(shown[:size])
    if both.sum() < LEAST_SAMPLES:
        return WORST
    return max(WORST, snr_db(found[:size][both], shown[:size][both]))


def page_errors(page: Page, found: Rectified) -> PageErrors:
    """Return how far a rectified page is from the truth, whichever way up it lies.

    Over a lattice on the part of the traces' field that the photo shows.
    """
    left, top, right, bottom = page.sheet.field
    x, y = np.meshgrid(np.linspace(left, right, 25), np.linspace(top, bottom, 15))
    paper = np.stack([x.ravel(), y.ravel()], axis=-1)
    photo = page.geometry.to_picture(paper)
    height, width = page.shape
    seen = ((photo >= 0) & (photo <= [width - 1, height - 1])).all(axis=1)
    paper = paper[seen]
    mm = to_rectified(found, np.asarray(photo[seen], np.float64)) / PX_PER_MM
    best: PageErrors | None = None
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    for turns in range(4):
        turned = mm @ np.linalg.matrix_power(quarter, turns).T
        shift = turned - paper
        distance = float(np.hypot(*(shift - np.median(shift, axis=0)).T).mean())
        if best is None or distance < best.displacement:
            centred = paper - paper.mean(axis=0)
            linear = np.linalg.lstsq(centred, turned - turned.mean(axis=0))[0]
            sizes = np.hypot(linear[:, 0], linear[:, 1]) - 1
            best = PageErrors((float(sizes[0]), float(sizes[1])), distance, turns)
    assert best is not None
    return best


def true_mask(page: Page, found: Rectified) -> NDArray[np.uint8]:
    """Return the mask that a rectified page ought to get: uint8, 0 to 255.

    The traces are drawn anew through the page's own geometry and the rectification that was found,
    with the pen that the network learns (no thinner than 0.3 mm), where the photo shows them.
    """
    shape = found.picture.shape[:2]
    lines: list[Polyline] = [to_rectified(found, page.points(strip)) for strip in page.sheet.strips]
    ink, where = draw_lines(shape, lines, max(page.style.pen, LEAST_PEN) * PX_PER_MM)
    mask = np.zeros(shape, np.uint8)
    mask[where] = ink
    mask[hidden(page, found)] = 0
    return mask


def hidden(page: Page, found: Rectified) -> NDArray[np.bool_]:
    """Return where a rectified page shows what lies on it, or nothing of the photo."""
    covered = page.covered.astype(np.uint8) * np.uint8(255)
    height, width = found.picture.shape[:2]
    x, y = np.meshgrid(np.arange(width), np.arange(height))
    looked = found.photo_points(np.stack([x, y], axis=-1)).astype(np.float32)
    across, down = (np.ascontiguousarray(looked[..., axis]) for axis in (0, 1))
    seen = cv2.remap(covered, across, down, cv2.INTER_LINEAR, borderValue=255)
    return np.asarray(seen > 127)


def to_rectified(found: Rectified, photo: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where points of a photo, shape (…, 2) in px, lie on its rectified page."""
    straight = transform(np.asarray(np.linalg.inv(found.to_photo), np.float64), photo)
    if found.bend is None:
        return straight
    flat, lifted = straight, np.isnan(straight)
    for _ in range(_ROUNDS):  # bends are shallow, so that this contracts
        flat = straight - found.bend.at(np.where(lifted, 0.0, flat))
    return flat


def dice(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Return the Dice coefficient of two masks; NaN where both are empty."""
    total = int(found.sum()) + int(true.sum())
    return 2 * int((found & true).sum()) / total if total else float("nan")


def near_dice(found: NDArray[np.bool_], true: NDArray[np.bool_]) -> float:
    """Return Dice where a pixel counts if the other mask has one within a pixel of it.

    The harmonic mean of the shares of each mask that lie in the other's 3 × 3 neighbourhood: what
    a line's width and its place within a pixel weigh in :func:`dice` falls out.
    """
    if not (found.any() and true.any()):
        return dice(found, true)
    near = np.ones((3, 3), np.uint8)
    wide_found, wide_true = (cv2.dilate(m.astype(np.uint8), near) > 0 for m in (found, true))
    precision = (found & wide_true).sum() / found.sum()
    recall = (true & wide_found).sum() / true.sum()
    total = precision + recall
    return float(2 * precision * recall / total) if total else 0.0
