"""ECG paper, tracings and scalograms as SVG."""
