"""What must hold between limb leads: Einthoven's law and Goldberger's leads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np

from ecgkit.leads import LIMB_LEAD_LAWS
from ecgkit.paper.scale import Array
from ecgkit.recording import Recording

MIN_SECONDS = 1.0
ALIGNED = (-0.03, -0.02, -0.01, 0.0, 0.01, 0.02, 0.03)
"""In s: rows of a bent page are a little apart in time, which would hide whether a law holds."""


def limb_lead_checks(recording: Recording) -> dict[str, float]:
    """Return how far each law of the limb leads is missed, as a share of the leads' own size.

    RMS of the residual over the RMS of the leads that it is made of, over the samples that all of
    them have, their means taken off, each but the first moved in time by what of :data:`ALIGNED`
    makes it least: 0 where a law holds exactly, about 1 where the leads have nothing to do with
    each other. Laws whose leads share less than a second are left out, as
    Goldberger's are on pages whose columns follow each other.
    """
    found = {}
    for law, weights in LIMB_LEAD_LAWS.items():
        if not all(lead in recording for lead in weights):
            continue
        leads = np.stack([recording.lead(lead) for lead in weights]).astype(np.float64)
        leads = leads[:, np.isfinite(leads).all(axis=0)]
        if leads.shape[1] < MIN_SECONDS * recording.fs:
            continue
        parts = leads * np.array(list(weights.values()))[:, None]
        missed = [_missed(moved) for moved in _moved(parts, recording.fs)]
        if np.isfinite(missed).all():
            found[law] = min(missed)
    return found


def _moved(parts: Array, fs: float) -> Iterator[Array]:
    """Yield the leads with all but the first moved in time, without what comes in at the ends."""
    steps = [round(shift * fs) for shift in ALIGNED]
    edge, stop = max(steps), parts.shape[1] - max(steps)
    for moves in product(steps, repeat=len(parts) - 1):
        yield np.stack([p[edge + m : stop + m] for p, m in zip(parts, (0, *moves), strict=True)])


def _missed(parts: Array) -> float:
    parts = parts - parts.mean(axis=1, keepdims=True)
    size = float(np.sqrt(np.mean(np.sum(parts**2, axis=0))))
    return float(np.sqrt(np.mean(parts.sum(axis=0) ** 2))) / size if size > 0 else np.inf
