"""The UNet at work on pages higher than it sees at once, and the way from photo to leads."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from ecgkit.digitization import pipeline as paper_report
from ecgkit.digitization.pipeline import STAGES, Choices, read_page
from ecgkit.digitization.segmentation import BAND, find_mask
from ecgkit.digitization.unet import UNet, UNetConfig
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.recording import STANDARD_LEADS, RecordingError
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


def test_bands_of_a_page_join_without_a_seam() -> None:
    torch.manual_seed(0)
    network = UNet(UNetConfig(filters=(4, 6, 8))).eval()
    height = BAND + 400
    picture = np.random.default_rng(0).integers(0, 256, (height, 64, 3)).astype(np.uint8)
    told: list[float] = []
    whole = find_mask(picture, network, told.append)
    part = find_mask(picture[BAND - 256 :], network)
    assert whole.shape == (height, 64)
    assert whole.dtype == np.float32
    assert 0 <= whole.min() <= whole.max() <= 1
    # Where both see enough around a pixel they say the same, on either side of the seam.
    assert np.abs(whole[BAND - 128 :] - part[128:]).max() < 0.02
    assert told == sorted(told)
    assert told[-1] == 1.0


@pytest.fixture(scope="module")
def photo() -> np.ndarray:
    recording = generate_ecg(10.0, seed=3)
    return render_page(recording, usual_style(recording.leads, "3x4+1")).image


def test_a_page_is_read_stage_by_stage(photo: np.ndarray) -> None:
    told: list[tuple[str, float]] = []
    report = read_page(photo, name="drawn", progress=lambda *said: told.append(said))
    assert report.error is None
    assert report.traces is not None
    assert report.traces.recording.name == "drawn"
    assert report.traces.recording.leads == STANDARD_LEADS
    stages = [stage for stage in STAGES if stage != "labels"]  # nobody was asked for them
    assert list(report.seconds) == stages
    assert list(dict.fromkeys(stage for stage, _ in told)) == stages


def test_what_choices_leave_as_it_is_is_not_done_again(photo: np.ndarray) -> None:
    first = read_page(photo)
    other = read_page(photo, Choices(mm_per_mv=20.0), earlier=first)
    assert other.rectified is first.rectified
    assert other.mask is first.mask
    assert first.traces is not None
    assert other.traces is not None
    one, half = (report.traces.recording.lead("II") for report in (first, other))
    np.testing.assert_allclose(half, one / 2, atol=1e-4)
    again = read_page(photo, Choices(px_per_mm=(5.0, 5.0)), earlier=first)
    assert again.rectified is not first.rectified


def test_a_page_that_cannot_be_read_says_so() -> None:
    report = read_page(np.full((400, 600, 3), 200, np.uint8))
    assert report.traces is None
    assert report.error is not None
    assert report.error.stage == "rectify"
    assert "px_per_mm" in report.error.asks


def test_any_refusal_of_the_last_stage_stands_in_the_report(
    photo: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise RecordingError("has 13 rows", remedy="Choose the layout.")

    monkeypatch.setattr(paper_report, "read_traces", refuse)
    report = read_page(photo)
    assert report.mask is not None
    assert report.error is not None
    assert (report.error.stage, report.error.problem) == ("signals", "has 13 rows")
