"""WFDB records: header, signals, reader and writer."""
