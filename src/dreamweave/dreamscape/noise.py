"""Value noise on a line: the unevenness of hand-dyed yarn, the same everywhere.

The lattice is hashed in whole numbers, so no generator has a state and no
machine a say. Nothing here is secret and nothing here is fair: lots that
decide anything are drawn elsewhere.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def seed_of(seed: str, *words: object) -> int:
    """A 64-bit number for a purpose, by SHA-256 of the seed and the purpose's name."""
    said = "|".join([seed, *map(str, words)])
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], "big")


def bytes_of(seed: str, purpose: str, n: int) -> NDArray[np.uint8]:
    """`n` even bytes for a purpose, (n,)."""
    drawn = hashlib.shake_128(f"{seed}|{purpose}".encode()).digest(n)
    return np.frombuffer(drawn, dtype=np.uint8)


def noise(x: Floats, seed: int | NDArray[np.uint64] = 0) -> Floats:
    """Smooth noise in [0, 1) along `x`, one hill a unit; `seed` may be an array to broadcast."""
    cell = np.floor(x)
    f = x - cell
    smooth = f * f * (3 - 2 * f)
    at = cell.astype(np.int64).astype(np.uint64)
    # Wrapping is what a hash wants; numpy warns of it for scalars only, so stay in arrays.
    s = np.atleast_1d(np.asarray(seed, dtype=np.uint64))
    return np.asarray(
        _hashed(at, s) * (1 - smooth) + _hashed(at + np.uint64(1), s) * smooth, dtype=np.float64
    )


def _hashed(at: NDArray[np.uint64], seed: NDArray[np.uint64]) -> Floats:
    """The finaliser of SplitMix64 (Steele, Lea & Flood 2014), top 53 bits as a fraction."""
    z = at * np.uint64(0x9E3779B97F4A7C15) + seed
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.asarray((z >> np.uint64(11)) / 2.0**53, dtype=np.float64)
