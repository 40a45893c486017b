from dataclasses import replace

import numpy as np

from ecgkit.digitization.tracing.ink import find_ink
from ecgkit.digitization.tracing.lead_label_matching import LABELS, find_lead_labels
from ecgkit.rendering.page import render_page
from ecgkit.rendering.page_style import usual_style


def test_names_are_told_apart(recording):
    style = usual_style(recording.leads, "3x4+1")
    page = render_page(recording, replace(style, px_per_mm=(5.0, 5.0), label_height=3.0))
    mask = page.mask / np.float32(255)
    words = find_lead_labels(find_ink(page.image, mask), mask)
    right = 0
    for strip in page.sheet.strips:
        left, top, _, bottom = (5 * value for value in strip.label)
        near = words.scores[words.within(left - 6, top - 4, left + 6, bottom + 4)]
        right += bool(near.size) and LABELS[int(near.max(axis=0).argmax())] == strip.place.label
    assert right >= 10
