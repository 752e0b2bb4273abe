"""Keys: the short private key that lights up one person's own thread, and the boxes it opens.

A key is 80 bits, written as sixteen characters that survive being read aloud.
A box is a few bytes that only one key opens; a page carries everybody's boxes
and no list of who holds which. This file holds no secret, draws no random
numbers, and stretches nothing: a key is random to begin with, so a slow hash
would only make the page slow. The page opens boxes with its own twin of
`unseal` in TypeScript; `tests/support/key_vectors.json` holds both to account.
"""

from __future__ import annotations

import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Sequence
from hashlib import sha256

from dreamweave.model.refusals import Refusal

# Crockford's base 32: no I, L, O or U, so that no key reads as another key or as a word.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY_BYTES = 10
TAG_CHARS = 12  # 60 bits: among 100,000 people two tags meet once in 200 million weaves
SECRET_BYTES_MIN = 16

_KEY = b"dreamweave/key/1\x00"
_TAG = b"dreamweave/tag/1\x00"
_NONCE = b"dreamweave/box/1/nonce\x00"
_HIDE = b"dreamweave/box/1/hide\x00"
_SHOW = b"dreamweave/box/1/show\x00"

_NONCE_BYTES = 16
_MARK_BYTES = 32
_READ_ALOUD = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def key_of(secret: bytes, tag: str) -> str:
    """The private key of the person behind `tag`, as XXXX-XXXX-XXXX-XXXX."""
    raw = hmac.digest(_long_enough(secret), _KEY + tag.encode(), sha256)[:KEY_BYTES]
    letters = _letters(raw, 16)
    return "-".join(letters[i : i + 4] for i in range(0, 16, 4))


def tag_of(secret: bytes, what: str) -> str:
    """A tag for `what` that looks random to whoever lacks the secret.

    `what` says the kind and the id ("teller/17", "thread/203"), so that a
    thread and its teller get tags with nothing in common.
    """
    return _letters(hmac.digest(_long_enough(secret), _TAG + what.encode(), sha256), TAG_CHARS)


def seal(key: str, payload: bytes, *, size: int = 0) -> str:
    """Lock `payload` so that only `key` opens it; base64.

    The inside is padded with zeros to `size` bytes, because the length of a
    box would otherwise tell how much its owner told. The nonce is made from
    key and payload, so the same weave has the same bytes and two payloads
    under one key never share a keystream. There is no hint by which a page
    could find its box without trying: such a hint would let a guesser test
    one guess against everybody at once.

    Layout: nonce (16) | mark (32) | hidden, where hidden is the keystream
    XOR (length of the payload, 4 bytes big-endian | payload | zeros).
    """
    raw = _raw_key(key)
    inside = len(payload).to_bytes(4, "big") + payload
    inside += bytes(max(0, 4 + size - len(inside)))
    nonce = hmac.digest(raw, _NONCE + inside, sha256)[:_NONCE_BYTES]
    hidden = _xor(inside, _keystream(raw, nonce, len(inside)))
    return b64encode(nonce + _mark(raw, nonce + hidden) + hidden).decode("ascii")


def unseal(key: str, box: str) -> bytes | None:
    """What is in `box`, or None when `key` does not open it."""
    raw = _raw_key(key)
    try:
        whole = b64decode(box, validate=True)
    except (NotBase64, ValueError):
        return None
    nonce, rest = whole[:_NONCE_BYTES], whole[_NONCE_BYTES:]
    mark, hidden = rest[:_MARK_BYTES], rest[_MARK_BYTES:]
    if len(hidden) < 4 or not hmac.compare_digest(mark, _mark(raw, nonce + hidden)):
        return None
    inside = _xor(hidden, _keystream(raw, nonce, len(hidden)))
    return inside[4 : 4 + int.from_bytes(inside[:4], "big")]


def seal_all(payloads: Sequence[tuple[str, bytes]]) -> tuple[str, ...]:
    """One box for each (key, payload), all of one size, in an order that tells nothing.

    Boxes are sorted by their own text, which to anybody without the keys is
    a shuffle, and is the same shuffle each time the same weave is written.
    """
    size = max((len(payload) for _, payload in payloads), default=0)
    return tuple(sorted(seal(key, payload, size=size) for key, payload in payloads))


def _letters(raw: bytes, count: int) -> str:
    bits = int.from_bytes(raw, "big") >> (8 * len(raw) - 5 * count)
    return "".join(ALPHABET[(bits >> 5 * (count - 1 - i)) & 31] for i in range(count))


def _raw_key(key: str) -> bytes:
    letters = key.strip().upper().translate(_READ_ALOUD)
    if len(letters) != 16 or any(letter not in ALPHABET for letter in letters):
        raise Refusal(
            "key.shape",
            "A key is sixteen letters and digits in groups of four, like 7Q2M-0XKD-5RTA-9WHC.",
        )
    bits = 0
    for letter in letters:
        bits = bits << 5 | ALPHABET.index(letter)
    return bits.to_bytes(KEY_BYTES, "big")


def _keystream(raw: bytes, nonce: bytes, n_bytes: int) -> bytes:
    n_blocks = -(-n_bytes // 32)
    blocks = (
        hmac.digest(raw, _HIDE + nonce + i.to_bytes(4, "big"), sha256) for i in range(n_blocks)
    )
    return b"".join(blocks)[:n_bytes]


def _mark(raw: bytes, shown: bytes) -> bytes:
    return hmac.digest(raw, _SHOW + shown, sha256)


def _xor(left: bytes, right: bytes) -> bytes:
    return (int.from_bytes(left, "big") ^ int.from_bytes(right, "big")).to_bytes(len(left), "big")


def _long_enough(secret: bytes) -> bytes:
    if len(secret) < SECRET_BYTES_MIN:
        raise ValueError(f"a secret is {SECRET_BYTES_MIN} bytes or more, got {len(secret)}")
    return secret
