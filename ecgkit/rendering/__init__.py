"""Pages of ECG paper with exact ground truth."""
