"""The wire: a weave as one file, and back, exactly.

`weave.json` is the values of `model.weaves` under their own names, in
canonical JSON; vectors are base64. An absent key means none. What cannot be a
weave is refused with a sentence that says where. Certificates have their own
files (`model.certificates`); reading and writing disks is somebody else's work.

The documented shape is docs/reference/weave-json.md; the same as a JSON
Schema is model/schema/weave-1.schema.json.
"""

from __future__ import annotations

import itertools
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from dreamweave.model.canonical import INT_MAX, canonical, parsed
from dreamweave.model.refusals import Refusal
from dreamweave.model.weaves import SCHEMA, Overlooked, Weave

WEAVE_JSON = "weave.json"

T = TypeVar("T")


def to_json(weave: Weave) -> bytes:
    """`weave` as the bytes of weave.json. Refuses a weave that `from_json` would refuse."""
    _check(weave)
    return canonical({"schema": SCHEMA, **plain(weave)})


def from_json(data: bytes) -> Weave:
    """The weave in `data`.

    Raises:
        Refusal: with a code under "weave." or "json.", and a sentence that says where.
    """
    value = parsed(data, WEAVE_JSON)
    if not isinstance(value, dict) or "schema" not in value:
        raise Refusal("weave.schema", f"{WEAVE_JSON} does not say which schema it follows.")
    schema = value.pop("schema")
    if schema != SCHEMA:
        raise Refusal(
            "weave.schema", f"{WEAVE_JSON} follows another schema; this software reads {SCHEMA}."
        )
    weave = record(Weave, value, WEAVE_JSON, "weave.shape")
    _check(weave)
    return weave


def record(kind: type[T], value: object, what: str, code: str) -> T:
    """A frozen value of type `kind` out of plain JSON; refuses in the name of file `what`."""
    try:
        read: Callable[[Any], T] = _reader(cast(Any, kind))
        held = read(value)
    except _NotSo as no:
        raise Refusal(code, f"{what}: {no.sentence()}.") from None
    return held


# ------------------------------------------------------------------ writing


def plain(value: Any) -> Any:
    """A frozen value as plain JSON: its own names, absent for None, base64 for bytes."""
    if is_dataclass(value) and not isinstance(value, type):
        return {
            name: plain(held)
            for name in _names(type(value))
            if (held := getattr(value, name)) is not None
        }
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, bytes):
        return b64encode(value).decode("ascii")
    return value


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(f.name for f in fields(kind))


# ------------------------------------------------------------------ reading


class _NotSo(Exception):
    """A value that is not what its place asks for; gathers the way to it as it rises."""

    def __init__(self, wanted: str) -> None:
        super().__init__(wanted)
        self.wanted = wanted
        self.way: list[str] = []

    def under(self, step: str) -> _NotSo:
        self.way.append(step)
        return self

    def sentence(self) -> str:
        where = "".join(reversed(self.way)).lstrip(".") or "the whole"
        return f"{where} should be {self.wanted}"


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    """What turns plain JSON into a value of type `hint`, or raises `_NotSo`."""
    if is_dataclass(hint) and isinstance(hint, type):
        return _record_reader(hint)
    origin = get_origin(hint)
    if origin is tuple:
        return _list_reader(_reader(get_args(hint)[0]))
    if origin is Literal:
        return _word_reader(get_args(hint))
    if origin in (Union, UnionType):
        (inner,) = [arg for arg in get_args(hint) if arg is not NoneType]
        return _reader(inner)  # none is said by leaving the key out
    return {int: _whole, str: _text, bool: _yes_or_no, bytes: _bytes}[hint]


