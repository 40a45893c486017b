"""Times the Morlet transform beside what a user would pick instead, in one run.

``python benchmarks/scalogram.py`` (needs ``pip install -e .[benchmark]`` for ssqueezepy; fCWT is
timed where it is installed: ``pip install fcwt`` needs a C++ compiler and FFTW). Prints a Markdown
table: 12 leads × 10 s at 256 Hz, 64 frequencies of 0.5 to 100 Hz, median in ms.
"""

from __future__ import annotations

import argparse
import platform
import warnings
from collections.abc import Callable
from functools import partial

import numpy as np
import pywt
from denoising import milliseconds

from ecgkit.demos import open_demo
from ecgkit.rhythm.preprocessing import FS, prepare
from ecgkit.rhythm.scalogram import HIGHEST, LOWEST, OMEGA_0, log_frequencies, scale_of

FREQUENCIES = log_frequencies()
SCALES = np.asarray(scale_of(FREQUENCIES)) * FS
PIXELS = 64

Work = Callable[[], object]


def ours(signal: np.ndarray) -> dict[str, Work]:
    """Return our transform on one thread and on two, and the stacked images in both modes."""
    import torch

    from ecgkit.rhythm.scalogram import scalogram, stacks

    tensor = torch.from_numpy(signal)

    def on(threads: int, work: Work) -> None:
        torch.set_num_threads(threads)
        work()

    transform = partial(scalogram, tensor, FS, FREQUENCIES)
    images = partial(stacks, tensor, FS, FREQUENCIES, PIXELS)
    return {
        "ecgkit, 1 thread": partial(on, 1, transform),
        "ecgkit, 2 threads": partial(on, 2, transform),
        "ecgkit, stacked images, 2 threads": partial(on, 2, images),
        "ecgkit, stacked images, each second alone, 2 threads": partial(
            on, 2, partial(images, mode="per_second")
        ),
    }


def pywavelets(signal: np.ndarray) -> dict[str, Work]:
    """Return PyWavelets' two methods."""
    wavelet = f"cmor2.0-{OMEGA_0 / (2 * np.pi):.12f}"
    work = partial(pywt.cwt, signal, SCALES, wavelet, 1 / FS, axis=-1)
    return {
        "PyWavelets cwt, as it comes (convolution)": work,
        'PyWavelets cwt, method="fft"': partial(work, method="fft"),
    }


def ssqueezepy(signal: np.ndarray) -> dict[str, Work]:
    """Return ssqueezepy's transform with the same wavelet and scales."""
    from ssqueezepy import Wavelet, cwt

    wavelet = Wavelet(("morlet", {"mu": OMEGA_0}))
    scales = SCALES[::-1].astype(np.float32)
    return {"ssqueezepy cwt": partial(cwt, signal, wavelet, scales=scales, fs=FS, padtype="zero")}


def fcwt(signal: np.ndarray) -> dict[str, Work]:
    """Return fCWT, which takes one lead at a time and has one Morlet wavelet, near to ours."""
    from fcwt import cwt

    def work(threads: int) -> None:
        for lead in signal:
            cwt(lead, FS, LOWEST, HIGHEST, FREQUENCIES.size, nthreads=threads, scaling="log")

    return {f"fCWT, nthreads={threads}": partial(work, threads) for threads in (1, 2)}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    signal = prepare(open_demo("12-lead")).signal
    warnings.simplefilter("ignore")  # of the other libraries
    print(f"{platform.machine()}, 12 leads × 10 s at {FS} Hz, {FREQUENCIES.size} frequencies\n")
    print("| transform | median (ms) |\n| --- | ---: |")
    for contender in (ours, pywavelets, ssqueezepy, fcwt):
        try:
            works = contender(signal)
        except ImportError as error:
            print(f"| {contender.__name__} | not timed: {error} |", flush=True)
            continue
        for name, work in works.items():
            print(f"| {name} | {milliseconds(work, runs):.1f} |", flush=True)


if __name__ == "__main__":
    main()
