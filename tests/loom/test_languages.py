"""Languages are told apart, and a short piece is not torn from its report."""

from __future__ import annotations

import pytest

from dreamweave.loom.languages import language_of, languages_of

DREAMS = {
    "en": "I was walking through a house I had never seen before, and every door opened on the sea.",
    "de": "Ich ging durch ein Haus, das ich noch nie gesehen hatte, und jede Tür führte ans Meer.",
    "es": "Caminaba por una casa que nunca había visto y cada puerta se abría al mar.",
    "fr": "Je marchais dans une maison que je n'avais jamais vue et chaque porte donnait sur la mer.",
    "it": "Camminavo in una casa che non avevo mai visto e ogni porta si apriva sul mare.",
    "pt": "Eu andava por uma casa que nunca tinha visto e cada porta se abria para o mar.",
    "nl": "Ik liep door een huis dat ik nog nooit had gezien en elke deur kwam uit op zee.",
    "pl": "Szedłem przez dom, którego nigdy nie widziałem, a każde drzwi otwierały się na morze.",
    "ru": "Я шёл по дому, которого никогда раньше не видел, и каждая дверь открывалась в море.",
    "tr": "Daha önce hiç görmediğim bir evde yürüyordum ve her kapı denize açılıyordu.",
    "ar": "كنت أمشي في بيت لم أره من قبل وكان كل باب يفتح على البحر.",
    "hi": "मैं एक ऐसे घर में चल रहा था जिसे मैंने पहले कभी नहीं देखा था और हर दरवाज़ा समुद्र पर खुलता था।",
    "ja": "見たこともない家の中を歩いていて、どの扉も海に向かって開いていた。",
    "zh": "我走在一座从未见过的房子里，每扇门都通向大海。",
    "ko": "한 번도 본 적 없는 집 안을 걷고 있었는데 모든 문이 바다로 열렸다.",
    "th": "ฉันเดินอยู่ในบ้านที่ไม่เคยเห็นมาก่อน และประตูทุกบานเปิดออกสู่ทะเล",
}


@pytest.mark.parametrize(("lang", "text"), DREAMS.items())
def test_a_sentence_shows_its_language(lang, text):
    assert (language_of(text), language_of(text.upper())) == (lang, lang)


@pytest.mark.parametrize("text", ["", " \n", "123", "🎉🎉", "?!", "12:30 — 4"])
def test_without_letters_nothing_can_be_said(text):
    assert language_of(text) == "und"


def test_fragments_are_in_their_reports_language_unless_long_and_clearly_not():
    report = DREAMS["en"] * 3 + " Dann: nein. " + DREAMS["de"] + " 海が見えた。 42"
    fragments = [DREAMS["en"], "Dann: nein.", DREAMS["de"], "海が見えた。", "42"]

    assert languages_of(report, fragments, None) == ["en", "en", "de", "ja", "und"]


def test_what_a_person_said_about_their_own_language_stands():
    assert languages_of("", [DREAMS["nl"], "море было тихо", "海が見えた。"], "af") == [
        "af",
        "af",
        "ja",
    ]
