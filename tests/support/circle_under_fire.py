"""People in a gathering who go on through whatever happens to its node, over HTTP alone.

A `Person` sends what they wish, one thing after another, each under its key, and
sends it again until it was acknowledged. A `Screen` hears as the page does: a
picture and words, then the stream from there, and afresh when it is told to.
What they are told is noted and judged by `circle_lives`, never by them.
"""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import httpx
from running_node import PATIENCE_S, Ear

from dreamweave.model.acts import FRAME_BYTES_MAX, Picture, folded

# One sending in so many is sent again although it was acknowledged: the acknowledgement was lost.
AGAIN_ONE_IN = 6

_OF_THREAD = threading.local()


class Where:
    """Where the node is at this moment, or that it is nowhere."""

    def __init__(self) -> None:
        self._known = threading.Condition()
        self._port = 0
        self.stopped = False

    def is_at(self, port: int) -> None:
        with self._known:
            self._port = port
            self._known.notify_all()

    def stop(self) -> None:
        self.stopped = True
        self.is_at(self._port)

    def port(self) -> int:
        """Waits until there is a node; 0 when all is over."""
        with self._known:
            self._known.wait_for(lambda: self._port or self.stopped)
            return 0 if self.stopped else self._port


def asked(where: Where, token: str, method: str, path: str, **how: Any) -> httpx.Response:
    """Ask until there is an answer, however often the node is gone before it comes."""
    while port := where.port():
        headers = {"authorization": f"Bearer {token}"} if token else {}
        headers |= {"origin": f"http://localhost:{port}"} if not token else {}
        headers |= how.get("headers", {})
        try:
            url = f"http://localhost:{port}{path}"
            answer = _client().request(method, url, headers=headers, json=how.get("json"))
        except httpx.TransportError:
            time.sleep(0.02)
            continue
        if answer.status_code == 429:
            time.sleep(min(1.0, float(answer.headers.get("retry-after", "1"))))
            continue
        if answer.status_code < 500:
            return answer
        time.sleep(0.02)
    raise InterruptedError


def _client() -> httpx.Client:
    """One a thread, which remembers no cookie: who asks is said each time."""
    if not hasattr(_OF_THREAD, "client"):
        _OF_THREAD.client = httpx.Client(timeout=PATIENCE_S, trust_env=False, verify=False)
    _OF_THREAD.client.cookies.clear()
    held: httpx.Client = _OF_THREAD.client
    return held


def close_client() -> None:
    """This thread asks no more."""
    if hasattr(_OF_THREAD, "client"):
        _OF_THREAD.client.close()
        del _OF_THREAD.client


@dataclass
class Wish:
    """Something somebody wants, and how it was answered (None: not yet)."""

    what: str
    method: str
    path: str
    body: dict[str, Any]
    key: str
    more: dict[str, Any] = field(default_factory=dict)
    status: int | None = None
    answer: dict[str, Any] | None = None
    strange: str = ""


class Person(threading.Thread):
    """Somebody with a queue. What they told is in `told`: report -> wish."""

    def __init__(self, where: Where, name: str, g: str, token: str, seed: int) -> None:
        super().__init__(daemon=True, name=name)
        self.where, self.g, self.token = where, g, token
        self.rng = random.Random(seed)
        self.queue: deque[Wish] = deque()
        self.done: list[Wish] = []
        self.n_repeated = 0
        self.is_here = True
        self._new = threading.Condition()
        self._n = itertools.count()
        self.trouble: BaseException | None = None

    def wishes(self, what: str, method: str, path: str, body: dict[str, Any], **more: Any) -> Wish:
        key = f"{self.name}-{next(self._n):05d}"
        wish = Wish(what, method, f"/api/gatherings/{self.g}{path}", body, key, more)
        with self._new:
            self.queue.append(wish)
            self._new.notify_all()
        return wish

    @property
    def is_idle(self) -> bool:
        return not self.queue or self.trouble is not None

    def run(self) -> None:
        try:
            while not self.where.stopped:
                with self._new:
                    if not self.queue:
                        self._new.wait(0.2)
                        continue
                    wish = self.queue[0]
                self._send(wish)
                self.done.append(wish)
                self.queue.popleft()
        except InterruptedError:
            pass
        except BaseException as trouble:
            self.trouble = trouble
        finally:
            close_client()

    def key(self, wish: Wish, n: int) -> str:
        """The key of the n-th sending: the same each time."""
        return wish.key

    def _send(self, wish: Wish) -> None:
        n_times = 2 if self.rng.randrange(AGAIN_ONE_IN) == 0 else 1
        for n in range(n_times):
            answer = asked(
                self.where, self.token, wish.method, wish.path,
                json=wish.body if wish.method != "DELETE" else None,
                headers={"idempotency-key": self.key(wish, n)},
            )  # fmt: skip
            said = answer.json()
            if wish.status is not None:
                self.n_repeated += 1
                if (wish.status, wish.answer) != (answer.status_code, said):
                    wish.strange = f"answered {wish.status} and then {answer.status_code}"
            wish.status, wish.answer = answer.status_code, said


