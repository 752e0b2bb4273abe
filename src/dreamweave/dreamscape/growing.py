"""Growing: where everything lies in a live weave, as acts, report after report.

`Growing` folds its own acts into a picture, and all it does follows from that
picture and from what lies behind it (`backing`): so whoever resumes it goes on
as if it had never stopped. Nothing woven moves: only the newest passage is ever
laid anew (`live_lanes`), and a warp that was given is kept (`warping`).

No word, name or feeling comes here. What a report is about is `loom`'s to say,
and who may tell is decided before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from copy import deepcopy
from dataclasses import replace
from typing import Any

from dreamweave.dreamscape import live_lanes, warping
from dreamweave.dreamscape.backing import KNOT_WARPS_MAX, Backing, Meets, answered_first
from dreamweave.model.acts import KnotAct, Picture

Acts = list[list[Any]]


class Growing:
    """The places of one gathering.

    Args:
        n_warps, n_open: warps to be strung, and how many of them are kept open.
        seed: settles ties; public.
        n_passages: passages that are planned, at fixed places along the crescent.
        n_expected: reports expected.

    Cost: one telling among 24 warps 0.4 ms, among 48 that hold 10,000 reports 1.4 ms;
        processor time on a shared core, November 2026.
    Check: tests/dreamscape/test_growing.py.
    """

    def __init__(
        self,
        *,
        n_warps: int,
        n_open: int,
        seed: str,
        n_passages: int = 16,
        n_expected: int = 60,
    ) -> None:
        if not 0 <= n_open < n_warps:
            raise ValueError(f"fewer open warps than warps are strung, got {n_open} of {n_warps}")
        if n_passages < 2 or n_expected < 1:
            raise ValueError(
                f"two passages and a report at least, got {n_passages} and {n_expected}"
            )
        self._seed, self._n_expected = seed, n_expected
        picture = Picture(n_warps, n_passages, set(warping.evenly(n_warps, n_open)))
        self._behind = Backing.of(picture, {}, {}, ())

    @classmethod
    def resume(
        cls,
        picture: Picture,
        *,
        seed: str,
        n_expected: int,
        threads: Mapping[int, int],
        saying: Mapping[int, Collection[int]],
        by_word: Collection[tuple[int, int]] = (),
    ) -> Growing:
        """Go on from a picture, which is left as it is.

        Args:
            threads: report -> thread, where threads are dreamers.
            saying: motif -> the reports that share it.
            by_word: pairs of reports that somebody tied by their own word.
        """
        n_warps, n_passages = picture.n_warps, picture.n_passages
        grown = cls(
            n_warps=n_warps, n_open=0, seed=seed, n_passages=n_passages, n_expected=n_expected
        )
        grown._behind = Backing.of(deepcopy(picture), threads, saying, by_word)
        return grown

    def begin(self) -> Acts:
        """The warps are strung from horn to horn, before anybody tells."""
        picture = self._behind.picture
        warps = ["warps", picture.n_warps, picture.n_passages, sorted(picture.open)]
        return self._kept([warps, ["passage", 0, live_lanes.bare_lanes(picture.n_warps)]])

    def tell(
        self,
        r: int,
        *,
        thread: int | None,
        meets: Meets,
        answers: int = -1,
        signs: int = 0,
        on_open: bool = False,
    ) -> Acts:
        """A report is told. What was taken back before it came here makes no act.

        Args:
            thread: whose it is, where threads are dreamers. None: it is a thread of its own.
            meets: motifs with the reports that share each, newest first; the strongest first.
            answers: the report it answers, or -1.
            signs: as in `["told", ...]`.
            on_open: it is told for a seat that was kept open, and fills one of its warps.

        Raises:
            ValueError: it was told before, or nothing was begun.
        """
        behind, picture = self._behind, self._behind.picture
        if r in picture.told or not picture.lanes:
            raise ValueError(f"report {r} was told before, or nothing was begun")
        if r in picture.gone:
            return []
        meets = answered_first(meets, answers)
        behind.share(meets, r)
        t = self._passage_now()
        warp = self._warp_for(r, t, thread, meets, on_open=on_open)
        acts = self._kept([["open", warp, 0]] if warp in picture.open else [])
        acts += self._kept([["told", r, warp, t, answers, signs]])
        behind.on[warp].add(r)
        if thread is not None:
            behind.threads[r] = thread
        tied = behind.tie(t, warp, meets)
        if tied is not None:
            acts += self._knotted(*tied)
        return self._laid(t) + acts

    def firm(self, r: int, other: int) -> Acts:
        """Somebody's own word ties two reports, told or still to be told; their knots are firm."""
        self._behind.by_word.add(frozenset((r, other)))
        return self._weighed(r, other)

    def unfirm(self, r: int, other: int) -> Acts:
        """They unsaid it. A knot that is firm for another reason stays so."""
        self._behind.by_word.discard(frozenset((r, other)))
        return self._weighed(r, other)

    def forget(self, r: int) -> Acts:
        """A report is taken back: warps that were tied by it alone leave their knots."""
        told = self._behind.picture.told.get(r)
        self._behind.drop(r)
        acts = self._kept([["gone", r]])
        # Of what was gone before it was forgotten here, any knot may have been left behind.
        return acts + self._loosened(lambda knot: told is None or told.warp in knot.warps)

    def mend(self) -> Acts:
        """Knots let go of warps on which nobody is any more: of who went while nobody was here."""
        held = self._behind.held
        return self._loosened(lambda knot: not all(held(knot, w) for w in knot.warps))

    def end(self, motif: int) -> Acts:
        """A motif is nobody's any more: its knots go."""
        self._behind.saying.pop(motif, None)
        return self._loosened(lambda knot: knot.motif == motif)

    def keep_open(self) -> Acts:
        """One more warp is kept open, far from those that are; none where none is bare."""
        picture, bare = self._behind.picture, self._behind.bare()
        if not bare:
            return []
        places = self._places()
        taken = [-1, picture.n_warps, *(places[w] for w in picture.open)]
        warp = warping.apart(bare, places, taken, self._seed, f"open {len(picture.open)}")
        return self._kept([["open", warp, 1]])

    def release(self, warp: int | None = None) -> Acts:
        """A warp is kept open no longer; left out, the one that lies nearest to another such."""
        kept = self._behind.picture.open
        if warp is None and kept:
            warp = warping.crowded(kept, self._places())
        return self._kept([["open", warp, 0]]) if warp in kept else []

    def _kept(self, acts: Acts) -> Acts:
        for act in acts:
            self._behind.picture.apply(act)
        return acts

    def _places(self) -> list[int]:
        """In which order the warps lie now, inner to outer: the position of each."""
        return [int(place) for place in live_lanes.order_of(self._behind.picture.lanes[-1])]

    def _passage_now(self) -> int:
        """The passage at which the next report is told: the newest, or one more if that is full."""
        picture = self._behind.picture
        newest = len(picture.lanes) - 1
        ends = live_lanes.ends_after(newest, picture.n_passages, self._n_expected)
        n = sum(told.passage == newest for told in picture.told.values())
        return newest + (ends is not None and n >= ends)

    def _warp_for(self, r: int, t: int, thread: int | None, meets: Meets, *, on_open: bool) -> int:
        behind, picture = self._behind, self._behind.picture
        kept = on_open and picture.open
        home = None if kept or thread is None else behind.home(thread)
        if home is not None:
            return home
        places, purpose = self._places(), f"warp {r}"
        met = Counter(picture.told[q].warp for _, qs in meets for q in qs if q in picture.told)
        free = picture.open if kept else behind.bare()
        if not free:
            sizes = {w: len(held) for w, held in enumerate(behind.on) if w not in picture.open}
            return warping.strand(sizes, met, places, self._seed, purpose)
        tied = behind.tie(t, None, meets)
        # Where all it meets are tied already, it lies near them all the same.
        mates = list(met)[: KNOT_WARPS_MAX - 1] if tied is None else tied[1].warps
        if mates:
            return warping.near(free, places, mates)
        taken = [places[w] for w, held in enumerate(behind.on) if held]
        return warping.apart(free, places, taken, self._seed, purpose)

    def _knotted(self, k: int, knot: KnotAct) -> Acts:
        firm = int(self._behind.is_firm(knot))
        return self._kept([["knot", k, knot.passage, knot.motif, list(knot.warps), firm]])

    def _laid(self, t: int) -> Acts:
        """The newest passage, where it lies otherwise than before or is new."""
        picture = self._behind.picture
        before = picture.lanes[t - 1] if t else live_lanes.bare_lanes(picture.n_warps)
        knots = [knot.warps for _, knot in sorted(picture.knots.items()) if knot.passage == t]
        lanes = live_lanes.laid_lanes(before, knots)
        same = t < len(picture.lanes) and picture.lanes[t] == tuple(lanes)
        return [] if same else self._kept([["passage", t, lanes]])

    def _weighed(self, r: int, other: int) -> Acts:
        """The knots between two reports that are firm now and were not, or the other way about."""
        told = self._behind.picture.told
        if r not in told or other not in told:
            return []
        both = {told[r].warp, told[other].warp}
        acts: Acts = []
        for k, knot in sorted(self._behind.picture.knots.items()):
            if both <= set(knot.warps) and knot.firm != self._behind.is_firm(knot):
                acts += self._knotted(k, knot)
        return acts

    def _loosened(self, which: Callable[[KnotAct], bool]) -> Acts:
        """Knots without the warps that have no reason to be in them; the newest passage laid anew."""
        newest = len(self._behind.picture.lanes) - 1
        knots = {k: knot for k, knot in sorted(self._behind.picture.knots.items()) if which(knot)}
        acts: Acts = []
        for k, knot in knots.items():
            left = replace(knot, warps=self._behind.left(knot))
            if len(left.warps) < 2:
                acts += self._kept([["unknot", k]])
            elif left != knot or knot.firm != self._behind.is_firm(left):
                acts += self._knotted(k, left)
        if any(knots[act[1]].passage == newest for act in acts):
            acts += self._laid(newest)
        return acts
