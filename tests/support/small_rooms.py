"""Rooms small enough to read: a report takes the next warp, and a word of a list is a motif.

What `app.rooms.Rooms` is to a page, without a process beside it: acts and words over the same
`Hearing`, in the thread that told, so that no test waits for a loom. Nothing that was laid
moves; who takes something back is hushed first. How threads really lie is the loom's.
"""

from __future__ import annotations

from typing import Any

from dreamweave.app.actors import owner_of
from dreamweave.app.gathering_rows import laid_place, motifs_place
from dreamweave.app.gathering_words import reports_beside, seats_beside
from dreamweave.app.ground import Ground
from dreamweave.app.paging import facts_of
from dreamweave.app.road import Granting
from dreamweave.deciding.gatherings import Gathering
from dreamweave.model.acts import Picture
from dreamweave.model.canonical import canonical
from dreamweave.model.facts import of_kept
from dreamweave.model.gathering_facts import GatheringMade, Told, gathering_stream

MOTIFS = ("sea", "door", "stairs", "moon", "house", "train", "bird", "mirror", "forest", "bread")
N_PASSAGES = 16
N_A_PASSAGE = 3


class SmallRooms:
    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.states: dict[str, Gathering] = {}
        self.pictures: dict[str, Picture] = {}
        self.heard: dict[str, int] = {}
        ground.road.on_kept(self._kept)

    def picture(self, g: str) -> tuple[int, list[list[Any]]]:
        stream = gathering_stream(g)
        self._follow(stream)
        return self.ground.hearing.at(stream), self.pictures[stream].as_acts()

    def words(self, g: str, reports: list[int] | None = None) -> dict[str, Any]:
        stream = gathering_stream(g)
        state = self.states[stream]
        told = reports_beside(
            self.ground, state, range(len(state.told)) if reports is None else reports
        )
        return {
            "reports": told,
            "motifs": [{"m": m, "name": name, "lang": "en"} for m, name in enumerate(MOTIFS)],
            "seats": seats_beside(self.ground, state, range(len(state.seats))),
        }

    def path(self, g: str, a: int, b: int) -> list[tuple[int, int]]:
        """From one to the other, through whoever said the same motif as the first."""
        picture = self.pictures[gathering_stream(g)]
        warp = picture.told[a].warp
        near = {w for knot in picture.knots.values() if warp in knot.warps for w in knot.warps}
        between = [r for r, one in picture.told.items() if one.warp in near and r not in (a, b)]
        return [(r, 0) for r in [a, *between[:2], b]]

    def say(self, g: str, acts: list[list[Any]]) -> None:
        """Acts that nobody asked for, as a host or a loom would have them said."""
        stream = gathering_stream(g)
        self._follow(stream)
        for act in acts:
            self.pictures[stream].apply(act)
        self.ground.hearing.say_acts(stream, acts)

    # ------------------------------------------------------------------ within

    def _kept(self, streams: tuple[str, ...]) -> None:
        for stream in streams:
            if stream.startswith("gathering/"):
                self._follow(stream)

    def _follow(self, stream: str) -> None:
        state = self.states.setdefault(stream, Gathering())
        picture = self.pictures.setdefault(stream, Picture())
        for kept in facts_of(self.ground.store, stream, after=self.heard.get(stream, 0)):
            fact = of_kept(kept)
            self.heard[stream] = kept.n
            acts = state.apply(fact)
            if state.made is not None and not picture.n_warps:
                n, n_open = state.made.n_warps, state.made.n_open
                step = max(1, n // (n_open + 1))
                open_warps = [step * (k + 1) - 1 for k in range(n_open)]
                lanes = [round(-1000 + 2000 * w / (n - 1)) for w in range(n)]
                acts += [["warps", n, N_PASSAGES, open_warps], ["passage", 0, lanes]]
            if isinstance(fact, Told) and not fact.held:
                acts += self._laid(state, picture, len(state.told) - 1)
            if isinstance(fact, GatheringMade):
                names = [[m, name, "en"] for m, name in enumerate(MOTIFS)]
                self._seal(stream, motifs_place(fact.gathering), {"motifs": names})
            gone = frozenset(act[1] for act in acts if act[0] == "gone")
            if gone:
                self.ground.hearing.hush(stream, gone)
            for act in acts:
                picture.apply(act)
            if acts:
                self.ground.hearing.say_acts(stream, acts)
            if isinstance(fact, Told) and not fact.held:
                r = len(state.told) - 1
                beside = self.words(stream.partition("/")[2], [r])
                self.ground.hearing.say_words(stream, beside, frozenset([r]))

    def _laid(self, state: Gathering, picture: Picture, r: int) -> list[list[Any]]:
        told = state.told[r]
        t = min(N_PASSAGES - 1, r // N_A_PASSAGE)
        text = reports_beside(self.ground, state, [r])[0]["text"].lower()
        free = [w for w in range(picture.n_warps) if w not in picture.open]
        warp = free[(r * 7) % len(free)]
        self._seal(
            owner_of(told.dreamer),
            laid_place(told.tag),
            {"cuts": cuts_of(reports_beside(self.ground, state, [r])[0]["text"])},
        )
        acts: list[list[Any]] = [["told", r, warp, t, told.answers, told.signs]]
        m = next((m for m, name in enumerate(MOTIFS) if name in text), None)
        same = [] if m is None else self._said_before(state, picture, m, warp)
        knots = [(k, one) for k, one in picture.knots.items() if one.passage == t]
        tied = {w for _, one in knots for w in one.warps}
        with_it = [w for w in same if w not in tied][:5]
        groups = [list(one.warps) for _, one in knots]
        if with_it and warp not in tied:
            groups.append([warp, *with_it])
            acts.append(["knot", len(picture.knots), t, m, sorted([warp, *with_it]), r % 2])
        acts.insert(0, ["passage", t, lanes_of(picture, groups, t)])
        return acts

    def _seal(self, owner: str, place: str, value: dict[str, Any]) -> None:
        """What a loom finds lies sealed under whose words it is."""

        def decide(granting: Granting) -> None:
            granting.puts += self.ground.vault.seal(owner, place, canonical(value)).rows

        self.ground.road.grant(decide)

    def _said_before(self, state: Gathering, picture: Picture, m: int, warp: int) -> list[int]:
        said = reports_beside(self.ground, state, sorted(picture.told, reverse=True))
        found = [picture.told[one["r"]].warp for one in said if MOTIFS[m] in one["text"].lower()]
        return [w for w in dict.fromkeys(found) if w != warp]


def lanes_of(picture: Picture, groups: list[list[int]], t: int) -> list[int]:
    """Where warps lie: as before, with those of a knot side by side."""
    before = picture.lanes[min(t, len(picture.lanes)) - 1] if t else picture.lanes[0]
    blocks = [sorted(group, key=lambda w: before[w]) for group in groups]
    tied = {w for group in groups for w in group}
    blocks += [[w] for w in range(picture.n_warps) if w not in tied]
    blocks.sort(key=lambda block: sum(before[w] for w in block) / len(block))
    at, places = 0.0, {}
    for block in blocks:
        at += 20 if len(block) > 1 else 9.5
        for w in block:
            places[w] = at
            at += 7.4 if len(block) > 1 else 0
        at += 16 if len(block) > 1 else 0
    middle = at / 2
    return [round(1000 * (places[w] - middle) / middle) for w in range(picture.n_warps)]


def cuts_of(text: str) -> list[list[int]]:
    """A report in its sentences."""
    cuts, start = [], 0
    for i, letter in enumerate(text):
        if letter in ".!?" and i + 1 < len(text) and text[i + 1] == " ":
            cuts.append([start, i + 1])
            start = i + 2
    return [*cuts, [start, len(text)]]
