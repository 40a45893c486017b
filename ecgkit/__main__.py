"""The command line, ``python -m ecgkit COMMAND``.

The commands: ``info``, ``denoise``, ``rhythm``, ``paper``, ``diagnose``, ``render``, ``models``.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import NoReturn

from ecgkit import RecordingError
from ecgkit.cli import DISCLAIMER, denoise, diagnose, info, models, render, rhythm
from ecgkit.cli import digitize as paper
from ecgkit.errors import PageError

BAD_INPUT, UNREADABLE_PAGE = 2, 3
COMMANDS = (info, denoise, rhythm, paper, diagnose, render, models)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    0; or, with one line on standard error, 2 for bad input and 3 for a picture that was opened but
    shows no page that can be read.
    """
    parser = _Parser(
        prog="python -m ecgkit", description=f"Open, denoise and look at ECGs. {DISCLAIMER}"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add(commands)
    chosen = parser.parse_args(arguments)
    try:
        chosen.run(chosen)
    except RecordingError as error:
        print(f"ecgkit: {' '.join(str(error).split())}", file=sys.stderr)
        page = isinstance(error, PageError) and error.stage != "open"
        return UNREADABLE_PAGE if page else BAD_INPUT
    except BrokenPipeError:  # whoever reads (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        print(f"ecgkit: {error.strerror}: {error.filename}", file=sys.stderr)
        return BAD_INPUT
    return 0


class _Parser(argparse.ArgumentParser):
    """Says what is wrong with the arguments in one line, as with any other bad input."""

    def error(self, message: str) -> NoReturn:
        print(f"ecgkit: {message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(BAD_INPUT)


if __name__ == "__main__":
    sys.exit(main())
