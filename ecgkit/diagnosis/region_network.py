"""The eleven labels from the regions of the leads: one network looks at each, attention joins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgkit.diagnosis.image_network import DEVIATION, MEAN
from ecgkit.diagnosis.labels import LABELS
from ecgkit.modules.image_backbones import BasicBlock
from ecgkit.modules.input_shape import check_shape
from ecgkit.paper.scale import PX_PER_MM, USUAL_GAIN, USUAL_SPEED, Box
from ecgkit.recording import STANDARD_LEADS

PIECE = 62.5
"""In mm: width of a region, 2.5 s at 25 mm/s."""
REACH = 16.0
"""In mm: how far a region reaches above and below the trace's middle."""
HEIGHT, WIDTH = 48, 128
"""Of a region's image in px."""
MOST = 16
"""Regions of a page at most: the first of each lead, and all of the longest lead."""
FRAMES = WIDTH // 16
"""Places along a region that attention sees."""


class Regions(NamedTuple):
    """Regions of one page, or of several where each array has a further first axis.

    Attributes
    ----------
    images
        float32, shape (16, 48, 128), 0 to 1: how much of each pixel is trace.
    leads
        int64, shape (16,): place in :data:`ecgkit.recording.STANDARD_LEADS`; -1 where none is.
    places
        float32, shape (16,): how far right on the page each begins, in widths of a region.
    """

    images: Any
    leads: Any
    places: Any


@dataclass(frozen=True)
class RegionConfig:
    """Size of the network.

    Attributes
    ----------
    channels
        Of its four stages, each of half the size of the one before.
    heads, layers
        Of the attention over all regions.
    dropout
        Share dropped in training.
    """

    channels: tuple[int, int, int, int] = (24, 48, 96, 128)
    heads: int = 4
    layers: int = 2
    dropout: float = 0.2

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for a card."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> RegionConfig:
        """Return the configuration that a card holds."""
        return cls(**{**values, "channels": tuple(values["channels"])})


def cut_regions(
    mask: NDArray[np.floating] | NDArray[np.uint8],
    boxes: Mapping[str, Box],
    *,
    px_per_mm: float = PX_PER_MM,
    mm_per_s: float | None = None,
    mm_per_mv: float | None = None,
) -> Regions:
    """Return the regions of a page's leads.

    Parameters
    ----------
    mask
        Shape (height, width): how much of a pixel is trace, 0 to 1, or 0 to 255 where of integers.
    boxes
        Lead -> left, top, right, bottom in px, as
        :class:`ecgkit.digitization.extraction.Traces` has them.
    px_per_mm
        Of the mask.
    mm_per_s, mm_per_mv
        The paper's scale where it is known to be other than 25 mm/s and 10 mm/mV: a region then
        shows 2.5 s and 3.2 mV of that.
    """
    images = np.zeros((MOST, HEIGHT, WIDTH), np.float32)
    leads = np.full(MOST, -1, np.int64)
    places = np.zeros(MOST, np.float32)
    shown = {lead: box for lead, box in boxes.items() if lead in STANDARD_LEADS}
    if not shown:
        return Regions(images, leads, places)
    page_left = min(box[0] for box in shown.values())
    # Lead II is the usual rhythm strip: it wins where several are as long.
    longest = max(
        shown, key=lambda lead: (round(shown[lead][2] - shown[lead][0], -1), lead == "II")
    )
    wide = PIECE * px_per_mm * (mm_per_s or USUAL_SPEED) / USUAL_SPEED
    reach = max(1, round(REACH * px_per_mm * (mm_per_mv or USUAL_GAIN) / USUAL_GAIN))
    wanted = [(lead, 0) for lead in STANDARD_LEADS if lead in shown]
    pieces = int(np.ceil((shown[longest][2] - shown[longest][0]) / wide - 0.2))
    wanted += [(longest, piece) for piece in range(1, pieces)]
    for number, (lead, piece) in enumerate(wanted[:MOST]):
        left, top, right, bottom = shown[lead]
        left += piece * wide
        box = (left, top, min(left + wide, right), bottom)
        images[number] = _cut(mask, box, reach, max(1, round(wide)))
        leads[number] = STANDARD_LEADS.index(lead)
        places[number] = (left - page_left) / wide
    return Regions(images, leads, places)


def stacked(found: Sequence[Regions]) -> Regions:
    """Return the regions of several pages as tensors, for a network."""
    return Regions(*(torch.from_numpy(np.stack(part)) for part in zip(*found, strict=True)))


