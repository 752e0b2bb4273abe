"""Weaving: from what people told to one fair weave, start to end.

The steps are in files of their own and can be used alone; this one only hands
each its predecessor's work. It reads no file, asks no clock and draws no
chance of its own: with the same texts, vectors and seed it gives the same
weave on any machine. It knows tellers as whatever the caller calls them, and
puts none of that into the weave unless names are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.asked import check_said, check_told
from dreamweave.loom.carrying import Carrying, Merged, carry, merge_texts
from dreamweave.loom.choosing import Choice, choose, popular
from dreamweave.loom.cutting import cut
from dreamweave.loom.figures import fairness
from dreamweave.loom.grouping import LONE
from dreamweave.loom.images import words_to_read
from dreamweave.loom.knots import FoundKnot, knots, reason_in_words
from dreamweave.loom.languages import UNDETERMINED, language_of, languages_of
from dreamweave.loom.lots import Lot, ranks
from dreamweave.loom.motifs import FoundMotif, motifs
from dreamweave.loom.ordering import Stretch, places_of, road
from dreamweave.loom.passages import PassagesResult, passages
from dreamweave.loom.reading import Reader, default_reader
from dreamweave.loom.repairing import heal
from dreamweave.loom.words import content_words
from dreamweave.model.proofs import rounded
from dreamweave.model.reports import Feeling, Kind
from dreamweave.model.weaves import (
    ChorusLine,
    Fragment,
    Knot,
    Line,
    Motif,
    Passage,
    Thread,
    Weave,
)

Bytes = NDArray[np.int8]
Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]
Cut = tuple[int, int, str]  # start, end, language

# Up to so many tellers, everybody gets a line of their own.
SMALL_CIRCLE = 60
LINES_MAX = 300

# Lists of whom a fragment carries are cut only where there are more tellers than
# this, and never below four groups' worth (4 n / k), where C2 would grow vacuous.
UNCAPPED_TELLERS = 2_000
CAP_MIN = 150

# What a weave shows of a line's or a chorus line's voice is rounded to this many
# units where threads are unnamed: exact amounts that add up to one voice would
# tell whose two of them are. The exact accounts are in the full certificate.
GRAIN_UNNAMED = 10**7

# A chorus line is short; a fragment of so many words sings best.
CHORUS_WORDS = (5, 14)


@dataclass(frozen=True, slots=True)
class Readings:
    """What the reader made of fragments and of single words, to be woven from again.

    `fragments` maps a fragment's id to its row; `words` maps (word, language).
    """

    fragments: Mapping[str, Bytes] = field(repr=False)
    words: Mapping[tuple[str, str], Bytes] = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Before:
    """An earlier weaving to heal rather than to choose afresh, in terms that survive it.

    `candidates` are (text as merged, in the order they were numbered) fragment ids, one
    tuple a candidate; `tellers` are the callers' names, in their numbering.
    """

    choice: Choice
    candidates: tuple[tuple[str, ...], ...]
    tellers: tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Woven:
    """A weave, and beside it what only its host may know.

    Attributes:
        weave: what may be shared.
        tellers: (n) the caller's own names, in the numbering used here.
        teller_of_thread: one a thread.
        reports_of_thread: the caller's report numbers, one tuple a thread.
        candidate: (m,) the candidate of each fragment.
        fragment_of: the fragment that stands for each candidate.
        said, denied: (candidate, teller) pairs.
        carrying, choice, cap: what was weighed, and what came of it.
        line_of: for each line of `choice`, its place in `weave.lines`.
        chorus_of: for each chorus row of `choice`, its place in `weave.chorus`.
        grain: what amounts in `weave` are rounded to, in units.
    """

    weave: Weave
    tellers: tuple[Hashable, ...]
    teller_of_thread: tuple[int, ...]
    reports_of_thread: tuple[tuple[int, ...], ...]
    candidate: Ints
    fragment_of: tuple[int, ...]
    said: frozenset[tuple[int, int]]
    denied: frozenset[tuple[int, int]]
    carrying: Carrying
    choice: Choice
    cap: int | None
    line_of: tuple[int, ...]
    chorus_of: tuple[int, ...]
    grain: int

    def before(self) -> Before:
        """This weaving, as a later one can heal it."""
        held: list[list[str]] = [[] for _ in self.fragment_of]
        for fragment, candidate in zip(self.weave.fragments, self.candidate.tolist(), strict=True):
            held[candidate].append(fragment.id)
        return Before(self.choice, tuple(map(tuple, held)), self.tellers)


def default_lines(n_tellers: int, n_candidates: int) -> int:
    """How many lines a weave has when nobody says.

    Up to 60 tellers about two each, at most 60 and at least one each; beyond
    that a third of them, between 60 and 300. Never more than there are fragments.
    """
    if n_tellers <= SMALL_CIRCLE:
        lines = max(n_tellers, min(SMALL_CIRCLE, 2 * n_tellers))
    else:
        lines = max(SMALL_CIRCLE, min(LINES_MAX, n_tellers // 3))
    return max(1, min(lines, n_candidates))


def weave(
    texts: Sequence[str],
    tellers: Sequence[Hashable],
    *,
    lines: int | None = None,
    seed: str = "0",
    title: str = "A dreamscape",
    langs: Sequence[str | None] | None = None,
    kinds: Sequence[Kind] | None = None,
    feelings: Sequence[Feeling | None] | None = None,
    intensities: Sequence[int | None] | None = None,
    answers: Sequence[int | None] | None = None,
    drawings: Sequence[str | None] | None = None,
    carried: Iterable[tuple[Hashable, int | str]] = (),
    not_carried: Iterable[tuple[Hashable, int | str]] = (),
    answers_carry: bool = True,
    tags: Sequence[str] | None = None,
    names: Mapping[Hashable, str] | None = None,
    n_listening: int = 0,
    n_open: int = 0,
    invented: bool = False,
    charts: Mapping[str, Sequence[str]] | None = None,
    cuts: Sequence[Sequence[Cut]] | None = None,
    reader: Reader | None = None,
    readings: Readings | None = None,
    before: Before | None = None,
    progress: Progress | None = None,
) -> Woven:
    """Weave what people told into one fair cloth.

    Args:
        texts: (r) reports as they were told; each holds at least one word.
        tellers: (r) whose each is: any hashable name, which stays with the caller.
        lines: places for lines; `default_lines` when left out.
        seed: public; settles every tie and every lot.
        title: of the weave.
        langs: ISO 639-1 where a teller said so; found from the letters otherwise.
        kinds, feelings, intensities, drawings: as each teller gave them. Nothing
            is inferred where they gave none.
        answers: the report that each was told in answer to; all of that report's
            fragments then carry this one's teller (unless `answers_carry` is off,
            when `carried` says it all).
        carried, not_carried: (teller, report) "this carries me", "this does not";
            or (teller, fragment id).
        tags: a tag a report, unlike any of the caller's ids. From the seed when left out.
        names: where given, a thread is a dreamer and bears this name; otherwise a
            thread is a report and nothing links two threads of one person.
        n_listening, n_open: seats of those who listened, and those kept open.
        charts: chart name -> English words that mean it.
        cuts: how each report was cut before; it is not cut again then.
        reader: the packaged one when left out.
        readings: what was read before; only what is missing there is read.
        before: an earlier weaving to heal, so that lines stay where they can.
        progress: called with (step, done, of).

    Returns:
        The weave and what its host keeps.

    Raises:
        ValueError: lengths differ, nothing was told, or something is out of range;
            the sentence names the argument and quotes nobody.

    Cost: bench/weaving.py has the split; reading is most of it.
    """
    said_by = list(dict.fromkeys(tellers))
    number = {teller: i for i, teller in enumerate(said_by)}
    if lines is not None and lines < 1:
        raise ValueError(f"a weave has at least one line, got {lines}")
    check_told(
        texts,
        tellers=tellers,
        langs=langs,
        kinds=kinds,
        feelings=feelings,
        intensities=intensities,
        answers=answers,
        drawings=drawings,
        tags=tags,
        cuts=cuts,
    )
    carried, not_carried = list(carried), list(not_carried)
    for what, pairs in (("carried", carried), ("not_carried", not_carried)):
        check_said(what, pairs, number, len(texts))
    reader = reader or default_reader()
    tell = progress or (lambda step, done, of: None)
    teller_of_report = [number[teller] for teller in tellers]

    laid = _threads(
        texts, teller_of_report, said_by, langs, kinds, answers, drawings, tags, names, seed
    )
    told = _fragments(laid, texts, langs, cuts, seed, tell)
    m = len(told.text)
    dreamer = laid.teller_of_thread[told.thread]

    vectors = _read(reader, told, readings, tell)
    words = [content_words(text, lang) for text, lang in zip(told.text, told.lang, strict=True)]
    word_vectors = _read_words(reader, words, told.lang, dreamer, charts or {}, readings)

    tell("carry", 0, 1)
    merged = merge_texts(told.text, dreamer.tolist())
    candidate_ids = [told.id[i] for i in merged.first.tolist()]
    said, denied = _said(
        laid, told, merged, answers if answers_carry else None, number, carried, not_carried
    )
    n = len(said_by)
    k = lines if lines is not None else default_lines(n, len(merged.first))
    cap = None if n <= UNCAPPED_TELLERS else max(CAP_MIN, -(-4 * n // k))
    own_first = _first_of(told.id, dreamer.tolist(), n)
    carrying = carry(
        vectors[merged.first],
        merged.owners,
        n,
        reader.radii,
        said=said,
        denied=denied,
        cap=cap,
        ranks=ranks(seed, own_first),
    )
    tell("choose", 0, 1)
    by_rank = company(carrying, ranks(seed, candidate_ids))
    own = _own(merged, told.text, n, carrying, by_rank)
    lot, own_line_each = Lot(seed, "places"), n <= SMALL_CIRCLE
    if before is None:
        choice = choose(
            carrying,
            k,
            n_paying=reader.n_paying,
            ranks=by_rank,
            lot=lot,
            own=own,
            own_line_each=own_line_each,
        )
    else:
        candidate_now, teller_now = _as_now(before, told.id, merged.candidate.tolist(), number)
        choice = heal(
            before.choice,
            carrying,
            k,
            candidate_now=candidate_now,
            teller_now=teller_now,
            n_paying=reader.n_paying,
            ranks=by_rank,
            lot=lot,
            own=own,
            own_line_each=own_line_each,
        )

    tell("motifs", 0, 1)
    found = motifs(
        vectors,
        dreamer,
        words,
        told.lang,
        told.text,
        radii=reader.radii,
        word_vectors={word: row for (word, _), row in word_vectors.items()},
        charts=_chart_vectors(charts or {}, word_vectors),
    )
    motif = np.full(m, LONE, dtype=np.int64)
    for i, one in enumerate(found):
        motif[list(one.fragments)] = i

    tell("order", 0, 1)
    line_fragments = np.array([int(merged.first[c]) for c in choice.lines], dtype=np.int64)
    order = road(
        Stretch(
            vectors=vectors[line_fragments],
            owners=dreamer[line_fragments],
            steps=told.step[line_fragments],
            places=told.place[line_fragments],
            ranks=ranks(seed, [told.id[i] for i in line_fragments]),
        )
    )
    in_order = line_fragments[order]
    led, motif = _led(in_order, told, motif, found, laid.teller_of_thread, vectors)
    knotted = knots(
        led.passage_of_fragment,
        motif,
        told.thread,
        laid.teller_of_thread,
        found,
        vectors,
        words,
        told.text,
        answers=[(i, to) for i, to in enumerate(laid.answers) if to is not None],
        said=_by_fragment(said, merged),
        denied=_by_fragment(denied, merged),
    )
    # A fragment that meets others in something it also names is drawn with them.
    for knot in knotted:
        drawn = set(knot.drawn)
        for at in knot.fragments:
            if int(told.thread[at]) in drawn:
                motif[at] = knot.motif
    loved = popular(carrying, k, reader.n_paying - 1, by_rank)
    return _woven(
        title=title,
        seed=seed,
        reader=reader,
        k=k,
        named=names is not None,
        invented=invented,
        n_listening=n_listening,
        n_open=n_open,
        feelings=feelings,
        intensities=intensities,
        said_by=said_by,
        laid=laid,
        told=told,
        vectors=vectors,
        word_vectors=word_vectors,
        merged=merged,
        said=said,
        denied=denied,
        carrying=carrying,
        choice=choice,
        cap=cap,
        found=found,
        motif=motif,
        order=order,
        led=led,
        knotted=knotted,
        loved=loved,
    )


# ------------------------------------------------------------------ threads and fragments


@dataclass(frozen=True, slots=True)
class _Laid:
    """Threads in their order, and which of the caller's reports run through each."""

    threads: tuple[Thread, ...]
    reports: tuple[tuple[int, ...], ...]
    teller_of_thread: Ints
    langs: tuple[str, ...]  # of each report
    answers: tuple[int | None, ...]  # thread -> the thread it answers


