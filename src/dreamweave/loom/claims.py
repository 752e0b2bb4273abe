"""Claims: what people said carries them, what is theirs, and who wins a tie.

Everything that choosing needs to know beside the carrying itself. Nothing is
bought here.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.carrying import Carrying, Merged
from dreamweave.loom.telling import Laid, Told
from dreamweave.loom.woven import Before

Ints = NDArray[np.int64]

# A chorus line is short; a fragment of so many words sings best.
CHORUS_WORDS = (5, 14)


def said_of(
    laid: Laid,
    told: Told,
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


def own_of(
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


def as_now(
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


def live_lines(live: Iterable[Sequence[int]], told: Told, merged: Merged) -> list[int]:
    """The candidates of (report, fragment within it) pairs, each once.

    Raises:
        ValueError: something that is no pair, or names a fragment that is not there.
    """
    of_report: dict[int, list[int]] = {}
    for report, candidate in zip(told.report, merged.candidate.tolist(), strict=True):
        of_report.setdefault(report, []).append(candidate)
    found: dict[int, None] = {}
    for pair in live:
        if len(pair) != 2 or not all(isinstance(one, int) for one in pair):
            raise ValueError(f"live names pairs of whole numbers, got {len(pair)} of something")
        report, i = pair
        held = of_report.get(report, [])
        if not 0 <= i < len(held):
            raise ValueError(f"live names fragment {i} of report {report}, which is not there")
        found[held[i]] = None
    return list(found)


def by_fragment(pairs: Iterable[tuple[int, int]], merged: Merged) -> list[tuple[int, int]]:
    """(candidate, teller) pairs as (fragment, teller), every fragment of a candidate."""
    held: dict[int, list[int]] = {}
    for fragment, candidate in enumerate(merged.candidate.tolist()):
        held.setdefault(candidate, []).append(fragment)
    return [(fragment, who) for candidate, who in sorted(pairs) for fragment in held[candidate]]


def first_of(ids: Sequence[str], owner: Sequence[int], n: int) -> list[str]:
    """Each teller's smallest fragment id, which stands for them where lots are drawn."""
    first: dict[int, str] = {}
    for one, who in zip(ids, owner, strict=True):
        first[who] = min(one, first.get(who, one))
    return [first[i] for i in range(n)]
