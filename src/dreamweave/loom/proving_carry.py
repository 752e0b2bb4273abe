"""CARRY: is the carry relation sound, and is it what the stored vectors say?

Finds it again, whole, in blocks, without the code that found it first. The
clauses that follow take the relation as given.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.carrying import BAND, DIMS_MAX, Carrying, exact_levels
from dreamweave.loom.papers import (
    Finding,
    Papers,
    Told,
    carrying_of,
    same_fragments,
    told_by,
)
from dreamweave.model.proofs import (
    Full,
)
from dreamweave.model.relations import Relation
from dreamweave.model.weaves import Weave

Progress = Callable[[int, int], None]


# Candidates compared at once, and fragments a tile: a tile of floats (256 x 2048 x 4
# bytes) stays in a core's cache. The answer does not depend on them.
BLOCK = 256
TILE = 2048


def carry_holds(papers: Papers, say: Finding, progress: Progress | None) -> None:
    full, relation = papers.full, papers.relation
    if full is None or relation is None:
        say.cannot("Who is carried by what is in the full certificate, which is not here.")
        return
    carrying, told = carrying_of(full, relation), told_by(full)
    m, n = full.header.n_candidates, full.header.n
    key = carrying.candidates().astype(np.int64) * n + carrying.teller
    held = np.sort(key)
    close = np.sort(key[carrying.level == 0])
    own = {(c, t) for c, who in enumerate(told.own) for t in who}
    must = own | told.said
    stands = all(full.fragments[f].candidate == c for c, f in enumerate(relation.first))
    sound = (
        bool((held[1:] != held[:-1]).all())
        and all(told.own)
        and all(c < m and t >= 0 for c, t in must)
        and bool(_among([c * n + t for c, t in must], close).all())
        and all(c < m for c, _ in told.denied)
        and not _among([c * n + t for c, t in told.denied - own], held).any()
        and stands
    )
    say.ask(
        sound,
        "Own words, and what people said carries them, carry them at the closest level; what"
        " they said does not carry them does not.",
        "The relation leaves out somebody's own words or what they said, counts somebody twice,"
        " or carries somebody who said it does not.",
    )
    _capped(full, carrying, told, say)
    weave = papers.weave
    if weave is None:
        say.cannot("weave.json is not here, so similarity was not computed again.")
    elif not 1 <= weave.dims <= DIMS_MAX:
        say.cannot("The vectors are too long, or empty, and were not compared.")
    elif not same_fragments(full, weave) or not stands:
        say.fails("The fragments of weave.json are not those of the certificate.")
    else:
        wrong = _n_unlike_vectors(full, relation, carrying, told, weave, progress)
        say.ask(
            wrong == 0,
            f"All of it, {len(carrying.teller)} pairs, was found again from the stored vectors.",
            f"{wrong} texts do not carry whom the stored vectors say.",
        )


def _among(asked: Sequence[int], held: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which of `asked` stand in `held`, which is sorted."""
    wanted = np.array(asked, dtype=np.int64)
    if not len(held):
        return np.zeros(len(wanted), dtype=bool)
    place = np.minimum(np.searchsorted(held, wanted), len(held) - 1)
    return np.asarray(held[place] == wanted)


def _capped(full: Full, carrying: Carrying, told: Told, say: Finding) -> None:
    h = full.header
    if h.cap is None:
        say.ask(
            not any(h.n_capped),
            "No list of carried people was cut short.",
            "Lists were cut short, and it does not say at what length.",
        )
        return
    n_levels = len(h.radii)
    by_level = np.bincount(
        carrying.candidates().astype(np.int64) * n_levels + carrying.level,
        minlength=h.n_candidates * n_levels,
    )
    lengths = np.cumsum(by_level.reshape(-1, n_levels), axis=1)
    long_enough = (lengths >= h.cap).sum(axis=0)
    within = True
    for c in np.flatnonzero(lengths[:, -1] > h.cap).tolist():
        kept = set(told.own[c])
        kept |= {int(t) for t in carrying.tellers(c, 0) if (c, int(t)) in told.said}
        within = within and int(lengths[c, -1]) <= max(h.cap, len(kept))
    say.ask(
        h.cap * h.k >= 4 * h.n and within and bool((np.array(h.n_capped) <= long_enough).all()),
        f"Lists were cut at {h.cap} people, which is at least four groups of n/k, and only where"
        " they were that long.",
        "Lists of carried people were cut shorter than is allowed or said.",
    )


