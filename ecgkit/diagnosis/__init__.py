"""Eleven diagnostic labels of a digital or digitized twelve-lead ECG."""
