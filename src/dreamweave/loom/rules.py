"""Rules: what a choice is made by, besides the carrying; the same for choosing, healing and closing.

A plain value, so that a new rule is one field and not one argument in six files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.lots import Lot

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Rules:
    """How lines are chosen.

    Attributes:
        k: places for lines, 1 or more.
        n_paying: how many radii, tightest first, people pay at.
        ranks: (m,) a permutation; a lower rank wins a tie.
        lot: the public draw for places nobody could pay for.
        own: per teller, their candidates, the best chorus line first.
        own_line_each: give whoever has no line of their own one beyond k.
    """

    k: int
    n_paying: int
    ranks: Ints = field(repr=False)
    lot: Lot = field(repr=False)
    own: Sequence[Sequence[int]] = field(repr=False)
    own_line_each: bool
