"""Backing: what lies behind the picture of a live weave, and is shown to nobody.

Which reports lie on which warp, whose thread each is, which share a motif, and
which two somebody's own word ties; and the two questions that are asked of it,
which knot a report is tied in and whether a knot is firm. It lays nothing out
and makes no act.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from dreamweave.model.acts import KnotAct, Picture

# A knot ties so many warps: more are a net in which nobody finds a thread.
KNOT_WARPS_MAX = 6
# A strand of many is tied where at least one in twenty of its reports shares the motif.
_SHARE = 20

# Motifs with the reports that share each.
Meets = Sequence[tuple[int, Sequence[int]]]


@dataclass(slots=True)
class Backing:
    """Behind one picture.

    `on` has the reports of every warp, `threads` those of dreamers, `saying` those that
    share a motif; `by_word` are the pairs that somebody tied by their own word.
    """

    picture: Picture
    threads: dict[int, int]
    saying: dict[int, set[int]]
    by_word: set[frozenset[int]]
    on: list[set[int]]

    @classmethod
    def of(
        cls,
        picture: Picture,
        threads: Mapping[int, int],
        saying: Mapping[int, Collection[int]],
        by_word: Collection[tuple[int, int]],
    ) -> Backing:
        """Behind a picture that is there already."""
        on: list[set[int]] = [set() for _ in range(picture.n_warps)]
        for r, told in picture.told.items():
            on[told.warp].add(r)
        return cls(
            picture,
            {r: thread for r, thread in threads.items() if r in picture.told},
            {m: set(reports) & picture.told.keys() for m, reports in saying.items()},
            {frozenset(pair) for pair in by_word},
            on,
        )

    def share(self, meets: Meets, r: int) -> None:
        """A new report shares these motifs with those."""
        for motif, reports in meets:
            held = self.saying.setdefault(motif, set())
            held.update(q for q in reports if q in self.picture.told)
            held.add(r)

    def drop(self, r: int) -> None:
        """A report is gone: nothing of it stays behind the picture."""
        told = self.picture.told.get(r)
        if told is not None:
            self.on[told.warp].discard(r)
        self.threads.pop(r, None)
        for reports in self.saying.values():
            reports.discard(r)
        self.by_word = {pair for pair in self.by_word if r not in pair}

    def home(self, thread: int) -> int | None:
        """The warp on which a thread was first told, if it was."""
        first = min((r for r, one in self.threads.items() if one == thread), default=None)
        return None if first is None else self.picture.told[first].warp

    def bare(self) -> list[int]:
        """Warps that nobody lies on and that are kept for nobody."""
        return [w for w, held in enumerate(self.on) if not held and w not in self.picture.open]

    def tie(self, t: int, warp: int | None, meets: Meets) -> tuple[int, KnotAct] | None:
        """The knot of passage `t` that a warp is tied in by the first of its motifs that can tie it.

        A motif has one knot a passage until that is full, and a warp is in one at
        most. Those tied with it said the motif before, the first in `meets` first.

        Args:
            warp: None for a bare one that is still to be chosen.

        Returns:
            The knot's number and how it is then; without the warp where that is
            None. Nothing where nobody can be tied.
        """
        here = {k: knot for k, knot in self.picture.knots.items() if knot.passage == t}
        tied = {w for knot in here.values() for w in knot.warps}
        for motif, reports in meets:
            k, members = self._knot_for(motif, warp, here)
            if warp in tied and warp not in members:
                continue  # it lies in another knot of this passage
            new = () if warp is None or warp in members else (warp,)
            room = KNOT_WARPS_MAX - len(members) - (warp not in members)
            others = self._sharing(reports, {*tied, *new})[:room]
            if others or (members and warp not in members):
                return k, KnotAct(t, motif, (*members, *new, *others), 0)
        return None

    def is_firm(self, knot: KnotAct) -> bool:
        """Whether somebody's own word ties two of its warps: one answers the other, or carries them."""
        told = self.picture.told
        at = {r: told[r].warp for w in knot.warps for r in self._held_in(knot, w)}
        pairs = [(r, told[r].answers) for r in at] + [tuple(pair) for pair in self.by_word]
        return any(a in at and b in at and at[a] != at[b] for a, b in pairs)

    def left(self, knot: KnotAct) -> tuple[int, ...]:
        """The warps of a knot on which somebody still says its motif."""
        return tuple(w for w in knot.warps if self._held_in(knot, w))

    def held(self, knot: KnotAct, warp: int) -> bool:
        """Whether anything is told on a warp by the passage of a knot."""
        return any(self.picture.told[r].passage <= knot.passage for r in self.on[warp])

    def _knot_for(
        self, motif: int, warp: int | None, here: Mapping[int, KnotAct]
    ) -> tuple[int, tuple[int, ...]]:
        """The knot of a motif in which the warp is, or has room; else a new one, with nobody in it."""
        held = [(k, knot.warps) for k, knot in here.items() if knot.motif == motif]
        for k, warps in held:
            if warp in warps:
                return k, warps
        for k, warps in held:
            if len(warps) < KNOT_WARPS_MAX:
                return k, warps
        return max(self.picture.knots, default=-1) + 1, ()

    def _held_in(self, knot: KnotAct, warp: int) -> list[int]:
        """The reports of a warp for which it is in a knot."""
        saying, told = self.saying.get(knot.motif, set()), self.picture.told
        return [r for r in self.on[warp] & saying if told[r].passage <= knot.passage]

    def _sharing(self, reports: Sequence[int], besides: Collection[int]) -> list[int]:
        """Warps of these reports, each once, on which enough of what is told is of these."""
        told = self.picture.told
        count: dict[int, int] = {}
        for q in reports:
            if q in told:
                count[told[q].warp] = count.get(told[q].warp, 0) + 1
        return [w for w, n in count.items() if n * _SHARE >= len(self.on[w]) and w not in besides]


def answered_first(meets: Meets, answers: int) -> Meets:
    """With whom it answers a report is tied rather than with others."""
    ordered = [(m, sorted(reports, key=lambda q: q != answers)) for m, reports in meets]
    return sorted(ordered, key=lambda meet: answers not in meet[1])
