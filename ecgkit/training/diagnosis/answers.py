"""What a trained network answers: on recordings as clean pages show them, and on pages as read."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from ecgkit.diagnosis.image_network import PageClassifier, page_image
from ecgkit.diagnosis.labels import LABELS
from ecgkit.diagnosis.region_network import RegionClassifier, cut_regions, stacked
from ecgkit.diagnosis.signal_network import SignalClassifier
from ecgkit.training.datasets.diagnosis import DiagnosisData
from ecgkit.training.diagnosis.augment import plain_batch
from ecgkit.training.diagnosis.drawn_pages.mask_drawing import plain_image, plain_regions
from ecgkit.training.diagnosis.drawn_pages.page_store import SAID, ReadPage


def answers(
    network: nn.Module, data: DiagnosisData, rows: NDArray[np.int64], view: str
) -> NDArray[np.float32]:
    """Return logits, shape (rows, 11), of recordings as a clean page of a layout, or whole."""
    found = []
    with torch.inference_mode():
        for first in range(0, rows.size, 32):
            part = rows[first : first + 32]
            if isinstance(network, SignalClassifier):
                logits = network(plain_batch(data, part, view)).labels
            elif isinstance(network, RegionClassifier):
                pages = [plain_regions(data.signals[row].astype(np.float32), view) for row in part]
                logits = network(stacked(pages))
            else:
                assert isinstance(network, PageClassifier)
                images = [
                    plain_image(data.signals[row].astype(np.float32), network.config, view)
                    for row in part
                ]
                logits = network(torch.from_numpy(np.stack(images)))
            found.append(logits.float().numpy())
    return np.concatenate(found)


def page_answer(network: nn.Module, page: ReadPage, told: str) -> NDArray[np.float32]:
    """Return a network's logits for a page, shape (11,); NaN where it was not read far enough.

    Parameters
    ----------
    told
        :data:`SAID` or :data:`UNSAID`.
    """
    speed, gain = (page.speed, page.gain) if told == SAID else (None, None)
    with torch.inference_mode():
        if isinstance(network, SignalClassifier):
            if told in page.signals:
                logits = network(torch.from_numpy(page.signals[told])).labels
                return np.asarray(logits.float().mean(0).numpy(), np.float32)
        elif isinstance(network, RegionClassifier):
            if page.mask is not None and page.boxes:
                regions = cut_regions(page.mask, page.boxes, mm_per_s=speed, mm_per_mv=gain)
                return np.asarray(network(stacked([regions])).float()[0].numpy(), np.float32)
        elif page.mask is not None:
            assert isinstance(network, PageClassifier)
            image = page_image(page.mask, network.config, mm_per_s=speed, mm_per_mv=gain)
            return np.asarray(network(torch.from_numpy(image)[None]).float()[0].numpy(), np.float32)
    return np.full(len(LABELS), np.nan, np.float32)
