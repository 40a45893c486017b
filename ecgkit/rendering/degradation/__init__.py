"""Photos, scans and copies of rendered pages, their ground truth brought along."""