def _threads(
    texts: Sequence[str],
    teller_of_report: Sequence[int],
    said_by: Sequence[Hashable],
    langs: Sequence[str | None] | None,
    kinds: Sequence[Kind] | None,
    answers: Sequence[int | None] | None,
    drawings: Sequence[str | None] | None,
    tags: Sequence[str] | None,
    names: Mapping[Hashable, str] | None,
    seed: str,
) -> _Laid:
    """A thread a report, in the order of their tags; or a thread a dreamer, as they first told."""
    n_reports = len(texts)
    tag_of = (
        list(tags) if tags is not None else [_hash(seed, "tag", i)[:10] for i in range(n_reports)]
    )
    if len(set(tag_of)) != n_reports:
        raise ValueError("tags: two reports have the same one")
    spoken = tuple(
        (langs[i] if langs is not None else None) or language_of(texts[i]) for i in range(n_reports)
    )
    if names is None:
        # Sorted by tag: the order in which threads stand says nothing of who told
        # two of them, nor of who came first.
        reports: tuple[tuple[int, ...], ...] = tuple(
            (i,) for i in sorted(range(n_reports), key=lambda i: tag_of[i])
        )
    else:
        by_teller: dict[int, list[int]] = {}
        for i, teller in enumerate(teller_of_report):
            by_teller.setdefault(teller, []).append(i)
        reports = tuple(tuple(held) for held in by_teller.values())
    thread_of = {report: t for t, held in enumerate(reports) for report in held}

    def answered(t: int) -> int | None:
        for report in reports[t]:
            to = answers[report] if answers is not None else None
            if to is not None and thread_of[to] != t:
                return thread_of[to]
        return None

    threads = tuple(
        Thread(
            tag=tag_of[held[0]],
            kind=kinds[held[0]] if kinds is not None else "dream",
            lang=spoken[held[0]],
            name=None if names is None else names.get(said_by[teller_of_report[held[0]]]),
            answers_i=answered(t),
            drawing=next((d for d in (drawings[i] for i in held) if d is not None), None)
            if drawings is not None
            else None,
        )
        for t, held in enumerate(reports)
    )
    return _Laid(
        threads,
        reports,
        np.array([teller_of_report[held[0]] for held in reports], dtype=np.int64),
        spoken,
        tuple(thread.answers_i for thread in threads),
    )