def _record_reader(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = {name: _reader(hints[name]) for name in _names(kind)}
    may_lack = {f.name for f in fields(kind) if f.default is not MISSING and f.default is None}
    # None-able without a default: still said by leaving the key out.
    may_lack |= {name for name in readers if NoneType in get_args(hints[name])}

    def read(value: Any) -> Any:
        if not isinstance(value, dict):
            raise _NotSo("an object")
        if unknown := sorted(value.keys() - readers.keys()):
            raise _NotSo(f"without {unknown[0][:40]!r}, which this schema does not know")
        held = {}
        for name, one in readers.items():
            if name in value:
                try:
                    held[name] = one(value[name])
                except _NotSo as no:
                    raise no.under(f".{name}") from None
            elif name in may_lack:
                held[name] = None
            else:
                raise _NotSo("there").under(f".{name}")
        return kind(**held)

    return read


def _list_reader(one: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if not isinstance(value, list):
            raise _NotSo("a list")
        held = []
        for i, item in enumerate(value):
            try:
                held.append(one(item))
            except _NotSo as no:
                raise no.under(f"[{i}]") from None
        return tuple(held)

    return read


def _word_reader(words: tuple[str, ...]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if value not in words or not isinstance(value, str):
            raise _NotSo(f"one of {', '.join(words)}")
        return value

    return read


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= INT_MAX:
        raise _NotSo("a whole number, 0 or more")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _NotSo("text")
    return value


def _yes_or_no(value: Any) -> bool:
    if not isinstance(value, bool):
        raise _NotSo("true or false")
    return value


def _bytes(value: Any) -> bytes:
    try:
        held = b64decode(value, validate=True) if isinstance(value, str) else None
    except ValueError:
        held = None
    # Base64 has idle bits: bytes that would be written otherwise are not ours.
    if held is None or b64encode(held).decode("ascii") != value:
        raise _NotSo("bytes in base64")
    return held


# ------------------------------------------------------------------ what holds across fields


def _check(weave: Weave) -> None:
    """Refuse a weave whose parts do not fit each other."""
    for holds, sentence in _claims(weave):
        if not holds:
            raise Refusal("weave.fits", f"This weave does not fit together: {sentence}.")


def _claims(weave: Weave) -> Iterable[tuple[bool, str]]:
    w = weave
    n_threads, n_fragments = len(w.threads), len(w.fragments)
    n_lines, n_passages, n_motifs = len(w.lines), len(w.passages), len(w.motifs)

    def within(size: int, *places: Iterable[int | None]) -> bool:
        return all(i is None or 0 <= i < size for held in places for i in held)

    yield (
        bool(w.radii)
        and all(a > b for a, b in itertools.pairwise(w.radii))
        and w.radii[-1] >= 1
        and w.radii[0] <= 1000,
        "radii are thousandths from 1 to 1000, tightest (largest) first",
    )
    yield 1 <= w.n_paying <= len(w.radii), "n_paying counts the first of the radii"
    yield w.n_tellers >= 1 and w.k >= 1, "there is at least one teller and one line"
    yield (
        len(w.vectors) == n_fragments * w.dims,
        "vectors hold one byte a dimension for every fragment",
    )
    yield (
        len(w.word_langs) == len(w.words) and len(w.word_vectors) == len(w.words) * w.dims,
        "word_langs and word_vectors belong to words",
    )
    yield (
        _once_each(t.tag for t in w.threads) and _once_each(f.id for f in w.fragments),
        "tags and ids are each used once",
    )
    yield (
        w.named or all(t.name is None for t in w.threads),
        "names stand only where names were asked for",
    )
    yield (
        within(n_threads, (t.answers_i for t in w.threads), (f.thread_i for f in w.fragments))
        and within(n_threads, w.vanished, *(k.threads for k in w.knots)),
        "every thread that is pointed at is there",
    )
    yield (
        within(n_fragments, (x.fragment_i for x in w.lines), (c.fragment_i for c in w.chorus))
        and within(n_fragments, w.popular, (m.fragment_i for m in w.motifs))
        and within(n_fragments, *(m.fragments for m in w.motifs))
        and within(n_fragments, *(k.fragments for k in w.knots)),
        "every fragment that is pointed at is there",
    )
    yield (
        within(n_motifs, (f.motif_i for f in w.fragments), (k.motif_i for k in w.knots))
        and within(n_motifs, *(p.motifs for p in w.passages)),
        "every motif that is pointed at is there",
    )
    yield (
        within(n_passages, (f.passage_i for f in w.fragments), (x.passage_i for x in w.lines))
        and within(n_passages, (k.passage_i for k in w.knots)),
        "every passage that is pointed at is there",
    )
    yield (
        all(f.start < f.end for f in w.fragments),
        "a span ends after it starts",
    )
    yield (
        all(f.intensity is None or 1 <= f.intensity <= 3 for f in w.fragments),
        "how strong a feeling is, is 1, 2 or 3",
    )
    yield (
        _once_each(x.fragment_i for x in w.lines) and _once_each(c.fragment_i for c in w.chorus),
        "a fragment is one line, and one line of the chorus, at most",
    )
    yield (
        all(x.level < len(w.radii) and x.n_carried <= w.n_tellers for x in w.lines),
        "a line has one of the radii and carries no more people than there are",
    )
    told = [(i, p) for p, passage in enumerate(w.passages) for i in passage.lines]
    yield (
        within(n_lines, (i for i, _ in told))
        and sorted(told) == [(i, x.passage_i) for i, x in enumerate(w.lines)],
        "every line stands in its one passage",
    )
    yield (
        _one_a_radius(w.fairness.overlooked, w.radii)
        and _one_a_radius(w.fairness.overlooked_popular, w.radii)
        and within(
            n_fragments,
            (o.fragment_i for o in w.fairness.overlooked),
            (o.fragment_i for o in w.fairness.overlooked_popular),
        )
        and len(w.fairness.n_capped) == len(w.radii),
        "fairness is given once for each radius, in order",
    )


def _once_each(items: Iterable[str] | Iterable[int]) -> bool:
    held = list(items)
    return len(set(held)) == len(held)


def _one_a_radius(overlooked: Sequence[Overlooked], radii: tuple[int, ...]) -> bool:
    return tuple(o.radius for o in overlooked) == radii
