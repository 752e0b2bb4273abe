"""Every page, for everybody, in every language: what each of them keeps to."""

from __future__ import annotations

import gzip
import json
import re

import pytest
from makers_pages import CANARY, OPEN_TO_ALL, PAGES, full_house
from makers_web import Browser, app_of
from reading_pages import read

from dreamweave.app.me import change_own

LANGUAGES = ("en", "es", "ar", "en-XA")
ROLE_OF = {"a": None, "d": "dreamer", "k": "keeper"}


@pytest.fixture(scope="module")
def full():
    return full_house()


@pytest.fixture(scope="module")
def app(full):
    made = app_of(full.house)
    made.state.limiter.kinds = {}  # one machine asks for everything here
    return made


@pytest.fixture(scope="module")
def ask(full, app):
    """Ask for a page as somebody, in a language."""

    def asked(path, role=None, lang="en", **cookies):
        browser = Browser(app, token=full.tokens.get(role, ""))
        for name, value in {"lang": lang, **cookies}.items():
            browser.cookies.set(name, value)
        return browser.get(path.format(**full.ids))

    return asked


CELLS = [(path, ROLE_OF[who]) for path, for_whom in PAGES for who in for_whom]
CELLS += [(path, role) for path in OPEN_TO_ALL for role in ("guest", "newcomer")]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_keeps_to_the_rules_of_the_house(ask, lang):
    for path, role in CELLS:
        answer = ask(path, role, lang)
        where = f"{path} for {role or 'anybody'} in {lang}"
        gone = "no-such" in path or "000000" in path
        assert answer.status_code == (404 if gone else 200), where
        page = read(answer.text)
        assert page.faults == [], where
        assert (page.lang, page.dir) == (lang, "rtl" if lang == "ar" else "ltr") or "shell" in path
        assert page.h1 == 1, where
        assert page.landmarks.count("main") == 1, where
        assert {"header", "footer", "nav"} <= set(page.landmarks), where
        assert page.unlabelled == [], where
        assert len(page.ids) == len(set(page.ids)), where
        assert all(form["method"] == "post" or form["action"] == "/print" for form in page.forms)
        assert all(not one.startswith(("http", "//")) for one in page.loaded), where
        assert "{{" not in answer.text.replace("{{7*7}}", ""), where
        assert answer.headers["cache-control"] == "no-store", where


def test_the_rules_are_seen_when_they_are_broken():
    page = read(
        '<html><p style="x"><a href="javascript:x">a</a><script>1</script><input name="bare">'
        '<img src="x" onerror="y">'
    )

    assert page.faults == [
        "<p style>",
        "<a href=javascript:x>",
        "<script> without src",
        "<img onerror>",
    ]
    assert (page.unlabelled, page.h1) == (["bare"], 0)


def test_what_people_write_is_shown_and_never_becomes_the_pages_own(ask):
    shown = 0
    for path, role in CELLS:
        text = ask(path, role).text
        assert "<script>window" not in text, path
        assert "<img src=x" not in text, path
        assert "49" not in re.findall(r"\{\{7\*7\}\}|(?<=unerror)49", text)
        shown += "&lt;script&gt;window.CANARY" in text
    assert shown > 8
    assert "<script>window" in CANARY


# ------------------------------------------------------------------ languages


# Marks that part or join words and belong to no language, names that are names, and units.
NOT_WORDS = re.compile(r"[\s\d.,:;·…/%×()\[\]“”«»\-–—+*?!✓=]*")
NAMES = {"dreamweave", "CSV, JSON, Markdown", "ZIP", "MB", "kB", "GB", "B"}


def untranslated(page):
    """The words of a page that wear neither the brackets nor the accents of the pseudo-language."""
    left = []
    for where, words in page.texts:
        bare = re.sub(r"[⟦⟧]", "", re.sub(r"⟦[^⟦⟧]*⟧", "", words)).replace("dreamweave", "")
        # A sentence with a tag in it comes in pieces: each wears the accents, the ends the brackets.
        plain = re.search(r"(?<![^\W\d_])[A-Za-z]{2,}(?![^\W\d_])", bare)
        if plain and not NOT_WORDS.fullmatch(bare) and words not in NAMES:
            left.append((where, words[:80]))
    return left


def test_no_word_of_a_page_is_left_untranslated(ask):
    left = {}
    for path, role in CELLS:
        if "shell" in path:
            continue
        page = read(ask(path, role, "en-XA").text)
        assert len(page.texts) > 20, path
        left |= dict.fromkeys(untranslated(page), path)
    assert left == {}


def test_an_untranslated_word_would_be_found():
    page = read(
        '<html lang="en-XA" dir="ltr"><p>⟦Çåļļ⟧ forgotten</p><a title="Too"><b>⟦ĥé</b> <i>ļļö⟧</i></a>'
        '<p dir="auto">their own words</p>'
    )
    assert untranslated(page) == [("html/p", "⟦Çåļļ⟧ forgotten"), ("a[title]", "Too")]


