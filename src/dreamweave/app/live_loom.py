"""The live loom: the server's side of the process in which open gatherings are woven.

Keeps the promises of `looms.Loom`. One process for all gatherings of a node;
it is started when the first one begins and ended a while after the last one is
over. One question at a time, each with a deadline. A process that dies, is late
or says too much is gone, and with it what it knew of every gathering: each of
them is then refused until it is begun again. No word is held here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import RLock, Thread, Timer
from typing import Any

from dreamweave.app.children import ChildBroken, ChildLate, ChildLoud, end, of_ours, started
from dreamweave.app.looms import Answer, Heard
from dreamweave.model.acts import Picture
from dreamweave.model.gathering_facts import GatheringMade

# The whole of a long evening is read again at a beginning; anything else is one report at most.
BEGIN_S_MAX = 300.0
ANSWER_S_MAX = 20.0
# After the last gathering is over it waits so long for another.
IDLE_S = 120.0
# A hall's picture or names are a few hundred kilobytes at most.
LINE_BYTES_MAX = 8 << 20

Fair = tuple[int, int, int, int, int, int]


class LiveLoom:
    """The loom at work. Safe from any thread.

    Args:
        worker: the command of the process, `live_worker` when left out.
    """

    def __init__(
        self,
        worker: Sequence[str] | None = None,
        *,
        begin_s: float = BEGIN_S_MAX,
        answer_s: float = ANSWER_S_MAX,
        idle_s: float = IDLE_S,
    ) -> None:
        self._command = worker or of_ours("dreamweave.app.live_worker")
        self._begin_s, self._answer_s, self._idle_s = begin_s, answer_s, idle_s
        self._lock = RLock()  # one question at a time
        self._child: _Child | None = None
        self._known: set[str] = set()
        self._resting: Timer | None = None
        self._closed = False

    def knows(self, g: str) -> bool:
        """Whether a gathering was begun and is not lost, as far as anybody noticed. Waits for nobody."""
        return g in self._known

    def begin(
        self,
        made: GatheringMade,
        n_open: int,
        picture: Picture,
        told: Sequence[Heard],
        said: Sequence[tuple[int, int, int]],
        names: Mapping[int, tuple[str, str]],
    ) -> Answer:
        """A gathering is begun, or begun again from what there is of it."""
        with self._lock:
            self._stay()
            self._known.add(made.gathering)
            return _answer(
                self._ask(
                    made.gathering,
                    "begin",
                    self._begin_s,
                    seed=made.seed,
                    n_people=made.n_expected,
                    named=made.named,
                    n_warps=made.n_warps,
                    n_open=n_open,
                    acts=picture.as_acts(),
                    told=[
                        {
                            "r": one.r,
                            "teller": one.teller,
                            "text": one.text,
                            "lang": one.lang,
                            "answers": one.answers,
                        }
                        for one in told
                    ],
                    said=[list(one) for one in said],
                    names=[[m, name] for m, (name, _) in names.items()],
                )
            )

    def tell(self, g: str, heard: Heard) -> Answer:
        """A report is told."""
        return _answer(
            self._ask(
                g,
                "tell",
                self._answer_s,
                r=heard.r,
                teller=heard.teller,
                text=heard.text,
                lang=heard.lang,
                answers=heard.answers,
                signs=heard.signs,
                on_open=heard.on_open,
            )
        )

    def say(self, g: str, r: int, seat: int, says: int) -> Answer:
        """Somebody says that a report carries them (1), that it does not (-1), or unsays it (0)."""
        return _answer(self._ask(g, "say", self._answer_s, r=r, teller=seat, says=says))

    def forget(self, g: str, r: int) -> Answer:
        """A report is taken back."""
        return _answer(self._ask(g, "forget", self._answer_s, r=r))

    def keep(self, g: str, n: int) -> Answer:
        """One seat more is kept open, or one less."""
        return _answer(self._ask(g, "keep", self._answer_s, n=n))

    def fair(self, g: str) -> Fair | None:
        """The closest call now; None while nobody told."""
        fair = self._ask(g, "fair", self._answer_s)["fair"]
        if fair is None:
            return None
        rho, n, k, group, r, i = fair
        return rho, n, k, group, r, i

    def path(self, g: str, a: int, b: int) -> tuple[tuple[int, int], ...]:
        """The widest way from one report to another, as fragments."""
        steps = self._ask(g, "path", self._answer_s, a=a, b=b)["path"]
        return tuple((r, i) for r, i in steps)

    def end(self, g: str) -> None:
        """A gathering is over. Without any the process rests, and after a while it is ended."""
        with self._lock:
            if g in self._known:
                with suppress(ChildBroken, ChildLate, ChildLoud):  # then it is all over anyway
                    self._ask(g, "end", self._answer_s)
                self._known.discard(g)
            if not self._known and self._child is not None and self._resting is None:
                self._resting = Timer(self._idle_s, self._rest)
                self._resting.daemon = True
                self._resting.start()

    def close(self) -> None:
        """End the process, whatever it is at; nothing is begun any more. Twice is once."""
        self._closed = True
        child = self._child
        if child is not None:
            child.end()  # whoever waits for it hears that it is gone
        with self._lock:
            self._stay()
            self._lose()

    # -------------------------------------------------------------- within

    def _ask(self, g: str, do: str, seconds: float, **more: Any) -> dict[str, Any]:
        """One question to the process. Raises ChildBroken, ChildLate or ChildLoud; then it is gone."""
        with self._lock:
            if g not in self._known:
                raise ChildBroken  # it was lost with another's; it has to be begun again
            try:
                if self._child is None:
                    if self._closed:
                        raise ChildBroken
                    self._child = _Child(self._command)
                return self._child.ask({"do": do, "g": g, **more}, seconds)
            except BaseException:
                self._lose()
                raise

    def _stay(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None

    def _rest(self) -> None:
        with self._lock:
            # Somebody may have begun while this waited for the lock.
            if self._resting is not None and not self._known:
                self._resting = None
                self._lose()

    def _lose(self) -> None:
        child, self._child = self._child, None
        self._known.clear()
        if child is not None:
            child.end()


class _Child:
    """One process, and the thread that speaks and listens to it, so that nobody else has to wait."""

    def __init__(self, command: Sequence[str]) -> None:
        self._process = started(command)
        self._asked: SimpleQueue[bytes | None] = SimpleQueue()
        self._said: SimpleQueue[bytes] = SimpleQueue()
        Thread(target=self._talk, name="live loom", daemon=True).start()

    def ask(self, message: dict[str, Any], seconds: float) -> dict[str, Any]:
        self._asked.put(json.dumps(message, separators=(",", ":")).encode("ascii") + b"\n")
        try:
            line = self._said.get(timeout=seconds)
        except Empty:
            raise ChildLate from None
        if len(line) > LINE_BYTES_MAX:
            raise ChildLoud
        try:
            answer: dict[str, Any] = json.loads(line)
        except ValueError:  # it ended, maybe in the middle of a word
            raise ChildBroken from None
        return answer

    def end(self) -> None:
        if self._process.poll() is None:
            end(self._process)
        self._asked.put(None)

    def _talk(self) -> None:
        with suppress(OSError, ValueError), self._process:
            while self._exchanged():
                pass

    def _exchanged(self) -> bool:
        """One line there and one back, none of which stays here afterwards."""
        line = self._asked.get()
        if line is None:
            return False
        process, said = self._process, b""
        assert process.stdin is not None
        assert process.stdout is not None
        with suppress(OSError, ValueError):  # it may be gone
            process.stdin.write(line)
            process.stdin.flush()
            said = process.stdout.readline(LINE_BYTES_MAX + 1)
        self._said.put(said)
        return True


def _answer(said: dict[str, Any]) -> Answer:
    names = tuple((m, name, lang) for m, name, lang in said["names"])
    return Answer(said["acts"], tuple((a, b) for a, b in said["cuts"]), names)
