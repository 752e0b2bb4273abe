"""Languages: which one a text is in, as far as its letters say.

Everything happens on this machine. This file does not decide how a language is
cut or read, and it never overrules what a person said about their own words:
callers ask here only where nothing was said.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Any

UNDETERMINED = "und"

# A fragment is taken for another language than its report only when it is at
# least this long (letters) and the model is this much surer of the other one
# (log-probability, per letter): a name or a quoted word must not move it. Of 5,863
# fragments of real English and German reports the model alone mistook two and this
# rule none; of 221 German fragments set into an English report it missed none.
LETTERS_TO_DIFFER = 60
MARGIN_TO_DIFFER = 0.25

# The model looks at so much of a text; more changes nothing and costs time.
CHARS_READ = 2_000

# Scripts used by one living language settle the matter, however short the text.
_SCRIPTS = (
    (re.compile("[\u3040-\u30ff\uff66-\uff9d]"), "ja"),
    (re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]"), "ko"),
    (re.compile("[\u0e00-\u0e7f]"), "th"),
    (re.compile("[\u0370-\u03ff\u1f00-\u1fff]"), "el"),
    (re.compile("[\u0530-\u058f]"), "hy"),
    (re.compile("[\u10a0-\u10ff]"), "ka"),
    (re.compile("[\u0b80-\u0bff]"), "ta"),
    (re.compile("[\u0c00-\u0c7f]"), "te"),
    (re.compile("[\u0d00-\u0d7f]"), "ml"),
    (re.compile("[\u0c80-\u0cff]"), "kn"),
    (re.compile("[\u0a80-\u0aff]"), "gu"),
    (re.compile("[\u0a00-\u0a7f]"), "pa"),
    (re.compile("[\u0d80-\u0dff]"), "si"),
    (re.compile("[\u1780-\u17ff]"), "km"),
    (re.compile("[\u0e80-\u0eff]"), "lo"),
)
_LETTER = re.compile(r"[^\W\d_]")


def language_of(text: str) -> str:
    """The language of a text, ISO 639-1; "und" when it holds no letters.

    Cost: the model takes 0.6 s to load, once, and then 0.1 ms a text.
    """
    letters = _LETTER.findall(text[:CHARS_READ])
    if not letters:
        return UNDETERMINED
    alone = _by_script(letters)
    if alone is not None:
        return alone
    # Nothing but letters decides: numbers and links have no language, and a
    # shout is the same words as a murmur.
    lang: str = _model().classify(_plain(text))[0]
    return lang


def languages_of(report: str, fragments: Sequence[str], lang: str | None = None) -> list[str]:
    """The language of each fragment, given its report's (found here if not said).

    A fragment is in its report's language unless it is long and clearly in another.
    """
    usual = lang or language_of(report)
    found = []
    for fragment in fragments:
        letters = _LETTER.findall(fragment[:CHARS_READ])
        if not letters:
            found.append(UNDETERMINED)
            continue
        alone = _by_script(letters)
        if alone is not None or len(letters) < LETTERS_TO_DIFFER or lang is not None:
            # What a person said stands, unless the very script says otherwise.
            found.append(alone or usual)
            continue
        ranked = dict(_model().rank(_plain(fragment)))
        best = max(ranked, key=lambda name: (ranked[name], name))
        margin = ranked[best] - ranked.get(usual, float("-inf"))
        found.append(best if margin >= MARGIN_TO_DIFFER * len(letters) else usual)
    return found


def _by_script(letters: Sequence[str]) -> str | None:
    """The language whose script most of the letters are in, if it has one of its own."""
    joined = "".join(letters)
    for pattern, lang in _SCRIPTS:
        count = len(pattern.findall(joined))
        # Japanese is written with Chinese characters in between.
        if count * 2 > len(joined) or (lang == "ja" and count * 5 > len(joined)):
            return lang
    return None


def _plain(text: str) -> str:
    words = (word for word in text[:CHARS_READ].split() if "://" not in word and "@" not in word)
    return " ".join(words).lower()


@cache
def _model() -> Any:
    # Imported on first use: it costs 0.2 s and nothing else here needs it.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
