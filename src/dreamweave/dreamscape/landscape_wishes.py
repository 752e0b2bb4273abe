"""Wishes: what asks for a place in a landscape, the largest motif first, and what a landscape is.

Which sentences of a motif are the strongest, which motifs become figures, and
where kept seats stand among the words is decided here, for every sheet alike.
Where things stand is `landscape_wide`'s and `landscape_phone`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from dreamweave.dreamscape.landscape_figures import (
    Box,
    Figure,
)
from dreamweave.dreamscape.landscape_kinds import KINDS, Band, Kind, family_of
from dreamweave.dreamscape.landscape_strokes import (
    OPEN,
    Saying,
    saying,
)
from dreamweave.model.weaves import Weave

Sheet = Literal["wide", "phone"]

# Sentences of one motif that are drawn at most: beyond it a figure is only texture.
SHOWN_MAX = 16

# Motifs that become figures: the largest, and of fewer than three sentences only where a land
# would else be bare. What else was said lies in the furrows of the shore.
FIGURES_MAX, FIGURES_BARE = 12, 5
FIGURE_SAID_MIN = 3

# Sentences that met nobody's words and are drawn, at most.
LONE_MAX = 90

# Kept seats that are drawn dotted at most, so that a hall's do not crowd out its words.
OPEN_MAX = 12


@dataclass(frozen=True, slots=True)
class Placed:
    """A motif in the landscape. `motif_i` is None for what meets nobody's words.

    `n` sentences are of it, `shown` of them drawn.
    """

    motif_i: int | None
    kind: str
    band: Band
    box: Box
    figure: Figure = field(repr=False)
    n: int

    @property
    def shown(self) -> int:
        return len(self.figure.fragments)


@dataclass(frozen=True, slots=True)
class Land:
    """The whole: a sheet, its bands (top and bottom of each) and what stands in them, far things first."""

    sheet: Sheet
    width: float
    height: float
    bands: Mapping[Band, tuple[float, float]]
    placed: tuple[Placed, ...]


@dataclass(slots=True)
class Wish:
    """A motif that asks for a place: its family, its sentences (the strongest first), how many there are."""

    motif_i: int
    kind: Kind
    told: list[Saying]
    n: int
    wants: float = 0.0


def wishes_of(weave: Weave) -> tuple[list[Wish], list[Saying]]:
    """Motifs that somebody said, the largest first, each with its sentences, the strongest first."""
    strength: dict[int, int] = {line.fragment_i: line.n_carried for line in weave.lines}
    of: dict[int | None, list[int]] = {}
    for i, fragment in enumerate(weave.fragments):
        if fragment.text.strip():
            of.setdefault(fragment.motif_i, []).append(i)

    def strongest(i: int) -> tuple[int, int, int]:
        m = weave.fragments[i].motif_i
        best = m is not None and weave.motifs[m].fragment_i == i
        return (-int(best), -strength.get(i, 0), i)

    wishes = []
    for m, motif in enumerate(weave.motifs):
        if mine := sorted(of.get(m, ()), key=strongest):
            told = [saying(i, weave.fragments[i].text) for i in mine[:SHOWN_MAX]]
            wishes.append(Wish(m, KINDS[family_of(motif)], told, len(mine)))
    wishes.sort(key=lambda w: (-w.n, -weave.motifs[w.motif_i].n_dreamers, w.motif_i))
    n_small = next((k for k, w in enumerate(wishes) if w.n < FIGURE_SAID_MIN), len(wishes))
    n_figures = min(FIGURES_MAX, max(FIGURES_BARE, n_small))
    rest = [s.fragment_i for w in wishes[n_figures:] for s in w.told]
    rest = sorted([*rest, *of.get(None, ())], key=strongest)
    lone = [saying(i, weave.fragments[i].text) for i in rest[:LONE_MAX]]
    wishes = wishes[:n_figures]
    for k in range(min(weave.n_open, OPEN_MAX)):
        if not wishes:
            lone.insert(min(len(lone), 2 * k + 1), OPEN)
        else:
            # Among the others, in the moon first, where everybody sees that a seat is kept.
            by_moon = sorted(wishes, key=lambda w: w.kind.name != "crescent")
            told = by_moon[k % len(wishes)].told
            told.insert(min(len(told), 2), OPEN)
    return wishes, lone
