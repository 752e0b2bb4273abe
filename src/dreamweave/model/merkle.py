"""Merkle trees after RFC 6962: one root over many leaves, and a short proof for each.

Hashing, audit paths and nothing else: what a leaf says is its maker's business.
Signed tree heads and consistency proofs are left out; a weave is finished when
it is hashed, and a new weave is a new tree.

Source: RFC 6962, section 2.1, with the published vectors of its reference
implementation in tests/model/test_merkle.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def tree_root(leaves: Sequence[bytes]) -> bytes:
    """The root over leaf hashes in this order; the hash of nothing for none.

    Level by level, an odd one out moves up as it is: the same tree as the
    RFC's split at the largest power of two, without recursion.
    """
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        level = _level_above(level)
    return level[0]


def audit_path(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """The hashes that lead from leaf `index` to the root, lowest first."""
    if not 0 <= index < len(leaves):
        raise ValueError(f"index is 0 to {len(leaves) - 1}, got {index}")
    path: list[bytes] = []
    level = list(leaves)
    while len(level) > 1:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        level = _level_above(level)
        index >>= 1
    return path


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that `path` claims for `leaf`; None when the path has the wrong length."""
    if not 0 <= index < size:
        return None
    left = list(reversed(path))
    last = size - 1
    while last > 0:
        if index & 1 or index < last:
            if not left:
                return None
            sibling = left.pop()
            leaf = node_hash(sibling, leaf) if index & 1 else node_hash(leaf, sibling)
        index >>= 1
        last >>= 1
    return None if left else leaf


def _level_above(level: list[bytes]) -> list[bytes]:
    above = [
        sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)
    ]
    if len(level) % 2:
        above.append(level[-1])
    return above
