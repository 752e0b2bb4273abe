"""Challenges: what a passkey has to answer, at which address, and each only once.

A challenge is made for one purpose and one person, holds for five minutes and
is good once: what was recorded opens nothing. Nothing is kept of a challenge
until it was answered rightly, so nobody can crowd out anybody else's. What a
passkey opens is `passkeys`'.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from threading import Lock
from urllib.parse import urlsplit

from dreamweave.app.ground import Ground

CHALLENGE_MS = 5 * 60_000
_NONCE, _WHEN, _MARK = 16, 8, 16


@dataclass(slots=True)
class Passkeys:
    """The node's side of passkeys: at which address, and which challenges were answered."""

    ground: Ground
    address: str
    # Challenges of before a restart were for a process that is gone.
    _boot: bytes = field(init=False, repr=False)
    _answered: dict[bytes, int] = field(default_factory=dict, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def __post_init__(self) -> None:
        self._boot = self.ground.fresh(16)

    @property
    def origin(self) -> str:
        """The one origin whose pages have passkeys, or ""."""
        parts = urlsplit(self.address)
        name = (parts.hostname or "").lower()
        # An address of numbers is not a name that a passkey could be bound to.
        secure = parts.scheme == "https" or (parts.scheme == "http" and name == "localhost")
        return f"{parts.scheme}://{parts.netloc.lower()}" if secure and _is_name(name) else ""

    @property
    def rp_id(self) -> str:
        """The name that passkeys are bound to. Another address, and they open nothing."""
        return urlsplit(self.origin).hostname or ""

    def offered_at(self, origin: str) -> bool:
        """Whether a page of this origin ("https://dreams.example") can have passkeys."""
        return bool(self.origin) and origin.lower() == self.origin

    def challenge(self, purpose: str) -> bytes:
        """A fresh challenge for one purpose ("sign in", "add <dreamer>", ...)."""
        said = self.ground.fresh(_NONCE) + self.ground.now_ms().to_bytes(_WHEN, "big")
        return said + self._mark(purpose, said)

    def answered(self, challenge: bytes, purpose: str) -> bool:
        """Take a rightly answered challenge; False when it is not ours, too old or was taken."""
        if not self._holds(challenge, purpose):
            return False
        now_ms = self.ground.now_ms()
        with self._lock:
            self._answered = {c: t for c, t in self._answered.items() if t > now_ms}
            if challenge in self._answered:
                return False
            self._answered[challenge] = now_ms + CHALLENGE_MS
            return True

    def _holds(self, challenge: bytes, purpose: str) -> bool:
        said, mark = challenge[: _NONCE + _WHEN], challenge[_NONCE + _WHEN :]
        made_ms = int.from_bytes(said[_NONCE:], "big")
        return (
            len(said) == _NONCE + _WHEN
            and hmac.compare_digest(mark, self._mark(purpose, said))
            and 0 <= self.ground.now_ms() - made_ms < CHALLENGE_MS
        )

    def _mark(self, purpose: str, said: bytes) -> bytes:
        return self.ground.vault.mac(f"passkey/{purpose}", self._boot + said)[:_MARK]


def _is_name(name: str) -> bool:
    return bool(name) and ":" not in name and not name.rpartition(".")[2].isdigit()
