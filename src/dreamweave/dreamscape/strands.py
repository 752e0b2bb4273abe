"""Strands: which threads are drawn as one, and where what is drawn meets.

Up to 48 threads each is a strand of its own. Beyond that, threads that share
motifs are gathered into 48 to 72 strands of like size, so that a hundred or a
hundred thousand people still make one cloth that an eye can follow. Gathering
is for the drawing alone: nobody's voice, line or account knows of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.storyline import Ints
from dreamweave.model.weaves import Weave

Floats = NDArray[np.float64]

THREADS_MAX = 48
# From so many threads on, so many strands; never more than 72, which is what a phone draws.
_STRANDS = ((1_000, 72), (400, 64), (150, 56), (0, 48))
# No strand outgrows one and a half times the mean.
_CAP_NUM, _CAP_DEN = 3, 2
# A strand is in a knot when at least one in twenty of its threads is.
_SHARE = 20
# Where threads are drawn as strands, so many knots a passage are drawn, the largest:
# with all of them the moon of six hundred dreamers was one grey net. The others are
# told in the text.
_KNOTS_A_PASSAGE = 3
# Open warps drawn among the others; more kept seats than this share them.
OPEN_MAX = 12


@dataclass(frozen=True, slots=True)
class Meet:
    """A drawn knot: strands that share a motif at a passage, and the weave's knots it shows."""

    passage: int
    motif: int
    strands: tuple[int, ...]
    knots: tuple[int, ...]
    firm: bool


@dataclass(frozen=True, slots=True)
class Gathering:
    """What is drawn. Open warps are the last `len(open_size)` strands and hold no thread.

    `of_thread` is (N,); `offset` (N,) in [-1, 1] is a thread's place across its strand.
    """

    mode: Literal["threads", "strands"]
    of_thread: Ints
    offset: Floats
    size: tuple[int, ...]
    open_size: tuple[int, ...]
    meets: tuple[Meet, ...]

    @property
    def n_woven(self) -> int:
        return len(self.size)

    @property
    def n(self) -> int:
        return len(self.size) + len(self.open_size)


def gather(weave: Weave) -> Gathering:
    """Threads into strands, knots into what strands show of them, kept seats into open warps."""
    n_threads = len(weave.threads)
    if n_threads <= THREADS_MAX:
        of = np.arange(n_threads, dtype=np.int64)
        n_strands = n_threads
        mode: Literal["threads", "strands"] = "threads"
    else:
        n_strands = next(k for least, k in _STRANDS if n_threads >= least)
        of = clustered(n_threads, *_shared(weave), n_strands)
        mode = "strands"
    size = np.bincount(of, minlength=n_strands)
    offset = np.zeros(n_threads)
    if mode == "strands":
        order = np.argsort(of, kind="stable")
        first = np.concatenate([[0], np.cumsum(size)[:-1]])
        rank = np.empty(n_threads)
        rank[order] = np.arange(n_threads) - first[of[order]]
        offset = np.round((rank + 0.5) / size[of] * 2 - 1, 4)
    return Gathering(
        mode=mode,
        of_thread=of,
        offset=offset,
        size=tuple(int(s) for s in size),
        open_size=_open_warps(weave.n_open, n_strands, n_threads),
        meets=tuple(_meets(weave, of, size)),
    )


def _shared(weave: Weave) -> tuple[int, list[tuple[int, int]]]:
    """What threads share: motifs anywhere, and again motifs at the same passage.

    To meet in one place draws two threads together twice, so that strands hold
    people who go the same way and few strands must cross.
    """
    n_motifs = len(weave.motifs)
    said = {(f.thread_i, f.motif_i) for f in weave.fragments if f.motif_i is not None}
    place: dict[tuple[int, int], int] = {}
    for knot in weave.knots:
        key = place.setdefault((knot.passage_i, knot.motif_i), n_motifs + len(place))
        said.update((i, key) for i in knot.threads)
    return n_motifs + len(place), sorted(said)


