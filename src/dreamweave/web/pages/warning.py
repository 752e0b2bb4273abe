"""Warning: what is known, before lending, of how far words could be recognised."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from dreamweave.app.lending import LentWords, Offer


@dataclass(frozen=True, slots=True)
class Warnings:
    """`sentences` are measured; `names` are spans of the words that may name somebody."""

    sentences: tuple[str, ...] = ()
    names: tuple[tuple[int, int], ...] = field(default=())


def warnings_of(request: Request, offer: Offer, words: LentWords) -> Warnings:
    """The warnings for these words, computed here and sent nowhere."""
    return Warnings()
