"""Hashing: passphrases, made slow to guess, and never more at once than the machine bears.

Argon2id over the passphrase as Unicode would have every keyboard write it. At
most two are hashed at a time and a few wait; past that whoever comes is told to
come again, so that a flood of guesses cannot take the node from everybody else.
Says nothing of who may sign in; codes have 50 random bits or more and are not
stretched (`passes`).
"""

from __future__ import annotations

import unicodedata
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock, Semaphore

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import ARGON2_VERSION

from dreamweave.model.refusals import Refusal

# RFC 9106's second recommendation: 0.1 s on an idle machine, 0.34 s on a busy one of two cores.
MEMORY_KIB, N_PASSES, N_LANES = 65_536, 3, 4
# The least that is still advised (OWASP), for the smallest machines.
MEMORY_KIB_MIN, N_PASSES_MIN, N_LANES_MIN = 19_456, 2, 1

AT_ONCE = 2
WAITING_MAX = 8

CHARS_MIN = 12
BYTES_MAX = 1_024  # longer is no safer, and everything here is hashed before it is known
N_DIFFERENT_MIN = 5

_SALT_BYTES, _HASH_BYTES = 16, 32


class Hashing:
    """Makes and compares hashes of passphrases. Safe from any thread.

    Raises:
        ValueError: the parameters are below what is safe.
    """

    def __init__(
        self,
        memory_kib: int = MEMORY_KIB,
        n_passes: int = N_PASSES,
        n_lanes: int = N_LANES,
        *,
        fresh: Callable[[int], bytes],
    ) -> None:
        if memory_kib < MEMORY_KIB_MIN or n_passes < N_PASSES_MIN or n_lanes < N_LANES_MIN:
            raise ValueError(
                f"passphrases are hashed with {MEMORY_KIB_MIN} KiB, {N_PASSES_MIN} passes and"
                f" {N_LANES_MIN} lane at least, got {memory_kib}, {n_passes} and {n_lanes}"
            )
        self._fresh = fresh
        self._hasher = PasswordHasher(
            n_passes, memory_kib, n_lanes, hash_len=_HASH_BYTES, salt_len=_SALT_BYTES
        )
        # What a passphrase is compared with when nobody has that name: it fits none, and
        # takes as long as a real one.
        self._nobody = (
            f"$argon2id$v={ARGON2_VERSION}$m={memory_kib},t={n_passes},p={n_lanes}"
            f"${_base64(fresh(_SALT_BYTES))}${_base64(fresh(_HASH_BYTES))}"
        )
        self._places = Semaphore(AT_ONCE)
        self._lock = Lock()
        self._n_here = 0

    def made(self, passphrase: str) -> str:
        """The hash to keep of a passphrase (see `checked_passphrase`)."""
        with self._place():
            return self._hasher.hash(written(passphrase), salt=self._fresh(_SALT_BYTES))

    def fits(self, passphrase: str, held: str) -> bool:
        """Whether `held` is the hash of `passphrase`. "" is nobody's: hashes as long, and says no.

        A hash that was made with other parameters takes another time until it
        is made anew at its owner's next sign-in; until then, whoever measures
        could tell that the name exists.
        """
        text = written(passphrase)
        if len(text.encode()) > BYTES_MAX:
            return False
        with self._place():
            try:
                return self._hasher.verify(held or self._nobody, text)
            except (VerificationError, InvalidHashError):
                return False

    def outgrown(self, held: str) -> bool:
        """Whether `held` was made with less than is asked for now."""
        now, then = extract_parameters(self._nobody), extract_parameters(held)
        return (then.memory_cost, then.time_cost) < (now.memory_cost, now.time_cost)

    @contextmanager
    def _place(self) -> Iterator[None]:
        with self._lock:
            if self._n_here >= AT_ONCE + WAITING_MAX:
                raise Refusal(
                    "busy.hashing",
                    "Many people are signing in at this moment. Try again in a few seconds.",
                )
            self._n_here += 1
        try:
            with self._places:
                yield
        finally:
            with self._lock:
                self._n_here -= 1


def written(passphrase: str) -> str:
    """A passphrase as every keyboard would have written it; half a character reads as a mark."""
    whole = passphrase.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", whole)


def checked_passphrase(passphrase: str, name: str) -> str:
    """`passphrase` if it is worth keeping for whoever has `name`; refuses otherwise."""
    text = written(passphrase)
    if len(text) < CHARS_MIN:
        raise Refusal(
            "passphrase.short",
            f"A passphrase has {CHARS_MIN} characters or more. Four or five words that have nothing"
            " to do with one another are easy to remember and hard to guess.",
        )
    if len(text.encode()) > BYTES_MAX:
        raise Refusal("passphrase.long", f"A passphrase has up to {BYTES_MAX:,} bytes.")
    bare = "".join(text.casefold().split())
    if len(set(bare)) < N_DIFFERENT_MIN or bare == "".join(name.casefold().split()) * 2:
        raise Refusal(
            "passphrase.plain",
            "This would be guessed at once. Choose four or five words that have nothing to do with"
            " one another.",
        )
    return text


def _base64(data: bytes) -> str:
    return b64encode(data).rstrip(b"=").decode("ascii")