class Shown:
    """What one page shows, and whatever it noticed that should never come."""

    def __init__(self) -> None:
        self.at = ""
        self.picture = Picture()
        self.reports: dict[int, dict[str, Any]] = {}
        self.motifs: dict[int, str] = {}
        self.ids: set[str] = set()
        self.n_afresh = 0
        self.strange: list[str] = []

    def afresh(self, drawn: dict[str, Any], words: dict[str, Any]) -> None:
        """The whole picture, and the words beside it, which were asked for after it."""
        self.n_afresh += 1
        self.at = drawn["at"]
        self.picture = folded(drawn["acts"])
        if self.picture.told.keys() & self.picture.gone:
            self.strange.append("a picture shows what is gone")
        gone = self.picture.gone
        self.reports = {one["r"]: one for one in words["reports"] if one["r"] not in gone}
        self.motifs = {one["m"]: one["name"] for one in words["motifs"]}

    def hear(self, event: dict[str, Any]) -> bool:
        """Take in one event; whether all has to be read afresh instead."""
        kind = event.get("event")
        if kind == "resync":
            return True
        if kind in ("acts", "words"):
            if event["id"] in self.ids:
                self.strange.append("heard twice")
            self.ids.add(event["id"])
        self.at = event["id"]
        if kind == "words":
            self._beside(event["data"])
        elif kind == "acts":
            if len(json.dumps(event["data"], separators=(",", ":"))) > FRAME_BYTES_MAX:
                self.strange.append("a large frame")
            for act in event["data"]["acts"]:
                self._act(act)
        return False

    def _beside(self, words: dict[str, Any]) -> None:
        for one in words.get("reports", ()):
            if one["r"] in self.picture.gone:
                self.strange.append("words after they were gone")
            else:
                self.reports[one["r"]] = one
        for one in words.get("motifs", ()):
            if one["name"] is None:
                self.motifs.pop(one["m"], None)
            else:
                self.motifs[one["m"]] = one["name"]

    def _act(self, act: list[Any]) -> None:
        picture = self.picture
        if act[0] == "passage" and act[1] < len(picture.lanes) - 1:
            self.strange.append("a frozen passage moved")
        if act[0] in ("told", "woven", "carries") and act[1] in picture.gone:
            self.strange.append(f"{act[0]} after it was gone")
        if act[0] == "told" and act[1] in picture.told:
            self.strange.append("told twice")
        picture.apply(act)
        if act[0] == "gone":
            self.reports.pop(act[1], None)


class Screen(threading.Thread):
    """A page that is open, through every life of the node."""

    def __init__(self, where: Where, g: str, token: str) -> None:
        super().__init__(daemon=True, name="screen")
        self.where, self.token = where, token
        self.path = f"/api/gatherings/{g}"
        self.lock = threading.RLock()
        self.shown = Shown()
        self.trouble: BaseException | None = None
        self.ear: Ear | None = None

    def run(self) -> None:
        try:
            while port := self.where.port():
                try:
                    self._listen(port)
                except (OSError, EOFError, ValueError):
                    time.sleep(0.02)  # the node is gone, in the middle of a word maybe
        except InterruptedError:
            pass
        except BaseException as trouble:
            self.trouble = trouble
        finally:
            close_client()

    def _listen(self, port: int) -> None:
        if not self.shown.at:
            self._read_afresh()
        self.ear = ear = Ear(port, self.token, f"{self.path}/stream", last=self.shown.at)
        try:
            if ear.status != 200:
                raise OSError
            for event in ear.events():
                with self.lock:
                    is_lost = self.shown.hear(event)
                if is_lost:
                    self._read_afresh()
        finally:
            ear.close()

    def _read_afresh(self) -> None:
        drawn = asked(self.where, self.token, "GET", f"{self.path}/picture").json()
        words = asked(self.where, self.token, "GET", f"{self.path}/words").json()
        with self.lock:
            self.shown.afresh(drawn, words)
