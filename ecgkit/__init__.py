"""ecgkit: open, denoise and look at ECG recordings. For teaching and review; no medical device.

Everything here is imported when it is first used, so that ``import ecgkit`` costs nothing:

>>> import ecgkit
>>> recording = ecgkit.demo("generated")
>>> noisy = ecgkit.add_noise(recording, "muscle_artefact", snr_db=0)
>>> clean = ecgkit.denoise(noisy, method="dwt")
>>> round(ecgkit.detect_beats(clean).heart_rate)
70
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

# Threads of torch that wait for each other by spinning make a network a hundred times slower as
# soon as anything else runs on the machine. Read when torch is imported, which happens later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

if TYPE_CHECKING:  # the same names as in _HOMES; a test compares them
    from ecgkit.api.pages import read_page, render_page
    from ecgkit.api.reports import classify_rhythm, diagnose, load_model, plot
    from ecgkit.api.scalograms import Scalogram, scalogram
    from ecgkit.api.signals import demo, denoise, open, save
    from ecgkit.denoising.comparison import compare
    from ecgkit.errors import PageError
    from ecgkit.processing.beats import detect_beats
    from ecgkit.processing.noise import add_noise
    from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError

_HOMES = {
    "PageError": "ecgkit.errors",
    "Recording": "ecgkit.recording",
    "RecordingError": "ecgkit.recording",
    "STANDARD_LEADS": "ecgkit.recording",
    "Scalogram": "ecgkit.api.scalograms",
    "add_noise": "ecgkit.processing.noise",
    "classify_rhythm": "ecgkit.api.reports",
    "compare": "ecgkit.denoising.comparison",
    "demo": "ecgkit.api.signals",
    "denoise": "ecgkit.api.signals",
    "detect_beats": "ecgkit.processing.beats",
    "diagnose": "ecgkit.api.reports",
    "load_model": "ecgkit.api.reports",
    "open": "ecgkit.api.signals",
    "plot": "ecgkit.api.reports",
    "read_page": "ecgkit.api.pages",
    "render_page": "ecgkit.api.pages",
    "save": "ecgkit.api.signals",
    "scalogram": "ecgkit.api.scalograms",
}
"""Where each public name stands."""

__all__ = [
    "STANDARD_LEADS",
    "PageError",
    "Recording",
    "RecordingError",
    "Scalogram",
    "add_noise",
    "classify_rhythm",
    "compare",
    "demo",
    "denoise",
    "detect_beats",
    "diagnose",
    "load_model",
    "open",
    "plot",
    "read_page",
    "render_page",
    "save",
    "scalogram",
]
__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """Import a public name from its room when it is first asked for (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'ecgkit' has no attribute {name!r}")
    value = getattr(import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the public names, those that are not imported yet among them."""
    return sorted({*globals(), *__all__})
