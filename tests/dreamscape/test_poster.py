"""The poster is one sheet or more, tagged, and holds every word in order."""

from __future__ import annotations

import dataclasses
import io
import re
import sys

import pypdf
import pytest
from makers_weaves import crowd, sample_like, weave_of

from dreamweave.dreamscape.poster import poster_pdf, quoted
from dreamweave.model.refusals import Refusal


def opened(data):
    return pypdf.PdfReader(io.BytesIO(data))


def squeezed(text):
    return re.sub(r"\s+", "", text)


def spoken(weave):
    """Every text the poster owes, in order: lines by passage, then the chorus."""
    lines = [weave.lines[w].fragment_i for p in weave.passages for w in p.lines]
    return [weave.fragments[f].text for f in [*lines, *(c.fragment_i for c in weave.chorus)]]


def places(reader, weave):
    """Where each owed text stands, searched from the end of the one before."""
    text = squeezed("".join(page.extract_text() for page in reader.pages))
    at = text.index(squeezed((weave.passages and "1.") or ""))
    found = []
    for words in spoken(weave):
        at = text.find(squeezed(words), at)
        found.append(at)
        at += 1
    return found


@pytest.fixture(scope="module")
def sample():
    """Made once: a sheet takes seconds."""
    weave = sample_like()
    return weave, poster_pdf(weave)


def test_the_poster_is_sixty_by_ninety_tagged_and_speaks_a_language(sample):
    _, data = sample
    reader = opened(data)
    root = reader.trailer["/Root"]

    assert [round(float(v) / 72 * 25.4) for v in reader.pages[0].mediabox[2:]] == [600, 900]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en"
    assert b"pdfuaid" in data
    assert reader.metadata["/Title"] == "The Night the Lamps Walked"
    assert len(reader.pages) == 1


def test_every_sentence_is_there_in_order(sample):
    weave, data = sample

    found = places(opened(data), weave)

    assert found == sorted(found)
    assert min(found) >= 0


def test_the_cloth_is_described_for_who_does_not_see_it(sample):
    _, data = sample

    def alternatives(node):
        node = node.get_object()
        if isinstance(node, list):
            return [a for child in node for a in alternatives(child)]
        if not isinstance(node, dict):
            return []
        own = [str(node["/Alt"])] if "/Alt" in node else []
        return own + (alternatives(node["/K"]) if "/K" in node else [])

    (alt,) = alternatives(opened(data).trailer["/Root"]["/StructTreeRoot"]["/K"])
    assert alt.startswith("A woven cloth in 24 columns of people and 16 rows of passages.")


def test_letters_are_carried_along(sample):
    _, data = sample
    fonts = opened(data).pages[0]["/Resources"]["/Font"].values()

    names = {str(font.get_object()["/BaseFont"]) for font in fonts}
    assert any("Fraunces" in name for name in names)
    assert any("Atkinson" in name for name in names)


def test_the_same_weave_gives_the_same_bytes():
    weave = weave_of(2, 1, [(0, 0, (0, 1))], feelings={0: "joy"})

    assert poster_pdf(weave) == poster_pdf(weave)


def test_the_words_of_two_hundred_people_flow_on_to_further_sheets():
    weave = crowd(200)

    reader = opened(poster_pdf(weave))

    assert len(reader.pages) > 1
    found = places(reader, weave)
    assert found == sorted(found)
    assert min(found) >= 0


def test_nobodys_words_are_read_as_code():
    weave = weave_of(2, 1, [(0, 0, (0, 1))])
    evil = '#panic("x") $x^2$ *bold* ] #[ \\ " <a> @b //'
    weave = dataclasses.replace(
        weave,
        title=evil,
        fragments=tuple(dataclasses.replace(f, text=evil) for f in weave.fragments),
        motifs=tuple(dataclasses.replace(m, name=evil) for m in weave.motifs),
    )

    text = squeezed("".join(page.extract_text() for page in opened(poster_pdf(weave)).pages))

    assert text.count(squeezed(evil)) >= 3


def test_a_letter_that_no_font_holds_makes_no_poster_fail():
    weave = weave_of(2, 1, [(0, 0, (0, 1))])
    weave = dataclasses.replace(
        weave,
        fragments=tuple(
            dataclasses.replace(f, text="\U00010a80 \U0001fae8 月", lang="zz")
            for f in weave.fragments
        ),
    )

    assert opened(poster_pdf(weave)).trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_a_string_for_typst_has_no_way_out():
    assert quoted('a"b\\c') == '"a\\"b\\\\c"'
    assert quoted("a\nb\u202e") == '"a b"'


def test_without_the_extra_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)

    with pytest.raises(Refusal) as refused:
        poster_pdf(weave_of(2, 1))

    assert refused.value.code == "print.missing"
