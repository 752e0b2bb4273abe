"""Words are what a text says without its small words, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.loom.words import all_words, content_words, shared_by_all, shared_words


@pytest.mark.parametrize(
    ("lang", "text", "words"),
    [
        (
            "en",
            "The drowned Library's stairs — and I wasn't there.",
            ["drowned", "library", "stairs"],
        ),
        ("en", "A staircase, a STAIRCASE!", ["staircase", "staircase"]),
        ("en", "Caf\u00e9 / Cafe\u0301 ﬁre", ["café", "café", "fire"]),
        ("de", "Die Straße war voller Wölfe.", ["strasse", "voller", "wölfe"]),
        ("fr", "L'eau montait dans l’escalier d'Anne.", ["eau", "montait", "escalier", "anne"]),
        ("ru", "Я видел: в комнате вода и дверь.", ["комнате", "вода", "дверь"]),
        ("hi", "मैं समुद्र के ऊपर उड़ रहा था", ["समुद्र", "ऊपर", "उड\u093c"]),
        ("ar", "كنت في البَيْتِ القديم", ["البيت", "القديم"]),
        ("ja", "海の上", ["海の", "の上"]),
        ("ja", "海", ["海"]),
        ("th", "ทะเล", ["ทะ", "ะเ", "เล"]),
        ("ko", "바다가 보였다", ["바다가", "보였다"]),
        ("xx", "Gwelais long ar y môr", ["gwelais", "long", "ar", "môr"]),
        ("en", "🎉 ... 12", ["12"]),
        ("en", "🎉 ...", []),
    ],
)
def test_small_words_fall_away(lang, text, words):
    assert content_words(text, lang) == words


def test_where_only_small_words_were_said_they_are_what_was_said():
    assert content_words("There it was, and I had it.", "en") == [
        *("there", "it", "was", "and", "i", "had", "it"),
    ]


@given(st.text(max_size=80), st.sampled_from(["en", "fr", "ja", "th", "ar", "hi", "xx"]))
def test_words_are_found_in_their_own_folded_form(text, lang):
    words = all_words(text, lang)

    assert "" not in words
    assert [w for w in words if any(char.isspace() for char in w)] == []
    assert set(content_words(text, lang)) <= set(words)


def test_shared_words_come_in_the_first_ones_order_and_once():
    a = "The staircase under the sea, a staircase of glass"
    b = "glass sea, and no staircase at all"

    assert shared_words(a, b, "en") == ["staircase", "sea", "glass"]
    assert shared_by_all([(a, "en"), (b, "en"), ("my glass", "en")]) == ["glass"]
    assert shared_by_all([]) == []