@dataclass(frozen=True, slots=True)
class _Told:
    """Every fragment, thread by thread, each thread in its own order."""

    id: list[str]
    text: list[str]
    lang: list[str]
    start: list[int]
    end: list[int]
    report: list[int]  # the caller's number
    report_i: list[int]  # counted within the thread
    thread: Ints
    step: Ints  # the teller's own order over all their threads
    place: Ints  # 0..1000 along its thread


def _fragments(
    laid: _Laid,
    texts: Sequence[str],
    langs: Sequence[str | None] | None,
    cuts: Sequence[Sequence[Cut]] | None,
    seed: str,
    tell: Progress,
) -> _Told:
    told = _Told([], [], [], [], [], [], [], *(np.zeros(0, dtype=np.int64) for _ in range(3)))
    thread: list[int] = []
    for t, held in enumerate(laid.reports):
        for report_i, report in enumerate(held):
            text, lang = texts[report], laid.langs[report]
            if cuts is not None:
                pieces = list(cuts[report])
            else:
                pieces = _cut(text, lang, said=langs is not None and langs[report] is not None)
            if not pieces:
                raise ValueError(f"report {report} holds no words")
            for start, end, spoken in pieces:
                told.id.append(_hash(seed, "fragment", laid.threads[t].tag, report_i, start)[:12])
                told.text.append(text[start:end])
                told.lang.append(spoken)
                told.start.append(start)
                told.end.append(end)
                told.report.append(report)
                told.report_i.append(report_i)
                thread.append(t)
        if t % 200 == 0:
            tell("cut", t, len(laid.reports))
    of_thread = np.array(thread, dtype=np.int64)
    # Somebody's reports stand in the order they told them, whatever their threads' order.
    step = np.empty(len(thread), dtype=np.int64)
    step[np.lexsort((np.array(told.start), np.array(told.report)))] = np.arange(len(thread))
    n_in_thread = np.bincount(of_thread, minlength=len(laid.reports))
    first = np.cumsum(n_in_thread) - n_in_thread
    return _Told(
        told.id,
        told.text,
        told.lang,
        told.start,
        told.end,
        told.report,
        told.report_i,
        of_thread,
        step,
        places_of(np.arange(len(thread)) - first[of_thread], n_in_thread[of_thread]),
    )


