"""Times the way from a photo to its leads, and the UNet in other engines, side by side.

``python benchmarks/paper.py [--threads N]``. Prints Markdown. The engines see the same rectified
page of a photo 1,200 px wide, in turns, so that what else the machine does hits all alike. Their
Dice is that at 0.5 on patches of pages at all levels, of generated ECGs. Needs the package
``ecgkit[benchmark]``.
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray

from ecgkit.digitization.extraction import read_traces
from ecgkit.digitization.rectification.rectify import rectify
from ecgkit.digitization.segmentation import find_mask, load_network
from ecgkit.digitization.unet import UNet
from ecgkit.io.photo import open_photo
from ecgkit.paper.scale import PX_PER_MM
from ecgkit.processing.synthetic import generate_ecg
from ecgkit.rendering.degradation.degrade import random_page
from ecgkit.rendering.degradation.levels import LEVELS
from ecgkit.rendering.page import Page
from ecgkit.training.segmentation.patches import as_tensors, patches

WIDTH = 1200
PATCH, PER_PAGE, PAGES, CALIBRATION = 256, 4, 24, 8
REPEATS = 7

Array = NDArray[np.float32]
Engine = Callable[[Array], Array]
"""Pictures (n, 3, height, width) from 0 to 1 to logits (n, 1, height, width)."""


OTHERS = (
    "Nothing stands beside the whole way: of the packages on PyPI (November 2026) one makes "
    "signals of a page's picture, i2s-ecg 0.1.10, and it cuts the picture into fixed quarters and "
    "scales each line from 0 to 1, without time or voltage. Open-ECG-Digitizer, ECG-Image-Kit and "
    "paper-ecg are repositories, not packages."
)


def photo() -> Page:
    """Return a photo of the usual page, as wide as what messengers send."""
    recording = generate_ecg(10.0, 500.0, seed=1)
    for seed in range(1000):
        page = random_page(recording, "photo", seed, layout="3x4+1")
        if page.shape[1] == WIDTH and page.style.grid.kind == "lines":
            return page
    raise AssertionError("no page of that width")


def drawn_patches(first: int, pages: int) -> tuple[Array, Array]:
    """Return pictures and masks of pages at all levels."""
    found = []
    for seed in range(first, first + pages):
        recording = generate_ecg(10.0, 500.0, seed=seed, heart_rate=50 + seed % 70)
        page = random_page(recording, list(LEVELS)[seed % len(LEVELS)], seed)
        found += patches(page, PX_PER_MM, PATCH, PER_PAGE, seed)
    pictures, masks = as_tensors(found)
    return pictures.numpy(), masks.numpy()


def torch_engine(network: UNet, *, bfloat16: bool) -> Engine:
    """Return the network as ecgkit runs it."""

    def run(pictures: Array) -> Array:
        tensor = torch.from_numpy(pictures).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            logits: Array = network(tensor).float().numpy()
        return logits

    return run


def onnx_files(network: UNet, shape: tuple[int, ...], calibration: Array, folder: Path) -> Path:
    """Write the network as ONNX, with weights in float32 and quantised, and return the former."""
    from onnxruntime.quantization import CalibrationDataReader, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Reader(CalibrationDataReader):
        def __init__(self) -> None:
            self.left = iter(calibration)

        def get_next(self) -> dict[str, Array] | None:
            picture = next(self.left, None)
            return None if picture is None else {"picture": picture[None]}

    path = folder / "unet.onnx"
    batch, height, width = (torch.export.Dim(name) for name in ("n", "h", "w"))
    torch.onnx.export(
        Padded(network).eval(),
        (torch.zeros(2, *shape[1:]),),
        str(path),
        input_names=["picture"],
        output_names=["logits"],
        dynamic_shapes=({0: batch, 2: 16 * height, 3: 16 * width},),
        dynamo=True,
        external_data=False,
        verbose=False,
    )
    quant_pre_process(str(path), str(folder / "prepared.onnx"), skip_symbolic_shape=True)
    quantize_static(
        str(folder / "prepared.onnx"),
        str(folder / "unet-int8.onnx"),
        Reader(),
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
    )
    return path


class Padded(torch.nn.Module):
    """The network for pictures whose sides are multiples of 16 already."""

    def __init__(self, network: UNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        """Return logits; as :meth:`ecgkit.digitization.unet.UNet.forward`, without padding."""
        network, levels, x = self.network, [], picture
        for place, block in enumerate(network.down):
            x = block(torch.nn.functional.max_pool2d(x, 2) if place else x)
            levels.append(x)
        levels.pop()
        for grow, merge in zip(network.up, network.merge, strict=True):
            x = merge(torch.cat([levels.pop(), grow(x)], dim=1))
        logits: torch.Tensor = network.last(x)
        return logits


def onnxruntime_engine(path: Path, threads: int) -> Engine:
    """Return a file in ONNX Runtime."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    return lambda pictures: session.run(None, {"picture": pictures})[0]


