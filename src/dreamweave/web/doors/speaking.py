"""Speaking: the sentences that doors answer with, in the language of whoever asks."""

from __future__ import annotations

from fastapi import Request

from dreamweave.app.me import own_of
from dreamweave.app.saying import Said
from dreamweave.web.asking import actor_of, house_of
from dreamweave.web.languages import Words, chosen, words


def words_for(request: Request) -> Words:
    """The language of whoever asks: as their account says, or else their browser."""
    own = own_of(house_of(request).people, actor_of(request))
    return words(chosen(own.lang or None, None, request.headers.get("accept-language")).code)


def said_in(spoken: Words, line: Said) -> str:
    """A sentence in that language."""
    return line.in_words(spoken.gettext, spoken.ngettext)
