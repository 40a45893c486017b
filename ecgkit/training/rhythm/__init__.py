"""Trains, tests and reports the rhythm networks."""
