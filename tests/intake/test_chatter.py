"""Chatter: greetings go, and a dream of one word stays."""

from __future__ import annotations

import pytest

from dreamweave.intake.chatter import GREETING, NO_LETTERS, ONLY_LINKS, reason


@pytest.mark.parametrize(
    "text",
    [
        "hi",
        "Hello everyone!",
        "good morning dear all",
        "thank you so very much",
        "Yesss",
        "+1 agreed",
        "Guten Morgen zusammen",
        "Danke euch allen",
        "merci beaucoup",
        "¡Buenas noches a todos!",
        "obrigada a todos",
        "grazie mille",
        "Спасибо большое",
        "شكرا",
        "תודה רבה",
        "ありがとうございます",
        "谢谢大家",
        "감사합니다",
        "@Ann thanks 🙏",
    ],
)
def test_greetings_thanks_and_assent_are_chatter(text):
    assert reason(text) == GREETING


@pytest.mark.parametrize("text", ["👍", "🌊🌊🌊", "...", "?", "12:30", "@Ann"])
def test_signs_alone_are_no_words(text):
    assert reason(text) == NO_LETTERS


@pytest.mark.parametrize("text", ["https://example.org/a?b", "www.example.org", "ann@example.org"])
def test_links_alone_are_no_words(text):
    assert reason(text) == ONLY_LINKS


@pytest.mark.parametrize(
    "text",
    [
        "water",
        "night",
        "the morning",
        "It is night.",
        "no water",
        "yes, the stairs again",
        "thank you for the stairs in your dream, they were mine",
        "I dreamt of https://example.org",
        "夜",
        "хлеб",
        "goodbye, said the tram",
    ],
)
def test_words_that_may_be_a_dream_stay(text):
    assert reason(text) is None
