"""From a photo, scan or PDF of a paper ECG to its leads as a Recording."""
