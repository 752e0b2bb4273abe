"""Words: what a text says when the small words are taken out.

For names, for reasons a person can read ("both say: staircase") and for reading
languages that the reader does not know. Words are found and compared here, never
stemmed and never translated; which words matter more is the caller's business.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources

# Scripts without spaces: their words are taken to be pairs of characters.
_RUNNING = (
    "\u3005\u3040-\u309f\u30a0-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff"
)
# A word: letters and marks with apostrophes inside; digits count as words too.
_WORD = re.compile(
    rf"[{_RUNNING}]+|[^\W_{_RUNNING}][^\W_{_RUNNING}\u0300-\u036f]*"
    rf"(?:[\u0300-\u036f\u0900-\u0dff\u0591-\u05c7\u064b-\u0652'’\u200c\u200d]+[^\W_{_RUNNING}]*)*"
)
_IS_RUNNING = re.compile(rf"[{_RUNNING}]")
_HIRAGANA = re.compile("[\u3040-\u309f]{2}")
# Elided articles: l'eau, dell'acqua, d'une; and English 's.
_ELIDED = re.compile(
    r"^(?:l|d|j|m|t|s|n|c|qu|jusqu|lorsqu|puisqu|dell|all|nell|sull|dall|un)'(?=\w{2})"
)
_OWNED = re.compile(r"'s?$")
_ELIDING = frozenset({"fr", "it", "ca", "oc"})

# Vowel signs of Arabic and Hebrew and the Arabic stretch: written or not, same word.
_POINTS = re.compile("[\u0591-\u05bd\u05bf-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")


def content_words(text: str, lang: str) -> list[str]:
    """The words of a text in their order, casefolded (NFKC), small words left out.

    Scripts without spaces give pairs of neighbouring characters. Where nothing but
    small words was said, they are what was said, and are given.
    """
    words = all_words(text, lang)
    stops = _stops(lang)
    return [word for word in words if word not in stops and not _is_slight(word)] or words


def all_words(text: str, lang: str) -> list[str]:
    """Every word of a text in order, casefolded (NFKC)."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    found: list[str] = []
    folded = _POINTS.sub("", unicodedata.normalize("NFKC", folded))
    for match in _WORD.finditer(folded):
        word = match.group()
        if _IS_RUNNING.match(word):
            found += [word[i : i + 2] for i in range(len(word) - 1)] or [word]
            continue
        if lang in _ELIDING:
            word = _ELIDED.sub("", word)
        elif lang == "en":
            word = _OWNED.sub("", word)
        word = word.strip("'")
        if word:
            found.append(word)
    return found


def shared_words(a: str, b: str, lang_a: str, lang_b: str | None = None) -> list[str]:
    """Content words that both texts say, in the order the first says them, each once."""
    theirs = set(content_words(b, lang_b or lang_a))
    return list(dict.fromkeys(word for word in content_words(a, lang_a) if word in theirs))


def shared_by_all(texts: Iterable[tuple[str, str]]) -> list[str]:
    """Content words that every (text, lang) says, in the first one's order, each once."""
    said = [content_words(text, lang) for text, lang in texts]
    if not said:
        return []
    common = set(said[0]).intersection(*map(set, said[1:]))
    return list(dict.fromkeys(word for word in said[0] if word in common))


def is_small(word: str, lang: str) -> bool:
    """Whether a word, as `all_words` gives it, says nothing by itself in that language."""
    return word in _stops(lang) or _is_slight(word)


def _is_slight(word: str) -> bool:
    """One letter alone, or a pair of Japanese endings, names nothing."""
    return (len(word) == 1 and word.isascii()) or _HIRAGANA.fullmatch(word) is not None


@cache
def _stops(lang: str) -> frozenset[str]:
    # Imported on first use (20 ms), and only the languages asked for are kept.
    from stopwordsiso import stopwords

    listed = stopwords("no" if lang in ("nb", "nn") else lang)
    folded = {unicodedata.normalize("NFKC", word).casefold() for word in listed}
    # We look words up without a final 's, so the lists' own are folded the same way.
    folded |= {_OWNED.sub("", word) for word in folded}
    corrections = _corrections()
    kept = corrections["keep"].get(lang, [])
    return frozenset(folded).union(corrections["more"].get(lang, [])).difference(kept)


@cache
def _corrections() -> dict[str, dict[str, list[str]]]:
    source = resources.files("dreamweave.loom").joinpath("constants/words.json")
    corrections: dict[str, dict[str, list[str]]] = json.loads(source.read_text(encoding="utf-8"))
    return corrections
