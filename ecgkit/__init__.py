"""ecgkit: open, denoise and look at ECG recordings. For teaching and review; no medical device."""

from ecgkit.recording import STANDARD_LEADS, Recording, RecordingError

__all__ = ["STANDARD_LEADS", "Recording", "RecordingError"]
__version__ = "0.1.0"
