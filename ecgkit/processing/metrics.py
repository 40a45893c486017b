"""How far a denoised signal is from its clean reference: SNR, MSE and their relatives.

Equation numbers are those of He et al. (APR-CNN). Every function takes ``output`` and
``reference`` of one shape, (samples,) or (leads, samples), in the same unit, and counts over all
values; pairs in which either is NaN are left out. Where nothing is left, the answer is NaN.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True)
class Metrics:
    """All metrics of one pair of signals.

    Attributes
    ----------
    snr_db
        Signal-to-noise ratio in dB, equation (4); infinite for a perfect output.
    mse
        Mean square error in mV², equation (3).
    rmse
        Root mean square error in mV.
    prd
        Percentage root-mean-square difference, in %.
    max_abs_deviation
        Largest absolute deviation in mV.
    pearson
        Pearson's correlation, −1 to 1; NaN where either signal is constant.
    """

    snr_db: float
    mse: float
    rmse: float
    prd: float
    max_abs_deviation: float
    pearson: float


def _pairs(
    output: ArrayLike, reference: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    out, ref = np.asarray(output, np.float64), np.asarray(reference, np.float64)
    if out.shape != ref.shape:
        raise ValueError(f"shapes differ: output {out.shape}, reference {ref.shape}")
    known = ~(np.isnan(out) | np.isnan(ref))
    return out[known], ref[known]


def snr_db(output: ArrayLike, reference: ArrayLike) -> float:
    """Return ``10 log10(sum(x²) / sum((s − x)²))`` in dB: equation (4), s output, x reference.

    Infinite where output and reference are equal, NaN where the reference is zero throughout.
    """
    out, ref = _pairs(output, reference)
    power, error = float(ref @ ref), float((out - ref) @ (out - ref))
    if power == 0:
        return float("nan")
    return float("inf") if error == 0 else 10 * float(np.log10(power / error))


def snr_improvement_db(noisy: ArrayLike, output: ArrayLike, reference: ArrayLike) -> float:
    """Return by how many dB ``output`` is nearer to the reference than ``noisy`` is."""
    return snr_db(output, reference) - snr_db(noisy, reference)


def mse(output: ArrayLike, reference: ArrayLike) -> float:
    """Return the mean square error in mV²: equation (3)."""
    out, ref = _pairs(output, reference)
    return float(np.mean((out - ref) ** 2)) if out.size else float("nan")


def rmse(output: ArrayLike, reference: ArrayLike) -> float:
    """Return the root mean square error in mV."""
    return float(np.sqrt(mse(output, reference)))


def prd(output: ArrayLike, reference: ArrayLike) -> float:
    """Return the percentage root-mean-square difference, ``100 sqrt(sum((s−x)²) / sum(x²))``."""
    return float(100 * 10 ** (-snr_db(output, reference) / 20))


def max_abs_deviation(output: ArrayLike, reference: ArrayLike) -> float:
    """Return the largest absolute deviation in mV."""
    out, ref = _pairs(output, reference)
    return float(np.max(np.abs(out - ref))) if out.size else float("nan")


def pearson(output: ArrayLike, reference: ArrayLike) -> float:
    """Return Pearson's correlation; NaN where either signal is constant."""
    out, ref = _pairs(output, reference)
    if not out.size:
        return float("nan")
    out, ref = out - out.mean(), ref - ref.mean()
    scale = np.sqrt((out @ out) * (ref @ ref))
    return float(np.clip(out @ ref / scale, -1, 1)) if scale > 0 else float("nan")


def compare(output: ArrayLike, reference: ArrayLike) -> Metrics:
    """Return all metrics over all values of the pair, several leads taken together."""
    return Metrics(
        snr_db=snr_db(output, reference),
        mse=mse(output, reference),
        rmse=rmse(output, reference),
        prd=prd(output, reference),
        max_abs_deviation=max_abs_deviation(output, reference),
        pearson=pearson(output, reference),
    )


def compare_leads(output: ArrayLike, reference: ArrayLike) -> list[Metrics]:
    """Return the metrics of each lead of two (leads, samples) signals."""
    return [
        compare(out, ref)
        for out, ref in zip(np.asarray(output), np.asarray(reference), strict=True)
    ]
