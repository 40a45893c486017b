"""Times every denoising method beside what a user would pick instead, in one run.

``python benchmarks/denoising.py`` (needs ``pip install -e .[benchmark]`` for NeuroKit2).
Prints a Markdown table: median of the runs, in ms, on the number of threads that torch uses.
"""

from __future__ import annotations

import argparse
import platform
import statistics
import time
import warnings
from collections.abc import Callable

import numpy as np
import pywt
from scipy.signal import butter, medfilt, sosfiltfilt

from ecgkit import Recording
from ecgkit.denoising import make_method
from ecgkit.processing.noise import add_noise
from ecgkit.processing.synthetic import generate_ecg

WARM_UP = 2


def pywavelets_alone(recording: Recording) -> None:
    """Threshold as the PyWavelets documentation shows: one lead at a time, soft, universal."""
    for lead in recording.signal:
        coefficients = pywt.wavedec(lead.copy(), "db8", level=5)  # it wants it writable
        threshold = np.median(np.abs(coefficients[-1])) / 0.6745 * np.sqrt(2 * np.log(lead.size))
        kept = [pywt.threshold(detail, threshold, "soft") for detail in coefficients[1:]]
        pywt.waverec([coefficients[0], *kept], "db8")


def scipy_bandpass(recording: Recording) -> None:
    """Filter with a fourth-order Butterworth, forwards and backwards."""
    sos = butter(4, (0.5, 40), "bandpass", fs=recording.fs, output="sos")
    sosfiltfilt(sos, recording.signal, axis=-1)


def scipy_median(recording: Recording) -> None:
    """Take the baseline away by medians of 200 and 600 ms, the other textbook filter."""
    short, long = (2 * round(seconds * recording.fs / 2) + 1 for seconds in (0.2, 0.6))
    for lead in recording.signal:
        lead - medfilt(medfilt(lead, short), long)


def neurokit(recording: Recording) -> None:
    """Clean with NeuroKit2's default method."""
    import neurokit2

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for lead in recording.signal:
            neurokit2.ecg_clean(lead, sampling_rate=round(recording.fs))


def contenders() -> dict[str, Callable[[Recording], object]]:
    """Return what is timed, by name."""
    ours = {
        "ecgkit APR-CNN": make_method("aprcnn"),
        "ecgkit autoencoder": make_method("autoencoder"),
        "ecgkit DWT": make_method("dwt"),
        "ecgkit DWT + baseline step": make_method("dwt", baseline=True),
        "ecgkit band-pass": make_method("bandpass"),
    }
    return {
        **{name: method.denoise for name, method in ours.items()},
        "PyWavelets alone": pywavelets_alone,
        "NeuroKit2 ecg_clean": neurokit,
        "SciPy sosfiltfilt": scipy_bandpass,
        "SciPy medfilt (200 + 600 ms)": scipy_median,
    }


def milliseconds(work: Callable[[], object], runs: int, warm_up: int = WARM_UP) -> float:
    """Return the median time of a call, after so many calls that do not count."""
    times = []
    for number in range(warm_up + runs):
        started = time.perf_counter()
        work()
        if number >= warm_up:
            times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=7)
    runs = parser.parse_args().runs
    import torch  # after ecgkit, as in the application: ecgkit sets how torch's threads wait

    short = add_noise(generate_ecg(10.0, 500.0), "blend", 6.0)
    long = add_noise(generate_ecg(1800.0, 360.0, leads=("II", "V1")), "blend", 6.0)
    print(f"{platform.machine()}, {torch.get_num_threads()} threads, torch {torch.__version__}\n")
    print("| method | 10 s × 12 leads, 500 Hz (ms) | 30 min × 2 leads, 360 Hz (ms) |")
    print("| --- | ---: | ---: |")
    for name, work in contenders().items():
        first = milliseconds(lambda work=work: work(short), runs)  # type: ignore[misc]
        second = milliseconds(lambda work=work: work(long), max(1, runs // 3))  # type: ignore[misc]
        print(f"| {name} | {first:.1f} | {second:.0f} |", flush=True)


if __name__ == "__main__":
    main()
