"""How long the proofs run: a bounded part in every test run, the published goals on request.

`DREAMWEAVE_PROVE=1` (or `make prove`) runs the goals of docs/reference/proofs.md.
"""

from __future__ import annotations

import os

PROVING = os.environ.get("DREAMWEAVE_PROVE", "") not in ("", "0")


def goal(bounded: int, whole: int) -> int:
    """`whole` when the published figure is wanted, `bounded` otherwise."""
    return whole if PROVING else bounded
