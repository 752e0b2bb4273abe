"""Telling: reports into threads, and threads into fragments.

Says which report runs through which thread, cuts reports (or takes the cuts they
had before) and numbers everything. It reads no meaning and knows no vector.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.cutting import cut
from dreamweave.loom.languages import UNDETERMINED, language_of, languages_of
from dreamweave.loom.ordering import places_of
from dreamweave.model.reports import Kind
from dreamweave.model.weaves import Thread

Ints = NDArray[np.int64]
Progress = Callable[[str, int, int], None]
Cut = tuple[int, int, str]  # start, end, language


@dataclass(frozen=True, slots=True)
class Laid:
    """Threads in their order, and which of the caller's reports run through each."""

    threads: tuple[Thread, ...]
    reports: tuple[tuple[int, ...], ...]
    teller_of_thread: Ints
    langs: tuple[str, ...]  # of each report
    answers: tuple[int | None, ...]  # thread -> the thread it answers


def threads_of(
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
) -> Laid:
    """A thread a report, in the order of their tags; or a thread a dreamer, as they first told."""
    n_reports = len(texts)
    tag_of = (
        list(tags) if tags is not None else [hash_of(seed, "tag", i)[:10] for i in range(n_reports)]
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
    return Laid(
        threads,
        reports,
        np.array([teller_of_report[held[0]] for held in reports], dtype=np.int64),
        spoken,
        tuple(thread.answers_i for thread in threads),
    )


@dataclass(frozen=True, slots=True)
class Told:
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


def fragments_of(
    laid: Laid,
    texts: Sequence[str],
    langs: Sequence[str | None] | None,
    cuts: Sequence[Sequence[Cut]] | None,
    seed: str,
    tell: Progress,
) -> Told:
    told = Told([], [], [], [], [], [], [], *(np.zeros(0, dtype=np.int64) for _ in range(3)))
    thread: list[int] = []
    for t, held in enumerate(laid.reports):
        for report_i, report in enumerate(held):
            text, lang = texts[report], laid.langs[report]
            if cuts is not None:
                pieces = list(cuts[report])
            else:
                pieces = cut_in(text, lang, said=langs is not None and langs[report] is not None)
            if not pieces:
                raise ValueError(f"report {report} holds no words")
            for start, end, spoken in pieces:
                told.id.append(hash_of(seed, "fragment", laid.threads[t].tag, report_i, start)[:12])
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
    return Told(
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


def cut_in(text: str, lang: str, *, said: bool) -> list[Cut]:
    """A report in its language (`said` by its teller, or found) as fragments, each in its own."""
    spans = cut(text, lang)
    spoken = languages_of(text, [text[a:b] for a, b in spans], lang if said else None)
    return [
        (a, b, lang if own == UNDETERMINED else own)
        for (a, b), own in zip(spans, spoken, strict=True)
    ]


def hash_of(*parts: object) -> str:
    return sha256("\x1f".join(map(str, parts)).encode()).hexdigest()
