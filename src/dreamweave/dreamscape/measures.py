"""Measures: how much room strands have, for how many there are.

One table for the finished weave and the live one, so that a moon does not grow
fat or thin when it closes. Design units of the wide sheet; what they are laid
out to is `lanes`', and how wide a strand is drawn is each drawing's.
"""

from __future__ import annotations

from dreamweave.dreamscape.lanes import Gaps


def slender(n: int) -> float:
    """How much of the sheet's band a weave of n strands fills: few people, a slender moon."""
    if n < 3:
        return 0.26 if n < 2 else 0.42
    return 0.565 if n <= 5 else min(1.0, 0.565 + 0.435 * (n - 5) / 10)


def gaps_of(n: int, *, strands: bool = False) -> Gaps:
    """Room between n threads, or between strands that stand for many threads each."""
    if n <= 5:
        return Gaps(34, 44, 60)
    if strands:
        return Gaps(3.4, 13, 3.9)
    # From a handful to two dozen the room a thread has shrinks evenly.
    t = max(0, 24 - n) / 18
    return Gaps(7.4 + 12.6 * t, 36 + 16 * t, 8.8 + 31.2 * t)
