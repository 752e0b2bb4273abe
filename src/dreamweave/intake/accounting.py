"""Accounting: what was understood and what was left out, in sentences for the host.

Counts in, sentences out. They name files, lines and columns and quote nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dreamweave.intake.rows import counted
from dreamweave.model.reports import FEELINGS, KINDS, Told


@dataclass(frozen=True, slots=True)
class Account:
    """The books of one gathering, closed.

    `left` counts what was left out by reason, `warned` what could not be read
    by field. `n_alike` are names written in more than one way, `n_not_found`
    names to be left out that stood nowhere.
    """

    notes: Sequence[str]
    warnings: Sequence[str]
    left: Counter[str]
    warned: Counter[str]
    n_unnamed: int
    n_read_none: int
    n_unkeepable: int
    n_alike: int
    n_not_found: int


def understood(account: Account, told: Told) -> Iterable[str]:
    """What was understood, a sentence each."""
    yield from account.notes
    n, tellers = len(told.reports), {r.teller for r in told.reports}
    people = counted(len(tellers), "person", "people")
    yield f"{counted(n, 'report')} by {people}."
    unnamed = account.n_unnamed
    if unnamed and unnamed == len(tellers):
        yield "No names were given, so every report counts as one person."
    elif unnamed:
        yield f"{counted(unnamed, 'report')} without a name: each counts as one person."
    kinds = Counter(r.kind for r in told.reports)
    if set(kinds) != {"dream"}:
        yield "Kinds: " + ", ".join(f"{kinds[k]:,} {k}" for k in KINDS if kinds[k]) + "."
    langs = Counter(r.lang for r in told.reports)
    stated = sorted(((-c, x) for x, c in langs.items() if x is not None))
    if stated:
        said = ", ".join(f"{-c:,} {x}" for c, x in stated[:12])
        more = f" and {len(stated) - 12} more" if len(stated) > 12 else ""
        rest = f"; {langs[None]:,} to be recognised" if langs[None] else ""
        yield f"Languages: {said}{more}{rest}."
    else:
        yield "Languages: not stated, so they will be recognised from the words."
    feelings = Counter(r.feeling for r in told.reports if r.feeling)
    if feelings:
        yield (
            f"Feelings: stated for {counted(sum(feelings.values()), 'report')} ("
            + ", ".join(f"{feelings[f]:,} {f}" for f in FEELINGS if feelings[f])
            + ")."
        )
    else:
        yield "Feelings: none stated, so the weave will be undyed. None is ever guessed."
    n_answers = sum(1 for r in told.reports if r.answers)
    if n_answers:
        yield f"{counted(n_answers, 'report')} told in answer to another."
    n_drawings = sum(1 for r in told.reports if r.drawing)
    if n_drawings:
        yield f"{counted(n_drawings, 'drawing')}."
    n_open = sum(1 for s in told.seats if s.state == "open")
    n_listening = len(told.seats) - n_open
    if told.seats:
        both = ((n_listening, "listening"), (n_open, "kept open"))
        yield "Seats besides: " + ", ".join(f"{n:,} {word}" for n, word in both if n) + "."
    if account.n_read_none:
        yield (
            f"{counted(account.n_read_none, 'person', 'people')} said that nothing came and wrote no"
            " words: they have a seat, listening."
        )
    left = left_out(account.left)
    if left:
        yield left


def warnings(account: Account) -> Iterable[str]:
    """What asks for a look, a sentence each."""
    yield from account.warnings
    w = account.warned
    if w["feeling"]:
        yield (
            f"{counted(w['feeling'], 'feeling')} could not be read, and those reports are woven"
            f" undyed. A feeling is one of {', '.join(FEELINGS)} (or that word in another"
            " language), one a report."
        )
    if w["intensity"]:
        yield (
            f"{counted(w['intensity'], 'strength')} could not be read and counts as unsaid."
            " How strong a feeling was is 1, 2 or 3."
        )
    if w["intensity alone"]:
        yield f"{counted(w['intensity alone'], 'strength')} without a feeling was left out."
    if w["kind"]:
        yield (
            f"{counted(w['kind'], 'kind')} could not be read, and those reports count as dreams."
            f" A kind is one of {', '.join(KINDS)}."
        )
    if w["seat"]:
        yield (
            f"{counted(w['seat'], 'seat')} could not be read. A seat is listening or open, or left"
            " out for somebody who tells."
        )
    if w["lang"]:
        yield (
            f"{counted(w['lang'], 'language')} could not be read and will be recognised from the"
            " words. A language is a short code such as en, de or ja."
        )
    if w["drawing"]:
        yield (
            f"{counted(w['drawing'], 'drawing')} could not be read and was left out; the words with"
            " it are kept. A drawing is SVG path data on a sheet of 100 by 100."
        )
    if w["answers"]:
        yield (
            f"{counted(w['answers'], 'answer')} to something that is not here: woven without that"
            " link."
        )
    if w["id"]:
        yield f"{counted(w['id'], 'id')} stood twice. All of those reports are kept."
    if account.n_unkeepable:
        yield (
            f"Taken out: {counted(account.n_unkeepable, 'character')} that no page can show (control"
            " characters, halves of characters)."
        )
    if account.n_alike:
        yield (
            f"{counted(account.n_alike, 'name')} in two ways of writing that differ only in capitals,"
            " accents or signs: taken for two people. If it is one, write it one way: one person,"
            " one voice."
        )
    if account.n_not_found:
        yield (
            f"{counted(account.n_not_found, 'name')} to be left out could not be found in the files."
            " Names have to be written as they stand there."
        )


def left_out(left: Counter[str]) -> str:
    """Everything that was left out, by reason, the commonest first."""
    if not left:
        return ""
    parts = [
        f"{n:,} that {why}" for why, n in sorted(left.items(), key=lambda x: (-x[1], x[0])) if n
    ]
    return f"Left out ({sum(left.values()):,}): " + "; ".join(parts) + "."
