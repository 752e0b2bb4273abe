"""A hint where a text names people, before it is lent: "you name someone; say 'my sister' instead?"

Looks at shapes and lists on this machine alone and sends nothing anywhere. It
misses names and takes some words for names; its precision and recall are
measured in tests/app/test_naming_hint.py, for English, Spanish and Arabic.
Nothing is changed: whoever wrote the text decides.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from dreamweave.app.folding import folded
from dreamweave.app.given_names import ALSO_WORDS, ARABIC, ARABIC_ALSO_WORDS, NAMES, NOBODY
from dreamweave.app.naming_words import (
    AFTER_PLACES,
    AFTER_PLACES_CAPITAL,
    ARABIC_KIN,
    ARABIC_LITTLE,
    ARABIC_TITLES,
    BEFORE_PLACES,
    KIN,
    MINE,
    OF_PLACES,
    ONLY_BEFORE_NAMES,
    ONLY_PEOPLE,
    PLAIN,
    TITLES,
)
from dreamweave.app.saying import Said, said

N_HINTS_MAX = 40

# "kin": a word for kin or a friend with a name behind it, whose name can simply be left out.
What = Literal["kin", "title", "name"]


@dataclass(frozen=True, slots=True)
class Hint:
    """Where somebody is named: a span of the text. For kin, `keep` is the span that would do."""

    start: int
    end: int
    what: What
    keep: tuple[int, int] | None = None

    def sentence(self) -> Said:
        if self.what == "kin":
            return said("You name someone here. The word before the name would do without it.")
        return said("You name someone here. Would “a friend”, or who they are to you, do as well?")


@dataclass(frozen=True, slots=True)
class Named:
    """What was found; `looked` is false for writing in which nothing of this kind is known here."""

    hints: tuple[Hint, ...]
    looked: bool = True


def names_in(text: str, lang: str | None = None) -> Named:
    """Where `text` names people, in order."""
    code = (lang or "").partition("-")[0].lower()
    letters = [c for c in text if c.isalpha()]
    arabic = sum("\u0600" <= c <= "\u06ff" for c in letters)
    if arabic * 2 > len(letters):
        return Named(tuple(_arabic(text))[:N_HINTS_MAX])
    cased = sum(c.isupper() or c.islower() for c in letters)
    if cased * 2 < len(letters):
        return Named((), looked=False)
    return Named(tuple(_cased(text, code))[:N_HINTS_MAX])


# ------------------------------------------------------------------ writing with capitals

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?")
_BEGIN = frozenset('.!?…:;\n"“”«»¿¡—–-(')


@dataclass(frozen=True, slots=True)
class _Token:
    start: int
    end: int
    word: str
    plain: str
    is_capital: bool
    begins: bool  # at the beginning of a sentence, of a saying or of a line


def _cased(text: str, lang: str) -> list[Hint]:
    tokens = _tokens(text)
    inside = {t.plain for t in tokens if t.is_capital and not t.begins}
    hints: list[Hint] = []
    i = 0
    while i < len(tokens):
        last = _name_from(tokens, i, inside, lang, text)
        if last is None:
            i += 1
            continue
        before = tokens[i - 1] if i and _touch(text, tokens[i - 1], tokens[i]) else None
        start, what, keep = tokens[i].start, "name", None
        if before is not None and before.plain in KIN and (lang == "de" or not before.is_capital):
            first = _possessive(tokens, i - 1)
            start, what, keep = first, "kin", (first, before.end)
        elif before is not None and before.plain in TITLES:
            start, what = before.start, "title"
        end = tokens[last].end - text[tokens[last].start : tokens[last].end].endswith(".")
        hints.append(Hint(start, end, what, keep))  # type: ignore[arg-type]
        i = last + 1
    return hints


def _tokens(text: str) -> list[_Token]:
    found = []
    for match in _WORD.finditer(text):
        word = match.group()
        bare = word.rstrip(".")
        end = match.end() if folded(bare) in TITLES else match.start() + len(bare)
        owned = re.sub(r"['’]s$", "", bare)
        at = match.start() - 1
        while at >= 0 and text[at] in " \t":
            at -= 1
        begins = at < 0 or text[at] in _BEGIN
        capital = owned[:1].isupper() and not (len(owned) > 1 and owned.isupper())
        found.append(_Token(match.start(), end, owned, folded(owned), capital, begins))
    return found


def _name_from(tokens: list[_Token], i: int, inside: set[str], lang: str, text: str) -> int | None:
    """The last word of the name that begins at word `i`, or None where none does."""
    if not _is_name(tokens, i, inside, lang, text):
        return None
    last = i
    while last + 1 < len(tokens):
        following = tokens[last + 1]
        if not (
            following.is_capital
            and not following.begins
            and _touch(text, tokens[last], following)
            and following.plain not in NOBODY
        ):
            break
        last += 1
    return last


def _is_name(tokens: list[_Token], i: int, inside: set[str], lang: str, text: str) -> bool:
    one = tokens[i]
    if not one.is_capital or len(one.word) < 2:
        return False
    before = tokens[i - 1] if i and _touch(text, tokens[i - 1], one) else None
    after = tokens[i + 1] if i + 1 < len(tokens) and _touch(text, one, tokens[i + 1]) else None
    if before is not None and before.plain in TITLES and one.plain not in PLAIN:
        return True
    if one.plain in NOBODY or one.plain in PLAIN or one.plain in KIN or one.plain in TITLES:
        return False
    if before is not None and before.plain in KIN:
        return True
    if one.plain in NAMES:
        return not _is_place(before, after)
    if one.begins:
        # A capital says nothing here. A name elsewhere in the text, or something only people do, does.
        said_by = after is not None and after.plain in ONLY_PEOPLE
        with_me = after is not None and after.plain in ("and", "y", "e") and _me(tokens, i + 2)
        known = one.plain in inside and one.plain not in ALSO_WORDS
        return said_by or with_me or known
    if lang == "de":
        return False  # every noun has a capital
    if before is not None and before.plain in BEFORE_PLACES:
        return False
    return not _is_place(before, after)


def _me(tokens: list[_Token], i: int) -> bool:
    return i < len(tokens) and tokens[i].plain in ("i", "yo", "me")


def _is_place(before: _Token | None, after: _Token | None) -> bool:
    """Whether a street, a river or a school is called so: "Ana Street", "calle Ana"."""
    if after is not None and after.plain in OF_PLACES and after.is_capital:
        return True
    return before is not None and (
        before.plain in AFTER_PLACES or (before.plain in AFTER_PLACES_CAPITAL and before.is_capital)
    )


def _possessive(tokens: list[_Token], i: int) -> int:
    """Where "my sister" begins, given the place of "sister"."""
    return tokens[i - 1].start if i and tokens[i - 1].plain in MINE else tokens[i].start


def _touch(text: str, a: _Token, b: _Token) -> bool:
    """Whether nothing but space stands between two words."""
    return not text[a.end : b.start].strip(" \t") or (
        a.plain in TITLES and not text[a.end : b.start].strip(" \t.")
    )


# ------------------------------------------------------------------ Arabic: no capitals

_ARABIC_WORD = re.compile("[\u0621-\u065f\u0670-\u06d3]+")
_ARABIC_NAMES = frozenset(folded(w) for w in ARABIC)
_ARABIC_EITHER = frozenset(folded(w) for w in ARABIC_ALSO_WORDS)
# Written on to the word that follows: and, so, to, with, like, for.
_ON_TO = "وفبلك"


def _arabic(text: str) -> list[Hint]:
    words = list(_ARABIC_WORD.finditer(text))
    plain = [folded(m.group()) for m in words]
    hints: list[Hint] = []
    i = 0
    while i < len(words):
        bare = _bare(plain[i], ARABIC_KIN | ARABIC_TITLES)
        if i + 1 < len(words) and bare in ARABIC_TITLES:
            following = plain[i + 1]
            sure = following in _ARABIC_NAMES or following in _ARABIC_EITHER
            if sure or (bare not in ONLY_BEFORE_NAMES and not _is_little(following)):
                hints.append(Hint(words[i].start(), words[i + 1].end(), "title"))
                i += 2
                continue
        if i + 1 < len(words) and bare in ARABIC_KIN:
            following = plain[i + 1]
            if following in _ARABIC_NAMES or following in _ARABIC_EITHER:
                hints.append(Hint(words[i].start(), words[i + 1].end(), "kin", words[i].span()))
                i += 2
                continue
        if _bare(plain[i], _ARABIC_NAMES) in _ARABIC_NAMES:
            hints.append(Hint(words[i].start(), words[i].end(), "name"))
        i += 1
    return hints


def _bare(word: str, known: frozenset[str]) -> str:
    """A word without the letter that was written on to it, where what is left is known."""
    if word not in known and word[:1] in _ON_TO and word[1:] in known:
        return word[1:]
    return word


def _is_little(word: str) -> bool:
    """Particles, and verbs as they mostly begin: no name stands there."""
    return word in ARABIC_LITTLE or word.startswith(("ال", "ي", "ت", "وال"))
