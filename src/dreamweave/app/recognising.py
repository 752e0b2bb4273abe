"""Recognising: how likely a reader who knows somebody's other dreams knows them by these words.

Measured once, for two lengths and one repetition, and said as that: figures are
the nearest that were measured, never a sum worked out between them. Which
people a text names is `naming_hint`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dreamweave.app.saying import Said, said, said_n
from dreamweave.model.facts import Naming

# Of 32 dreamers in DreamBank, with 40 earlier reports of each to learn from, a linear
# classifier that trains in seconds named the right one so often, in percent.
N_DREAMERS = 32
CHANCE_PCT = 3
WHOLE_PCT = 94
FRAGMENT_PCT = 38
FRAGMENT_WORDS = 25
FIVE_PCT = 88
N_FIVE = 5
# Half-way between a fragment of 25 words and a report of about a hundred.
_SHORT_WORDS = 60

Warned = Literal["named", "whole", "fragment", "five"]


@dataclass(frozen=True, slots=True)
class Recognisable:
    """Which of the measured cases this is nearest to, and what was found there."""

    id: Warned
    percent: int | None
    chance_percent: int
    n_dreamers: int
    sentences: tuple[Said, ...]
    source: Said


SOURCE = said(
    "Measured with {n_dreamers} people who published their dreams (DreamBank), {n_known} earlier"
    " dreams of each, and a small program; with names and capitals taken out it lost few of them."
    " Others may be easier or harder to know.",
    n_dreamers=N_DREAMERS,
    n_known=40,
)


def recognisable(n_words: int, naming: Naming, n_lent: int = 0) -> Recognisable:
    """What to tell somebody before they lend.

    Args:
        n_words: how many words they are about to lend.
        naming: how they will be named.
        n_lent: what they lend under this same name already.
    """
    if naming == "named":
        sentence = said("You lend this under a name people know you by: readers know it is yours.")
        return Recognisable("named", None, CHANCE_PCT, N_DREAMERS, (sentence,), SOURCE)
    if naming == "pseudonym" and n_lent + 1 >= N_FIVE:
        sentence = said_n(
            "With this, {n} piece stands under one name. Somebody who knows other dreams of yours"
            " would know you by five short pieces in {percent} of 100 cases; by chance, in {chance}.",
            "With this, {n} pieces stand under one name. Somebody who knows other dreams of yours"
            " would know you by five short pieces in {percent} of 100 cases; by chance, in {chance}.",
            n_lent + 1,
            percent=FIVE_PCT,
            chance=CHANCE_PCT,
        )
        return Recognisable("five", FIVE_PCT, CHANCE_PCT, N_DREAMERS, (sentence,), SOURCE)
    if n_words > _SHORT_WORDS:
        first = said(
            "Somebody who knows other dreams of yours would know you by a whole report in {percent}"
            " of 100 cases; by chance, in {chance}. A shorter part tells less.",
            percent=WHOLE_PCT,
            chance=CHANCE_PCT,
        )
        found: tuple[Warned, int] = ("whole", WHOLE_PCT)
    else:
        first = said(
            "Somebody who knows other dreams of yours would know you by a piece of {n_words} words"
            " in {percent} of 100 cases; by chance, in {chance}.",
            n_words=FRAGMENT_WORDS,
            percent=FRAGMENT_PCT,
            chance=CHANCE_PCT,
        )
        found = ("fragment", FRAGMENT_PCT)
    more = (
        said(
            "Each further piece under the same name makes it likelier: by five, {percent} of 100.",
            percent=FIVE_PCT,
        )
        if naming == "pseudonym"
        else said("Unnamed pieces carry nothing that ties one of them to another.")
    )
    return Recognisable(found[0], found[1], CHANCE_PCT, N_DREAMERS, (first, more), SOURCE)


def n_words(text: str) -> int:
    """How many words a text has; where none are written apart, two characters are taken for one."""
    spaced = text.split()
    unspaced = sum("\u3040" <= c <= "\u9fff" or "\u0e00" <= c <= "\u0eff" for c in text)
    return len(spaced) if unspaced * 2 < len(text) else max(len(spaced), unspaced // 2)
