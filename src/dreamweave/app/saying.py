"""Saying: a sentence with figures in it, that a page can say in the reader's language.

The English stands in the code, marked by these two functions so that it is
found for the catalogues (`said`, `said_n:1,2` are Babel keywords). Translating
is the caller's: this file knows no catalogue and no locale.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence with places in braces and what stands in them; `many` where it counts `n`."""

    one: str
    many: str = ""
    n: int = 0
    figures: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}), hash=False)

    def __str__(self) -> str:
        """In English."""
        return self.in_words(lambda text: text, lambda one, many, n: one if n == 1 else many)

    def in_words(
        self, gettext: Callable[[str], str], ngettext: Callable[[str, str, int], str]
    ) -> str:
        """In the language of these two functions."""
        text = ngettext(self.one, self.many, self.n) if self.many else gettext(self.one)
        return text.format(n=self.n, **self.figures)


def said(text: str, **figures: object) -> Said:
    """A sentence."""
    return Said(text, figures=MappingProxyType(figures))


def said_n(one: str, many: str, n: int, **figures: object) -> Said:
    """A sentence that counts: `{n}` stands in it."""
    return Said(one, many, n, MappingProxyType(figures))


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language to say things in: two functions as every catalogue has them."""

    gettext: Callable[[str], str]
    ngettext: Callable[[str, str, int], str]

    def say(self, what: Said) -> str:
        return what.in_words(self.gettext, self.ngettext)


ENGLISH = Tongue(lambda text: text, lambda one, many, n: one if n == 1 else many)
