"""Passages: the road of lines cut into steps, and every thread's way through them.

Lines lie in the passage they were cut into. Everything else that was told is
led to a passage too, each thread forward only, so that threads meet where they
share a motif. Nothing is reordered here (see `loom.ordering`) and nothing is
explained (see `loom.knots`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dreamweave.loom.grouping import LONE, Bytes, Ints
from dreamweave.loom.ordering import neighbour_likeness

N_PASSAGES_MAX = 24

# In millionths, against the cosine of two neighbouring lines. Two lines of one
# motif would rather stay together; and a passage twice as long as the others,
# or empty of company, costs as much as a dozen cuts between plain neighbours.
SAME_MOTIF = 300_000
UNEVEN = 600_000

# What a fragment gains by a passage where another dreamer has its motif, and by
# every doubling of that company; what it loses for each passage (squared) away
# from its own place in the report. Company is worth a detour of seven passages.
MEET = 1000
MEET_MORE = 700
ASTRAY = 20
CROWDED = 600

# How often everybody looks again at where the others went. The last of four
# rounds moved less than one fragment in two hundred on the real reports.
ROUNDS = 4

# Up to this many threads, whoever still meets nobody is helped to; in larger
# Circles hardly anybody is left (1 in 300 on the real reports). A few tries each.
MENDED_MAX = 80
TRIES_MAX = 60

# Threads look one after another while they are few, and in this many parties
# where they are many: all at once, two would keep missing each other.
_PARTIES_MAX = 64

_FAR = -(10**12)


@dataclass(frozen=True, slots=True)
class PassagesResult:
    """Where everything lies.

    Attributes:
        passage_of_fragment: (m,) a passage for every fragment, never falling along a thread.
        lines: for each passage the lines in it, as positions in the road, in reading order.
        motifs: for each passage the motifs in which two or more dreamers meet there, the
            largest first.
    """

    passage_of_fragment: Ints
    lines: tuple[tuple[int, ...], ...]
    motifs: tuple[tuple[int, ...], ...]


def n_passages_for(n_lines: int) -> int:
    """How many passages a road is cut into.

    About two lines each while the road is short, then slowly more: 3 lines
    give 3, 12 give 8, 24 give 11, 48 give 14, 60 give 15, and 181 or more 24.
    """
    root = int(np.sqrt(2 * n_lines))
    return min(n_lines, N_PASSAGES_MAX, 5 + root, max(3, n_lines // 2 + 2))


def passages(
    line_order: Ints,
    fragment_thread: Ints,
    fragment_place: Ints,
    fragment_motif: Ints,
    thread_dreamer: Ints,
    vectors: Bytes,
    *,
    n_passages: int | None = None,
) -> PassagesResult:
    """Cut the road into passages and lead every thread through them.

    Args:
        line_order: (w,) the fragments that are lines, in reading order; a
            thread's own lines in its own order.
        fragment_thread: (m,) whose thread each fragment is on. A thread's
            fragments stand in its own order (report, then position).
        fragment_place: (m,) how far into its thread each lies, 0 to 1000.
        fragment_motif: (m,) a motif, or `LONE`.
        thread_dreamer: (t,) who each thread is: two threads of one dreamer do not meet.
        vectors: (m, d) signed bytes.
        n_passages: as many as this, at most one a line; by the rule of
            `n_passages_for` when left out.

    Raises:
        ValueError: `line_order` breaks a thread's own order, or there is no line.

    Cost: O(w^2) for the cut, O(m * passages) a round for the rest.
    Source: both are plain dynamic programming; rounds of best replies.
    Check: tests/loom/test_passages.py tries every cut and every way of small cases.
    """
    if not len(line_order):
        raise ValueError("a road without lines has no passages")
    _check_own_order(line_order, fragment_thread)
    n = n_passages_for(len(line_order)) if n_passages is None else n_passages
    n = max(1, min(n, len(line_order)))
    start = cut(neighbour_likeness(vectors[line_order]), fragment_motif[line_order], n)
    passage_of_line = np.zeros(len(line_order), dtype=np.int64)
    passage_of_line[start[1:]] = 1
    passage_of_line = np.cumsum(passage_of_line)

    fixed = np.full(len(fragment_thread), -1, dtype=np.int64)
    fixed[line_order] = passage_of_line
    at = lead(fixed, fragment_thread, fragment_place, fragment_motif, thread_dreamer, n)
    return PassagesResult(
        passage_of_fragment=at,
        lines=tuple(tuple(np.flatnonzero(passage_of_line == one).tolist()) for one in range(n)),
        motifs=_motifs_of(at, fragment_motif, thread_dreamer[fragment_thread], n),
    )


def cut(likeness: Ints, motif: Ints, n: int) -> Ints:
    """Where each of n passages begins: neighbours that belong together stay together.

    Args:
        likeness: (w - 1,) cosines of neighbouring lines, in millionths.
        motif: (w,) the motif of each line, or `LONE`.
    """
    w = len(motif)
    bond = likeness + SAME_MOTIF * ((motif[1:] == motif[:-1]) & (motif[1:] != LONE))
    # held[j] - held[i] is what a passage of lines i..j holds together.
    held = np.concatenate([[0], np.cumsum(bond)])
    length = np.arange(1, w + 1)
    # (len / mean - 1)^2, in whole millionths of the unevenness.
    uneven = UNEVEN * (length * n - w) ** 2 // (w * w)
    best = held - uneven  # the best value of lines 0..j as one passage
    back = np.zeros((n, w), dtype=np.int64)
    for k in range(1, n):
        then = np.full(w, _FAR, dtype=np.int64)
        for j in range(k, w):
            i = np.arange(k, j + 1)  # the last passage is i..j
            value = best[i - 1] + held[j] - held[i] - uneven[j - i]
            pick = int(value.argmax())
            then[j], back[k, j] = value[pick], i[pick]
        best = then
    start = np.zeros(n, dtype=np.int64)
    j = w - 1
    for k in range(n - 1, 0, -1):
        start[k] = back[k, j]
        j = int(start[k]) - 1
    return start


def lead(
    fixed: Ints,
    fragment_thread: Ints,
    fragment_place: Ints,
    fragment_motif: Ints,
    thread_dreamer: Ints,
    n: int,
) -> Ints:
    """A passage for every fragment: forward along its thread, towards company.

    Each thread in turn takes its best way given where the others are, by
    dynamic programming over its fragments; after a few rounds hardly anybody
    moves. `fixed` holds the passage of a line and -1 elsewhere.
    """
    m = len(fixed)
    if m == 0 or n == 1:
        return np.zeros(m, dtype=np.int64)
    order = np.argsort(fragment_thread, kind="stable")  # thread by thread, own order kept
    thread, motif = fragment_thread[order], fragment_motif[order]
    astray = _astray(fragment_place[order], n)
    _hold(astray, fixed[order])

    # First the lines and whatever can meet; then the rest, wherever these leave it room.
    telling = np.flatnonzero((motif != LONE) | (fixed[order] >= 0))
    met = _meet(astray[telling], thread[telling], motif[telling], thread_dreamer)
    if len(np.unique(thread)) <= MENDED_MAX:
        met = _mend(met, astray[telling], thread[telling], motif[telling], thread_dreamer)
    held = np.full(m, -1, dtype=np.int64)
    held[telling] = met
    _hold(astray, held)
    at = np.empty(m, dtype=np.int64)
    first, count = _spans(thread)
    _walk(at, astray, first, count, 0)
    out = np.empty(m, dtype=np.int64)
    out[order] = at
    return out


def _meet(astray: Ints, thread: Ints, motif: Ints, thread_dreamer: Ints) -> Ints:
    """Ways of the fragments that can meet: rounds in which each thread replies to the others."""
    at = np.empty(len(thread), dtype=np.int64)
    if not len(at):
        return at
    first, count = _spans(thread)
    company = _Company(motif, thread_dreamer[thread], astray.shape[1])
    n_parties = min(len(first), _PARTIES_MAX)
    party = np.arange(len(first)) % n_parties
    # Everybody first goes where their own place is, so that there is somebody to meet.
    _walk(at, astray, first, count, CROWDED)
    company.join(np.arange(len(at)), at)
    for _ in range(ROUNDS):
        before = at.copy()
        for one in range(n_parties):
            mine = party == one
            rows = _rows(first[mine], count[mine])
            wish = astray[rows] + company.gain(rows)
            company.leave(rows, at)
            way = np.empty(len(rows), dtype=np.int64)
            start = np.concatenate([[0], np.cumsum(count[mine])[:-1]])
            _walk(way, wish, start, count[mine], CROWDED)
            at[rows] = way
            company.join(rows, at)
        if np.array_equal(before, at):
            break
    return at


def _mend(at: Ints, astray: Ints, thread: Ints, motif: Ints, thread_dreamer: Ints) -> Ints:
    """Bring those who meet nobody to somebody, where two ways can be bent to cross.

    Replies alone cannot do it: each waits for the other to come. Here one
    fragment of both is held in one passage and both threads walk anew; kept if
    more dreamers are drawn in a knot than before.
    """
    dreamer = thread_dreamer[thread]
    n = astray.shape[1]
    reach = astray > _FAR
    first, count = _spans(thread)
    span_of = np.repeat(np.arange(len(first)), count)
    n_drawn, drawn = _drawn(at, motif, dreamer, thread)
    for lone in [one for one in np.unique(dreamer).tolist() if one not in drawn]:
        tries = 0
        for a in np.flatnonzero((dreamer == lone) & (motif != LONE)).tolist():
            others = np.flatnonzero((motif == motif[a]) & (dreamer != lone)).tolist()
            for b, p in ((b, p) for b in others for p in range(n) if reach[a, p] and reach[b, p]):
                tries += 1
                if tries > TRIES_MAX or lone in drawn:
                    break
                then = _bent(at, astray, motif, dreamer, first, count, span_of, (a, b), p)
                if then is None:
                    continue
                n_then, drawn_then = _drawn(then, motif, dreamer, thread)
                if n_then > n_drawn:
                    at, n_drawn, drawn = then, n_then, drawn_then
    return at


def _bent(
    at: Ints,
    astray: Ints,
    motif: Ints,
    dreamer: Ints,
    first: Ints,
    count: Ints,
    span_of: Ints,
    pair: tuple[int, int],
    p: int,
) -> Ints | None:
    """The ways with two fragments held in passage p and their threads walked anew, if they can."""
    company = _Company(motif, dreamer, astray.shape[1])
    company.join(np.arange(len(at)), at)
    out = at.copy()
    for row in pair:
        span = int(span_of[row])
        rows = np.arange(first[span], first[span] + count[span])
        wish = astray[rows] + company.gain(rows)
        held = np.full(len(rows), -1, dtype=np.int64)
        held[row - first[span]] = p
        _hold(wish, held)
        way = np.empty(len(rows), dtype=np.int64)
        _walk(way, wish, np.zeros(1, dtype=np.int64), count[[span]], CROWDED)
        # Company adds to what is out of reach, but never half way back.
        if (wish[np.arange(len(rows)), way] < _FAR // 2).any() or (np.diff(way) < 0).any():
            return None
        company.leave(rows, out)
        out[rows] = way
        company.join(rows, out)
    return out


def _drawn(at: Ints, motif: Ints, dreamer: Ints, thread: Ints) -> tuple[int, set[int]]:
    """How many dreamers are drawn in a knot, and who: the largest knot first, one a passage."""
    some = np.flatnonzero(motif != LONE)
    meeting: dict[tuple[int, int], set[tuple[int, int]]] = {}
    for p, m, d, t in zip(
        at[some].tolist(),
        motif[some].tolist(),
        dreamer[some].tolist(),
        thread[some].tolist(),
        strict=True,
    ):
        meeting.setdefault((p, m), set()).add((d, t))
    drawn: set[int] = set()
    taken: set[tuple[int, int]] = set()
    by_size = sorted(meeting, key=lambda key: (key[0], -len({d for d, _ in meeting[key]}), key[1]))
    for p, m in by_size:
        free = [(d, t) for d, t in meeting[p, m] if (p, t) not in taken]
        who = {d for d, _ in free}
        if len(who) >= 2:
            drawn |= who
            taken.update((p, t) for _, t in free)
    return len(drawn), drawn


def _hold(astray: Ints, at: Ints) -> None:
    """Where a fragment's passage is settled, every other passage is out of reach."""
    held = np.flatnonzero(at >= 0)
    astray[held] = _FAR
    astray[held, at[held]] = 0


