"""Checking: what may be handed to a store, said once for all three.

A writing that no store could keep the same way as the others is a mistake of
ours and gets a `ValueError` before anything is written. Whether a writing is
wise, allowed or fits what is kept already is not looked at here. Messages name
the place and never what stood there.
"""

from __future__ import annotations

from dreamweave.model.keeping import BODY_BYTES_MAX, SHELVES, Shelf, Writing

# What the smallest of the three engines counts to.
INT_MAX = (1 << 63) - 1
# PostgreSQL's indexes take entries of 2,700 bytes, and some hold two names.
NAME_BYTES_MAX = 1_000


def check_writing(writing: Writing) -> None:
    """Raise ValueError where `writing` cannot be kept by every store alike."""
    check_whole(writing.at_ms, "at_ms")
    check_name(writing.once, "once")
    _body(writing.asked, "asked")
    _body(writing.answer, "answer")
    for stream, n in writing.expects:
        _text(stream, "an expected stream")
        check_whole(n, "how many facts are expected")
    for shelf, id in writing.drops:
        check_shelf(shelf)
        _text(id, "a dropped id")
    for shelf, owner in writing.drop_owned:
        check_shelf(shelf)
        check_name(owner, "a dropped owner")
    for row in writing.puts:
        check_shelf(row.shelf)
        _text(row.id, "a row's id")
        check_name(row.owner, "a row's owner")
        _body(row.body, "a row's body")
    for fact in writing.facts:
        _text(fact.stream, "a fact's stream")
        _text(fact.kind, "a fact's kind")
        _body(fact.body, "a fact's body")


def check_shelf(shelf: Shelf) -> None:
    """Raise ValueError where there is no such shelf. Its name becomes a table's."""
    if shelf not in SHELVES:
        raise ValueError(f"a shelf is one of {', '.join(SHELVES)}")


def check_page(after: str | int, limit: int) -> None:
    """Raise ValueError where a page of rows or facts cannot be read from `after`."""
    if type(limit) is not int or not 0 <= limit <= INT_MAX:
        raise ValueError(f"limit is a whole number, 0 or more, got {limit!r}")
    if isinstance(after, str):
        check_name(after, "after")
    else:
        check_whole(after, "after")


def check_whole(value: int, what: str) -> None:
    """Raise ValueError unless `value` is a count or a moment every engine can hold."""
    if type(value) is not int or not 0 <= value <= INT_MAX:
        raise ValueError(f"{what} is a whole number from 0 to 2^63 - 1")


def check_name(value: str | None, what: str) -> None:
    """Raise ValueError unless `value` is whole characters; empty is allowed."""
    if not isinstance(value, str):
        raise ValueError(f"{what} is text, got {type(value).__name__}")
    if not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):
        raise ValueError(f"{what} holds half a character (a lone surrogate)")
    if len(value) > NAME_BYTES_MAX // 4 and len(value.encode()) > NAME_BYTES_MAX:
        raise ValueError(f"{what} is longer than {NAME_BYTES_MAX} bytes")


def _text(value: str, what: str) -> None:
    if not value:
        raise ValueError(f"{what} is text with at least one character")
    check_name(value, what)


def _body(value: bytes, what: str) -> None:
    if not isinstance(value, bytes):
        raise ValueError(f"{what} is bytes, got {type(value).__name__}")
    if len(value) > BODY_BYTES_MAX:
        raise ValueError(f"{what} holds {len(value)} bytes, {BODY_BYTES_MAX} at most")
