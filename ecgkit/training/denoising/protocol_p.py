"""Protocol P: the paper's own experiment (section III), for its Tables I and II.

Segments of one record fall to training and test alike, as in the paper: its figures compare
networks with each other and say little about an unseen patient. Protocol R does that.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ecgkit.denoising.wavelet import default_level, wavelet_denoise
from ecgkit.processing.noise import BLENDED, NstdbNoise, mixing_scale
from ecgkit.training.common.loop import Batch, LoopSettings, train
from ecgkit.training.datasets.databases import read_mitdb
from ecgkit.training.denoising.protocol_r import mean_snr_db, relative_error_loss

SEGMENTS, LENGTH = 10_000, 250
SHARES = (0.8, 0.1, 0.1)
EPOCHS, BATCH = 80, 256
SNRS = (-4.0, -2.0, 0.0, 4.0)
FS = 360.0

Pairs = tuple[NDArray[np.float32], NDArray[np.float32]]


@dataclass(frozen=True)
class PaperData:
    """Noisy and clean segments, each (segments, 1, 250), of the three parts."""

    train: Pairs
    validation: Pairs
    test: Pairs


def paper_data(folder: Path, snr_db: float, seed: int) -> PaperData:
    """Draw the paper's 10,000 segments at one SNR; one seed gives the same segments at every SNR.

    Where the paper is silent: a segment comes from any record, channel and time; its noise from
    any time and channel of one of NSTDB's three records, each as likely. «Normalised» is read as
    centred and scaled to a largest absolute value of 1. The noise stays as recorded, offset and
    all: in 0.7 s that is what baseline drift looks like. (Without it the task is harder, since an
    offset is easily undone.)
    """
    rng = np.random.default_rng(seed)
    records = read_mitdb(folder, "all")
    source = NstdbNoise(folder / "nstdb")
    clean = np.empty((SEGMENTS, LENGTH))
    noisy = np.empty_like(clean)
    for place in range(SEGMENTS):
        segment = np.zeros(LENGTH)
        while segment.std() < 1e-3:  # mV: a detached electrode has no SNR
            record = records[rng.integers(len(records))]
            lead = record[rng.integers(len(record))]
            first = int(rng.integers(lead.size - LENGTH + 1))
            segment = lead[first : first + LENGTH].astype(np.float64)
            segment -= segment.mean()
        segment /= np.abs(segment).max()
        noise = source.draw(str(rng.choice(BLENDED)), LENGTH, FS, rng)
        clean[place] = segment
        noisy[place] = segment + mixing_scale(segment, noise, snr_db) * noise
    bounds = np.cumsum([round(share * SEGMENTS) for share in SHARES])[:-1]
    parts = zip(np.split(noisy[:, None], bounds), np.split(clean[:, None], bounds), strict=True)
    return PaperData(*((a.astype(np.float32), b.astype(np.float32)) for a, b in parts))


def two_rates(done: float) -> float:
    """Return the factor on the learning rate: 1e-3, and 1e-4 from half of the epochs on."""
    return 1.0 if done < 0.5 else 0.1


def train_protocol_p(
    data: PaperData, network: nn.Module, run: Path, *, seed: int
) -> tuple[nn.Module, list[dict[str, float]]]:
    """Train a network as section III.B says: Adam, 80 epochs, batches of 256, two rates.

    Where the paper is silent: the loss is the logarithm of the relative error (equation 4's, so
    that every segment counts alike); half of a batch is turned upside down; the weights are
    averaged over about two epochs, and those of the best validation are kept.
    """
    inputs, targets = (torch.from_numpy(side) for side in data.train)
    per_epoch = -(-len(inputs) // BATCH)

    def batch(step: int) -> Batch:
        epoch, place = divmod(step, per_epoch)
        rng = np.random.default_rng((seed, epoch))
        order = rng.permutation(len(inputs))
        signs = torch.from_numpy(rng.choice((-1.0, 1.0), len(inputs)).astype(np.float32))
        chosen = torch.from_numpy(order[place * BATCH : (place + 1) * BATCH])
        sign = signs[chosen][:, None, None]
        return inputs[chosen] * sign, targets[chosen] * sign

    def validate(network: nn.Module) -> dict[str, float]:
        return {"validation_snr_db": mean_snr_db(network, *data.validation)}

    settings = LoopSettings(
        steps=EPOCHS * per_epoch,
        learning_rate=1e-3,
        schedule=two_rates,
        average=0.98,
        every=5 * per_epoch,
        best="validation_snr_db",
    )
    return train(network, batch, relative_error_loss, validate, settings, run)


class Dwt(nn.Module):
    """DWT thresholding as in Table II, in the place of a network; it has nothing to train."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the denoised segments, each on its own."""
        output = wavelet_denoise(x[:, 0].numpy(), default_level(FS))
        return torch.from_numpy(output)[:, None]


def mean_mse(network: nn.Module, noisy: NDArray[np.float32], clean: NDArray[np.float32]) -> float:
    """Return the mean over segments of the output's mean square error (equation 3)."""
    with torch.inference_mode():
        output = network(torch.from_numpy(noisy)).numpy()
    return float(np.mean((output - clean) ** 2))
