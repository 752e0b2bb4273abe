"""Slow twins of the live gathering: everything again, from the reports that are lent now.

No bank: who pays what hangs on the whole evening, and `naive_choosing.Bank` is its
twin. Here is what must not hang on it: who is carried by what, who is overlooked,
and how wide the widest way is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt

import naive_carrying

from dreamweave.loom.carrying import same_text
from dreamweave.loom.telling import cut_in


@dataclass
class Lent:
    """A report that is lent."""

    teller: int
    text: str
    answers: int | None = None


def carried(lent: Mapping[int, Lent], said: Mapping[tuple[int, int], bool], reader):
    """words -> {teller: level} at the paying radii, told by told in the order of reports."""
    texts: dict[str, tuple[str, set[int], set[int]]] = {}
    for r, one in lent.items():
        for a, b, _ in cut_in(one.text, "en", said=True):
            piece = one.text[a:b]
            _, owners, reports = texts.setdefault(same_text(piece), (piece, set(), set()))
            owners.add(one.teller)
            reports.add(r)
    words, here = list(texts), sorted({one.teller for one in lent.values()})
    held = list(texts.values())
    answered = {(one.answers, one.teller) for one in lent.values()}

    def pairs(claims: set[tuple[int | None, int]]) -> list[tuple[int, int]]:
        return [
            (c, here.index(who))
            for c, (_, _, reports) in enumerate(held)
            for r, who in claims
            if r in reports and who in here
        ]

    rows = reader.read([piece for piece, _, _ in held], ["en"] * len(held)).tolist()
    lists, _ = naive_carrying.carry(
        rows,
        [[here.index(who) for who in owners] for _, owners, _ in held],
        len(here),
        reader.radii[: reader.n_paying],
        said=pairs({pair for pair, yes in said.items() if yes} | answered),
        denied=pairs({pair for pair, yes in said.items() if not yes}),
    )
    return {
        word: {here[who]: level for level, who in row}
        for word, row in zip(words, lists, strict=True)
    }


def rho(carried: Mapping[str, Mapping[int, int]], lines: set[str], n: int, k: int) -> Fraction:
    """The closest call at the primary radius, by its definition."""
    close = {w: {who for who, level in row.items() if level == 0} for w, row in carried.items()}
    held: dict[int, int] = {}
    for word in lines:
        for who in close[word]:
            held[who] = held.get(who, 0) + 1
    best = Fraction(0)
    for word, people in close.items():
        if word not in lines:
            for l in range(1, k + 1):  # noqa: E741
                count = sum(held.get(who, 0) < l for who in people)
                best = max(best, Fraction(k * count, n * l))
    return best


def cosine(a: Sequence[int], b: Sequence[int]) -> int:
    """In whole millionths, by one division at a time as the fast one does."""
    dot = sum(x * y for x, y in zip(a, b, strict=True))
    lengths = [sqrt(max(1, sum(x * x for x in row))) for row in (a, b)]
    return round(dot / lengths[1] / lengths[0] * 1_000_000)


def widest(vectors: Sequence[Sequence[int]], sources: Sequence[int], targets: Sequence[int]) -> int:
    """The width of the widest way, after Floyd and Warshall."""
    m = len(vectors)
    width = [[cosine(vectors[a], vectors[b]) for b in range(m)] for a in range(m)]
    for between in range(m):
        for a in range(m):
            for b in range(m):
                width[a][b] = max(width[a][b], min(width[a][between], width[between][b]))
    if set(sources) & set(targets):
        return 1_000_000
    return max(0, max(width[a][b] for a in sources for b in targets))
