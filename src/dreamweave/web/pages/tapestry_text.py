"""The text of a tapestry: a weave as passages of lines, for a page that is read from top to bottom.

Out of the weave, and what each of its threads was lent as. It asks nobody for
anything, and says of nobody which two lines are theirs but the reader's own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from dreamweave.model.weaves import VOICE, Fragment, Knot, Weave

if TYPE_CHECKING:
    from dreamweave.app.lending import LentWords


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is read. `r` is which report of the reader's own it is out of, if of any;
    `percent` what of a voice a line of the chorus carries."""

    n: int
    text: str = field(repr=False)
    lang: str
    feeling: str | None
    intensity: int | None
    name: str = field(repr=False)
    note: str = field(repr=False)
    drawing: str | None = field(repr=False)
    motif: str = field(repr=False)
    motif_lang: str
    r: int | None
    percent: int = 0


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where threads meet in an image. `firm`: somebody said so."""

    motif: str = field(repr=False)
    lang: str
    n_threads: int
    firm: bool


@dataclass(frozen=True, slots=True)
class Passage:
    t: int
    meetings: tuple[Meeting, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Fair:
    """What the certificate says in numbers.

    `n_closest` people around one fragment came closest to being left out (0: none
    came close); `n_needed` would have had a claim.
    """

    n_people: int
    percent_in_lines: int
    n_chorus: int
    n_closest: int
    n_needed: int
    is_fair: bool


@dataclass(frozen=True, slots=True)
class Text:
    passages: tuple[Passage, ...]
    chorus: tuple[Line, ...]
    fair: Fair
    n_threads: int

    @property
    def own(self) -> tuple[Line, ...]:
        """The reader's own lines, in the order in which they are read."""
        lines = [line for passage in self.passages for line in passage.lines]
        return tuple(line for line in (*lines, *self.chorus) if line.r is not None)

    @property
    def has_notes(self) -> bool:
        """Whether a note stands before some of the words."""
        lines = (*self.chorus, *(line for passage in self.passages for line in passage.lines))
        return any(line.note for line in lines)

    @property
    def n_lines(self) -> int:
        return sum(len(passage.lines) for passage in self.passages)


def text_of(weave: Weave, lent: Sequence[LentWords | None], own: Mapping[str, int]) -> Text:
    """The text. `lent` by thread; `own` are tags of the reader's, and which report each is."""
    maker = _Maker(weave, lent, own)
    meetings: dict[int, list[Knot]] = {}
    for knot in weave.knots:
        meetings.setdefault(knot.passage_i, []).append(knot)
    passages = [
        Passage(
            t,
            tuple(maker.meeting(knot) for knot in meetings.get(t, ())),
            tuple(maker.line(w) for w in passage.lines),
        )
        for t, passage in enumerate(weave.passages)
        if passage.lines or t in meetings
    ]
    chorus = tuple(map(maker.chorus, range(len(weave.chorus))))
    return Text(tuple(passages), chorus, _fair(weave), len(weave.threads))


class _Maker:
    def __init__(
        self, weave: Weave, lent: Sequence[LentWords | None], own: Mapping[str, int]
    ) -> None:
        self._weave, self._lent, self._own = weave, lent, own
        self._drawn: set[int] = set()

    def line(self, w: int) -> Line:
        return self._read(self._weave.fragments[self._weave.lines[w].fragment_i], w + 1)

    def chorus(self, c: int) -> Line:
        line = self._weave.chorus[c]
        percent = min(100, max(1, 100 * line.voice // VOICE))
        return self._read(self._weave.fragments[line.fragment_i], 0, percent)

    def meeting(self, knot: Knot) -> Meeting:
        motif = self._weave.motifs[knot.motif_i]
        return Meeting(motif.name, _lang(motif.lang), len(knot.threads), knot.firm)

    def _read(self, fragment: Fragment, n: int, percent: int = 0) -> Line:
        motif = None if fragment.motif_i is None else self._weave.motifs[fragment.motif_i]
        lent = self._lent[fragment.thread_i]
        # A drawing stands once, by the first line of its report.
        is_first = fragment.thread_i not in self._drawn
        self._drawn.add(fragment.thread_i)
        return Line(
            n,
            fragment.text,
            _lang(fragment.lang),
            fragment.feeling,
            fragment.intensity,
            (lent and lent.name) or "",
            (lent and lent.note) or "",
            lent.drawing if lent and is_first else None,
            motif.name if motif else "",
            _lang(motif.lang) if motif else "",
            self._own.get(lent.tag) if lent else None,
            percent,
        )


def _lang(lang: str) -> str:
    return "" if lang == "und" else lang


def _fair(weave: Weave) -> Fair:
    fair = weave.fairness
    # The tightest closeness is the primary one; a weave of nothing has none.
    count, l = next(((o.count, o.l) for o in fair.overlooked), (0, 1))  # noqa: E741
    whole = fair.voice_in_lines + fair.voice_in_chorus
    return Fair(
        weave.n_tellers,
        100 * fair.voice_in_lines // whole if whole else 0,
        len(weave.chorus),
        count,
        -(-weave.n_tellers * l // max(1, weave.k)),
        weave.k * count < weave.n_tellers * l,
    )