def _spans(thread: Ints) -> tuple[Ints, Ints]:
    _, first, count = np.unique(thread, return_index=True, return_counts=True)
    return first, count


def _check_own_order(line_order: Ints, fragment_thread: Ints) -> None:
    by_thread = line_order[np.argsort(fragment_thread[line_order], kind="stable")]
    same = fragment_thread[by_thread[1:]] == fragment_thread[by_thread[:-1]]
    if (by_thread[1:] <= by_thread[:-1])[same].any():
        raise ValueError("line_order breaks the own order of a thread")


def _astray(place: Ints, n: int) -> Ints:
    """(m, n): what each passage costs a fragment, by its distance from the fragment's own place."""
    middle = (2 * np.arange(n) + 1) * 1000 // (2 * n)
    distance = middle - place[:, None]
    out: Ints = -(ASTRAY * distance * distance * n * n) // 1_000_000
    return out


def _rows(first: Ints, count: Ints) -> Ints:
    """All rows of some threads, thread by thread."""
    shift = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    rows: Ints = np.arange(int(count.sum())) + shift
    return rows


def _walk(at: Ints, wish: Ints, first: Ints, count: Ints, crowded: int) -> None:
    """The best forward way of each thread through its wishes, written into `at`.

    Args:
        wish: (rows, n); thread t has the `count[t]` rows from `first[t]` on.
        crowded: what staying in the passage of the fragment before costs.
    """
    n = wish.shape[1]
    longest = int(count.max())
    here = np.arange(n)
    came = np.zeros((longest, len(first), n), dtype=np.int8)
    value = np.zeros((len(first), n), dtype=np.int64)
    for j in range(longest):
        on = np.flatnonzero(count > j)
        now = wish[first[on] + j]
        if j:
            held = value[on]
            # The best of all passages before, and the first one that has it.
            top = np.maximum.accumulate(held, axis=1)
            rises = np.ones(held.shape, dtype=bool)
            rises[:, 1:] = top[:, 1:] > top[:, :-1]
            whence = np.maximum.accumulate(np.where(rises, here, 0), axis=1)
            move = np.full(held.shape, 2 * _FAR)
            move[:, 1:] = top[:, :-1]
            stay = held - crowded >= move
            came[j, on] = np.where(stay, here, np.roll(whence, 1, axis=1))
            now = now + np.where(stay, held - crowded, move)
        value[on] = now
    back = value.argmax(axis=1)
    for j in range(longest - 1, -1, -1):
        on = np.flatnonzero(count > j)
        at[first[on] + j] = back[on]
        if j:
            back[on] = came[j, on, back[on]]


