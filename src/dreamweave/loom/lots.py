"""Lots: ties and draws that anyone can repeat from the public seed.

SHA-256 in counter mode and nothing else: no generator with a state that some
other file could have moved, no float, no clock. Who may draw, and for what, is
the caller's business; a purpose is named so that two draws never share a stream.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Parts of what is hashed are set apart by a byte that UTF-8 text never holds,
# so that no seed and no id can be chosen to look like another pair.
_APART = b"\xff"


def rank_key(seed: str, id: str) -> bytes:
    """The hash by which ties are broken: lower comes first. Needs no other id, so it suits live rooms."""
    return sha256(_APART.join((seed.encode(), b"rank", id.encode()))).digest()


def ranks(seed: str, ids: Sequence[str]) -> Ints:
    """The place of each id in the order of the hashes, from 0; equal ids keep the order given."""
    keys = [rank_key(seed, id) for id in ids]
    place = np.empty(len(keys), dtype=np.int64)
    place[sorted(range(len(keys)), key=keys.__getitem__)] = np.arange(len(keys))
    return place


class Lot:
    """A stream of fair draws, the same for the same seed and purpose on any machine.

    Source: rejection sampling over a hash in counter mode; each draw takes the
    fewest whole bytes that hold its bound, 8 bits to spare, so that fewer than
    one draw in 256 has to be repeated.
    """

    def __init__(self, seed: str, purpose: str) -> None:
        self._key = sha256(_APART.join((seed.encode(), b"lot", purpose.encode()))).digest()
        self._counter = 0
        self._bytes = b""

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1, each as likely as any other, however large n is."""
        if n < 1:
            raise ValueError(f"a draw needs something to draw from, got n = {n}")
        n_bytes = n.bit_length() // 8 + 2
        # The largest multiple of n that the bytes can hold: what lies above is
        # thrown away, because it would favour the small numbers.
        fair = (256**n_bytes // n) * n
        while True:
            drawn = int.from_bytes(self._take(n_bytes), "big")
            if drawn < fair:
                return drawn % n

    def _take(self, n_bytes: int) -> bytes:
        while len(self._bytes) < n_bytes:
            self._bytes += sha256(self._key + self._counter.to_bytes(8, "big")).digest()
            self._counter += 1
        taken, self._bytes = self._bytes[:n_bytes], self._bytes[n_bytes:]
        return taken
