"""Where on a page the study's network sees a label: an aid to looking, no proof."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ecgkit import models
from ecgkit.arguments import checked_choice
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.page_arguments import Mask, checked_mask, checked_scale
from ecgkit.diagnosis.predict import IMAGE
from ecgkit.digitization.tracing.rows import find_rows


def explain_page(
    mask: Mask,
    label: str,
    *,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
) -> NDArray[np.float32]:
    """Return where on a page the study's network sees a label, by Grad-CAM.

    Parameters
    ----------
    mask, mm_per_s, mm_per_mv
        As in :func:`diagnose_page`.
    label
        A key of :data:`ecgkit.diagnosis.labels.LABELS`.

    Returns
    -------
    NDArray[np.float32]
        Of the mask's shape, 0 to 1; 0 throughout where the mask shows no row of traces.

    Raises
    ------
    RecordingError
        Where the label is unknown, the mask no picture, a scale no number above 0, or the network
        missing or damaged.
    """
    import torch

    from ecgkit.diagnosis.image_network import PageClassifier, on_mask, page_image, window_of

    checked_choice(label, "the label", LABELS)
    checked_mask(mask)
    checked_scale(mm_per_s, mm_per_mv)
    network = models.load(IMAGE)
    assert isinstance(network, PageClassifier)
    height, width = mask.shape
    window = window_of(mask, network.config, mm_per_s=mm_per_s, mm_per_mv=mm_per_mv)
    if window is None or find_rows(np.asarray(mask, np.float32)) is None:
        return np.zeros((height, width), np.float32)
    image = page_image(mask, network.config, mm_per_s=mm_per_s, mm_per_mv=mm_per_mv)
    heat = network.grad_cam(torch.from_numpy(image), list(LABELS).index(label))
    return np.clip(on_mask(heat.numpy(), window, (height, width)), 0, 1)