def _n_unlike_vectors(
    full: Full,
    relation: Relation,
    carrying: Carrying,
    told: Told,
    weave: Weave,
    progress: Progress | None,
) -> int:
    """How many candidates carry others than the vectors say, at the levels they say.

    Floats sort out the clear cases; what lies within their rounding error of a
    radius is decided in whole numbers, as in `carrying`.
    """
    n, m, n_levels = full.header.n, full.header.n_candidates, len(full.header.radii)
    rows = np.frombuffer(weave.vectors, dtype=np.int8).reshape(-1, weave.dims)
    rows = rows[np.array(relation.first, dtype=np.int64)]  # (m, d)
    pairs = sorted((t, c) for c, who in enumerate(told.own) for t in who if t >= 0)
    if not pairs:
        return m
    teller, column = np.array(pairs, dtype=np.int64).T
    present, first = np.unique(teller, return_index=True)
    last = np.append(first[1:], len(teller))
    edges = np.unique(np.searchsorted(first, np.arange(0, len(teller) + TILE, TILE)))
    tiles = list(pairwise(edges.tolist()))
    length = np.sqrt((rows.astype(np.float64) ** 2).sum(axis=1))
    unit = (rows / np.where(length == 0, 1.0, length)[:, None]).astype(np.float32)
    columns = unit[column]  # (f, d)
    bounds = [radius / 1000 for radius in full.header.radii]
    floor = np.float32(bounds[-1] - BAND)
    own = np.array([(c, t) for c, who in enumerate(told.own) for t in who if t >= 0])
    said = np.array(sorted(told.said), dtype=np.int64).reshape(-1, 2)
    denied = np.array(sorted(told.denied), dtype=np.int64).reshape(-1, 2)

    wrong = 0
    for begin in range(0, m, BLOCK):
        end = min(m, begin + BLOCK)
        best = np.full((n, end - begin), -2.0, dtype=np.float32)
        across = np.ascontiguousarray(unit[begin:end].T)  # (d, b)
        for low, high in tiles:  # of tellers
            cosines = columns[first[low] : last[high - 1]] @ across
            best[present[low:high]] = np.maximum.reduceat(
                cosines, first[low:high] - first[low], axis=0
            )
        level = np.full(best.shape, n_levels, dtype=np.uint8)
        near, local = np.nonzero(best >= floor)
        cosine = best[near, local]
        at = np.zeros(len(near), dtype=np.uint8)
        unsure = np.zeros(len(near), dtype=bool)
        for bound in bounds:
            at += cosine < bound
            unsure |= np.abs(cosine - bound) <= BAND
        for i in np.flatnonzero(unsure).tolist():
            place = int(np.searchsorted(present, near[i]))
            theirs = rows[column[first[place] : last[place]]]
            asked = np.repeat(rows[begin + local[i]][None], len(theirs), axis=0)
            at[i] = exact_levels(asked, theirs, full.header.radii).min()
        level[near, local] = at
        for who, what in ((denied, n_levels), (said, 0), (own, 0)):
            inside = who[(who[:, 0] >= begin) & (who[:, 0] < end) & (who[:, 1] < n)]
            level[inside[:, 1], inside[:, 0] - begin] = what
        stored = np.full(best.shape, n_levels, dtype=np.uint8)
        row = slice(int(carrying.start[begin]), int(carrying.start[end]))
        local_of = np.repeat(np.arange(end - begin), np.diff(carrying.start[begin : end + 1]))
        stored[carrying.teller[row], local_of] = carrying.level[row]
        wrong += _n_unlike(stored, level, n_levels, full.header.cap)
        if progress:
            progress(end, m)
    return wrong


def _n_unlike(
    stored: NDArray[np.uint8], found: NDArray[np.uint8], n_levels: int, cap: int | None
) -> int:
    """How many columns differ; where the cap cut, whether it kept the closest."""
    same = (stored == found).all(axis=0)
    if cap is not None:
        kept = stored < n_levels
        over = (found < n_levels).sum(axis=0) > cap
        widest = np.where(kept, stored, 0).max(axis=0)
        nearest_left = np.where(kept, n_levels, found).min(axis=0)
        fair = (kept.sum(axis=0) >= cap) & (nearest_left >= widest)
        fair &= np.where(kept, stored == found, True).all(axis=0)
        same = np.where(over, fair, same)
    return int((~same).sum())
