"""Trains, tests and reports the denoising networks."""