class _Company:
    """How many dreamers have each motif in each passage, kept while threads move."""

    def __init__(self, motif: Ints, dreamer: Ints, n: int) -> None:
        self.motif = motif
        _, self.pair = np.unique(np.stack([dreamer, motif]), axis=1, return_inverse=True)
        self.pair = self.pair.reshape(-1)
        self.motif_of_pair = np.empty(int(self.pair.max()) + 1, dtype=np.int64)
        self.motif_of_pair[self.pair] = motif
        self.held = np.zeros((len(self.motif_of_pair), n), dtype=np.int32)
        self.n_dreamers = np.zeros((max(int(motif.max()) + 1, 1), n), dtype=np.int64)
        most = len(np.unique(dreamer)) + 1
        doublings = np.array([max(c, 1).bit_length() - 1 for c in range(most)], dtype=np.int64)
        self.worth = MEET + MEET_MORE * doublings
        self.worth[0] = 0

    def gain(self, rows: Ints) -> Ints:
        """(rows, n): what each passage is worth for the company of others there."""
        motif = self.motif[rows]
        others = self.n_dreamers[motif] - (self.held[self.pair[rows]] > 0)
        others[motif == LONE] = 0
        worth: Ints = self.worth[np.maximum(others, 0)]
        return worth

    def leave(self, rows: Ints, at: Ints) -> None:
        self._change(rows, at, -1)

    def join(self, rows: Ints, at: Ints) -> None:
        self._change(rows, at, 1)

    def _change(self, rows: Ints, at: Ints, by: int) -> None:
        rows = rows[self.motif[rows] != LONE]
        pair, passage = self.pair[rows], at[rows]
        touched = np.unique(np.stack([pair, passage]), axis=1)
        before = self.held[touched[0], touched[1]] > 0
        np.add.at(self.held, (pair, passage), by)
        after = self.held[touched[0], touched[1]] > 0
        motif = self.motif_of_pair[touched[0]]
        change = after.astype(np.int64) - before.astype(np.int64)
        np.add.at(self.n_dreamers, (motif, touched[1]), change)


def _motifs_of(at: Ints, motif: Ints, dreamer: Ints, n: int) -> tuple[tuple[int, ...], ...]:
    some = motif != LONE
    who = np.unique(np.stack([at[some], motif[some], dreamer[some]]), axis=1)
    met, n_dreamers = np.unique(who[:2], axis=1, return_counts=True)
    out: list[tuple[int, ...]] = []
    for one in range(n):
        here = np.flatnonzero((met[0] == one) & (n_dreamers >= 2))
        here = here[np.lexsort((met[1][here], -n_dreamers[here]))]
        out.append(tuple(met[1][here].tolist()))
    return tuple(out)
