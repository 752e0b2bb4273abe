"""Weaving: from what people told to one fair weave, start to end.

The steps are in files of their own and can be used alone; this one only hands
each its predecessor's work. It reads no file, asks no clock and draws no
chance of its own: with the same texts, vectors and seed it gives the same
weave on any machine. It knows tellers as whatever the caller calls them, and
puts none of that into the weave unless names are handed in.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np

from dreamweave.loom.asked import check_said, check_told
from dreamweave.loom.carrying import carry, merge_texts
from dreamweave.loom.choosing import choose, popular
from dreamweave.loom.claims import (
    as_now,
    by_fragment,
    company,
    first_of,
    live_lines,
    own_of,
    said_of,
)
from dreamweave.loom.grouping import LONE
from dreamweave.loom.knots import knots
from dreamweave.loom.lots import Lot, ranks
from dreamweave.loom.meeting import led_to_meet
from dreamweave.loom.motifs import motifs
from dreamweave.loom.ordering import Stretch, road
from dreamweave.loom.reading import Reader, default_reader
from dreamweave.loom.readings import chart_vectors, read_fragments, read_words_of
from dreamweave.loom.repairing import heal
from dreamweave.loom.rules import Rules
from dreamweave.loom.showing import woven_of
from dreamweave.loom.staying import stay
from dreamweave.loom.telling import Cut, Progress, fragments_of, threads_of
from dreamweave.loom.words import content_words
from dreamweave.loom.woven import Before, Readings, Woven
from dreamweave.model.reports import Feeling, Kind

__all__ = ["Woven", "default_lines", "weave"]

# Up to so many tellers, everybody gets a line of their own.
SMALL_CIRCLE = 60
A_DOZEN = 12
LINES_MAX = 300

# Lists of whom a fragment carries are cut only where there are more tellers than
# this, and never below four groups' worth (4 n / k), where C2 would grow vacuous.
UNCAPPED_TELLERS = 2_000
CAP_MIN = 150


def default_lines(n_tellers: int, n_candidates: int) -> int:
    """How many lines a weave has when nobody says.

    Up to 60 tellers one each, but a dozen where that is no more than two each;
    beyond that a third of them, between 60 and 300. Never more than there are
    fragments. With two each, 24 people held at the primary radius as always and
    failed at wider ones (docs/decisions/0004-ties-go-to-company.md).
    """
    if n_tellers <= SMALL_CIRCLE:
        lines = max(n_tellers, min(A_DOZEN, 2 * n_tellers))
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
    live: Iterable[Sequence[int]] = (),
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
        live: (report, fragment counted within it) of what was woven while people
            told (`loom.living`). Their words stay lines, whatever else comes, and k
            grows where those alone, or fairness beside them, need more places.
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
    live = [tuple(pair) for pair in live]
    if live and before is not None:
        raise ValueError("a weave is healed from `before` or closed around `live`, not both")
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

    laid = threads_of(
        texts, teller_of_report, said_by, langs, kinds, answers, drawings, tags, names, seed
    )
    told = fragments_of(laid, texts, langs, cuts, seed, tell)
    m = len(told.text)
    dreamer = laid.teller_of_thread[told.thread]

    vectors = read_fragments(reader, told, readings, tell)
    words = [content_words(text, lang) for text, lang in zip(told.text, told.lang, strict=True)]
    word_vectors = read_words_of(reader, words, told.lang, dreamer, charts or {}, readings)

    tell("carry", 0, 1)
    merged = merge_texts(told.text, dreamer.tolist())
    candidate_ids = [told.id[i] for i in merged.first.tolist()]
    said, denied = said_of(
        laid, told, merged, answers if answers_carry else None, number, carried, not_carried
    )
    n = len(said_by)
    k = lines if lines is not None else default_lines(n, len(merged.first))
    cap = None if n <= UNCAPPED_TELLERS else max(CAP_MIN, -(-4 * n // k))
    own_first = first_of(told.id, dreamer.tolist(), n)
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
    own = own_of(merged, told.text, n, carrying, by_rank)
    lot, own_line_each = Lot(seed, "places"), n <= SMALL_CIRCLE
    if live:
        rules = Rules(k, reader.n_paying, by_rank, lot, own, own_line_each)
        choice, k = stay(carrying, live_lines(live, told, merged), rules)
    elif before is None:
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
        candidate_now, teller_now = as_now(before, told.id, merged.candidate.tolist(), number)
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
        charts=chart_vectors(charts or {}, word_vectors),
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
    led, motif = led_to_meet(in_order, told, motif, found, laid.teller_of_thread, vectors)
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
        said=by_fragment(said, merged),
        denied=by_fragment(denied, merged),
    )
    # A fragment that meets others in something it also names is drawn with them.
    for knot in knotted:
        drawn = set(knot.drawn)
        for at in knot.fragments:
            if int(told.thread[at]) in drawn:
                motif[at] = knot.motif
    loved = popular(carrying, k, reader.n_paying - 1, by_rank)
    return woven_of(
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
