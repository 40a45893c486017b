"""Trains and ships the UNet that finds the traces of a page."""
