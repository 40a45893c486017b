"""What must hold between limb leads: Einthoven's law and Goldberger's leads."""

from __future__ import annotations

import numpy as np

from ecgkit.recording import Recording

LAWS: dict[str, dict[str, float]] = {
    "II = I + III": {"II": 1, "I": -1, "III": -1},
    "aVR = -(I + II) / 2": {"aVR": 1, "I": 0.5, "II": 0.5},
    "aVL = (I - III) / 2": {"aVL": 1, "I": -0.5, "III": 0.5},
    "aVF = (II + III) / 2": {"aVF": 1, "II": -0.5, "III": -0.5},
}
MIN_SECONDS = 1.0


def limb_lead_checks(recording: Recording) -> dict[str, float]:
    """Return how far each law of the limb leads is missed, as a share of the leads' own size.

    RMS of the residual over the RMS of the leads that it is made of, over the samples that all of
    them have, their means taken off: 0 where a law holds exactly, about 1 where the leads
    have nothing to do with each other. Laws whose leads share less than a second are left out, as
    Goldberger's are on pages whose columns follow each other.
    """
    found = {}
    for law, weights in LAWS.items():
        if not all(lead in recording for lead in weights):
            continue
        leads = np.stack([recording.lead(lead) for lead in weights]).astype(np.float64)
        leads = leads[:, np.isfinite(leads).all(axis=0)]
        if leads.shape[1] < MIN_SECONDS * recording.fs:
            continue
        leads -= leads.mean(axis=1, keepdims=True)
        factors = np.array(list(weights.values()))
        size = float(np.sqrt(np.mean(np.sum((factors[:, None] * leads) ** 2, axis=0))))
        if size > 0:
            found[law] = float(np.sqrt(np.mean((factors @ leads) ** 2))) / size
    return found
