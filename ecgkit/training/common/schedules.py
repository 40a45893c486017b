"""Schedules of the learning rate that trainings share: share of the steps done to a factor."""

from __future__ import annotations

import math


def warm_cosine(done: float, *, warm_up: float = 0.05) -> float:
    """Return the factor on the learning rate: a linear warm-up times half a cosine down to zero.

    Parameters
    ----------
    done
        Share of the steps that are done, 0 to 1.
    warm_up
        Share of the steps over which the rate rises from a fiftieth of its full value.
    """
    return min(1.0, done / warm_up + 0.02) * 0.5 * (1 + math.cos(math.pi * done))