def test_the_language_is_the_persons_then_the_cookies_then_the_browsers(full, app):
    def spoken(role, cookie="", accept=""):
        browser = Browser(app, token=full.tokens.get(role, ""))
        if cookie:
            browser.cookies.set("lang", cookie)
        answer = browser.get("/about", headers={"accept-language": accept})
        return read(answer.text).lang

    change_own(full.house.people, full.actors["newcomer"], {"lang": "ar"})
    try:
        assert spoken("newcomer", "es", "en") == "ar"
    finally:
        change_own(full.house.people, full.actors["newcomer"], {"lang": ""})
    assert spoken("newcomer", "es", "ar") == "es"
    assert spoken(None, "", "de-CH, es;q=0.4, ar;q=0.8") == "ar"
    assert spoken(None, "", "de, fr") == "en"


def test_the_switches_are_forms_that_keep_a_cookie_and_come_back(full, app):
    browser = Browser(app, token=full.tokens["newcomer"])

    answer = browser.post("/look", data={"look": "day", "back": "/journal"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/journal")
    assert 'data-look="day"' in browser.get("/").text
    assert 'data-look="day"' in browser.get("/tell").text

    browser.post("/look", data={"look": "", "back": "/"})
    assert 'data-look="night"' in browser.get("/tell").text  # waking is dark
    assert "data-look" not in re.search("<html[^>]*>", browser.get("/journal").text)[0]

    answer = browser.post("/language", data={"lang": "es", "back": "/me"})
    assert 'lang="es"' in browser.get("/me").text
    # Their own from now on; the other tests' people have not said which.
    change_own(full.house.people, full.actors["newcomer"], {"lang": ""})


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "/a?b", "\\x", "/%2f"])
def test_nobody_is_sent_elsewhere(app, back):
    answer = Browser(app).post("/look", data={"look": "day", "back": back})
    assert answer.headers["location"] == "/"


def test_plain_words_stand_in_the_place_of_ours(full, app, monkeypatch):
    monkeypatch.setattr(full.house.settings, "words", "plain")
    texts = {}
    for lang in ("en", "es", "ar"):
        browser = Browser(app, token=full.tokens["dreamer"])
        browser.cookies.set("lang", lang)
        texts[lang] = " ".join(words for _, words in read(browser.get("/circles").text).texts)
    assert "gathering" in texts["en"]
    assert "Circle" not in texts["en"]
    assert "encuentro" in texts["es"]
    assert "Círculo" not in texts["es"]
    assert "جلسة" in texts["ar"]
    assert "دائرة" not in texts["ar"]


def test_a_refusal_is_said_in_the_readers_language(ask):
    assert (
        "No hay ningún relato tuyo así"
        in ask("/reports/00000000000000000000000000", "dreamer", "es").text
    )


# ------------------------------------------------------------------ weight


def test_telling_is_light(ask, app, full):
    browser = Browser(app, token=full.tokens["newcomer"])
    page = browser.get("/tell").text
    style = re.search(r'href="(/static/node-[^"]+\.css)"', page)[1]
    css = browser.get(style).content
    weight = len(gzip.compress(page.encode(), 9)) + len(gzip.compress(css, 9))
    assert weight <= 14_000


def test_strings_for_scripts_are_data_and_only_what_a_page_needs(ask):
    def strings(path):
        held = re.search(
            r'<script type="application/json" id="strings">(.*?)</script>',
            ask(path, "dreamer").text,
        )
        return json.loads(held[1])

    assert any(key.startswith("voice.") for key in strings("/tell"))
    assert not any(key.startswith("voice.") for key in strings("/journal"))


# ------------------------------------------------------------------ files


def test_files_are_kept_for_ever_by_their_hash_and_nothing_else_is_served(ask):
    page = ask("/").text
    for name in re.findall(r"/static/[^\"]+", page):
        answer = ask(name)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    worker = ask("/service-worker.js")
    assert (worker.status_code, worker.headers["cache-control"]) == (200, "no-cache")
    for path in (
        "/static/manifest.json",
        "/static/strings.json",
        "/static/..%2fapp.py",
        "/static/x",
    ):
        assert ask(path).status_code == 404


def test_the_crescent_is_drawn_for_whoever_asks_and_a_circles_only_for_those_in_it(ask, full):
    drawn = ask("/crescent.svg?sheet=phone&ground=day")
    assert drawn.headers["content-type"].startswith("image/svg+xml")
    assert "<script" not in drawn.text
    assert ask("/crescent.svg?sheet=square").status_code == 404
    assert ask("/crescent.svg?circle={circle}", "dreamer").status_code == 200
    assert ask("/crescent.svg?circle={circle}", "newcomer").status_code == 404
    assert ask("/crescent.svg?circle={circle}").status_code == 404
