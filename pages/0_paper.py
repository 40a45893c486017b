"""Where a deep link to this page lands on a server that has just started; see app.py."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).resolve().parents[1] / "app.py"))
