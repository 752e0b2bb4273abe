"""Searching: finding one's own reports by their words, in memory alone.

No index lies on any disk, because an index of private words is the private
words. Reports are held opened for a while (`opened`), folded once, and looked
through one by one, which for ten thousand of them is some hundredths of a
second. How they are ranked can be said in one sentence and is (`RANKED`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from dreamweave.app.actors import Actor
from dreamweave.app.asked_words import Asked, asked_of
from dreamweave.app.folding import IS_RUNNING, folded, spans_in
from dreamweave.app.ground import Ground
from dreamweave.app.saying import said
from dreamweave.model.journal import Felt, JournalReport
from dreamweave.model.reports import Kind

N_HITS = 50
SNIPPET_CHARS = 220

RANKED = said(
    "A word in the title or as a tag counts for more than one in the text, a whole word for more"
    " than a part of one; what counts the same stands with the newest night first."
)

# What one asked word counts for, by where it stands. Nothing is counted twice, so that a
# long report does not stand before a short one that is about what was asked.
_TITLE, _WHOLE, _PART = 4, 2, 1

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Hit:
    """A report that was found. Marks are spans of `snippet` and of `title`, in characters."""

    report: str
    night: str
    kind: Kind
    feeling: Felt | None
    title: str = field(repr=False)
    snippet: str = field(repr=False)
    marks: tuple[Span, ...]
    marks_title: tuple[Span, ...]
    tags: tuple[str, ...] = field(repr=False)
    score: int = 0


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: how many reports in all, and some of them in order."""

    n: int
    hits: tuple[Hit, ...]
    asked: Asked


@dataclass(frozen=True, slots=True)
class _Folded:
    title: str
    text: str
    tags: tuple[str, ...]


def search(
    ground: Ground,
    who: Actor,
    text: str,
    *,
    since: str = "",
    until: str = "",
    after: int = 0,
    limit: int = N_HITS,
) -> Found:
    """The actor's own reports in which everything that was asked stands.

    Args:
        text: words, "phrases", -without, tag:, kind:, feeling:, night:, from:, to:.
        since, until: nights ("2026-11-25"), months or years, both in it.
        after, limit: which of the hits to give, in their order.

    Cost: bench/searching.py, cold and warm, with the date.
    """
    asked = asked_of(text, since=since, until=until)
    terms = [_Term(term) for term in asked.terms]
    filters = replace(asked, terms=()) != Asked()
    found: list[tuple[int, JournalReport]] = []
    for report, one in ground.opened.each(ground, who, "folded", _fold):
        if filters and not _fits(report, one, asked):
            continue
        score = 0
        for term in terms:
            counts = term.counts(one)
            if not counts:
                break
            score += counts
        else:
            found.append((score, report))
    # They came with the newest night first, and sorting keeps that order among equals.
    found.sort(key=lambda pair: -pair[0])
    hits = tuple(_hit(report, score, terms) for score, report in found[after : after + limit])
    return Found(len(found), hits, asked)


def _fold(report: JournalReport) -> _Folded:
    text = f"{report.text}\n\n{report.kept_out}" if report.kept_out else report.text
    return _Folded(
        folded(report.title), folded(text), tuple(" ".join(folded(t).split()) for t in report.tags)
    )


def _fits(report: JournalReport, one: _Folded, asked: Asked) -> bool:
    """Whether the filters let a report through, and no word that must not stand in it does."""
    return (
        (not asked.kinds or report.kind in asked.kinds)
        and (not asked.feelings or report.feeling in asked.feelings)
        and all(report.night.startswith(on) for on in asked.on)
        and report.night >= asked.since
        and (not asked.until or report.night <= asked.until)
        and all(tag in one.tags for tag in asked.tags)
        and not any(
            word in place for word in asked.without for place in (one.text, one.title, *one.tags)
        )
    )


class _Term:
    """One asked word or phrase, and how much it counts for in a report."""

    def __init__(self, words: str) -> None:
        self.first, *more = self.words = words.split(" ")
        body = r"\s+".join(re.escape(word) for word in self.words)
        # Where scripts write no spaces, every place is the edge of a word.
        begins = "" if IS_RUNNING.match(words[0]) else r"(?<!\w)"
        ends = "" if IS_RUNNING.match(words[-1]) else r"(?!\w)"
        self.anywhere = re.compile(body)
        self.whole = re.compile(begins + body + ends)
        self.is_phrase = bool(more)

    def counts(self, one: _Folded) -> int:
        counts = 0
        if (one.title and self.stands_in(one.title)) or (
            one.tags and any(map(self.stands_in, one.tags))
        ):
            counts += _TITLE
        if self.stands_in(one.text):
            counts += _WHOLE if self.whole.search(one.text) else _PART
        return counts

    def stands_in(self, text: str) -> bool:
        # `in` is many times faster than a pattern, and most reports hold no such word.
        return self.first in text and (not self.is_phrase or self.anywhere.search(text) is not None)

    def spans(self, text: str) -> Iterable[Span]:
        whole = [m.span() for m in self.whole.finditer(text)]
        return whole or [m.span() for m in self.anywhere.finditer(text)]


def _hit(report: JournalReport, score: int, terms: list[_Term]) -> Hit:
    snippet, marks = _snippet(report.text, terms)
    if not marks and report.kept_out:
        other, marks_other = _snippet(report.kept_out, terms)
        snippet, marks = (other, marks_other) if marks_other else (snippet, marks)
    return Hit(
        report=report.id,
        night=report.night,
        kind=report.kind,
        feeling=report.feeling,
        title=report.title,
        snippet=snippet,
        marks=marks,
        marks_title=tuple(_marks(report.title, terms)),
        tags=report.tags,
        score=score,
    )


def _marks(text: str, terms: list[_Term]) -> list[Span]:
    """Where what was asked stands in `text`, in order, overlapping places as one."""
    if not text or not terms:
        return []
    inside = folded(text)
    spans = sorted(span for term in terms for span in term.spans(inside) if span[0] < span[1])
    merged: list[Span] = []
    for start, end in spans_in(text, spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _snippet(text: str, terms: list[_Term]) -> tuple[str, tuple[Span, ...]]:
    """A piece of `text` round the first mark, from a word's beginning, and the marks in it."""
    marks = _marks(text, terms)
    start = 0
    if marks and marks[0][0] > SNIPPET_CHARS // 2:
        start = marks[0][0] - SNIPPET_CHARS // 3
        gap = re.compile(r"\s").search(text, start, marks[0][0])
        start = gap.end() if gap else start
    end = min(len(text), start + SNIPPET_CHARS)
    if end < len(text):
        gaps = [m.start() for m in re.finditer(r"\s", text[start:end])]
        first = marks[0][1] - start if marks else 0
        end = start + gaps[-1] if gaps and gaps[-1] >= max(first, SNIPPET_CHARS // 2) else end
    before, behind = ("… " if start else ""), (" …" if end < len(text) else "")
    moved = len(before) - start
    inside = tuple((a + moved, min(b, end) + moved) for a, b in marks if start <= a < end)
    return before + text[start:end] + behind, inside
