"""The command line, ``ecgkit COMMAND``: one module a command, imported when it is chosen.

A module's ``add`` says which arguments its command takes, its ``run`` does it.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

from ecgkit import __version__

BAD_INPUT, UNREADABLE_PAGE = 2, 3
COMMANDS = {
    "info": ("ecgkit.cli.info", "leads, sampling frequency, duration, gaps, heart rate"),
    "denoise": ("ecgkit.cli.denoise", "denoise a recording"),
    "rhythm": (
        "ecgkit.cli.rhythm",
        "sinus rhythm, sinus bradycardia, atrial fibrillation or tachycardia",
    ),
    "paper": ("ecgkit.cli.digitize", "leads and labels of a photo, scan or PDF of a paper ECG"),
    "diagnose": (
        "ecgkit.cli.diagnose",
        "eleven labels of a recording, each against its own threshold",
    ),
    "render": ("ecgkit.cli.render", "draw a recording on ECG paper"),
    "models": ("ecgkit.cli.models", "the networks and their cards"),
}
"""Name -> module, and what the command is for."""
DISCLAIMER = "For teaching and review; not a medical device."


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status.

    Parameters
    ----------
    arguments
        What stands behind ``ecgkit``; by default what the process was given.

    Returns
    -------
    int
        0; or, with one line on standard error, 2 for bad input and 3 for a picture that was opened
        but shows no page that can be read.
    """
    # OpenBLAS makes its threads wait by spinning: on matrices as small as those of a page, that
    # takes four times the processor time of the work. Read when NumPy is imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from ecgkit.errors import PageError
    from ecgkit.recording import RecordingError

    given = list(sys.argv[1:] if arguments is None else arguments)
    parser = _Parser(prog="ecgkit", description=f"Open, denoise and look at ECGs. {DISCLAIMER}")
    parser.add_argument("--version", action="version", version=f"ecgkit {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, (module, words) in COMMANDS.items():
        command = commands.add_parser(name, help=words)
        if given[:1] == [name]:  # no other command has to be imported
            chosen = import_module(module)
            chosen.add(command)
            command.set_defaults(run=chosen.run)
    options = parser.parse_args(given)
    try:
        options.run(options)
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