def openvino_engines(path: Path, calibration: Array, threads: int) -> dict[str, Engine]:
    """Return a file in OpenVINO at three precisions."""
    with redirect_stdout(sys.stderr):  # where nncf tells of its progress
        import nncf
        import openvino

        core = openvino.Core()
        model = core.read_model(path)
        samples = nncf.Dataset([picture[None] for picture in calibration])
        quantised = nncf.quantize(model.clone(), samples, subset_size=len(calibration))

    def engine(of: openvino.Model, precision: str) -> Engine:
        hints = {"INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads}
        compiled = core.compile_model(of, "CPU", hints)
        return lambda pictures: np.asarray(compiled(pictures)[0], np.float32)

    return {
        "OpenVINO float32": engine(model, "f32"),
        "OpenVINO bfloat16": engine(model, "bf16"),
        "OpenVINO int8": engine(quantised, "f32"),
    }


def dice(engine: Engine, pictures: Array, masks: Array) -> float:
    """Return the Dice coefficient at one half over all patches together."""
    found = np.concatenate([engine(pictures[k : k + 8]) for k in range(0, len(pictures), 8)]) > 0
    true = masks > 0.5
    return 2 * float((found & true).sum()) / float(found.sum() + true.sum())


def in_turns(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Return the median time of each call in s."""
    spent: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(REPEATS + 1):
        for name, call in calls.items():
            started = time.perf_counter()
            call()
            if turn:  # the first warms up
                spent[name].append(time.perf_counter() - started)
    return {name: float(np.median(times)) for name, times in spent.items()}


def stages(page: Page) -> None:
    """Print the times of each stage."""
    content = cv2.imencode(".jpg", page.image[..., ::-1])[1].tobytes()
    picture = open_photo(content, "photo.jpg").picture
    flat = rectify(picture)
    mask = find_mask(flat.picture)
    times = in_turns(
        {
            "open the file": lambda: open_photo(content, "photo.jpg"),
            "rectify": lambda: rectify(picture),
            "mask (UNet)": lambda: find_mask(flat.picture),
            "leads": lambda: read_traces(mask, flat.picture),
        }
    )
    height, width = flat.picture.shape[:2]
    to_mask = sum(list(times.values())[:3])
    print(
        f"A photo of {page.shape[1]} x {page.shape[0]} px makes a page of {width} x {height} px at "
        f"{PX_PER_MM:g} px/mm.\n\n| stage | median (s) |\n| --- | ---: |"
    )
    for name, seconds in {
        **times,
        "photo to mask": to_mask,
        "photo to leads": sum(times.values()),
    }.items():
        print(f"| {name} | {seconds:.2f} |")
    print(f"\n{OTHERS}")


def engines(page: Page, threads: int) -> None:
    """Print times and Dice of the engines."""
    network = load_network()
    flat = rectify(page.image).picture
    height, width = (-(-side // 16) * 16 for side in flat.shape[:2])
    padded = cv2.copyMakeBorder(
        flat, 0, height - flat.shape[0], 0, width - flat.shape[1], cv2.BORDER_REPLICATE
    )
    whole = np.ascontiguousarray(padded.transpose(2, 0, 1)[None].astype(np.float32) / 255)
    calibration, _ = drawn_patches(10_000, CALIBRATION)
    pictures, masks = drawn_patches(20_000, PAGES)
    with tempfile.TemporaryDirectory() as name:
        path = onnx_files(network, pictures.shape, calibration, Path(name))
        found: dict[str, Engine] = {
            "torch float32": torch_engine(network, bfloat16=False),
            "torch bfloat16": torch_engine(network, bfloat16=True),
            "ONNX Runtime float32": onnxruntime_engine(path, threads),
            "ONNX Runtime int8": onnxruntime_engine(path.with_stem("unet-int8"), threads),
            **openvino_engines(path, calibration, threads),
        }
    times = in_turns({name: lambda e=engine: e(whole) for name, engine in found.items()})  # type: ignore[misc]
    print(
        f"\nThe UNet alone on that page ({width} x {height} px), and its Dice on "
        f"{len(pictures)} patches of {PAGES} drawn pages; int8 calibrated on {len(calibration)} "
        "others.\n\n| engine | median (s) | Dice |\n| --- | ---: | ---: |"
    )
    for name, engine in found.items():
        print(f"| {name} | {times[name]:.2f} | {dice(engine, pictures, masks):.4f} |")


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=2)
    threads = parser.parse_args().threads
    torch.set_num_threads(threads)
    cv2.setNumThreads(threads)
    print(f"{platform.machine()}, {threads} threads, torch {torch.__version__}\n")
    page = photo()
    stages(page)
    engines(page, threads)


if __name__ == "__main__":
    main()
