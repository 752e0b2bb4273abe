"""Showing: everything that was found, as one weave that may be shared.

Amounts are rounded where threads are unnamed, and nothing of the host's goes in.
No choice is made here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.accounts import Choice
from dreamweave.loom.carrying import Carrying, Merged
from dreamweave.loom.figures import fairness
from dreamweave.loom.grouping import LONE
from dreamweave.loom.knots import FoundKnot, reason_in_words
from dreamweave.loom.languages import UNDETERMINED
from dreamweave.loom.motifs import FoundMotif
from dreamweave.loom.passages import PassagesResult
from dreamweave.loom.reading import Reader
from dreamweave.loom.telling import Laid, Told
from dreamweave.loom.woven import Woven
from dreamweave.model.proofs import rounded
from dreamweave.model.reports import Feeling
from dreamweave.model.weaves import ChorusLine, Fragment, Knot, Line, Motif, Passage, Weave

Bytes = NDArray[np.int8]
Ints = NDArray[np.int64]

# What a weave shows of a line's or a chorus line's voice is rounded to this many
# units where threads are unnamed: exact amounts that add up to one voice would
# tell whose two of them are. The exact accounts are in the full certificate.
GRAIN_UNNAMED = 10**7


def woven_of(
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
    laid: Laid,
    told: Told,
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
