"""Check the front end's types with the TypeScript it is built by.

Needs no Node of one's own: it uses the packaged one, as the build does. It
builds nothing and changes nothing.
"""

from __future__ import annotations

import subprocess
import sys

from build_front import FRONT, node, npm


def check() -> int:
    """Print what TypeScript says; 0 when it has nothing to say."""
    if not (FRONT / "node_modules/typescript").is_dir():
        npm("ci", "--no-audit", "--no-fund")
    try:
        node("node_modules/typescript/bin/tsc", "--noEmit", "-p", ".")
    except subprocess.CalledProcessError as error:
        return error.returncode
    return 0


if __name__ == "__main__":
    sys.exit(check())