def _cut(
    mask: NDArray[np.floating] | NDArray[np.uint8], box: Box, reach: int, wide: int
) -> NDArray[np.float32]:
    """Return one region's image: its trace's middle row halfway up, nothing beyond its right."""
    height, width = mask.shape
    left, right = (int(np.clip(round(x), 0, width)) for x in (box[0], box[2]))
    top, bottom = (int(np.clip(round(y), 0, height)) for y in (box[1], box[3] + 1))
    ink = mask[top:bottom, left:right].sum(axis=1, dtype=np.float64)
    if not ink.sum():
        return np.zeros((HEIGHT, WIDTH), np.float32)
    middle = top + int(np.searchsorted(np.cumsum(ink), ink.sum() / 2))
    window = np.zeros((2 * reach, wide), mask.dtype)
    first, last = max(middle - reach, 0), min(middle + reach, height)
    columns = min(right - left, window.shape[1])
    rows = slice(first - middle + reach, last - middle + reach)
    window[rows, :columns] = mask[first:last, left : left + columns]
    small = cv2.resize(window, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) * np.float32(1 / 255 if mask.dtype == np.uint8 else 1)


class RegionClassifier(nn.Module):
    """A small residual network on each lead's region, joined by attention over leads and time.

    What it sees of a region is kept as eight places in time, each with its lead's and its place's
    embedding, so that layouts need not be learnt: where a lead stands is told.
    """

    def __init__(self, config: RegionConfig) -> None:
        super().__init__()
        self.config = config
        a, b, c, d = config.channels
        self.features = nn.Sequential(
            nn.Conv2d(1, a, 5, 2, 2, bias=False),
            nn.BatchNorm2d(a),
            nn.ReLU(),
            BasicBlock(a, a, 1),
            BasicBlock(a, b, 2),
            BasicBlock(b, c, 2),
            BasicBlock(c, d, 2),
        )
        self.squeeze = nn.Linear(2 * d, d)
        self.lead = nn.Embedding(len(STANDARD_LEADS), d)
        self.time = nn.Linear(16, d)
        layer = nn.TransformerEncoderLayer(
            d, config.heads, 2 * d, config.dropout, batch_first=True, norm_first=True
        )
        self.attention = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.weights = nn.Linear(d, config.heads)
        self.dropout = nn.Dropout(config.dropout)
        self.labels = nn.Linear(3 * d, len(LABELS))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    @classmethod
    def from_config(cls, values: dict[str, Any]) -> RegionClassifier:
        """Return an untrained network of the configuration that a card holds."""
        return cls(RegionConfig.from_dict(values))

    def forward(self, regions: Regions) -> Tensor:
        """Return logits, shape (pages, 11), for regions of pages as tensors."""
        check_shape(regions.images, pages=None, regions=MOST, rows=HEIGHT, columns=WIDTH)
        pages = regions.images.shape[0]
        x = (regions.images.flatten(0, 1).unsqueeze(1) - MEAN) / DEVIATION
        seen = self.features(x.contiguous(memory_format=torch.channels_last))
        columns = torch.cat([seen.mean(2), seen.amax(2)], dim=1).transpose(1, 2)
        tokens = self.squeeze(columns).reshape(pages, MOST, FRAMES, -1)
        tokens = tokens + self.lead(regions.leads.clamp(min=0)).unsqueeze(2)
        at = regions.places.unsqueeze(-1) + torch.arange(FRAMES, device=x.device) / FRAMES
        tokens = (tokens + self.time(_waves(at).to(tokens.dtype))).flatten(1, 2)
        absent = (regions.leads < 0).repeat_interleave(FRAMES, dim=1)
        absent = absent & ~absent.all(dim=1, keepdim=True)  # a page of nothing attends to nothing
        joined = self.attention(tokens, src_key_padding_mask=absent)
        return self._classify(joined, absent)

    def _classify(self, tokens: Tensor, absent: Tensor) -> Tensor:
        there = (~absent).unsqueeze(-1)
        mean = (tokens * there).sum(1) / there.sum(1).clamp(min=1)
        most = tokens.masked_fill(~there, -1e4).amax(1)
        share = torch.softmax(self.weights(tokens).masked_fill(~there, -1e4), dim=1)
        parts = tokens.reshape(*tokens.shape[:2], self.config.heads, -1)
        weighted = (share.unsqueeze(-1) * parts).sum(1).flatten(1)
        logits: Tensor = self.labels(self.dropout(torch.cat([mean, most, weighted], dim=-1)))
        return logits


def _waves(places: Tensor) -> Tensor:
    """Return sines and cosines of places, periods from a half to 64 regions, shape (…, 16)."""
    periods = 0.5 * 2.0 ** torch.arange(8, device=places.device)
    angles = 2 * np.pi * places.unsqueeze(-1) / periods
    return torch.cat([angles.sin(), angles.cos()], dim=-1)
