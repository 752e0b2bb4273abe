"""Limits: how often one person, one address or the whole node may ask for something.

The generic cell rate algorithm: one number a key, no windows, no timers. An
address is hashed with a key that is drawn anew each day and is never kept, so
yesterday's hashes tell nobody anything. Counts lie in memory only: a restart
forgives. What happens behind the limit is not known here.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import cast

from starlette.requests import Request

from dreamweave.model.refusals import Refusal
from dreamweave.web.answering import Later
from dreamweave.web.asking import actor_or_none, address_of

DAY_MS = 86_400_000
# Keys held at most. An attacker with more addresses than this is met by the node's own limits.
N_KEYS_MAX = 200_000


@dataclass(frozen=True, slots=True)
class Rate:
    """`n` in `per_s` seconds, at most `burst` of them at once."""

    n: int
    per_s: int
    burst: int

    @property
    def step_ms(self) -> float:
        return self.per_s * 1000 / self.n


# What is limited. The part after the slash says whose count it is: a person's, an address's where
# nobody is signed in, a hall's (an address's, whoever asks), a name's or the node's.
KINDS: dict[str, Rate] = {
    "sign_in/name": Rate(5, 60, 5),
    "sign_in/address": Rate(30, 60, 30),
    "invitation/address": Rate(5, 600, 5),  # failures only
    "invitation/node": Rate(100, 3600, 100),  # failures only
    # Codes of gatherings are six letters, 30 bits, because they are read aloud; failures only. Of
    # m codes that open something, one try in 2^30 / m finds one. All addresses together try 300
    # and then 300 an hour: 2.6 million in a year, so that with 100 gatherings called somebody who
    # tries day and night finds one in four years, and with ten in forty. One address tries 60 and
    # then 360 an hour: in a hall of 300 people behind it one in five may mistype.
    "gathering_code/person": Rate(10, 600, 10),
    "gathering_code/address": Rate(60, 600, 60),
    "gathering_code/node": Rate(300, 3600, 300),
    # A call is read by whoever is in the hall, and they come in: 300 people behind one address
    # within a minute, and some more. After that it is as slow as a door needs to be.
    "call/person": Rate(240, 60, 240),
    "call/address": Rate(600, 60, 900),
    "enter/person": Rate(30, 60, 30),
    "enter/address": Rate(400, 3600, 400),
    # What one person tells in gatherings, and what comes from behind one address, whoever it is.
    "tell/person": Rate(12, 60, 40),  # a queue that was offline comes as one burst
    "tell/hall": Rate(600, 60, 600),
    "path/person": Rate(20, 60, 8),  # each asks the loom, which has other things to do
    "feed/person": Rate(60, 60, 60),
    "feed/address": Rate(60, 60, 60),
    "keep/person": Rate(20, 60, 60),  # a queue that was offline comes as one burst
    "free/person": Rate(240, 60, 240),  # taking back and forgetting is the last thing to be slow
    "upload/person": Rate(30, 3600, 20),
    "weave/person": Rate(12, 3600, 4),
    "export/person": Rate(3, 86_400, 3),
    "read/person": Rate(1200, 60, 600),
    "read/address": Rate(120, 60, 120),
    "send/address": Rate(30, 60, 30),
}


_NAMES = {kind.partition("/")[0] for kind in KINDS}


class Limiter:
    """Counts of every key. Safe from any thread."""

    def __init__(
        self,
        now_ms: Callable[[], int],
        fresh: Callable[[int], bytes],
        kinds: dict[str, Rate] | None = None,
    ) -> None:
        self.kinds = KINDS if kinds is None else kinds
        self._now_ms = now_ms
        self._fresh = fresh
        self._lock = Lock()
        self._due: dict[str, float] = {}
        self._day = -1
        self._key = b""

    def spend(self, kind: str, whose: str) -> int:
        """Take one of `kind`; 0 when there was one, else the seconds until there is."""
        return self._ask(kind, whose, spend=True)

    def left(self, kind: str, whose: str) -> int:
        """As `spend`, but nothing is taken: 0 when there is one left."""
        return self._ask(kind, whose, spend=False)

    def _ask(self, kind: str, whose: str, *, spend: bool) -> int:
        rate = self.kinds.get(kind)
        if rate is None:
            return 0
        now = self._now_ms()
        key = f"{kind} {whose}"
        with self._lock:
            due = max(self._due.get(key, 0.0), now)
            # No count is higher than this, unless the clock was set back: then it begins here.
            most = now + rate.burst * rate.step_ms
            if due > most:
                due = self._due[key] = most
            early = due - now - (rate.burst - 1) * rate.step_ms
            if early > 1e-6:
                return max(1, -(-int(early) // 1000))
            if spend:
                if key not in self._due and len(self._due) >= N_KEYS_MAX:
                    self._forget(now)
                self._due[key] = due + rate.step_ms
            return 0

    def _forget(self, now: int) -> None:
        self._due = {key: due for key, due in self._due.items() if due > now}
        while len(self._due) >= N_KEYS_MAX:  # the oldest first: they were put in first
            self._due.pop(next(iter(self._due)))

    def of_address(self, address: str) -> str:
        """An address as a key: hashed with today's key, a /64 of IPv6 as one."""
        day = self._now_ms() // DAY_MS
        with self._lock:
            if day != self._day:
                self._day, self._key = day, self._fresh(32)
            key = self._key
        return hmac.new(key, _network(address).encode(), sha256).hexdigest()[:32]


