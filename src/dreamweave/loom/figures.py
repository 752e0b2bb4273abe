"""Figures: the counts behind "is this fair?", for the chosen lines and for the most popular.

Counts only. What they mean in words is the page's and the summary's business.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.carrying import Carrying
from dreamweave.loom.checking import n_without_line, overlooked_everywhere
from dreamweave.loom.choosing import Choice
from dreamweave.model.weaves import Fairness, Overlooked

Ints = NDArray[np.int64]


def fairness(
    carrying: Carrying,
    choice: Choice,
    popular: Ints,
    k: int,
    n_paying: int,
    fragment_of: Sequence[int],
) -> Fairness:
    """What the certificate's page says, for both cloths.

    Args:
        carrying, choice: of the same weave.
        popular: the candidates that the most popular choice takes.
        k: places for lines.
        n_paying: radii that people pay at; the widest of them says who holds nothing.
        fragment_of: the fragment that stands for each candidate.
    """
    widest = n_paying - 1
    return Fairness(
        overlooked=closest_calls(carrying, choice.lines, k, fragment_of),
        overlooked_popular=closest_calls(carrying, popular, k, fragment_of),
        n_without_line=n_without_line(carrying, choice.lines, widest),
        n_without_line_popular=n_without_line(carrying, popular, widest),
        voice_in_lines=int(choice.pay_units.sum()),
        voice_in_chorus=int(choice.chorus_units.sum()),
        n_capped=carrying.n_capped,
    )


def closest_calls(
    carrying: Carrying, lines: Ints, k: int, fragment_of: Sequence[int]
) -> tuple[Overlooked, ...]:
    """The witness at every radius, tightest first."""
    return tuple(
        Overlooked(
            radius,
            None if witness.candidate is None else int(fragment_of[witness.candidate]),
            witness.count,
            witness.l,
        )
        for radius, witness in zip(
            carrying.radii, overlooked_everywhere(carrying, lines, k), strict=True
        )
    )
