"""A room: one gathering as its screens are told of it. Facts in; frames of acts and of words out.

Follows the gathering's facts, folds them as every screen does, and says what
is new: at most four times a second, the first at once. What was taken back is
hushed and said before anything else, in the thread that took it back. What the
loom has still to be asked is noted in order; asking it is `laying`'s, and
threads are `rooms`'.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from threading import RLock
from typing import Any, Literal

from dreamweave.app.framing import Framing
from dreamweave.app.gathering_rows import motif_names
from dreamweave.app.gathering_words import motifs_beside, reports_beside, seats_beside
from dreamweave.app.ground import Ground
from dreamweave.app.paging import facts_of
from dreamweave.deciding.gatherings import CLOSED, CLOSING, TELLING, Gathering
from dreamweave.model.acts import Act, Picture, folded
from dreamweave.model.facts import Fact, Shown, Unpicked, of_kept
from dreamweave.model.gathering_facts import (
    Amended,
    AnswersStopped,
    Carried,
    Departed,
    Entered,
    Laid,
    Removed,
    SeatKept,
    Told,
    gathering_stream,
)

# Four frames a second: as fast as eyes follow, and what ten thousand sockets bear.
FRAME_EVERY_S = 0.25
# Words of so many characters go in one frame of words; a longer report goes alone.
WORDS_CHARS_MAX = 24_000

# Whose words are in a frame of words: a report's number, a seat, or everybody's, since the names of
# shared images may be out of anybody's words.
_EVERYBODY = -1


def _seat(i: int) -> int:
    return -2 - i


@dataclass(frozen=True, slots=True)
class Ask:
    """Something the loom has still to be asked.

    To hear report `r`; that somebody (`seat`) says `n` of it; to forget it; that one seat
    more (`n`) is kept open, or one less.
    """

    what: Literal["tell", "say", "forget", "keep"]
    r: int = -1
    seat: int = -1
    n: int = 0


@dataclass(slots=True, eq=False)
class Room:
    """One gathering. Safe from any thread; nothing here waits for the loom."""

    ground: Ground
    g: str
    lock: RLock = field(default_factory=RLock)
    n: int = 0  # facts read so far
    state: Gathering = field(default_factory=Gathering)
    asks: deque[Ask] = field(default_factory=deque)
    known: set[int] = field(default_factory=set)  # reports the loom was told, or is being told
    next_s: float = 0.0  # when the next frame may go
    is_strung: bool = False
    fair: tuple[int, ...] | None = None  # the closest call that was kept last
    _heard: Picture = field(default_factory=Picture)
    _framing: Framing = field(init=False)
    # Words that are to be said at the next frame.
    _reports: dict[int, None] = field(default_factory=dict)
    _seats: dict[int, None] = field(default_factory=dict)
    _names: bool = False
    _named: set[int] = field(default_factory=set)  # shared images of which pages may know a name

    def __post_init__(self) -> None:
        self._framing = Framing(self._heard.gone)

    @property
    def topic(self) -> str:
        return gathering_stream(self.g)

    @property
    def is_telling(self) -> bool:
        return self.state.phase == TELLING

    @property
    def is_closing(self) -> bool:
        """Whether the whole is being woven: what was told last is weighed once more before it settles."""
        return self.state.phase == CLOSING

    @property
    def is_over(self) -> bool:
        """Whether nothing more will be laid here."""
        return self.state.phase == CLOSED and not self.asks

    def open(self, n_said: int = 0) -> None:
        """Fold what is there, without a word: whoever comes reads the picture. Past `n_said`, say it."""
        with self.lock:
            for kept in facts_of(self.ground.store, self.topic):
                if 0 < n_said < kept.n:
                    break
                self.n = kept.n
                folded(self._apply(of_kept(kept)), self._heard)
            self._reports, self._seats = {}, {}
            self._may_know_names()
            self.asks = deque(self._missing())
            self.follow()

    def follow(self) -> None:
        """Read the facts since. What is gone is hushed, and said, before this returns."""
        with self.lock:
            gone: list[int] = []
            for kept in facts_of(self.ground.store, self.topic, after=self.n):
                self.n = kept.n
                acts = self._apply(of_kept(kept))
                gone += [act[1] for act in acts if act[0] == "gone"]
                self._framing.add(act for act in acts if act[0] != "gone")
            if gone:
                self._hush(gone)

    def say(self, now_s: float) -> None:
        """Say what is new, if a frame is due."""
        with self.lock:
            if now_s < self.next_s or not self.has_news:
                return
            self.next_s = now_s + FRAME_EVERY_S
            # Words first: whoever hears of a report then knows already what it says.
            self._say_words()
            acts = self._framing.take()
            if acts:
                self._say(acts)

    @property
    def has_news(self) -> bool:
        return bool(self._framing or self._reports or self._seats or self._names)

    def first_asks(self, n: int) -> list[Ask]:
        """The first of what is to be asked. They stay until they were `asked`."""
        with self.lock:
            return list(islice(self.asks, n))

    def asked(self, n: int) -> None:
        with self.lock:
            for _ in range(n):
                self.asks.popleft()

    def names_changed(self) -> None:
        """The names of shared images were kept anew: they are said at the next frame."""
        with self.lock:
            self._names = True
            self._may_know_names()

    def picture(self) -> tuple[int, list[list[Any]]]:
        """The number of the newest frame, and the acts that make the picture as of it."""
        with self.lock:
            return self.ground.hearing.at(self.topic), self._heard.as_acts()

    def whole(self) -> Picture:
        """The picture with what is still to be said."""
        with self.lock:
            return folded(self._framing.acts(), folded(self._heard.as_acts()))

    # -------------------------------------------------------------- facts

    def _apply(self, fact: Fact) -> list[list[Any]]:
        """Change by one fact; note what the loom is to be asked and which words are to be said."""
        released = self._waiting(fact.tags) if isinstance(fact, Shown) else []
        acts = self.state.apply(fact)
        match fact:
            case Told(held=False):
                self.asks.append(Ask("tell", len(self.state.told) - 1))
            case Shown():
                self.asks.extend(Ask("tell", r) for r in released)
            case Laid():
                self._laid(acts)
            case Unpicked():
                gone = [act[1] for act in acts if act[0] == "gone"]
                self.asks.extend(Ask("forget", r) for r in gone)
            case Carried(r, dreamer):
                says = self.state.carried[r].get(dreamer, 0)
                self.asks.append(Ask("say", r, self.state.seats[dreamer].i, says))
            case SeatKept(_, more):
                self.asks.append(Ask("keep", n=1 if more else -1))
            case Amended(r) | AnswersStopped(r):
                self._reports[r] = None
            case Entered(dreamer):
                self._seats[self.state.seats[dreamer].i] = None
            case Departed(dreamer) | Removed(dreamer):
                i = self.state.seats[dreamer].i
                self._seats[i] = None
                self.ground.hearing.hush(self.topic, frozenset({_seat(i)}))
        return acts

    def _laid(self, acts: Sequence[Act]) -> None:
        for act in acts:
            if act[0] == "told":
                self._reports[act[1]] = None
            elif act[0] == "warps":
                self.is_strung = True
            elif act[0] == "fair":
                self.fair = tuple(act[1:])

    def _waiting(self, tags: Iterable[str]) -> list[int]:
        found = [self.state.r_of[tag] for tag in tags if tag in self.state.r_of]
        return [r for r in found if self.state.told[r].held and not self.state.told[r].gone]

    def _missing(self) -> Iterator[Ask]:
        """What the picture lacks of the facts: the loom never answered, or it was never kept."""
        n_open = self.state.n_kept_open - len(self._heard.open)
        for r, told in enumerate(self.state.told):
            if not told.held and not told.gone and r not in self._heard.told:
                n_open += told.on_open
                yield Ask("tell", r)
        if self._heard.n_warps:
            yield from [Ask("keep", n=1 if n_open > 0 else -1)] * abs(n_open)

    # -------------------------------------------------------------- saying

    def _hush(self, gone: Sequence[int]) -> None:
        """Nothing of these reports is left to be heard; screens hear at once that they are gone."""
        self.ground.hearing.hush(self.topic, frozenset({*gone, _EVERYBODY}))
        for r in gone:
            self._reports.pop(r, None)
        for frame in self._framing.overtake(gone):
            self._say(frame)
        # Names out of these words went with them; the others are said again, since what said them
        # before is hushed too.
        self._named |= {knot.motif for knot in self._heard.knots.values()}
        lost = sorted(self._named - motif_names(self.ground, self.g).keys())
        if lost:
            self._say_motifs([{"m": m, "name": None, "lang": None} for m in lost], frozenset())
        self._named.difference_update(lost)
        self._names = bool(self._named)

    def _say(self, acts: Sequence[Act]) -> None:
        self.ground.hearing.say_acts(self.topic, acts)
        folded(acts, self._heard)

    def _say_words(self) -> None:
        # What is read here is read after every fact so far; what is taken back from now on is
        # hushed by whoever takes it back, who waits for this lock.
        self.follow()
        reports = reports_beside(self.ground, self.state, self._reports)
        self._reports = {}
        for some in _pages(reports):
            whose = frozenset(one["r"] for one in some)
            self.ground.hearing.say_words(self.topic, {"reports": some}, whose)
        seats = seats_beside(self.ground, self.state, self._seats)
        self._seats = {}
        if seats:
            whose = frozenset(_seat(one["seat"]) for one in seats)
            self.ground.hearing.say_words(self.topic, {"seats": seats}, whose)
        if self._names:
            self._names = False
            self._say_names()

    def _may_know_names(self) -> None:
        """Names that are kept are read by pages, whether or not they were said."""
        self._named |= motif_names(self.ground, self.g).keys()

    def _say_names(self) -> None:
        names = motif_names(self.ground, self.g)
        lost = [{"m": m, "name": None, "lang": None} for m in sorted(self._named - names.keys())]
        self._named = set(names)
        self._say_motifs([*motifs_beside(names), *lost], frozenset({_EVERYBODY}))

    def _say_motifs(self, said: Sequence[dict[str, Any]], whose: frozenset[int]) -> None:
        if said:
            self.ground.hearing.say_words(self.topic, {"motifs": list(said)}, whose)


def _pages(reports: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    page: list[dict[str, Any]] = []
    n_chars = 0
    for one in reports:
        size = len(one["text"]) + len(one["drawing"] or "")
        if page and n_chars + size > WORDS_CHARS_MAX:
            yield page
            page, n_chars = [], 0
        page.append(one)
        n_chars += size
    if page:
        yield page
