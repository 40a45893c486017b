"""Trains, tests and reports the networks of the eleven labels."""
