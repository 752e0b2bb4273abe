"""Knots: where threads of different dreamers meet, and why.

Every knot has a reason that a person can read: a word they say, words that are
kin, or two fragments that lie close, quoted and not explained. A dreamer who
says "this does not carry me" is let go of it. Where things meet is decided
elsewhere (`loom.passages`), and how a knot is drawn is the dreamscape's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from dreamweave.loom.grouping import LONE, Bytes, Ints, direction, dots, squares
from dreamweave.loom.images import as_said
from dreamweave.loom.motifs import FoundMotif

# `say`: people say the same word. `kin`: they say words that are kin. `near`:
# their fragments lie close, and `quotes` names the two that lie closest.
Why = Literal["say", "kin", "near"]

_COUNTED = ("", "", "both", "all three", "all four", "all five", "all six", "all seven")


@dataclass(frozen=True, slots=True)
class FoundKnot:
    """Threads of two or more dreamers, meeting in one motif at one passage.

    Attributes:
        passage, motif: where and in what.
        threads: ascending; `fragments` are theirs of this motif here, ascending.
        drawn: the threads drawn in this knot. A thread is drawn in one knot a
            passage, the one of most dreamers; the others stay in the text. Empty
            where fewer than two dreamers are left to draw.
        why, words, quotes: the reason; see `Why`. Words are as somebody wrote them.
        n_saying: how many of the dreamers say `words` (all of them for `near`).
        n_dreamers: how many meet.
        firm: somebody of them said so.
    """

    passage: int
    motif: int
    threads: tuple[int, ...]
    fragments: tuple[int, ...]
    drawn: tuple[int, ...]
    why: Why
    words: tuple[str, ...]
    quotes: tuple[int, ...]
    n_saying: int
    n_dreamers: int
    firm: bool


def knots(
    fragment_passage: Ints,
    fragment_motif: Ints,
    fragment_thread: Ints,
    thread_dreamer: Ints,
    found: Sequence[FoundMotif],
    vectors: Bytes,
    words: Sequence[Sequence[str]],
    texts: Sequence[str],
    *,
    answers: Collection[tuple[int, int]] = (),
    said: Collection[tuple[int, int]] = (),
    denied: Collection[tuple[int, int]] = (),
) -> list[FoundKnot]:
    """Tie every knot there is a reason for.

    Args:
        fragment_passage, fragment_motif, fragment_thread: (m,) each.
        thread_dreamer: (t,) who each thread is.
        found: the motifs that `fragment_motif` counts. Fragments that name one beside
            what they are mostly about (`also`) join its knots, and make none alone.
        vectors, words, texts: of the fragments, as `motifs` took them.
        answers: (thread, the thread it answers): a knot that holds both is firm.
        said: (fragment, dreamer) "this carries me": firm where it holds both,
            and the fragment is somebody else's.
        denied: (fragment, dreamer) "this does not carry me": that dreamer's
            threads leave a knot that holds the fragment, and a knot of one is none.

    Returns:
        By passage, then most dreamers first, then motif.
    """
    meeting: dict[tuple[int, int], list[int]] = defaultdict(list)
    for at in np.flatnonzero(fragment_motif != LONE).tolist():
        meeting[int(fragment_passage[at]), int(fragment_motif[at])].append(at)
    for motif, one in enumerate(found):
        for at in one.also:
            if (here := (int(fragment_passage[at]), motif)) in meeting:
                meeting[here].append(at)
    for gathered in meeting.values():
        gathered.sort()
    dreamer_of = thread_dreamer[fragment_thread].tolist()
    refused: dict[int, set[int]] = defaultdict(set)
    for at, who in denied:
        refused[at].add(who)
    carried: dict[int, set[int]] = defaultdict(set)
    for at, who in said:
        carried[at].add(who)
    answered: dict[int, set[int]] = defaultdict(set)
    for thread, to in answers:
        answered[thread].add(to)

    out: list[FoundKnot] = []
    for (passage, motif), held in sorted(meeting.items()):
        gone = {who for at in held for who in refused.get(at, ()) if who != dreamer_of[at]}
        fragments = [at for at in held if dreamer_of[at] not in gone]
        dreamers = {dreamer_of[at] for at in fragments}
        if len(dreamers) < 2:
            continue
        threads = sorted({int(fragment_thread[at]) for at in fragments})
        why, reason, quotes, n_saying = _reason(
            found[motif], fragments, dreamer_of, vectors, words, texts
        )
        firm = any(
            who in dreamers and who != dreamer_of[at] for at in fragments for who in carried[at]
        ) or any(
            to in threads and thread_dreamer[to] != thread_dreamer[thread]
            for thread in threads
            for to in answered[thread]
        )
        out.append(
            FoundKnot(
                passage=passage,
                motif=motif,
                threads=tuple(threads),
                fragments=tuple(fragments),
                drawn=(),
                why=why,
                words=reason,
                quotes=quotes,
                n_saying=n_saying,
                n_dreamers=len(dreamers),
                firm=firm,
            )
        )
    out.sort(key=lambda knot: (knot.passage, -knot.n_dreamers, knot.motif))
    return _drawn(out, thread_dreamer)


def reason_in_words(knot: FoundKnot, texts: Sequence[str]) -> str:
    """The reason as a sentence's beginning: "both say “staircase”"."""
    if knot.why == "near":
        a, b = (_short(texts[at]) for at in knot.quotes)
        return f"close in meaning: “{a}” and “{b}”"
    if knot.why == "kin":
        return "words that are kin: " + ", ".join(f"“{word}”" for word in knot.words)
    if knot.n_saying < knot.n_dreamers:
        who = f"{knot.n_saying} of {knot.n_dreamers}"
    elif knot.n_saying < len(_COUNTED):
        who = _COUNTED[knot.n_saying]
    else:
        who = f"all {knot.n_saying}"
    return f"{who} say “{knot.words[0]}”"