def _open_warps(n_open: int, n_strands: int, n_threads: int) -> tuple[int, ...]:
    """How many kept seats each open warp stands for: one each while there is room."""
    if not n_open:
        return ()
    drawn = min(n_open, OPEN_MAX, max(1, -(-n_open * n_strands // max(1, n_threads))))
    if n_threads <= THREADS_MAX:
        drawn = min(n_open, OPEN_MAX)
    each, more = divmod(n_open, drawn)
    return tuple(each + (k < more) for k in range(drawn))


def _meets(weave: Weave, of: Ints, size: Ints) -> list[Meet]:
    """Drawn knots in the order of passages, the largest first; a strand is in one of a passage.

    Where a strand could be in several, the one most of its threads are in has it,
    then the larger knot. A knot left with no strand is told in the text alone; one
    whose people all lie in one strand is drawn on that strand.
    """
    tied: dict[tuple[int, int], list[int]] = {}
    for k, knot in enumerate(weave.knots):
        tied.setdefault((knot.passage_i, knot.motif_i), []).append(k)
    alone = len(size) == len(of)
    wishes: dict[int, list[tuple[int, int, int, int]]] = {}
    people: dict[tuple[int, int], int] = {}
    for (p, m), ks in tied.items():
        threads = {i for k in ks for i in weave.knots[k].threads}
        people[(p, m)] = len(threads)
    drawn = set(tied)
    if not alone:
        by_passage: dict[int, list[tuple[int, int]]] = {}
        for (p, m), n in people.items():
            by_passage.setdefault(p, []).append((-n, m))
        drawn = {
            (p, m) for p, held in by_passage.items() for _, m in sorted(held)[:_KNOTS_A_PASSAGE]
        }
    for p, m in sorted(drawn):
        threads = {i for k in tied[p, m] for i in weave.knots[k].threads}
        count = np.bincount(of[sorted(threads)], minlength=len(size))
        # One in twenty, and no fewer than everywhere: a knot spread thin over all strands
        # is shown where it is thickest.
        enough = (count * _SHARE >= size) & (count * len(of) >= len(threads) * size)
        for s in np.flatnonzero(enough).tolist():
            if count[s]:
                share = int(count[s]) * 10_000 // int(size[s])
                wishes.setdefault(p, []).append((-share, -len(threads), m, s))
    meets: list[Meet] = []
    for p in sorted(wishes):
        # A thread of two knots goes to the larger one; a strand to its own largest share.
        wish = sorted(wishes[p], key=lambda w: (w[1], w[2], w[3]) if alone else w)
        taken: dict[int, int] = {}
        for _, _, m, s in wish:
            taken.setdefault(s, m)
        groups: dict[int, list[int]] = {}
        for s, m in taken.items():
            groups.setdefault(m, []).append(s)
        for m in sorted(groups, key=lambda m: (-people[(p, m)], m)):
            if len(groups[m]) < 2 and alone:
                continue
            ks = tied[(p, m)]
            firm = any(weave.knots[k].firm for k in ks)
            meets.append(Meet(p, m, tuple(sorted(groups[m])), tuple(ks), firm))
    return meets


def clustered(n: int, n_motifs: int, said: list[tuple[int, int]], n_strands: int) -> Ints:
    """Threads into strands by shared motifs, greedily and evenly.

    Each strand opens with the thread that brings most not yet brought; then threads
    come, those with most to go by first, each to the strand where its motifs are
    commonest and which has room; then two rounds in which whoever would lie better
    elsewhere moves there. Whole numbers throughout; ties go to the lower number.

    Args:
        said: Pairs (thread, motif), each once, ascending.

    Returns:
        (n,) strand of each thread. Every strand holds a thread; none more than
        one and a half times the mean (rounded up), and few much less than it.

    Cost: O(len(said) * n_strands); 5,000 threads took 0.4 s, 100,000 with 400,000 pairs 4.4 s.
    """
    cap = -(-n * _CAP_NUM // (n_strands * _CAP_DEN))
    pairs = np.array(said, dtype=np.int64).reshape(-1, 2)
    df = np.bincount(pairs[:, 1], minlength=n_motifs)
    # A motif of everybody's tells strands apart as little as one that nobody shares.
    weight = np.array(
        [0 if d < 2 else 1 + 1000 * (n - int(d)) // n for d in df.tolist()], dtype=np.int64
    )
    motifs: list[NDArray[np.int64]] = np.split(
        pairs[:, 1], np.searchsorted(pairs[:, 0], np.arange(1, n))
    )

    of = np.full(n, -1, dtype=np.int64)
    size = np.zeros(n_strands, dtype=np.int64)
    held = np.zeros((n_motifs, n_strands), dtype=np.int64)

    def join(i: int, s: int, by: int = 1) -> None:
        size[s] += by
        held[motifs[i], s] += by
        of[i] = s if by > 0 else -1

    brought = np.ones(n_motifs, dtype=np.int64)
    for s in range(n_strands):
        gain = weight * 64 // brought
        new = np.bincount(pairs[:, 0], weights=gain[pairs[:, 1]], minlength=n).astype(np.int64)
        new[of >= 0] = -1
        i = int(new.argmax())
        join(i, s)
        brought[motifs[i]] += 1

    def best(i: int, room: int) -> int:
        """Where its motifs make up most of what is held, among strands smaller than `room`."""
        pull = (weight[motifs[i]] @ held[motifs[i]]) * 1024 // (size + 2)
        # Between equals, and for a thread that shares nothing, the emptiest.
        pull = np.where(size < room, pull * n + (n - size), -1)
        return int(pull.argmax())

    # Strands grow together: while threads come, none is far ahead of the mean so far.
    ahead = max(1, cap - -(-n // n_strands))
    n_joined = n_strands
    for i in np.lexsort((np.arange(n), -np.array([len(m) for m in motifs]))).tolist():
        if of[i] < 0:
            join(i, best(i, min(cap, n_joined // n_strands + ahead)))
            n_joined += 1
    least = 2 * n // (3 * n_strands)
    for _ in range(2):
        for i in range(n):
            here = int(of[i])
            if size[here] <= max(1, least) or not len(motifs[i]):
                continue
            join(i, here, -1)
            join(i, best(i, cap))
    return of
