"""ecgkit: open, denoise and look at ECG recordings. For teaching and review; no medical device."""

import os

# Threads of torch that wait for each other by spinning make a network a hundred times slower as
# soon as anything else runs on the machine. Read when torch is imported, which happens later.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError

__all__ = ["STANDARD_LEADS", "Recording", "RecordingError"]
__version__ = "0.1.0"
