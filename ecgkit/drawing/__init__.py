"""Everything that is drawn: ECG paper, the overview strip, charts, tables and the report."""
