"""python -m dreamweave.cli: the same as the command dreamweave."""

from __future__ import annotations

import sys

from dreamweave.cli import main

if __name__ == "__main__":
    sys.exit(main())
