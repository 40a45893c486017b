"""Plain functions on arrays: resampling, filters, noise, beats and signal metrics."""
