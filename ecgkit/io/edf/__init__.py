"""EDF, EDF+ and BDF files: reader and writer."""
