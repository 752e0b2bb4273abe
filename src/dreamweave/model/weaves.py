"""The weave: the ordered result of weaving, as it travels.

Everything here may be shared: it holds the words that were lent, and nothing
that links two threads of one person. Who is which thread, and whose voice
went where, is in the full certificate (`model.certificates`) and stays with
the host. Positions (`…_i`) index the tuples of the same weave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dreamweave.model.reports import Feeling, Kind

SCHEMA = "dreamweave/weave/1"

# One voice, in the whole units it is counted in.
VOICE = 10**9

# How a line came to be chosen: at the tightest radius by equal shares, at a
# wider radius, by the lottery of unspent voice, as somebody's own line beyond
# k, or by the repair rule after words were taken back.
How = Literal["shares", "widened", "lottery", "own", "repair"]


@dataclass(frozen=True, slots=True)
class Thread:
    """One way through the weave, from horn to horn.

    A thread is one report, or one dreamer where names were asked for. `tag`
    is made for this weave alone; `name` is set only where names were asked for.
    """

    tag: str
    kind: Kind
    lang: str
    name: str | None = None
    answers_i: int | None = None
    drawing: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Fragment:
    """A piece of a report in its teller's own words.

    `start` and `end` are code points in that report's text; `report_i` counts
    a thread's reports from 0 (always 0 where a thread is one report). `passage_i`
    is the step of the weave at which its thread passes through it.
    """

    id: str
    thread_i: int
    report_i: int
    start: int
    end: int
    text: str = field(repr=False)
    lang: str
    passage_i: int
    motif_i: int | None = None
    feeling: Feeling | None = None
    intensity: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One fragment chosen into the text, carrying the voices that paid for it.

    `paid` is in units of `VOICE`; `n_carried` counts the tellers it carries at
    the radius it was bought at (`level`, an index into `Weave.radii`).
    """

    fragment_i: int
    passage_i: int
    how: How
    level: int
    paid: int
    n_carried: int


@dataclass(frozen=True, slots=True)
class ChorusLine:
    """A short line that carries what is left of its owner's voice, in units of `VOICE`."""

    fragment_i: int
    voice: int


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring lines, read together; a row of the cloth. `motifs` are the largest first."""

    lines: tuple[int, ...]
    motifs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Motif:
    """An image that fragments of different dreamers share.

    `name` is made of people's own words; `fragment_i` is the fragment that says
    it best; `n_dreamers` counts people. `chart` names the woven figure, if one fits.
    """

    name: str
    lang: str
    fragment_i: int
    n_dreamers: int
    fragments: tuple[int, ...]
    chart: str | None = None


@dataclass(frozen=True, slots=True)
class Knot:
    """Where threads of two or more dreamers meet in a motif at one passage.

    `reason` reads to a person ("both say: staircase, or: close in meaning").
    `firm` is True where one of them said so (an answer, "this carries me");
    a knot found by similarity alone is drawn light.
    """

    passage_i: int
    motif_i: int
    threads: tuple[int, ...]
    fragments: tuple[int, ...]
    reason: str
    words: tuple[str, ...]
    firm: bool


@dataclass(frozen=True, slots=True)
class Overlooked:
    """The closest call at one radius: the group that came nearest to being left out.

    `count` people are carried by fragment `fragment_i` (None when every fragment
    is a line) and hold fewer than `l` lines; rho = k * count / (n * l).
    """

    radius: int
    fragment_i: int | None
    count: int
    l: int  # noqa: E741 (the paper's letter, and the certificate's)


@dataclass(frozen=True, slots=True)
class Fairness:
    """The counts behind "is this fair?", for the chosen lines alone and with the chorus.

    `overlooked` has one entry a radius, tightest (primary) first. `n_without_line`
    counts tellers carried by no line at the widest paying radius;
    `gini_lines` is over how much of their voice went to lines.
    """

    overlooked: tuple[Overlooked, ...]
    overlooked_popular: tuple[Overlooked, ...]
    n_without_line: int
    n_without_line_popular: int
    voice_in_lines: int
    voice_in_chorus: int
    n_capped: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Weave:
    """A whole weave.

    `radii` are cosines in thousandths, tightest first; `n_paying` of them are
    used for payment. `vectors` holds one signed byte a dimension, fragment by
    fragment, as read by `reader`. `popular` are the fragments that the most
    popular choice of as many lines would have taken, and `vanished` the threads
    whose teller would have had no word of their own in it: the second of the two
    cloths. `words` are what motifs were named with, `word_langs` and
    `word_vectors` how the reader read them, so that nobody needs to read again.
    """

    title: str
    seed: str
    reader: str
    dims: int
    radii: tuple[int, ...]
    n_paying: int
    n_tellers: int
    k: int
    named: bool
    invented: bool
    n_listening: int
    n_open: int
    threads: tuple[Thread, ...]
    fragments: tuple[Fragment, ...] = field(repr=False)
    vectors: bytes = field(repr=False)
    lines: tuple[Line, ...]
    chorus: tuple[ChorusLine, ...]
    passages: tuple[Passage, ...]
    motifs: tuple[Motif, ...]
    knots: tuple[Knot, ...]
    popular: tuple[int, ...]
    vanished: tuple[int, ...]
    fairness: Fairness
    languages_by_words: tuple[str, ...] = ()
    words: tuple[str, ...] = field(default=(), repr=False)
    word_langs: tuple[str, ...] = field(default=(), repr=False)
    word_vectors: bytes = field(default=b"", repr=False)
