"""Folding: a text as it is compared when somebody searches, and the way back to its letters.

Case, accents and vowel points go; letters that are one in writing by hand are
one. What tells words apart (Indic vowel signs, the voicing of kana) stays. The
text itself is never changed: spans found in the folded text are given back as
spans of the text as it was told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

# What Unicode does not take apart but a person looking for a word would.
_ALIKE = {
    "ı": "i",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "æ": "ae",
    "œ": "oe",
    "ى": "ي",  # alef maqsura, at the end of words written either way
    "ة": "ه",  # ta marbuta
    "ٱ": "ا",  # alef wasla
    "ک": "ك",  # Persian kaf and ya
    "ی": "ي",
    "ـ": "",  # the Arabic stretch
    "’": "'",
    "‘": "'",
}
# Never seen, never searched for: joiners, marks of direction, soft hyphens.
_UNSEEN = frozenset(
    "\u00ad\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"
)


def _is_accent(c: str) -> bool:
    """A mark that goes: accents (200 and up), Hebrew and Arabic points (10 to 36)."""
    marks = unicodedata.combining(c)
    return marks >= 200 or 10 <= marks <= 36


def _folded_char(c: str) -> str:
    if c in _UNSEEN:
        return ""
    if c.isspace():
        return " "
    apart = unicodedata.normalize("NFKD", c).casefold()
    bare = "".join(
        _ALIKE.get(x, x) for x in unicodedata.normalize("NFKD", apart) if not _is_accent(x)
    )
    # Recomposed, so that scripts which decompose (Hangul, kana marks) stay whole letters.
    return unicodedata.normalize("NFC", bare)


class _Table(dict[int, str]):
    """Filled as letters are met: `str.translate` then runs at the speed of a lookup."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded_char(chr(code))
        return folded


_TABLE = _Table()


def folded(text: str) -> str:
    """`text` as it is compared. Cost: bench/searching.py."""
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        return "".join(piece for piece, _, _ in _pieces(text))
    return text.translate(_TABLE)


def spans_in(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Spans of `folded(text)` as spans of `text`; a span that ends inside a letter takes it whole."""
    if not spans:
        return []
    begins: list[int] = []
    ends: list[int] = []
    for piece, start, end in _pieces(text):
        if not piece and ends:  # a mark that folds away belongs to the letter before it
            ends[-1] = end
        begins += [start] * len(piece)
        ends += [end] * len(piece)
    return [(begins[a], ends[b - 1]) for a, b in spans]


# A letter and the marks that belong to it, as text that is not composed has them.
_CLUSTER = re.compile(
    "[\u1100-\u115f][\u1160-\u11a7]?[\u11a8-\u11ff]?|.[\u0300-\u036f\u3099\u309a\u064b-\u0655]*",
    re.S,
)


def _pieces(text: str) -> list[tuple[str, int, int]]:
    """(folded, start, end) of every letter of `text` with its marks."""
    if unicodedata.is_normalized("NFC", text):
        return [(_TABLE[ord(c)], i, i + 1) for i, c in enumerate(text)]
    return [
        (unicodedata.normalize("NFC", m.group()).translate(_TABLE), m.start(), m.end())
        for m in _CLUSTER.finditer(text)
    ]


# Scripts without spaces: every place in them is the edge of a word.
RUNNING = (
    "\u3005\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff"
)
IS_RUNNING = re.compile(f"[{RUNNING}]")
