"""Measure and look at how pages are read.

``python -m ecgkit.training.digitization evaluate``               docs/results/digitization.md
``python -m ecgkit.training.digitization contact-sheet OUT.png``  photos beside what was read
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ecgkit.training.datasets.databases import data_folder
from ecgkit.training.digitization.contact_sheet import contact_sheet
from ecgkit.training.digitization.evaluate import COMMAND, RESULTS, ROWS, evaluate


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands."""
    parser = argparse.ArgumentParser(
        prog=COMMAND, description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=None, help="folder of the databases")
    commands = parser.add_subparsers(dest="command", required=True)
    measure = commands.add_parser("evaluate", help="draw pages, read them, write the results")
    measure.add_argument("--drawn", type=int, default=40, help="pages of PTB-XL, a level")
    measure.add_argument("--others", type=int, default=20, help="of each other source, a level")
    measure.add_argument("--seed", type=int, default=0)
    measure.add_argument("--threads", type=int, default=1, help="of each process")
    measure.add_argument("--jobs", type=int, default=1, help="processes; their times disturb")
    measure.add_argument("--out", type=Path, default=RESULTS)
    measure.add_argument("--rows", type=Path, default=ROWS, help="gets a line for each page")
    measure.add_argument(
        "--resume", action="store_true", help="keep the pages that a broken run has measured"
    )
    sheet = commands.add_parser("contact-sheet", help="photos beside what was read, for looking at")
    sheet.add_argument("out", type=Path, metavar="OUT.png")
    sheet.add_argument(
        "--photos", type=Path, default=None, help="folder (paper_photos of the data folder)"
    )
    sheet.add_argument("--rows", type=int, default=0, help="a sheet; all on one by default")
    chosen = parser.parse_args(arguments)
    folder = chosen.data or data_folder()
    if chosen.command == "contact-sheet":
        contact_sheet(chosen.photos or folder / "paper_photos", chosen.out, chosen.rows)
        return
    evaluate(
        folder,
        drawn=chosen.drawn,
        others=chosen.others,
        seed=chosen.seed,
        threads=chosen.threads,
        jobs=chosen.jobs,
        out=chosen.out,
        rows=chosen.rows,
        resume=chosen.resume,
    )


if __name__ == "__main__":
    main()
