"""Rhythm: the scalogram transform, three networks, and the report on a recording."""
