"""Where on a page a label is seen."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from ecgkit.demos import open_demo
from ecgkit.diagnosis.explanation import explain_page
from ecgkit.diagnosis.page_reading import read_page
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


@pytest.fixture(scope="module")
def mask():
    recording = open_demo("12-lead")
    return read_page(render_page(recording, usual_style(recording.leads, "3x4+1")).image).mask


def test_an_explanation_lies_on_the_page(mask):
    heat = explain_page(mask, "NORM")
    assert heat.shape == mask.shape
    assert heat.min() >= 0
    assert 0.5 < heat.max() <= 1
    assert not explain_page(np.zeros((300, 400), np.float32), "NORM").any()


def test_two_sessions_explanations_do_not_mix(mask):
    # Both sessions share one network.
    half = mask.copy()
    half[:, : half.shape[1] // 2] = 0
    masks = [mask, half] * 4
    alone = [explain_page(mask, "CD") for mask in masks[:2]]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda mask: explain_page(mask, "CD"), masks))
    for place, heat in enumerate(together):
        np.testing.assert_allclose(heat, alone[place % 2], atol=1e-4)
