"""Asked words: what somebody typed into the search, taken apart.

Words, phrases in quotation marks, words that must not stand there (-word), and
filters by tag, kind, feeling and night, in the languages of the pages. Knows
nothing of reports.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dreamweave.app.folding import folded
from dreamweave.intake.vocabulary import FEELING_WORDS, KIND_WORDS, plain_word
from dreamweave.model.journal import FELT, Felt
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import FEELINGS, KINDS, Kind

ASKED_CHARS_MAX = 400
N_TERMS_MAX = 16

# The filters, by the names people give them on the pages.
_FILTERS = {
    "tag": "tag;etiqueta;وسم",
    "kind": "kind;tipo;نوع",
    "feeling": "feeling;sentimiento;شعور",
    "night": "night;noche;ليلة",
    "from": "from;since;after;desde;من",
    "to": "to;until;before;hasta;إلى;الى",
}
_FILTER_OF = {
    folded(word): meaning for meaning, words in _FILTERS.items() for word in words.split(";")
}
_QUOTES = ("“”", "„“", "„”", "«»", "「」", "『』", '""', "＂＂", "‹›")
_OPENING = {pair[0]: {p[1] for p in _QUOTES if p[0] == pair[0]} for pair in _QUOTES}
_DATE = re.compile(r"(\d{4})(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything that a report must be, to be found. Terms and tags are folded.

    A term of several words is a phrase. `since` and `until` are nights, both
    in it; `on` is the beginning of one ("2026-11").
    """

    terms: tuple[str, ...] = field(default=(), repr=False)
    without: tuple[str, ...] = field(default=(), repr=False)
    tags: tuple[str, ...] = field(default=(), repr=False)
    kinds: frozenset[Kind] = frozenset()
    feelings: frozenset[Felt] = frozenset()
    on: tuple[str, ...] = ()
    since: str = ""
    until: str = ""

    @property
    def is_empty(self) -> bool:
        return self == Asked()


def asked_of(text: str, *, since: str = "", until: str = "") -> Asked:
    """What `text` asks for.

    Raises:
        Refusal: more than anybody types, or a filter that says nothing known here.
    """
    if len(text) > ASKED_CHARS_MAX:
        raise Refusal(
            "search.long",
            f"A search holds up to {ASKED_CHARS_MAX} characters. A few words of it are enough.",
        )
    terms: list[str] = []
    without: list[str] = []
    held: dict[str, list[str]] = {name: [] for name in _FILTERS}
    for name, said, negated in _tokens(text):
        words = " ".join(folded(said).split())
        if not words:
            continue
        if name:
            held[name].append(said.strip() if name in ("kind", "feeling") else words)
        else:
            (without if negated else terms).append(words)
    if len(terms) + len(without) > N_TERMS_MAX:
        raise Refusal(
            "search.many", f"A search holds up to {N_TERMS_MAX} words. Leave some of them out."
        )
    return Asked(
        terms=tuple(dict.fromkeys(terms)),
        without=tuple(dict.fromkeys(without)),
        tags=tuple(held["tag"]),
        kinds=frozenset(_kind(word) for word in held["kind"]),
        feelings=frozenset(_feeling(word) for word in held["feeling"]),
        on=tuple(_date(word) for word in held["night"]),
        since=max((_date(word) for word in (*held["from"], *filter(None, [since]))), default=""),
        until=min((_last(_date(w)) for w in (*held["to"], *filter(None, [until]))), default=""),
    )


def _tokens(text: str) -> list[tuple[str, str, bool]]:
    """(filter or "", what was said, whether it must not be) in order."""
    found: list[tuple[str, str, bool]] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        negated = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        at += negated
        name, at = _filter(text, at)
        said, at = _saying(text, at)
        found.append((name, said, negated and not name))
    return found


def _filter(text: str, at: int) -> tuple[str, int]:
    head = re.compile(r"([^\W\d_]{1,12})[:：]").match(text, at)
    name = _FILTER_OF.get(folded(head[1]), "") if head else ""
    return (name, head.end()) if head and name else ("", at)


def _saying(text: str, at: int) -> tuple[str, int]:
    """A phrase in quotation marks, or all up to the next white space or opening mark."""
    closing = _OPENING.get(text[at]) if at < len(text) else None
    if closing:
        ends = [end for mark in closing if (end := text.find(mark, at + 1)) > at]
        # A mark that nobody closed reaches to the end: somebody is still typing.
        end = min(ends, default=len(text))
        return text[at + 1 : end], end + 1
    end = at
    while end < len(text) and not text[end].isspace() and text[end] not in _OPENING:
        end += 1
    return text[at:end], max(end, at + 1)


def _kind(word: str) -> Kind:
    kind = KIND_WORDS.get(plain_word(word))
    if kind is None:
        raise Refusal("search.kind", f"A kind is one of {', '.join(KINDS)}.")
    return kind


def _feeling(word: str) -> Felt:
    if folded(word) == "wordless":
        return "wordless"
    feeling = FEELING_WORDS.get(plain_word(word))
    if feeling is None:
        raise Refusal("search.feeling", f"A feeling is one of {', '.join((*FEELINGS, FELT[-1]))}.")
    return feeling


def _date(word: str) -> str:
    if not _DATE.fullmatch(word):
        raise Refusal(
            "search.date", "A night is a date like 2026-11-25, a month like 2026-11 or a year."
        )
    return word


def _last(date: str) -> str:
    """The last night that `date` may mean, for comparing: a month holds all of its days."""
    return date + "-12-31"[len(date) - 10 :] if len(date) < 10 else date
