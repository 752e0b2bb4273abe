"""The hint about names says on the page what it says in Python, and is fetched only when needed."""

from __future__ import annotations

import importlib.util
import json
import random
from pathlib import Path

import pytest
from own_scripts import own_scripts

from dreamweave.app.folding import folded
from dreamweave.app.naming_hint import names_in

ROOT = Path(__file__).resolve().parents[2]
VECTORS = json.loads((ROOT / "tests/support/naming_vectors.json").read_text(encoding="utf-8"))


def in_python(text: str, lang: str):
    """What is named, as the words themselves: the two count letters differently."""
    found = names_in(text, lang)
    if not found.looked:
        return None
    return [
        [text[h.start : h.end], h.what, text[slice(*h.keep)] if h.keep else None]
        for h in found.hints
    ]


@pytest.fixture(scope="module")
def on_the_page():
    """Ask the page's own rules about (text, language) pairs."""
    with own_scripts("naming_hint") as ask:

        def look(pairs):
            return [
                None
                if found is None
                else [
                    [
                        cut(text, h["start"], h["end"]),
                        h["what"],
                        h["keep"] and cut(text, *h["keep"]),
                    ]
                    for h in found
                ]
                for (text, _), found in zip(
                    pairs, ask(*[["namesIn", list(pair)] for pair in pairs]), strict=True
                )
            ]

        yield look


def cut(text: str, start: int, end: int) -> str:
    """A span in the page's count of letters."""
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le")


def test_both_say_what_the_vectors_say(on_the_page):
    pairs = [(v["text"], v["lang"]) for v in VECTORS]

    assert [in_python(*pair) for pair in pairs] == [v["found"] for v in VECTORS]
    assert on_the_page(pairs) == [v["found"] for v in VECTORS]


def test_both_say_the_same_of_sentences_that_make_no_sense(on_the_page):
    """Words of the vectors and of the rules, thrown together."""
    chance = random.Random(5)
    words = sorted({word for v in VECTORS for word in v["text"].split()})
    words += [
        "Dr.",
        "Mrs.",
        "my",
        "sister",
        "Lake",
        "Street",
        "said",
        "and",
        "I",
        "—",
        "🌊",
        "«",
        "…",
    ]
    pairs = [
        (
            " ".join(chance.choices(words, k=chance.randint(1, 14))),
            chance.choice(["en", "es", "de", ""]),
        )
        for _ in range(600)
    ]

    assert on_the_page(pairs) == [in_python(*pair) for pair in pairs]


def test_words_are_folded_alike():
    words = [
        "Émile",
        "STRAßE",
        "Ångström",
        "ıșık",
        "Æsa",
        "أَحْمَد",
        "مكتبة",
        "Nguyễn",
        "O’Neill",
        "李",
        "ﬁn",
    ]
    with own_scripts("naming_hint") as ask:
        assert ask(*[["folded", [word]] for word in words]) == [folded(word) for word in words]


def test_the_lists_of_the_page_are_those_of_the_rules():
    where = ROOT / "tools/naming_lists.py"
    spec = importlib.util.spec_from_file_location("naming_lists", where)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)

    assert tool.HERE.read_text(encoding="utf-8") == tool.lists(), "run tools/naming_lists.py"


@pytest.mark.browser
def test_the_hint_comes_in_a_pause_and_its_rules_only_then(phones, node, dreamer):
    phone = phones(dreamer[1])
    fetched: list[str] = []
    phone.context.on("request", lambda r: fetched.append(r.url) if "/naming-" in r.url else None)
    tab = phone.tab()
    tab.fill("#f-text", "My sister Ana came up the stairs.")
    before = list(fetched)
    tab.wait_for_selector("[data-naming]:not([hidden])")
    hint = tab.text_content("[data-naming]")
    tab.fill("#f-text", "My sister came up the stairs.")
    tab.wait_for_selector("[data-naming]", state="hidden")

    assert before == []
    assert len(set(fetched)) == 1
    assert hint.startswith("You name somebody: My sister Ana. Should you lend this,")
    assert [h.path for h in node.faults.heard if "hint" in h.path] == []
