"""Measures how well pages are read."""
