"""Blocks that the networks of several rooms share."""
