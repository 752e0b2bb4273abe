"""Names: what kinds, feelings, audiences and other fixed things are called on pages.

The marks of a language's own words stand here for extraction; the words come
from the catalogues. A sentence that a page shows after something was done is
named by a code in the address, so that no address ever carries anybody's words.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from dreamweave.model.facts import COMMONS, RESEARCH
from dreamweave.web.languages import Words


def N_(message: str) -> str:
    """Mark a message for extraction."""
    return message


def NP_(context: str, message: str) -> str:
    """Mark a message with a context for extraction."""
    return message


KINDS: Mapping[str, str] = {
    "dream": NP_("kind", "a dream"),
    "white": NP_("kind", "a dream, but it is gone"),
    "none": NP_("kind", "nothing this morning"),
    "story": NP_("kind", "a waking story"),
    "memory": NP_("kind", "a memory"),
}
FEELINGS: Mapping[str, str] = {
    "joy": NP_("feeling", "joy"),
    "tenderness": NP_("feeling", "tenderness"),
    "wonder": NP_("feeling", "wonder"),
    "calm": NP_("feeling", "calm"),
    "longing": NP_("feeling", "longing"),
    "sorrow": NP_("feeling", "sorrow"),
    "fear": NP_("feeling", "fear"),
    "anger": NP_("feeling", "anger"),
    "wordless": NP_("feeling", "no word for it"),
}
STRENGTHS: Mapping[int, str] = {
    1: NP_("how strong", "a little"),
    2: NP_("how strong", "clearly"),
    3: NP_("how strong", "very"),
}
NAMINGS: Mapping[str, str] = {
    "unnamed": NP_("naming", "unnamed"),
    "pseudonym": NP_("naming", "under a pseudonym"),
    "named": NP_("naming", "with your name"),
}
ROLES: Mapping[str, str] = {
    "dreamer": NP_("role", "dreamer"),
    "host": NP_("role", "host"),
    "steward": NP_("role", "steward"),
    "keeper": NP_("role", "keeper"),
}

# What a page says once something was done (`?said=kept`).
SAID: Mapping[str, str] = {
    "kept": N_("Kept. It is yours alone until you lend it."),
    "amended": N_("Your changes are kept."),
    "forgotten": N_("Forgotten. Its key is destroyed; nothing of it can be read any more."),
    "nothing": N_("Nothing this morning: kept. That is a real entry too."),
    "taken-back": N_("Taken back. The key of the lent copy is destroyed; nobody here sees it now."),
    "saved": N_("Saved."),
    "joined": N_("You are in."),
    "welcome": N_("Welcome back."),
    "signed-out": N_("Signed out on this device."),
    "signed-out-everywhere": N_("Signed out on every device."),
    "left": N_("You have left. Everything of yours is gone from here."),
    "invited": N_("The invitation is ready."),
    "withdrawn": N_("The invitation no longer opens anything."),
    "changed": N_("Done."),
    "joined-circle": N_("You are in this Circle now."),
    "left-circle": N_("You have left the Circle, and what you lent to it was taken back."),
    "woven": N_("The weave is made."),
    "answered": N_("Your answer is kept."),
    "gathering-called": N_("The gathering is called. Its code is ready to be shown."),
    "told-here": N_("Told. It is woven in with the others."),
    "told-held": N_("It waits for the host's yes, and nobody else sees it until then."),
    "went-out": N_("You went out. What you told stays lent until you take it back."),
    "told-for": N_("Kept. The paper is theirs; nothing of it is left on this device."),
    "feed-renewed": N_("Your private address is new. The one before opens nothing any more."),
    "feed-ended": N_("Your private address opens nothing any more."),
}


class Names:
    """The names in one language."""

    def __init__(self, words: Words) -> None:
        self._words = words

    def kind(self, kind: str) -> str:
        return self._words.pgettext("kind", KINDS[kind])

    def feeling(self, felt: str | None, renamed: Mapping[str, str] | None = None) -> str:
        """A feeling's name; where a Circle has renamed it, by the Circle's own word."""
        if felt is None:
            return self._words.pgettext("feeling", "unsaid")
        if renamed and renamed.get(felt):
            return renamed[felt]
        return self._words.pgettext("feeling", FEELINGS[felt])

    def strength(self, intensity: int) -> str:
        return self._words.pgettext("how strong", STRENGTHS[intensity])

    def naming(self, naming: str) -> str:
        return self._words.pgettext("naming", NAMINGS[naming])

    def role(self, role: str) -> str:
        return self._words.pgettext("role", ROLES[role])

    def audience(self, stream: str, circles: Mapping[str, str] | None = None) -> str:
        """To whom something is lent; `circles` are titles by id."""
        if stream == COMMONS:
            return self._words.gettext("the commons")
        if stream == RESEARCH:
            return self._words.gettext("research")
        if stream == "echo":
            return self._words.gettext("an echo for somebody")
        if stream.startswith("gathering/"):
            return self._words.gettext("a gathering")
        if stream.startswith("tapestry/"):
            return self._words.gettext("everybody here, in a tapestry")
        title = (circles or {}).get(stream.partition("/")[2], "")
        if title:
            return Markup('<bdi dir="auto">%s</bdi>') % title
        return self._words.gettext("a Circle")

    def said(self, code: str) -> str:
        return self._words.gettext(SAID[code]) if code in SAID else ""

    def say(self, word: str) -> str:
        """A kind's or a feeling's name, for pictures."""
        return self.kind(word) if word in KINDS else self.feeling(word)
