"""Speakers: whether a line begins with somebody's name and a colon.

"Ann Lee: I was swimming" names a speaker, "And then she said: come in" does
not. One line alone cannot tell, so readers ask about a whole file first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from dreamweave.intake.rows import word_set
from dreamweave.intake.vocabulary import COLUMN_WORDS, FEELING_WORDS, KIND_WORDS, plain_word

# A name, in bold or not, with a time beside it or not, a colon, and words after it.
_PREFIX = re.compile(
    r"\s*(?:[-–—•]\s+)?(?:[*_]{1,3})?"
    r"(?P<name>[^\n:：*_]{1,60}?)"
    r"(?:\s*[\[(]\d{1,2}:\d{2}(?::\d{2})?[\])])?"
    r"(?:[*_]{1,3})?\s*[:：](?:[*_]{1,3})?\s*(?P<text>\S.*)",
    re.DOTALL,
)
_PARTICLES = word_set(
    "van von de der den del della di da do dos das du la le el al bin ibn ten ter zu af av y e"
)
WORDS_MAX = 5


def split(text: str) -> tuple[str, str] | None:
    """(name, what they say), if `text` may begin with a name."""
    match = _PREFIX.match(text)
    if match is None:
        return None
    name = " ".join(match["name"].split())
    if not may_be_name(name) or match["text"].startswith("//"):
        return None
    return name, match["text"]


def name_them(texts: Iterable[str]) -> bool:
    """Whether these lines, taken together, are somebody's lines with names before them."""
    n = n_named = 0
    for text in texts:
        n += 1
        n_named += split(text) is not None
    return n_named >= 2 and n_named * 5 >= n * 3


def may_be_name(name: str) -> bool:
    """Whether this could be what somebody is called: a few words with capitals, no sentence."""
    words = name.split()
    if not words or len(words) > WORDS_MAX or not re.search(r"\w", name):
        return False
    if re.search(r"[?!;,\"“”«»/\\]|\.\s+\w{4,}", name) or not re.search(r"[^\W\d_]|\+\d{5}", name):
        return False
    plain = plain_word(name)
    if plain in COLUMN_WORDS or plain in KIND_WORDS or plain in FEELING_WORDS:
        return False  # a form's labels ("Dream: ...") and not a person
    return all(not w[0].islower() or w.casefold() in _PARTICLES for w in words) and (
        len(words) > 1 or not words[0][0].islower()
    )
