"""The catalogues are whole and fit what the sources say; dates, numbers and plurals read right."""

from __future__ import annotations

import importlib.util
import io
import json
import re
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from dreamweave.web.languages import LANGUAGES, PLAIN, chosen, words
from dreamweave.web.pages.gathering_values import COUNTED
from dreamweave.web.readable import is_zone, local_iso, readable

ROOT = Path(__file__).resolve().parents[2]
SPOKEN = ("es", "ar")
PLACES = re.compile(r"%\([a-z_]+\)s|\{[a-z_0-9]*\}|</?[a-z]+[^>]*>")


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("languages_tool", ROOT / "tools/languages.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["languages_tool"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def said(tool):
    """What the sources say now: context and message."""
    return {_key(message) for message in tool.template() if message.id}


def _key(message):
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


@pytest.fixture(scope="module", params=SPOKEN)
def catalogue(tool, request):
    path = ROOT / f"src/dreamweave/web/locale/{request.param}/LC_MESSAGES/node.po"
    return read_po(io.BytesIO(path.read_bytes()), locale=request.param)


def test_a_catalogue_says_exactly_what_the_sources_say(said, catalogue):
    # `make languages` brings the catalogues up to date and lists what is to be translated.
    assert {_key(message) for message in catalogue if message.id} == said


def test_a_catalogue_leaves_nothing_out_and_nothing_to_be_guessed(catalogue):
    empty = [
        m.id
        for m in catalogue
        if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)
    ]
    assert empty == []
    assert [m.id for m in catalogue if m.fuzzy and m.id] == []


def test_places_and_tags_of_a_sentence_stand_in_its_translation(catalogue):
    wrong = []
    for message in catalogue:
        if not message.id:
            continue
        one, *many = (message.id,) if isinstance(message.id, str) else message.id
        asked = set(PLACES.findall(many[0] if many else one))
        said = (message.string,) if isinstance(message.string, str) else message.string
        for i, text in enumerate(said):
            found = set(PLACES.findall(text))
            # One, two and none may be said in words; what tells which thing it is stays.
            counted = (
                {"%(num)s", "{n}"} if len(said) > 1 and i < (3 if len(said) == 6 else 1) else set()
            )
            if not asked - counted <= found <= asked:
                wrong.append((one, text))
    assert wrong == []


def test_a_figure_and_its_percent_sign_do_not_part_at_the_end_of_a_line(catalogue):
    said = [
        text for m in catalogue for text in ((m.string,) if isinstance(m.string, str) else m.string)
    ]
    assert [text for text in said if re.search(r"[\d})s] %%?(?!\()", text)] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_where_a_list_sets_its_figures_apart_every_form_has_one(code):
    forms = {
        (what, n): words(code).ngettext(*COUNTED[what], n)
        for what in ("spoke", "told", "listened", "kept")
        for n in (0, 1, 2, 3, 11, 100)
    }
    assert [at for at, said in forms.items() if said.count("{n}") != 1] == []


def test_every_refusal_of_the_house_is_gathered(tool):
    gathered = {sentence for _, _, sentence in tool.refusals()}
    assert "There is no such report of yours." in gathered
    assert "A report holds up to {1} characters. Keep the rest as a second one." in gathered
    assert not any(sentence.startswith(("SELECT", "DELETE")) for sentence in gathered)


def test_what_scripts_show_is_gathered_from_every_page_that_has_some(said):
    for part in ("node", "live"):
        strings = json.loads((ROOT / f"front/src/{part}/strings.json").read_text(encoding="utf-8"))
        assert {("script", text) for text in strings.values()} - said == set()


def test_words_of_the_invented_circle_are_its_own_and_the_plays_refusals_are_ours(tool):
    gathered = {sentence for path, _, sentence in tool.refusals() if path == "app/playing.py"}
    assert gathered == {"The play runs at {1} to {2} times."}


def test_what_a_page_says_by_a_method_is_no_refusal_too(tool, said):
    refused = {sentence for _, _, sentence in tool.refusals()}
    assert (None, "The floor is free.") in said
    assert "The floor is free." not in refused


def test_a_refusal_with_a_number_in_it_is_translated_with_the_number():
    said = words("es").refusal(
        "A report holds up to 40,000 characters. Keep the rest as a second one."
    )
    assert said == "Un relato admite hasta 40,000 caracteres. Guarda el resto como un segundo."
    assert words("es").refusal("No catalogue knows this.") == "No catalogue knows this."


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "لا خيوط هذا الأسبوع"),
        (1, "خيط واحد هذا الأسبوع"),
        (2, "خيطان هذا الأسبوع"),
        (3, "%(num)s خيوط هذا الأسبوع"),
        (11, "%(num)s خيطًا هذا الأسبوع"),
        (100, "%(num)s خيط هذا الأسبوع"),
    ],
)
def test_arabic_counts_in_six_ways(n, said):
    assert words("ar").ngettext("%(num)s thread this week", "%(num)s threads this week", n) == said


def test_dates_numbers_and_sizes_read_as_each_language_writes_them():
    def all_of(code):
        read = readable(code)
        return (
            read.day("2026-11-25"),
            read.month(2026, 11),
            read.number(1234.5, 1),
            read.moment(1_795_000_000_000, "Europe/Madrid"),
        )

    assert all_of("en") == (
        "Wednesday, 25 November 2026",
        "November 2026",
        "1,234.5",
        "18 November 2026, 12:06",
    )
    assert all_of("es") == (
        "miércoles, 25 de noviembre de 2026",
        "noviembre de 2026",
        "1.234,5",
        "18 de noviembre de 2026, 12:06",
    )
    assert all_of("ar") == (
        "الأربعاء، ٢٥ نوفمبر ٢٠٢٦",
        "نوفمبر ٢٠٢٦",
        "١٬٢٣٤٫٥",
        "١٨ نوفمبر ٢٠٢٦، ١٢:٠٦",
    )
    assert readable("en").day("no day") == "no day"
    assert [readable("en").size(n) for n in (900, 5000, 3 << 20)] == [
        "900\u00a0B",
        "4.9\u00a0kB",
        "3.0\u00a0MB",
    ]


def test_a_zone_is_one_that_the_machine_knows():
    assert (is_zone("Europe/Madrid"), is_zone("../etc/passwd"), is_zone("Mars/Base")) == (
        True,
        False,
        False,
    )
    assert local_iso(1_795_000_000_000, "Asia/Kolkata") == "2026-11-18T16:36:40+05:30"


@pytest.mark.parametrize(
    ("setting", "cookie", "accept", "code"),
    [
        ("ar", "es", "en", "ar"),
        ("", "es", "en", "es"),
        (None, "xx", "fr, es-MX;q=0.5", "es"),
        (None, None, "ar;q=0, en;q=0.1", "en"),
        (None, None, "es;q=nonsense, ar", "ar"),
        (None, None, None, "en"),
        (None, "en-XA", None, "en-XA"),
    ],
)
def test_a_language_is_chosen_in_order(setting, cookie, accept, code):
    assert chosen(setting, cookie, accept).code == code


def test_plain_words_change_no_word_that_only_looks_alike():
    plain = words("en", plain=True)
    assert plain.gettext("Circles") == "gatherings"
    assert plain.gettext("A Circle, a Conclave, encircled") == "A gathering, a panel, encircled"
    assert set(PLAIN) >= set(LANGUAGES)