def _cut(text: str, lang: str, *, said: bool) -> list[Cut]:
    spans = cut(text, lang)
    spoken = languages_of(text, [text[a:b] for a, b in spans], lang if said else None)
    return [
        (a, b, lang if own == UNDETERMINED else own)
        for (a, b), own in zip(spans, spoken, strict=True)
    ]


# ------------------------------------------------------------------ reading


def _read(reader: Reader, told: _Told, readings: Readings | None, tell: Progress) -> Bytes:
    """(m, d) a row a fragment; what was read before is not read again."""
    known = readings.fragments if readings is not None else {}
    vectors = np.zeros((len(told.id), reader.dims), dtype=np.int8)
    missing = []
    for i, key in enumerate(told.id):
        if key in known:
            vectors[i] = known[key]
        else:
            missing.append(i)
    if missing:
        vectors[missing] = reader.read(
            [told.text[i] for i in missing],
            [told.lang[i] for i in missing],
            lambda done, of: tell("read", done, of),
        )
    return vectors


def _read_words(
    reader: Reader,
    words: Sequence[Sequence[str]],
    langs: Sequence[str],
    dreamer: Ints,
    charts: Mapping[str, Sequence[str]],
    readings: Readings | None,
) -> dict[tuple[str, str], Bytes]:
    """How the reader reads the words that motifs are named with, and those of the charts."""
    known = readings.words if readings is not None else {}
    pairs = dict.fromkeys(words_to_read(words, langs, dreamer))
    pairs.update(dict.fromkeys((word, "en") for held in charts.values() for word in held))
    missing = [pair for pair in pairs if pair not in known]
    fresh = reader.read([word for word, _ in missing], [lang for _, lang in missing])
    read = dict(zip(missing, fresh, strict=True))
    return {pair: known[pair] if pair in known else read[pair] for pair in pairs}


