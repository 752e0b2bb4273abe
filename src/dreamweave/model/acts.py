"""Acts: what a gathering's screens are told, and the picture that comes of folding them.

An act is a short JSON array: a word, then whole numbers. Nobody's words, name
or feeling is in one; those travel beside the acts and vanish when they are
taken back. Frames of acts are numbered; folding what was heard equals reading
the whole picture afresh (`Picture.as_acts`). The same fold stands in
`front/src/live/acts.ts`, held to this one by shared golden files.

    ["warps", n, T, open]     n warps are strung, for T passages; `open` are kept for the absent
    ["open", warp, yes]       a warp is kept open from now on (1), or is let go or filled (0)
    ["seats", here, listening, open]   counts: people here (listeners included), who only listen,
                              and seats kept open
    ["seat", i, state]        seat i is 0 here, 1 listening, 2 gone (only up to SEATS_DRAWN_MAX)
    ["told", r, warp, t, answers, signs]   report r was told on a warp at passage t, in answer to
                              another (or -1). `signs`: 1 drawing, 2 content note, 4 voice,
                              8 photograph, 16 told later than the gathering
    ["held", n]               n reports wait for the host's yes
    ["passage", t, lanes]     where every warp lies at passage t, in thousandths of half the band,
                              inner edge -1000. Sent anew while t is the newest; never once a
                              later passage was begun
    ["knot", k, t, m, warps, firm]     knot k ties warps at passage t in motif m; firm 0 or 1
    ["unknot", k]             it is gone
    ["carries", r, n]         n people said of report r: this carries me
    ["woven", r, i]           the i-th fragment of report r became a line
    ["gone", r]               report r was taken back, hidden or removed
    ["floor", seat, since, queue]      who has the floor (-1 nobody), since when (ms), who asked
    ["hold", yes]             the host holds: nobody tells for now
    ["rest", until]           plain night until then (ms); 0 ends it
    ["door", shut]            nobody more comes in (1)
    ["fair", rho, n, k, group, r, i]   closest call now: rho in thousandths for n tellers and k
                              lines; `group` people around fragment i of report r (-1: nobody)
    ["phase", p]              0 before, 1 telling, 2 closing, 3 reflecting, 4 closed
    ["settled", n]            the n-th weave of the whole was made; 0: it fell
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

# The largest frame, in bytes of JSON. What does not fit comes with the next one.
FRAME_BYTES_MAX = 4_000
# Seats are drawn and told apart up to so many; beyond, they are counts.
SEATS_DRAWN_MAX = 60

PHASES = ("before", "telling", "closing", "reflecting", "closed")
DRAWING, NOTED, VOICE, PHOTO, LATER = 1, 2, 4, 8, 16

Act = Sequence[Any]


@dataclass(frozen=True, slots=True)
class ToldAct:
    """A report as the picture knows it."""

    warp: int
    passage: int
    answers: int
    signs: int


@dataclass(frozen=True, slots=True)
class KnotAct:
    passage: int
    motif: int
    warps: tuple[int, ...]
    firm: int


@dataclass(slots=True)
class Picture:
    """A gathering as every screen sees it, without anybody's words.

    `apply` changes it in place; acts that name what was taken back change nothing,
    so that late acts and early ones may cross.
    """

    n_warps: int = 0
    n_passages: int = 0
    open: set[int] = field(default_factory=set)
    seats: tuple[int, int, int] = (0, 0, 0)
    seat: dict[int, int] = field(default_factory=dict)
    told: dict[int, ToldAct] = field(default_factory=dict)
    gone: set[int] = field(default_factory=set)
    n_held: int = 0
    lanes: list[tuple[int, ...]] = field(default_factory=list)
    knots: dict[int, KnotAct] = field(default_factory=dict)
    carries: dict[int, int] = field(default_factory=dict)
    woven: dict[int, set[int]] = field(default_factory=dict)
    floor: tuple[int, int, tuple[int, ...]] = (-1, 0, ())
    hold: int = 0
    rest: int = 0
    door: int = 0
    fair: tuple[int, int, int, int, int, int] | None = None
    phase: int = 0
    settled: int = 0

    def apply(self, act: Act) -> None:
        """One act. Raises ValueError for a word that is none of ours."""
        match list(act):
            case ["warps", n, passages, kept]:
                self.n_warps, self.n_passages, self.open = n, passages, set(kept)
            case ["open", warp, yes]:
                (self.open.add if yes else self.open.discard)(warp)
            case ["seats", here, listening, kept]:
                self.seats = (here, listening, kept)
            case ["seat", i, state]:
                self.seat[i] = state
            case ["told", r, warp, t, answers, signs]:
                if r not in self.gone:
                    self.told[r] = ToldAct(warp, t, answers, signs)
            case ["held", n]:
                self.n_held = n
            case ["passage", t, lanes]:
                # A passage that a later one follows never moves again.
                if t >= len(self.lanes) - 1:
                    del self.lanes[t:]
                    self.lanes.append(tuple(lanes))
            case ["knot", k, t, m, warps, firm]:
                self.knots[k] = KnotAct(t, m, tuple(warps), firm)
            case ["unknot", k]:
                self.knots.pop(k, None)
            case ["carries", r, n]:
                if r not in self.gone:
                    self.carries[r] = n
            case ["woven", r, i]:
                if r not in self.gone:
                    self.woven.setdefault(r, set()).add(i)
            case ["gone", r]:
                self.gone.add(r)
                self.told.pop(r, None)
                self.carries.pop(r, None)
                self.woven.pop(r, None)
                if self.fair is not None and self.fair[4] == r:
                    self.fair = None
            case ["floor", seat, since, queue]:
                self.floor = (seat, since, tuple(queue))
            case ["hold", yes]:
                self.hold = yes
            case ["rest", until]:
                self.rest = until
            case ["door", shut]:
                self.door = shut
            case ["fair", rho, n, k, group, r, i]:
                if r not in self.gone:
                    self.fair = (rho, n, k, group, r, i)
            case ["phase", p]:
                self.phase = p
            case ["settled", n]:
                self.settled = n
            case _:
                raise ValueError(f"no act of ours begins with {act[0] if act else None!r}")

    def as_acts(self) -> list[list[Any]]:
        """The fewest acts that make this picture out of an empty one, in a fixed order."""
        acts: list[list[Any]] = [["phase", self.phase]]
        acts.append(["warps", self.n_warps, self.n_passages, sorted(self.open)])
        acts.append(["seats", *self.seats])
        acts += [["seat", i, state] for i, state in sorted(self.seat.items())]
        acts += [["gone", r] for r in sorted(self.gone)]
        acts += [
            ["told", r, one.warp, one.passage, one.answers, one.signs]
            for r, one in sorted(self.told.items())
        ]
        acts.append(["held", self.n_held])
        acts += [["passage", t, list(lanes)] for t, lanes in enumerate(self.lanes)]
        acts += [
            ["knot", k, one.passage, one.motif, list(one.warps), one.firm]
            for k, one in sorted(self.knots.items())
        ]
        acts += [["carries", r, n] for r, n in sorted(self.carries.items())]
        acts += [["woven", r, i] for r, held in sorted(self.woven.items()) for i in sorted(held)]
        acts.append(["floor", self.floor[0], self.floor[1], list(self.floor[2])])
        acts += [["hold", self.hold], ["rest", self.rest], ["door", self.door]]
        if self.fair is not None:
            acts.append(["fair", *self.fair])
        acts.append(["settled", self.settled])
        return acts


def folded(acts: Iterable[Act], picture: Picture | None = None) -> Picture:
    """The picture after `acts`; a given one is changed in place."""
    picture = Picture() if picture is None else picture
    for act in acts:
        picture.apply(act)
    return picture