# A quote beside a knot is a glimpse, not the fragment: the text has it whole.
_QUOTE_WORDS_MAX = 9


def _short(text: str) -> str:
    parts = text.split()
    if len(parts) <= _QUOTE_WORDS_MAX:
        return " ".join(parts)
    return " ".join(parts[:_QUOTE_WORDS_MAX]) + " …"


def _reason(
    motif: FoundMotif,
    fragments: Sequence[int],
    dreamer_of: Sequence[int],
    vectors: Bytes,
    words: Sequence[Sequence[str]],
    texts: Sequence[str],
) -> tuple[Why, tuple[str, ...], tuple[int, ...], int]:
    sayers: dict[str, set[int]] = defaultdict(set)
    for at in fragments:
        for word in words[at]:
            sayers[word].add(dreamer_of[at])

    def written(word: str) -> str:
        return as_said(word, (at for at in fragments if word in words[at]), texts)

    # A word that two say: one of the motif's own, the most said first; or else
    # another that shows something. That both say "suddenly" is no reason.
    for among, by in ((motif.words, True), (motif.shared, False)):
        both = [word for word in among if len(sayers.get(word, ())) >= 2]
        if both:
            word = max(both, key=lambda word: len(sayers[word])) if by else both[0]
            return "say", (written(word),), (), len(sayers[word])

    # Kin: different words of the motif, each said by somebody else.
    kin = [word for word in motif.words if word in sayers]
    if len({who for word in kin for who in sayers[word]}) >= 2:
        n = len({who for word in kin for who in sayers[word]})
        return "kin", tuple(written(word) for word in kin), (), n

    return (
        "near",
        (),
        _closest_two(fragments, dreamer_of, vectors),
        len({dreamer_of[at] for at in fragments}),
    )


def _closest_two(
    fragments: Sequence[int], dreamer_of: Sequence[int], vectors: Bytes
) -> tuple[int, ...]:
    """The fragment closest to the middle of all, and the closest of another dreamer."""
    at = np.array(fragments)
    rows = vectors[at]
    heart = direction(rows.astype(np.int64).sum(axis=0))
    length = np.sqrt(np.maximum(squares(rows), 1).astype(np.float64))
    close = dots(rows, heart[None])[:, 0] / length
    first = int(at[int(close.argmax())])
    others = np.array([dreamer_of[one] != dreamer_of[first] for one in fragments])
    close[~others] = -np.inf
    return tuple(sorted((first, int(at[int(close.argmax())]))))


def _drawn(knots: Sequence[FoundKnot], thread_dreamer: Ints) -> list[FoundKnot]:
    """Draw each thread in the largest of its knots at a passage; the knots come largest first."""
    taken: set[tuple[int, int]] = set()
    out = []
    for knot in knots:
        free = tuple(one for one in knot.threads if (knot.passage, one) not in taken)
        if len({int(thread_dreamer[one]) for one in free}) < 2:
            free = ()
        taken.update((knot.passage, one) for one in free)
        out.append(replace(knot, drawn=free))
    return out