def _chart_vectors(
    charts: Mapping[str, Sequence[str]], word_vectors: Mapping[tuple[str, str], Bytes]
) -> dict[str, Bytes]:
    return {
        name: np.stack([word_vectors[word, "en"] for word in held])
        for name, held in charts.items()
        if held
    }


# ------------------------------------------------------------------ carrying and choosing


def _said(
    laid: _Laid,
    told: _Told,
    merged: Merged,
    answers: Sequence[int | None] | None,
    number: Mapping[Hashable, int],
    carried: Sequence[tuple[Hashable, int | str]],
    not_carried: Sequence[tuple[Hashable, int | str]],
) -> tuple[frozenset[tuple[int, int]], frozenset[tuple[int, int]]]:
    """(candidate, teller) pairs that people said themselves, for and against."""
    of_report: dict[int | str, set[int]] = {}
    for one, report, candidate in zip(told.id, told.report, merged.candidate.tolist(), strict=True):
        of_report.setdefault(report, set()).add(candidate)
        of_report[one] = {candidate}
    teller_of = {
        report: int(laid.teller_of_thread[t])
        for t, held in enumerate(laid.reports)
        for report in held
    }

    def pairs(said: Sequence[tuple[Hashable, int | str]]) -> set[tuple[int, int]]:
        unknown = next((what for _, what in said if what not in of_report), None)
        if unknown is not None:
            raise ValueError(f"carried or not_carried names {unknown!r}, which is no fragment here")
        return {(c, number[who]) for who, report in said for c in of_report[report]}

    answered = {
        (c, teller_of[report])
        for report, to in enumerate(answers or ())
        if to is not None
        for c in of_report[to]
    }
    return frozenset(pairs(carried) | answered), frozenset(pairs(not_carried))


