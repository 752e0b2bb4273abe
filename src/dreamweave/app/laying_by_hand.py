"""Laying by hand: acts for a picture while there is no loom, or for a report that it cannot bear.

What is told is then seen and read all the same; it meets nobody. Plain rules
over a picture, and no words.
"""

from __future__ import annotations

from collections import Counter

from dreamweave.model.acts import Act, Picture

N_PASSAGES = 16


def strung_by_hand(n_warps: int, n_open: int) -> list[Act]:
    """Warps side by side, where there is no loom to string them."""
    lanes = [round(1800 * (w + 1) / (n_warps + 1)) - 900 for w in range(n_warps)]
    return [["warps", n_warps, N_PASSAGES, list(range(n_open))], ["passage", 0, lanes]]


def emptiest(picture: Picture) -> int:
    """The warp on which least is told, and that is not kept for somebody."""
    n_told = Counter(told.warp for told in picture.told.values())
    free = [w for w in range(picture.n_warps) if w not in picture.open]
    return min(free or range(picture.n_warps), key=lambda w: (n_told[w], w))
