"""Warning: what is known, before lending, of how far words could be recognised.

The measured sentence and the hint of names are made here on the node, for the
page that asks, and go nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from dreamweave.app.lending import LentWords, Offer
from dreamweave.app.lent import own_lendings
from dreamweave.app.naming_hint import Hint, names_in
from dreamweave.app.recognising import Recognisable, n_words, recognisable
from dreamweave.web.asking import actor_of, ground_of


@dataclass(frozen=True, slots=True)
class Warnings:
    """`measured` says how far the words tell their teller; `hints` where they name somebody."""

    measured: Recognisable
    hints: tuple[Hint, ...] = field(default=())

    @property
    def spans(self) -> tuple[tuple[int, int], ...]:
        """Where somebody is named, in order and apart from each other."""
        spans: list[tuple[int, int]] = []
        for hint in sorted(self.hints, key=lambda h: (h.start, h.end)):
            if not spans or hint.start >= spans[-1][1]:
                spans.append((hint.start, hint.end))
        return tuple(spans)


def warnings_of(request: Request, offer: Offer, words: LentWords) -> Warnings:
    """The warnings for these words."""
    n_lent = 0
    if offer.naming != "unnamed":
        mine = own_lendings(ground_of(request), actor_of(request))
        n_lent = sum(one.words is not None and one.words.name == words.name for one in mine)
    return Warnings(
        recognisable(n_words(words.text), offer.naming, n_lent),
        names_in(words.text, words.lang).hints,
    )
