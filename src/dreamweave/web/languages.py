"""Languages: in which words a page speaks, chosen for each request and never guessed from a name.

Catalogues are PO files, compiled when the package is built and read with the
standard library. English is what the sources are written in. `Words` is what
templates call; how dates and numbers read is `readable`'s. Nothing here knows a
page, and nobody's own words are ever translated.
"""

from __future__ import annotations

import gettext
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

LOCALE = Path(__file__).parent / "locale"
DOMAIN = "node"

# The context of the sentences that refusals carry, and of those that scripts show.
REFUSAL = "refusal"
SCRIPT = "script"


@dataclass(frozen=True, slots=True)
class Language:
    """One language as it is offered: its code, its own name for itself, which way it runs."""

    code: str
    name: str
    dir: str = "ltr"


LANGUAGES: dict[str, Language] = {
    "en": Language("en", "English"),
    "es": Language("es", "Español"),
    "ar": Language("ar", "العربية", "rtl"),
}
# For translators and tests: every translated word wears brackets and accents, so
# that what has none was forgotten. Spoken to whoever asks for it by cookie, offered to nobody.
PSEUDO = Language("en-XA", "Ƥşéûðö")


def language(code: str) -> Language:
    """The language of a code, English when it is not spoken here."""
    if code == PSEUDO.code:
        return PSEUDO
    return LANGUAGES.get(code) or LANGUAGES.get(code.partition("-")[0].lower()) or LANGUAGES["en"]


def chosen(setting: str | None, cookie: str | None, accept: str | None) -> Language:
    """A person's setting comes first, then this browser's cookie, then what the browser asks for."""
    for code in (setting, cookie):
        if code and (code == PSEUDO.code or code.partition("-")[0].lower() in LANGUAGES):
            return language(code)
    wanted = []
    for i, part in enumerate((accept or "")[:400].split(",")):
        code, _, rest = part.strip().partition(";")
        weight = re.fullmatch(r"\s*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)\s*", rest) if rest else None
        if code.partition("-")[0].lower() in LANGUAGES and (not rest or weight):
            wanted.append((-float(weight[1]) if weight else -1.0, i, code))
    return language(min(wanted)[2]) if wanted and min(wanted)[0] < 0 else LANGUAGES["en"]


class Words:
    """What is said in one language. In *plain words* a Circle is called a gathering."""

    def __init__(self, spoken: Language, *, plain: bool = False) -> None:
        self.language = spoken
        self._said: gettext.NullTranslations = gettext.NullTranslations()
        if spoken.code not in ("en", PSEUDO.code):
            self._said = gettext.translation(DOMAIN, LOCALE, [spoken.code])
        self._plain: tuple[tuple[re.Pattern[str], str], ...] = ()
        if plain:
            self._plain = tuple((re.compile(p), r) for p, r in PLAIN[language(spoken.code).code])

    def gettext(self, message: str) -> str:
        return self._finished(self._said.gettext(message))

    def ngettext(self, one: str, many: str, n: int) -> str:
        return self._finished(self._said.ngettext(one, many, n))

    def pgettext(self, context: str, message: str) -> str:
        return self._finished(self._said.pgettext(context, message))

    def npgettext(self, context: str, one: str, many: str, n: int) -> str:
        return self._finished(self._said.npgettext(context, one, many, n))

    def refusal(self, sentence: str) -> str:
        """A refusal's sentence. Where it carries a number, the number is carried over."""
        if self._said.pgettext(REFUSAL, sentence) == sentence:
            for pattern, template in _with_holes():
                held = pattern.fullmatch(sentence)
                if held:
                    said = self.pgettext(REFUSAL, template)
                    for i, value in enumerate(held.groups(), start=1):
                        said = said.replace(f"{{{i}}}", value)
                    return said
        return self.pgettext(REFUSAL, sentence)

    def strings(self, keys: Mapping[str, str]) -> dict[str, str]:
        """What a page's script shows, by key."""
        return {key: self.pgettext(SCRIPT, text) for key, text in keys.items()}

    def _finished(self, said: str) -> str:
        for pattern, plain in self._plain:
            said = pattern.sub(plain, said)
        return _pseudo(said) if self.language is PSEUDO else said


@cache
def words(code: str, plain: bool = False) -> Words:
    """The words of a language, read once."""
    return Words(language(code), plain=plain)


# Plain words, for communities that prefer them. Each replacement has the gender and number of
# what it replaces, so that the sentence around it stays right.
PLAIN: dict[str, tuple[tuple[str, str], ...]] = {
    "en": (
        (r"\bCrescent Circle\b", "gathering"),
        (r"\bCircle\b", "gathering"),
        (r"\bCircles\b", "gatherings"),
        (r"\bConclave\b", "panel"),
    ),
    "es": (
        (r"\bCírculo Creciente\b", "encuentro"),
        (r"\bCírculo\b", "encuentro"),
        (r"\bCírculos\b", "encuentros"),
        (r"\bCónclave\b", "comité"),
    ),
    # الدائرة and الجلسة are both feminine; a prefixed article or preposition stays in place.
    "ar": (
        (r"دائرة الهلال", "الجلسة"),
        (r"دائرة", "جلسة"),
        (r"دوائر", "جلسات"),
        (r"المَجمع", "اللجنة"),
    ),
}
PLAIN[PSEUDO.code] = PLAIN["en"]


@cache
def _with_holes() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Refusals that carry a number or a list, as patterns. Written by `tools/languages.py`."""
    templates: list[str] = json.loads((LOCALE / "holes.json").read_text(encoding="utf-8"))
    return tuple(
        (re.compile(re.sub(r"\\\{\d+\\\}", "(.+?)", re.escape(template)), re.DOTALL), template)
        for template in templates
    )


_ACCENTS = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "áƀçðéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÁƁÇÐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ",
)
# What must stay as it is: tags, entities, places to fill.
_KEPT = re.compile(r"(<[^>]*>|&[a-z#0-9]+;|%\([a-z_0-9]+\)[sd]|%%|\{[a-z_0-9]*\})")


def _pseudo(said: str) -> str:
    parts = _KEPT.split(said)
    return "⟦" + "".join(p if i % 2 else p.translate(_ACCENTS) for i, p in enumerate(parts)) + "⟧"