def _network(address: str) -> str:
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


# ------------------------------------------------------------------ for the gate and the doors


def limiter_of(request: Request) -> Limiter:
    return cast(Limiter, request.app.state.limiter)


def spend(request: Request, kind: str, *, name: str = "") -> None:
    """Take one of every limit of `kind` ("sign_in", "export"); refuses when there is none left.

    `name` is the hash of the sign-in name, for limits that count by name.
    """
    for full, whose in _keys(request, kind, name):
        wait_s = limiter_of(request).spend(full, whose)
        if wait_s:
            raise slow(wait_s)


def check(request: Request, kind: str, *, name: str = "") -> None:
    """Refuse when nothing is left, and take nothing: for what counts failures only."""
    for full, whose in _keys(request, kind, name):
        wait_s = limiter_of(request).left(full, whose)
        if wait_s:
            raise slow(wait_s)


def failed(request: Request, kind: str, *, name: str = "") -> None:
    """Count a failure of what `check` let through."""
    for full, whose in _keys(request, kind, name):
        limiter_of(request).spend(full, whose)


def usual(request: Request, method: str) -> str:
    """The limit of a door that named none."""
    if method == "GET":
        return "read"
    if actor_or_none(request) is None:
        return "send"
    return "free" if method == "DELETE" else "keep"


def slow(wait_s: int) -> Refusal:
    when = f"{wait_s} seconds" if wait_s < 120 else f"{-(-wait_s // 60)} minutes"
    return Later("rate.soon", f"That was often in a short time. Try again in {when}.", wait_s)


def _keys(request: Request, kind: str, name: str) -> list[tuple[str, str]]:
    if kind == "none":
        return []
    if kind not in _NAMES:
        raise ValueError(f"there is no limit of the kind {kind!r}")
    limiter = limiter_of(request)
    actor = actor_or_none(request)
    found = []
    if f"{kind}/person" in limiter.kinds and actor is not None:
        found.append((f"{kind}/person", actor.dreamer))
    elif f"{kind}/address" in limiter.kinds:
        found.append((f"{kind}/address", limiter.of_address(address_of(request))))
    if f"{kind}/hall" in limiter.kinds:
        found.append((f"{kind}/hall", limiter.of_address(address_of(request))))
    if f"{kind}/name" in limiter.kinds and name:
        found.append((f"{kind}/name", name))
    if f"{kind}/node" in limiter.kinds:
        found.append((f"{kind}/node", ""))
    return found