def company(carrying: Carrying, by_hash: Ints) -> Ints:
    """(m,) ranks: who carries most people, over all radii, first; then the hash.

    At the tightest radius most fragments carry their own teller alone, and the
    rule leaves it open which of somebody's fragments they pay for. Taking the
    one that lies near most others costs nobody anything and brought the worst
    rho of 24 real dreamers (k = 48) from 2.0 to 1.0
    (docs/decisions/0004-ties-go-to-company.md).
    """
    reach = np.zeros(carrying.n_candidates, dtype=np.int64)
    np.add.at(reach, carrying.candidates(), len(carrying.radii) - carrying.level.astype(np.int64))
    place = np.empty(len(reach), dtype=np.int64)
    place[np.lexsort((by_hash, -reach))] = np.arange(len(reach))
    return place


def _own(
    merged: Merged, texts: Sequence[str], n: int, carrying: Carrying, by_rank: Ints
) -> list[list[int]]:
    """Each teller's candidates, the best chorus line first: short, then well carried."""
    low, high = CHORUS_WORDS
    sizes = np.diff(carrying.start)

    def key(candidate: int) -> tuple[int, int, int]:
        text = texts[int(merged.first[candidate])]
        # Scripts without spaces count about two characters a word.
        words = max(len(text.split()), len(text) // 12)
        away = max(low - words, words - high, 0)
        return (away, -int(sizes[candidate]), int(by_rank[candidate]))

    own: list[list[int]] = [[] for _ in range(n)]
    for candidate, owners in enumerate(merged.owners):
        for teller in owners:
            own[teller].append(candidate)
    return [sorted(held, key=key) for held in own]


def _as_now(
    before: Before, ids: Sequence[str], candidate: Sequence[int], number: Mapping[Hashable, int]
) -> tuple[Ints, Ints]:
    """What an earlier weaving's candidates and tellers are numbered now, -1 if gone."""
    now = dict(zip(ids, candidate, strict=True))
    return (
        np.array(
            [next((now[i] for i in held if i in now), -1) for held in before.candidates],
            dtype=np.int64,
        ),
        np.array([number.get(who, -1) for who in before.tellers], dtype=np.int64),
    )


def _by_fragment(pairs: Iterable[tuple[int, int]], merged: Merged) -> list[tuple[int, int]]:
    """(candidate, teller) pairs as (fragment, teller), every fragment of a candidate."""
    held: dict[int, list[int]] = {}
    for fragment, candidate in enumerate(merged.candidate.tolist()):
        held.setdefault(candidate, []).append(fragment)
    return [(fragment, who) for candidate, who in sorted(pairs) for fragment in held[candidate]]


def _first_of(ids: Sequence[str], owner: Sequence[int], n: int) -> list[str]:
    """Each teller's smallest fragment id, which stands for them where lots are drawn."""
    first: dict[int, str] = {}
    for one, who in zip(ids, owner, strict=True):
        first[who] = min(one, first.get(who, one))
    return [first[i] for i in range(n)]


def _hash(*parts: object) -> str:
    return sha256("\x1f".join(map(str, parts)).encode()).hexdigest()


# ------------------------------------------------------------------ meeting

# How often fragments that name several images may change their mind. After two
# rounds hardly anybody did, on the invented Circle and on 24 real dreamers.
_MINDS = 3


def _led(
    line_order: Ints,
    told: _Told,
    motif: Ints,
    found: Sequence[FoundMotif],
    teller_of_thread: Ints,
    vectors: Bytes,
) -> tuple[PassagesResult, Ints]:
    """Passages, and the motif of each fragment: of the images it names, the one with most company.

    What a fragment is mostly about stands first among equals. Returned is the
    round in which most dreamers met.
    """
    names: dict[int, list[int]] = {}
    for i, one in enumerate(found):
        for at in (*one.fragments, *one.also):
            names.setdefault(at, []).append(i)
    dreamer = teller_of_thread[told.thread].tolist()
    best: tuple[int, PassagesResult, Ints] | None = None
    for _ in range(_MINDS):
        led = passages(line_order, told.thread, told.place, motif, teller_of_thread, vectors)
        at_passage = led.passage_of_fragment.tolist()
        meeting: dict[tuple[int, int], set[int]] = {}
        for at, held in names.items():
            for i in held:
                meeting.setdefault((at_passage[at], i), set()).add(dreamer[at])
        drawn: dict[tuple[int, int], set[int]] = {}
        for at in names:
            drawn.setdefault((at_passage[at], int(motif[at])), set()).add(dreamer[at])
        met = sum(len(who) ** 2 for who in drawn.values() if len(who) > 1)
        if best is None or met > best[0]:
            best = (met, led, motif)
        changed = motif.copy()
        for at, held in names.items():
            here = at_passage[at]
            company = [(len(meeting[here, i]), i == motif[at], -i) for i in held]
            changed[at] = held[company.index(max(company))]
        if np.array_equal(changed, motif):
            break
        motif = changed
    assert best is not None
    return best[1], best[2]


# ------------------------------------------------------------------ the result


def _woven(
    *,
    title: str,
    seed: str,
    reader: Reader,
    k: int,
    named: bool,
    invented: bool,
    n_listening: int,
    n_open: int,
    feelings: Sequence[Feeling | None] | None,
    intensities: Sequence[int | None] | None,
    said_by: Sequence[Hashable],
    laid: _Laid,
    told: _Told,
    vectors: Bytes,
    word_vectors: Mapping[tuple[str, str], Bytes],
    merged: Merged,
    said: frozenset[tuple[int, int]],
    denied: frozenset[tuple[int, int]],
    carrying: Carrying,
    choice: Choice,
    cap: int | None,
    found: Sequence[FoundMotif],
    motif: Ints,
    order: Ints,
    led: PassagesResult,
    knotted: Sequence[FoundKnot],
    loved: Ints,
) -> Woven:
    first = merged.first.tolist()
    grain = 1 if named else GRAIN_UNNAMED
    fragments = tuple(
        Fragment(
            id=told.id[i],
            thread_i=int(told.thread[i]),
            report_i=told.report_i[i],
            start=told.start[i],
            end=told.end[i],
            text=told.text[i],
            lang=told.lang[i],
            passage_i=int(led.passage_of_fragment[i]),
            motif_i=None if motif[i] == LONE else int(motif[i]),
            feeling=feelings[told.report[i]] if feelings is not None else None,
            intensity=intensities[told.report[i]] if intensities is not None else None,
        )
        for i in range(len(told.text))
    )
    carried_at = [
        len(carrying.tellers(int(c), int(level)))
        for c, level in zip(choice.lines, choice.level, strict=True)
    ]
    lines = tuple(
        Line(
            fragment_i=first[int(choice.lines[i])],
            passage_i=fragments[first[int(choice.lines[i])]].passage_i,
            how=choice.how[i],
            level=int(choice.level[i]),
            paid=rounded(int(choice.paid[i]), grain),
            n_carried=carried_at[i],
        )
        for i in order.tolist()
    )
    line_of = np.empty(len(order), dtype=np.int64)
    line_of[order] = np.arange(len(order))
    sung = _sung(choice, merged, laid.teller_of_thread[told.thread].tolist())
    # In the order of threads: that of tellers would say who told first.
    in_order = sorted(range(len(sung)), key=lambda i: sung[i])
    chorus_of = np.empty(len(sung), dtype=np.int64)
    chorus_of[in_order] = np.arange(len(sung))
    kept = set(loved.tolist())
    held_on = {who for c in kept for who in merged.owners[c]}
    read_by_words = sorted(
        {lang for lang in told.lang if lang not in reader.languages} - {UNDETERMINED}
    )
    woven = Weave(
        title=title,
        seed=seed,
        reader=reader.id,
        dims=reader.dims,
        radii=tuple(reader.radii),
        n_paying=reader.n_paying,
        n_tellers=len(said_by),
        k=k,
        named=named,
        invented=invented,
        n_listening=n_listening,
        n_open=n_open,
        threads=laid.threads,
        fragments=fragments,
        vectors=vectors.tobytes(),
        lines=lines,
        chorus=tuple(
            ChorusLine(sung[i], rounded(int(choice.chorus_units[i]), grain)) for i in in_order
        ),
        passages=tuple(
            Passage(held, tuple(knot.motif for knot in knotted if knot.passage == p))
            for p, held in enumerate(led.lines)
        ),
        motifs=tuple(
            Motif(one.name, one.lang, one.medoid, len(who), held, one.chart)
            for one in found
            for held in (tuple(sorted({*one.fragments, *one.also})),)
            for who in ({int(laid.teller_of_thread[told.thread[at]]) for at in held},)
        ),
        knots=tuple(
            Knot(
                knot.passage,
                knot.motif,
                knot.threads,
                knot.fragments,
                reason_in_words(knot, told.text),
                knot.words,
                knot.firm,
            )
            for knot in knotted
        ),
        popular=tuple(first[int(c)] for c in loved),
        vanished=tuple(
            t for t, who in enumerate(laid.teller_of_thread.tolist()) if who not in held_on
        ),
        fairness=fairness(carrying, choice, loved, k, reader.n_paying, first),
        languages_by_words=tuple(read_by_words),
        words=tuple(word for word, _ in word_vectors),
        word_langs=tuple(lang for _, lang in word_vectors),
        word_vectors=b"".join(row.tobytes() for row in word_vectors.values()),
    )
    return Woven(
        weave=woven,
        tellers=tuple(said_by),
        teller_of_thread=tuple(laid.teller_of_thread.tolist()),
        reports_of_thread=laid.reports,
        candidate=merged.candidate,
        fragment_of=tuple(first),
        said=said,
        denied=denied,
        carrying=carrying,
        choice=choice,
        cap=cap,
        line_of=tuple(line_of.tolist()),
        chorus_of=tuple(chorus_of.tolist()),
        grain=grain,
    )


def _sung(choice: Choice, merged: Merged, dreamer: Sequence[int]) -> list[int]:
    """The fragment of each chorus row of `choice`: who says what somebody else says too
    sings it in words of their own."""
    own: dict[tuple[int, int], int] = {}
    for fragment, said_by in enumerate(zip(merged.candidate.tolist(), dreamer, strict=True)):
        own.setdefault(said_by, fragment)
    rows = zip(choice.chorus_candidate.tolist(), choice.chorus_teller.tolist(), strict=True)
    return [own[row] for row in rows]
