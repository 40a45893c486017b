"""Tables of numbers as text: dialect, time axis, reader and writer."""
