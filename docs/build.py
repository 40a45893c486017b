"""Build the API reference from the docstrings: ``python docs/build.py [FOLDER]``.

Writes HTML into ``build/reference`` or the folder that is given; needs the ``docs`` extra.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("ecgkit", "!ecgkit.training", "!ecgkit.__main__")
"""What is documented; the trainings say by --help what they do."""


def build(folder: Path) -> Path:
    """Write the reference and return its first page."""
    import pdoc

    pdoc.render.configure(docformat="numpy", search=True)
    pdoc.pdoc(*MODULES, output_directory=folder)
    return folder / "index.html"


if __name__ == "__main__":
    print(build(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "reference"))
