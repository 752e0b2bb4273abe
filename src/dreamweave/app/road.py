"""The road: ask, decide, keep. The only file that appends a fact.

A grant is decided over folded states, kept in one writing, and decided again
when a stream went on meanwhile. States are folded from the store and held; to
look is to read what came since. What is decided is `deciding`'s; who hears of
it is `hearing`'s.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from threading import RLock
from typing import Any, Generic, TypeVar, cast

from dreamweave.app.paging import facts_of
from dreamweave.deciding import (
    audiences,
    gatherings,
    journals,
    membership,
    reflections,
    tapestries,
)
from dreamweave.deciding.audiences import Audience
from dreamweave.deciding.gatherings import Gathering
from dreamweave.deciding.journals import Journal
from dreamweave.deciding.membership import Membership
from dreamweave.deciding.reflections import Reflections
from dreamweave.deciding.tapestries import Tapestry
from dreamweave.model.facts import NODE, Fact, dreamer_stream, of_kept, to_new
from dreamweave.model.keeping import Kept, Moved, OnceReused, Row, Shelf, Store, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.model.sealing import NoOwner, Vault

S = TypeVar("S")

# Streams whose states are held. A state that is let go is folded again when asked for.
N_HELD_MAX = 4_096
# A stream that moves this often under one grant is being hammered.
N_TRIES_MAX = 24


@dataclass(slots=True)
class Granting:
    """What one grant will write, gathered while it is decided."""

    facts: list[tuple[str, Fact]] = field(default_factory=list)
    puts: list[Row] = field(default_factory=list)
    drops: list[tuple[Shelf, str]] = field(default_factory=list)
    drop_owned: list[tuple[Shelf, str]] = field(default_factory=list)
    read: dict[str, int] = field(default_factory=dict)
    # What is forgotten with it: (owner, thing) whose keys go, and whole owners.
    things: list[tuple[str, str]] = field(default_factory=list)
    owners: list[str] = field(default_factory=list)
    answer: bytes = b""

    def say(self, stream: str, facts: Iterable[Fact]) -> None:
        self.facts.extend((stream, fact) for fact in facts)


@dataclass(slots=True)
class _Held(Generic[S]):
    state: S
    n: int
    lock: RLock = field(default_factory=RLock)


class Road:
    """States to decide over, and the way into the store."""

    def __init__(self, store: Store, vault: Vault, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._vault = vault
        self._now_ms = now_ms
        # One stream may be folded in two ways: a gathering is an audience too.
        self._held: OrderedDict[tuple[str, object], _Held[Any]] = OrderedDict()
        self._lock = RLock()
        self._overtaken = RLock()
        self._on_kept: tuple[Callable[[tuple[str, ...]], None], ...] = ()

    def on_kept(self, kept: Callable[[tuple[str, ...]], None]) -> Callable[[], None]:
        """Call `kept` with the streams that went on, after each grant that said a fact.

        In the thread that was granted, before it is answered: so `kept` is quick
        and raises nothing. Until the returned function is called.
        """
        self._on_kept += (kept,)

        def stop() -> None:
            self._on_kept = tuple(one for one in self._on_kept if one is not kept)

        return stop

    # -------------------------------------------------------------- looking

    def membership(self, granting: Granting | None = None) -> Membership:
        """Who is here, as of now."""
        return self._state(NODE, Membership(), membership.fold, granting)

    def journal(self, dreamer: str, granting: Granting | None = None) -> Journal:
        """A dreamer's journal, as of now."""
        return self._state(dreamer_stream(dreamer), Journal(), journals.fold, granting)

    def audience(self, stream: str, granting: Granting | None = None) -> Audience:
        """A Circle's, a gathering's, the commons' or research's state, as of now."""
        return self._state(stream, Audience(), audiences.fold, granting)

    def gathering(self, stream: str, granting: Granting | None = None) -> Gathering:
        """A gathering, as of now. It is shared: whoever wants to change it takes a copy."""
        return self._state(stream, Gathering(), gatherings.fold, granting)

    def reflections(self, stream: str, granting: Granting | None = None) -> Reflections:
        """What hangs beside a gathering's weave, as of now."""
        return self._state(stream, Reflections(), reflections.fold, granting)

    def tapestry(self, stream: str, granting: Granting | None = None) -> Tapestry:
        """Whether a gathering's tapestry is shown to everybody, as of now."""
        return self._state(stream, Tapestry(), tapestries.fold, granting)

    def _state(
        self,
        stream: str,
        empty: S,
        fold: Callable[[S, Iterable[Fact]], S],
        granting: Granting | None,
    ) -> S:
        with self._lock:
            held = cast("_Held[S] | None", self._held.get((stream, fold)))
            if held is None:
                held = self._held[stream, fold] = _Held(empty, 0)
                while len(self._held) > N_HELD_MAX:
                    self._held.popitem(last=False)
            self._held.move_to_end((stream, fold))
        with held.lock:
            came = list(facts_of(self._store, stream, after=held.n))
            if came:
                held.state = fold(held.state, map(of_kept, came))
                held.n = came[-1].n
            state, n = held.state, held.n
        if granting is not None:
            # The earliest look counts: a grant that looked twice was decided on both.
            granting.read.setdefault(stream, n)
        return state

    # -------------------------------------------------------------- granting

    def grant(
        self,
        decide: Callable[[Granting], None],
        *,
        once: str = "",
        asked: Sequence[bytes | str] = (),
        freeing: bool = False,
    ) -> Kept:
        """Decide and keep; returns once it is on the disk.

        `decide` looks at states through the granting it is given, adds to it,
        or refuses. It may be called several times, and must do nothing else.

        Args:
            once: an idempotency key, scoped to who asked ("<dreamer>/<key>").
            asked: what was asked, for telling a replay from another request.
            freeing: taking back, forgetting, leaving: works on a full disk.

        Raises:
            Refusal: the wish was refused, or the key came back with another request.
        """
        digest = sha256()
        for part in asked:
            piece = part.encode() if isinstance(part, str) else part
            digest.update(len(piece).to_bytes(8, "big") + piece)
        try:
            kept, streams = self._tried(decide, once, digest.digest(), freeing)
        except OnceReused:
            raise Refusal(
                "once.reused",
                "This Idempotency-Key was used for another request. Use a fresh one for each.",
            ) from None
        if streams and not kept.replayed:
            for heard in self._on_kept:
                heard(streams)
        return kept

    def _tried(
        self, decide: Callable[[Granting], None], once: str, asked: bytes, freeing: bool
    ) -> tuple[Kept, tuple[str, ...]]:
        try:
            return self._once(decide, once, asked, freeing)
        except Moved:
            pass
        # Whoever was overtaken waits in one line: many hands on one stream then
        # take turns, instead of overtaking each other until somebody gives up.
        with self._overtaken:
            for _ in range(N_TRIES_MAX):
                try:
                    return self._once(decide, once, asked, freeing)
                except Moved:
                    continue
        raise Refusal("busy", "Too much is changing here at this moment. Try again.")

    def _once(
        self, decide: Callable[[Granting], None], once: str, asked: bytes, freeing: bool
    ) -> tuple[Kept, tuple[str, ...]]:
        """What was kept, and the streams that went on with it."""
        granting = Granting()
        # What is sealed must be kept before any forgetting changes the keys above it.
        with self._vault.sealing():
            replay = self._decided(decide, granting, once, asked)
            if replay is not None:
                return replay, ()
            streams = tuple(dict.fromkeys(stream for stream, _ in granting.facts))
            writing = self._writing(granting, once, asked, freeing)
            if not freeing:
                return self._store.keep(writing).result(), streams
        # Out here another forgetting may come first: the vault then says Moved. Those that
        # come together share one change of keys.
        kept = self._vault.forget(writing, things=granting.things, owners=granting.owners)
        return kept, streams

    def _decided(
        self, decide: Callable[[Granting], None], granting: Granting, once: str, asked: bytes
    ) -> Kept | None:
        """Decide; or the first answer, when this was granted already and is refused by now."""
        try:
            try:
                decide(granting)
            except NoOwner as no:
                # Whoever left between two looks is refused like everybody who is not here.
                kind, _, dreamer = no.owner.partition("/")
                if kind != "dreamer" or dreamer in self.membership().members:
                    raise
                raise Refusal("actor.none", "This session has ended. Sign in again.") from None
        except Refusal:
            replay = self._store.answered(once, asked) if once else None
            if replay is None:
                raise
            return replay
        return None

    def _writing(self, granting: Granting, once: str, asked: bytes, freeing: bool) -> Writing:
        return Writing(
            at_ms=self._now_ms(),
            facts=tuple(to_new(stream, fact) for stream, fact in granting.facts),
            puts=tuple(granting.puts),
            drops=tuple(granting.drops),
            drop_owned=tuple(granting.drop_owned),
            expects=tuple(granting.read.items()),
            once=once,
            asked=asked,
            answer=granting.answer,
            freeing=freeing,
        )
