"""C2 and C3: was no group overlooked, and are the closest calls those that were printed?

Counts with the loom's own check; the stand-alone verifier counts with its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from dreamweave.loom.carrying import Carrying
from dreamweave.loom.checking import n_lines_carrying, n_without_line, overlooked
from dreamweave.loom.papers import (
    Finding,
    Papers,
    carrying_of,
    counted,
    lines_as_texts,
    people,
    text_of,
    told_by,
    with_fewer,
)
from dreamweave.model.proofs import (
    Closest,
    Full,
)
from dreamweave.model.weaves import Overlooked, Weave


def groups_hold(papers: Papers, say: Finding) -> None:
    paper = papers.full or papers.public
    if paper is None:
        say.cannot("The counts of overlooked groups are in the certificates, which are not here.")
        return
    h = paper.header
    if papers.full and papers.relation:
        taken = lines_as_texts(papers.full)
        if taken is None:
            say.fails("Two lines are the same text, or a line is no fragment.")
            return
        witness = overlooked(carrying_of(papers.full, papers.relation), taken, h.k, 0)
        count, l = witness.count, witness.l  # noqa: E741
        good = (
            f"No group of {people(-(-h.n // h.k))} or more sharing an image was left out; the"
            f" closest call is {people(count)} {with_fewer(l)}."
        )
    else:
        count, l = paper.closest[0].count, paper.closest[0].l  # noqa: E741
        good = f"The closest call, as printed, is {people(count)} {with_fewer(l)}."
        say.cannot("The counts behind it are in the full certificate, which is not here.")
    say.ask(
        l >= 1 and h.k * count < h.n * l,
        good,
        f"A group was overlooked: {people(count)} {with_fewer(l)}.",
    )


def levels_hold(papers: Papers, say: Finding) -> None:
    paper = papers.full or papers.public
    if paper is None:
        say.cannot("The closest calls are in the certificates, which are not here.")
        return
    h, closest = paper.header, paper.closest
    written = all(
        x.radius == radius and x.l >= 1 and x.rho == f"{h.k * x.count}/{h.n * x.l}"
        for x, radius in zip(closest, h.radii, strict=True)
    )
    if papers.weave:
        written = written and [(x.radius, x.fragment_i, x.count, x.l) for x in closest] == [
            (o.radius, o.fragment_i, o.count, o.l) for o in papers.weave.fairness.overlooked
        ]
    missed = [f"0.{x.radius:03d}" for x in closest if h.k * x.count >= h.n * x.l]
    say.ask(
        written and all(a > b for a, b in pairwise(h.radii)),
        f"rho is printed at {counted(len(closest), 'closeness', 'closenesses')} and is below 1 at"
        f" {'every one' if not missed else 'all but ' + ', '.join(missed)}.",
        "What is printed as the closest calls does not fit together.",
    )
    if papers.full is None or papers.relation is None:
        say.cannot("The counts behind it are in the full certificate, which is not here.")
        return
    taken = lines_as_texts(papers.full)
    if taken is None:
        say.fails("Two lines are the same text, or a line is no fragment.")
        return
    carrying = carrying_of(papers.full, papers.relation)
    say.ask(
        _calls_right(papers.full, carrying, taken, closest),
        "Counted again, the closest call at every closeness is the one printed.",
        "Counted again, a closest call is not the one printed.",
    )
    if papers.weave:
        _figures(papers.full, carrying, taken, papers.weave, say)


def _calls_right(
    full: Full, carrying: Carrying, taken: Sequence[int], calls: Sequence[Closest | Overlooked]
) -> bool:
    """Each call is the largest there is, and its witness is a text that is no line and has it."""
    h = full.header
    for level, x in enumerate(calls):
        witness = overlooked(carrying, taken, h.k, level)
        if not 1 <= x.l <= h.k or x.count * witness.l != witness.count * x.l:
            return False
        if x.fragment_i is None:
            if x.count:
                return False
            continue
        text = text_of(full, x.fragment_i)
        if text is None or text in taken:
            return False
        held = n_lines_carrying(carrying, taken, level)
        if int((held[carrying.tellers(text, level)] < x.l).sum()) != x.count:
            return False
    return True


def _figures(
    full: Full, carrying: Carrying, taken: Sequence[int], weave: Weave, say: Finding
) -> None:
    if len(full.fragments) != len(weave.fragments):
        say.fails("weave.json has other fragments than the certificate.")
        return
    fair, told, wide = weave.fairness, told_by(full), full.header.n_paying - 1
    popular = sorted({full.fragments[f].candidate for f in weave.popular})
    heard = {t for c in popular for t in told.own[c]}
    vanished = [i for t, row in enumerate(full.tellers) if t not in heard for i in row.threads]
    in_lines = sum(r.units for row in full.tellers for r in row.account if r.line is not None)
    say.ask(
        fair.n_without_line == n_without_line(carrying, taken, wide)
        and fair.n_without_line_popular == n_without_line(carrying, popular, wide)
        and sorted(weave.vanished) == sorted(vanished)
        and fair.voice_in_lines == in_lines
        and _calls_right(full, carrying, popular, fair.overlooked_popular),
        f"Of {people(full.header.n)}, {fair.n_without_line} are carried by no line and would be"
        f" {fair.n_without_line_popular} with the most popular lines; with the chorus, nobody.",
        "A figure printed beside the closest calls is not what it should be.",
    )
