"""Canonical JSON: one value, one row of bytes.

UTF-8, keys sorted, no spaces, no floats, nothing escaped that need not be. So
a hash of the bytes is a hash of the value, on every machine. Reading is as
strict: a key given twice, a number with a point or half a character is
refused with a sentence. This file knows no schema.
"""

from __future__ import annotations

import json
from hashlib import sha256

from dreamweave.model.refusals import Refusal

# Whole numbers that every reader of JSON keeps exactly (2**53 - 1).
INT_MAX = 9_007_199_254_740_991


def canonical(value: object) -> bytes:
    """`value` (dicts, lists, strings, whole numbers, booleans, None) as bytes.

    Raises:
        Refusal: a string holds half a character (a lone surrogate).
        ValueError: something that JSON has no form for. Floats have one and are
            not looked for here: no value of ours has any, and `parsed` refuses them.
    """
    text = json.dumps(
        value,
        ensure_ascii=False,
        allow_nan=False,
        sort_keys=True,
        separators=(",", ":"),
        default=_no_form,
    )
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise Refusal("text.surrogate", _HALF.format(what="This text")) from None


def parsed(data: bytes, what: str) -> object:
    """The value in `data`; `what` names the file in a refusal ("weave.json")."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("json.encoding", f"{what} is not UTF-8 text.") from None
    try:
        value: object = json.loads(
            text, object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float
        )
    except _Strict as no:
        raise Refusal("json.strict", f"{what} {no}.") from None
    except RecursionError:
        raise Refusal("json.depth", f"{what} is nested too deeply to be one of ours.") from None
    except ValueError:
        raise Refusal("json.syntax", f"{what} is not JSON, or not all of it is here.") from None
    # Only an escape can smuggle in half a character: the decoder above has seen the rest.
    if "\\ud" in text or "\\uD" in text:
        try:
            canonical(value)
        except Refusal:
            raise Refusal("text.surrogate", _HALF.format(what=what)) from None
    return value


def sha256_hex(data: bytes) -> str:
    return sha256(data).hexdigest()


_HALF = "{what} holds half a character (a lone surrogate), which no file can keep."


class _Strict(ValueError):
    """What JSON would allow and we do not."""


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise _Strict("gives one key twice")
    return value


def _no_float(_: str) -> object:
    raise _Strict("holds a number that is not a whole one")


def _no_form(value: object) -> object:
    raise ValueError(f"no exact JSON for {type(value).__name__}")
