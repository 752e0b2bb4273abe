"""Ids: what a thing is called, so that nobody can guess another's.

An id is 128 random bits in twenty-six letters and digits. A browser may make
one while it is offline and send it later; sent twice, it is the same thing.
This file draws no random numbers itself: bytes are handed in.
"""

from __future__ import annotations

from dreamweave.model.keys import ALPHABET
from dreamweave.model.refusals import Refusal

ID_BYTES = 16
ID_CHARS = 26
_LETTERS = frozenset(ALPHABET)


def id_of(raw: bytes) -> str:
    """Sixteen random bytes as an id."""
    if len(raw) != ID_BYTES:
        raise ValueError(f"an id is made of {ID_BYTES} bytes, got {len(raw)}")
    bits = int.from_bytes(raw, "big") << 2  # 128 bits and two idle ones: 26 letters of 5
    return "".join(ALPHABET[(bits >> 5 * (ID_CHARS - 1 - i)) & 31] for i in range(ID_CHARS))


def is_id(value: object) -> bool:
    """Whether `value` is written as an id is."""
    return isinstance(value, str) and len(value) == ID_CHARS and _LETTERS.issuperset(value)


def checked_id(value: object, what: str) -> str:
    """`value` if it is an id; refuses in the name of `what` otherwise."""
    if not isinstance(value, str) or not is_id(value):
        raise Refusal(
            "id.shape",
            f"{what} is {ID_CHARS} letters and digits (0-9, A-Z without I, L, O, U).",
        )
    return value
