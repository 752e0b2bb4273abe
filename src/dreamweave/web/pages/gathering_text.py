"""A gathering's text: what was told, by passage, by motif and by thread, as its page says it.

Pure: the folded picture and the words beside it in, sentences in their order
out. The page's script makes the same of what it hears (`front/src/live/lines.ts`);
this is for whoever reads without one, and for the first sight of everybody else.
Words that wait for the host are not in here, because they are not in what is given.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dreamweave.model.acts import Picture


@dataclass(frozen=True, slots=True)
class Motif:
    """A motif by its name in somebody's own words."""

    m: int
    name: str = field(repr=False)
    lang: str


@dataclass(frozen=True, slots=True)
class Line:
    """A report as it stands in the text, in its sentences. `n_carries`: who said it carries them."""

    r: int
    passage: int
    warp: int
    sentences: tuple[str, ...] = field(repr=False)
    lang: str
    kind: str
    feeling: str | None
    intensity: int | None
    name: str = field(repr=False)
    note: str = field(repr=False)
    drawing: str = field(repr=False)
    photo: bool
    stopped: bool
    answers: int | None
    motifs: tuple[Motif, ...]
    n_carries: int
    mine: bool

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


@dataclass(frozen=True, slots=True)
class Meeting:
    """A motif in which threads meet in one passage."""

    motif: Motif
    n_threads: int


@dataclass(frozen=True, slots=True)
class Passage:
    t: int
    meetings: tuple[Meeting, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Text:
    """Everything that is lent now, in the order it was told."""

    lines: tuple[Line, ...]
    passages: tuple[Passage, ...]

    def line(self, r: int) -> Line | None:
        return next((line for line in self.lines if line.r == r), None)


def text_of(picture: Picture, beside: Mapping[str, Any], mine: Iterable[int] = ()) -> Text:
    """The text of a gathering. What has no words beside it (any more) is left out."""
    own = frozenset(mine)
    motifs = {
        one["m"]: Motif(one["m"], one["name"], one.get("lang") or "")
        for one in beside.get("motifs", ())
        if one.get("name")
    }
    meetings: dict[int, list[Meeting]] = {}
    tied: dict[tuple[int, int], list[Motif]] = {}  # (passage, warp) -> motifs it is tied in
    for _, knot in sorted(picture.knots.items()):
        motif = motifs.get(knot.motif)
        if motif is None:
            continue
        meetings.setdefault(knot.passage, []).append(Meeting(motif, len(knot.warps)))
        for warp in knot.warps:
            tied.setdefault((knot.passage, warp), []).append(motif)
    words = {one["r"]: one for one in beside.get("reports", ())}
    lines = tuple(
        _line(r, picture, words[r], tied, r in own) for r in sorted(picture.told) if r in words
    )
    passages = tuple(
        Passage(
            t,
            tuple(meetings.get(t, ())),
            tuple(line for line in lines if line.passage == t),
        )
        for t in range(len(picture.lanes))
    )
    return Text(lines, tuple(one for one in passages if one.lines or one.meetings))


def sentences(text: str, cuts: Sequence[Sequence[int]]) -> tuple[str, ...]:
    """A report in its fragments; whole while it was not cut yet."""
    held = [text[start:end].strip() for start, end in cuts]
    return tuple(one for one in held if one) or (text.strip(),)


def shares(text: Text, *, by_thread: bool) -> tuple[int, int] | None:
    """How much of what was said the three longest threads hold, and the three shortest, in
    hundredths; None below six threads. In letters: not every writing has spaces between words."""
    held: dict[int, int] = {}
    for line in text.lines:
        key = line.warp if by_thread else line.r
        held[key] = held.get(key, 0) + len(line.text)
    lengths = sorted(held.values())
    whole = sum(lengths)
    if len(lengths) < 6 or not whole:
        return None
    return round(100 * sum(lengths[-3:]) / whole), round(100 * sum(lengths[:3]) / whole)


def _line(
    r: int,
    picture: Picture,
    words: Mapping[str, Any],
    tied: Mapping[tuple[int, int], Sequence[Motif]],
    mine: bool,
) -> Line:
    told = picture.told[r]
    here = dict.fromkeys(tied.get((told.passage, told.warp), ()))
    return Line(
        r=r,
        passage=told.passage,
        warp=told.warp,
        sentences=sentences(words["text"], words.get("cuts") or ()),
        lang=words.get("lang") or "",
        kind=words.get("kind") or "dream",
        feeling=words.get("feeling"),
        intensity=words.get("intensity"),
        name=words.get("name") or "",
        note=words.get("note") or "",
        drawing=words.get("drawing") or "",
        photo=bool(words.get("photo")),
        stopped=bool(words.get("stopped")),
        answers=words.get("answers"),
        motifs=tuple(here),
        n_carries=picture.carries.get(r, 0),
        mine=mine,
    )
