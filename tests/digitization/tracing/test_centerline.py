import numpy as np
import pytest

from ecgkit.digitization.tracing.centerline import fit_centerline
from ecgkit.digitization.tracing.rows import Rows
from ecgkit.digitization.tracing.trace_path import find_ink_runs, follow_rows
from ecgkit.paper.pen import draw_lines

X = np.arange(0, 300, 1 / 8)


@pytest.mark.parametrize(
    "y",
    [
        60 - 40 * np.exp(-(((X - 150) / 1.5) ** 2) / 2),  # narrow as a QRS complex
        60 - 20 * np.sin(2 * np.pi * X / 20),  # steep flanks
    ],
    ids=["peak", "flanks"],
)
def test_the_line_that_a_pen_drew_is_found_to_a_quarter_of_a_px(y):
    ink, where = draw_lines((120, 300), [np.stack([X, y], axis=1)], 2.0)
    mask = np.zeros((120, 300), np.float32)
    mask[where] = ink / np.float32(255)
    (path,) = follow_rows(find_ink_runs(mask), Rows(np.full((1, 300), 60.0), 100.0))
    line = fit_centerline(path, np.zeros(300, np.bool_), 2.0)
    wrong = (line.at(X) - y)[80:-80]
    assert np.sqrt(np.mean(wrong**2)) < 0.25
    assert line.y.min() == pytest.approx(y.min(), abs=0.2)
