"""``python -m ecgkit``: the same as the command ``ecgkit``."""

import sys

from ecgkit.cli import main

if __name__ == "__main__":
    sys.exit(main())
