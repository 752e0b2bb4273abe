"""Boxes: bytes locked under a key and bound to the place where they lie.

AES-256-GCM. The place (table, row, owner, what it is for, version) is
authenticated with the bytes, so that a box carried to another row, another
owner or another shelf does not open. Which key locks what is `tree`'s.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = 1
KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
# What a box is longer than what is in it: version, nonce, tag.
BOX_BYTES = 1 + NONCE_BYTES + TAG_BYTES


class Shut(ValueError):
    """The box does not open: another key, another place, or other bytes than were locked."""


def place(table: str, row: str, owner: str, scope: str) -> bytes:
    """Where a box lies, in bytes that no two places share."""
    # With the length before each part, no "|" inside an id can be taken for a boundary.
    return (
        f"{len(table)}:{table}|{len(row)}:{row}|{len(owner)}:{owner}|{len(scope)}:{scope}|{VERSION}"
    ).encode()


class Lock:
    """A key, ready for use. Holds no nonce: whoever locks says which."""

    __slots__ = ("_aead",)

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a key has {KEY_BYTES} bytes, got {len(key)}")
        self._aead = AESGCM(key)

    def shut(self, nonce: bytes, plain: bytes, at: bytes) -> bytes:
        """`plain` as a box for the place `at`."""
        return bytes((VERSION,)) + nonce + self._aead.encrypt(nonce, plain, at)

    def open(self, box: bytes, at: bytes) -> bytes:
        """What is in `box`, found at `at`. Raises Shut."""
        if len(box) < BOX_BYTES or box[0] != VERSION:
            raise Shut("not a box of this version")
        try:
            return self._aead.decrypt(box[1 : 1 + NONCE_BYTES], box[1 + NONCE_BYTES :], at)
        except InvalidTag:
            raise Shut("the box does not open") from None
