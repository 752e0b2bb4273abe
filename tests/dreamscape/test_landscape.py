"""The landscape holds people's sentences where they can be read, and nothing else of them."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from xml.etree import ElementTree

import numpy as np
import pytest
import resvg_py
from hypothesis import given, settings
from hypothesis import strategies as st
from makers_weaves import chance, crowd, moods, sample_like, scattered, trio, undyed, weave_of
from node_in_browser import chromium  # noqa: F401 (a fixture)
from PIL import Image

from dreamweave.dreamscape.charts import CHARTS
from dreamweave.dreamscape.labels import text_width
from dreamweave.dreamscape.landscape import drawn_svg, in_words, land, landscape_svg, reading_order
from dreamweave.dreamscape.landscape_ground import TONES
from dreamweave.dreamscape.landscape_kinds import KINDS, family_of
from dreamweave.dreamscape.landscape_lines import between, eroded, length
from dreamweave.dreamscape.landscape_pen import LABEL_SIZE, contrast, label_of, text_hue
from dreamweave.dreamscape.landscape_strokes import (
    MIDDLE,
    SIZE_MAX,
    SIZE_MIN,
    Stack,
    laid,
    saying,
    shortened_to,
)
from dreamweave.dreamscape.landscape_wishes import OPEN_MAX, SHOWN_MAX
from dreamweave.model.reports import FEELINGS
from dreamweave.model.weaves import Motif

SVG = "{http://www.w3.org/2000/svg}"

SAID = {
    "ar": ("القمر ينام في بئر المدينة ولا يوقظه أحد", "حملت جدتي القمر في سلة من القصب"),
    "hi": ("चाँद नदी में उतर कर पानी पी रहा था", "दादी ने चाँद को अपनी टोकरी में रखा"),
    "ja": ("月が港に降りてきて、水を飲んでいた。", "祖母の家の階段は海につづいている"),
    "en": ("We carried the moon down the stairs, one step at a time.", "Somebody sang."),
}


@cache
def of_scripts():
    """Many people in four scripts, in every family."""
    knots = [(k % 12, k % 17, tuple((3 * k + j) % 30 for j in range(4 + k % 5))) for k in range(24)]
    weave = weave_of(30, 12, knots, feelings=moods("scripts"), n_open=3, lone_each=True)
    told = []
    for i, fragment in enumerate(weave.fragments):
        lang = list(SAID)[chance("lang", i) % 4]
        text = SAID[lang][i // 4 % 2]
        told.append(replace(fragment, text=text, lang=lang, start=0, end=len(text)))
    return replace(weave, fragments=tuple(told))


@cache
def of_every_family():
    """One motif for each family, and long and short sentences in it."""
    charts = {}
    for chart in CHARTS:
        charts.setdefault(family_of(Motif("x", "en", 0, 1, (), chart)), chart)
    names = [(chart, "en") for chart in charts.values()]
    knots = [(m, m, tuple(range(m % 5, m % 5 + 9))) for m in range(len(names))]
    weave = weave_of(16, len(names), knots, feelings=moods("f"), motifs=names, n_open=6)
    told = [
        replace(f, text=f.text + " And nobody minded." * (i % 4))
        for i, f in enumerate(weave.fragments)
    ]
    motifs = [
        replace(m, chart=chart) for m, chart in zip(weave.motifs, charts.values(), strict=True)
    ]
    return replace(weave, fragments=tuple(told), motifs=tuple(motifs))


WEAVES = {
    "three people": trio,
    "twenty-four": sample_like,
    "sixty strangers": scattered,
    "three hundred": lambda: crowd(300),
    "four scripts": of_scripts,
    "every family": of_every_family,
}


@cache
def placed(name, sheet):
    return land(WEAVES[name](), sheet)


@cache
def drawn(name, sheet, ground="night"):
    return drawn_svg(WEAVES[name](), placed(name, sheet), ground)


def discs(sentence):
    """The letters of a sentence as discs: (n, 2) middles and one radius, a little under half its size."""
    size = sentence.size
    if isinstance(sentence, Stack):
        found = []
        for x, y, words in sentence.rows:
            wide = text_width(words, size)
            start = x - wide / 2 if sentence.anchor == "middle" else x
            at = np.arange(start + 0.3 * size, start + wide - 0.2 * size, 0.5 * size)
            found += [(px, y - MIDDLE * size) for px in at]
        return np.array(found), 0.36 * size
    spare = (length(sentence.line) - sentence.width) / 2
    n = max(2, int(sentence.width / (0.5 * size)))
    along = np.linspace(spare + 0.3 * size, spare + sentence.width - 0.3 * size, n)
    found = []
    for at in along:
        a, b = between(sentence.line, at - 1, at + 1)[[0, -1]]
        way = (b - a) / np.hypot(*(b - a))
        found.append((a + b) / 2 + MIDDLE * size * np.array([way[1], -way[0]]))
    return np.array(found), 0.36 * size


def everything_written(name, sheet):
    """(what it is, discs, radius) of every sentence and every label."""
    weave, laid_out = WEAVES[name](), placed(name, sheet)
    out = []
    for p in laid_out.placed:
        out += [(f"{p.kind} {s.fragment_i}", *discs(s)) for s in p.figure.sentences]
        if p.motif_i is None:
            continue
        text, _, numbers = label_of(weave, p)
        x, y = p.figure.label
        wide = text_width(f"{text} {numbers}", LABEL_SIZE) + 1.5 * len(text)
        start = x if p.band in ("shore", "road") else x - wide / 2
        at = np.arange(start + 4, start + wide - 3, 6.0)
        out.append((f"label {text}", np.stack([at, np.full(len(at), y - 4)], axis=1), 4.2))
    return out


# ------------------------------------------------------------------ what can be read


@pytest.mark.parametrize("sheet", ["wide", "phone"])
@pytest.mark.parametrize("name", WEAVES)
def test_no_words_lie_over_other_words(name, sheet):
    written = everything_written(name, sheet)
    middles = np.concatenate([at for _, at, _ in written])
    radius = np.concatenate([np.full(len(at), r) for _, at, r in written])
    owner = np.concatenate([np.full(len(at), k) for k, (_, at, _) in enumerate(written)])

    # In strips, so that far more than a thousand discs are compared in a moment.
    over = set()
    by_y = np.argsort(middles[:, 1], kind="stable")
    middles, radius, owner = middles[by_y], radius[by_y], owner[by_y]
    ends = np.searchsorted(middles[:, 1], middles[:, 1] + 2 * radius.max())
    for k, end in enumerate(ends):
        near = np.hypot(*(middles[k + 1 : end] - middles[k]).T) < radius[k + 1 : end] + radius[k]
        for other in np.flatnonzero(near & (owner[k + 1 : end] != owner[k])) + k + 1:
            over.add((written[int(owner[k])][0], written[int(owner[other])][0]))

    assert over == set()


@pytest.mark.parametrize("sheet", ["wide", "phone"])
@pytest.mark.parametrize("name", WEAVES)
def test_nothing_is_clipped_by_the_sheet(name, sheet):
    laid_out = placed(name, sheet)
    outside = [
        what
        for what, at, radius in everything_written(name, sheet)
        if (at - radius).min() < 0
        or (at[:, 0] + radius).max() > laid_out.width
        or (at[:, 1] + radius).max() > laid_out.height
    ]

    assert outside == []


@pytest.mark.parametrize("sheet", ["wide", "phone"])
@pytest.mark.parametrize("name", WEAVES)
def test_letters_are_large_enough_but_inside_a_small_shawl(name, sheet):
    for p in placed(name, sheet).placed:
        least = 9.0 if p.kind == "small shawl" else SIZE_MIN
        for s in p.figure.sentences:
            assert least <= s.size <= SIZE_MAX + 1


def test_the_alarm_for_words_over_words_rings():
    # Two sentences on one line: the discs of the test above must meet.
    lane = np.array([[0.0, 50.0], [400.0, 50.0]])
    one = laid(saying(0, "I held the lamp."), lane)
    two = laid(saying(1, "It was warm."), lane)

    (a, ra), (b, rb) = discs(one), discs(two)

    assert (np.hypot(*(a[:, None] - b[None]).transpose(2, 0, 1)) < ra + rb).any()


# ------------------------------------------------------------------ what is drawn


def test_of_a_small_circle_every_sentence_is_drawn():
    weave = trio()

    for sheet in ("wide", "phone"):
        assert sorted(reading_order(weave, land(weave, sheet))) == list(range(len(weave.fragments)))


@pytest.mark.parametrize("name", WEAVES)
def test_a_sentence_is_one_stroke_at_most_and_the_rest_is_counted(name):
    weave = WEAVES[name]()
    for sheet in ("wide", "phone"):
        laid_out = placed(name, sheet)
        order = reading_order(weave, laid_out)
        more = len(weave.fragments) - len(order)

        assert max(Counter(order).values()) == 1
        assert all(0 < p.shown <= p.n for p in laid_out.placed if p.n)
        assert (f"{more:,} more sentence" in in_words(weave, laid_out)) == (more > 0)


def test_the_strongest_sentences_of_a_motif_are_those_that_are_drawn():
    weave = crowd(300)
    carried = {line.fragment_i: line.n_carried for line in weave.lines}
    for p in placed("three hundred", "wide").placed:
        if p.motif_i is not None:
            motif = weave.motifs[p.motif_i]
            said = [i for i, f in enumerate(weave.fragments) if f.motif_i == p.motif_i]
            said.sort(key=lambda i: (i != motif.fragment_i, -carried.get(i, 0), i))

            assert set(p.figure.fragments) <= set(said[:SHOWN_MAX])
            assert p.n == len(said)


def test_every_kept_seat_is_a_dotted_stroke_without_a_word():
    for name in ("twenty-four", "every family"):
        for sheet in ("wide", "phone"):
            root = ElementTree.fromstring(drawn(name, sheet))
            open_ = [e for e in root.iter() if e.get("class") == "kept-open"]

            assert len(open_) >= 1
            assert all(e.tag == f"{SVG}path" and e.get("stroke-dasharray") for e in open_)
    assert "4 seats are kept open" in in_words(sample_like(), placed("twenty-four", "wide"))


def test_many_kept_seats_do_not_crowd_out_the_words():
    weave = replace(sample_like(), n_open=500)

    root = ElementTree.fromstring(landscape_svg(weave))

    assert sum(e.get("class") == "kept-open" for e in root.iter()) <= 2 * OPEN_MAX
    assert "500 seats are kept open" in root.find(f"{SVG}desc").text


def test_every_family_has_a_chart_and_draws_every_chart():
    of = {family_of(Motif("x", "en", 0, 1, (), chart)) for chart in CHARTS}

    assert of == set(KINDS)
    assert {p.kind for p in placed("every family", "phone").placed} >= {"crescent", "tree", "steps"}


def test_a_motif_without_a_chart_is_drawn_by_its_english_word_or_as_a_ring():
    assert family_of(Motif("roof", "en", 0, 1, ())) == "gable"
    assert family_of(Motif("Ocean", "en", 0, 1, ())) == "wave"
    assert family_of(Motif("glorp", "en", 0, 1, ())) == "ring"


# ------------------------------------------------------------------ what stands in the file


@pytest.mark.parametrize("sheet", ["wide", "phone"])
@pytest.mark.parametrize("name", WEAVES)
def test_words_are_text_with_their_language_direction_place_and_order(name, sheet):
    weave = WEAVES[name]()
    root = ElementTree.fromstring(drawn(name, sheet))
    ids = {e.get("id") for e in root.iter() if e.get("id")}
    texts = [e for e in root.iter(f"{SVG}text") if e.get("data-fragment")]

    for text in texts:
        fragment = weave.fragments[int(text.get("data-fragment"))]
        whole = text.find(f"{SVG}title")
        parts = [e for e in text.iter() if e.tag in (f"{SVG}textPath", f"{SVG}tspan")]
        said = " ".join((e.text or "").strip() for e in parts) if parts else text.text or ""
        if whole is not None:
            assert whole.text == " ".join(fragment.text.split())
            assert "…" in said or "…" in (whole.tail or "")
        else:
            # A script without spaces is broken anywhere.
            assert re.sub(r"\s", "", said) == re.sub(r"\s", "", fragment.text)
        assert text.get("lang") == fragment.lang
        assert text.get("direction") == ("rtl" if fragment.lang == "ar" else "ltr")
        for path in text.iter(f"{SVG}textPath"):
            assert path.get("href")[1:] in ids
    assert sorted(int(t.get("data-order")) for t in texts) == list(range(len(texts)))


@pytest.mark.parametrize("sheet", ["wide", "phone"])
def test_joined_scripts_are_set_straight_unspaced_and_whole(sheet):
    weave = of_scripts()
    root = ElementTree.fromstring(drawn("four scripts", sheet))
    seen = Counter()
    for text in root.iter(f"{SVG}text"):
        if text.get("data-fragment") and text.get("lang") in ("ar", "hi"):
            seen[text.get("lang")] += 1
            assert text.find(f"{SVG}textPath") is None
            assert text.get("letter-spacing") is None
            assert text.get("textLength") is None
    assert min(seen["ar"], seen["hi"]) > 10
    # Rows of a joined script break between its words.
    words = {w for t in (*SAID["ar"], *SAID["hi"]) for w in t.split()}
    for p in land(weave, sheet).placed:
        for s in p.figure.stacks:
            if not s.what.bends:
                shown = " ".join(row for _, _, row in s.rows).split()
                assert all(w in words or w.endswith("…") for w in shown)


@pytest.mark.parametrize("ground", ["night", "day"])
def test_colours_are_hex_and_a_feeling_keeps_its_own(ground):
    svg = drawn("twenty-four", "wide", ground)
    weave = sample_like()

    assert not re.search(r"oklch|rgb\(|style=|<style|<script|<filter", svg)
    root = ElementTree.fromstring(svg)
    by_feeling = {}
    for text in root.iter(f"{SVG}text"):
        if text.get("data-fragment"):
            feeling = weave.fragments[int(text.get("data-fragment"))].feeling
            by_feeling.setdefault(feeling, set()).add(text.get("fill"))
    assert all(len(hues) == 1 for hues in by_feeling.values())
    assert len({hue for hues in by_feeling.values() for hue in hues}) == len(by_feeling)
    for feeling, hues in by_feeling.items():
        assert hues == {text_hue(feeling, ground)}


@pytest.mark.parametrize("ground", ["night", "day"])
def test_every_feeling_reads_on_whatever_words_stand_on(ground):
    tones = TONES[ground]
    # Words stand in the sky down to where hills begin, on the land, and on what hides.
    sky = [hue for at, hue in tones.sky if at < 0.6]
    solids = [hue for pair in tones.solids.values() for hue in pair]
    for feeling in (*FEELINGS, None):
        for behind in (*sky, *tones.near, *tones.water, *solids):
            assert contrast(text_hue(feeling, ground), behind) >= 4.5, (feeling, behind)


def test_contrast_is_as_the_standard_says():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


def test_an_undyed_weave_is_linen():
    root = ElementTree.fromstring(landscape_svg(undyed()))
    hues = {t.get("fill") for t in root.iter(f"{SVG}text") if t.get("data-fragment")}

    assert hues == {text_hue(None, "night")}
    assert "undyed" in root.find(f"{SVG}desc").text


def test_neither_names_nor_tags_are_in_it():
    weave = sample_like()
    for sheet in ("wide", "phone"):
        svg = drawn("twenty-four", sheet)
        assert not any(t.tag in svg or t.name in svg for t in weave.threads)


def test_words_that_look_like_markup_are_words():
    weave = trio()
    evil = '</text><script>alert("x")</script>&amp; \u202eback\x00'
    told = [replace(f, text=evil) for f in weave.fragments]
    motifs = [replace(m, name=evil, lang='"><x') for m in weave.motifs]
    weave = replace(weave, title=evil, fragments=tuple(told), motifs=tuple(motifs))

    for sheet in ("wide", "phone"):
        root = ElementTree.fromstring(landscape_svg(weave, sheet=sheet))
        assert not list(root.iter(f"{SVG}script"))


def test_the_same_weave_gives_the_same_bytes():
    assert landscape_svg(sample_like()) == drawn("twenty-four", "wide")


def test_a_weave_of_no_words_is_still_a_landscape():
    weave = weave_of(3, 1)
    silent = replace(weave, fragments=(), motifs=(), knots=(), lines=(), chorus=(), n_open=2)

    for sheet in ("wide", "phone"):
        root = ElementTree.fromstring(landscape_svg(silent, sheet=sheet))
        assert "0 sentences of 3 people" in root.find(f"{SVG}desc").text


def test_it_becomes_a_picture_and_its_words_are_seen_in_it():
    svg = drawn("twenty-four", "wide")
    silent = re.sub(r"<text[^>]*data-fragment.*?</text>", "", svg, flags=re.S)

    def pixels(drawing):
        # The system's letters will do; making the packaged ones takes seconds.
        data = bytes(resvg_py.svg_to_bytes(svg_string=drawing, width=800))
        return np.asarray(Image.open(io.BytesIO(data)).convert("L"), dtype=float)

    with_words, without = pixels(svg), pixels(silent)

    assert with_words.shape == (500, 800)
    assert (np.abs(with_words - without) > 24).mean() > 0.02


LOST = """() => [...document.querySelectorAll("textPath")].flatMap((path) => {
  const text = path.closest("text"), said = path.textContent;
  return [...said].filter((c, i) => c.trim() && i < text.getNumberOfChars()
    && text.getExtentOfChar(i).width === 0).map((c) => said);
})"""


def test_in_a_browser_no_letter_falls_off_the_end_of_its_line(chromium):  # noqa: F811
    tab = chromium.new_page()
    for name in ("twenty-four", "every family"):
        for sheet in ("wide", "phone"):
            tab.set_content(drawn(name, sheet))
            n = tab.evaluate("() => document.querySelectorAll('textPath').length")

            assert n > 20
            assert tab.evaluate(LOST) == []
    tab.close()


# ------------------------------------------------------------------ strokes


@settings(max_examples=40)
@given(
    st.text(st.sampled_from("abc defg, hij.é月の"), min_size=1, max_size=200).filter(str.strip),
    st.floats(20, 1_500),
)
def test_a_sentence_fits_its_lane_or_ends_with_an_ellipsis(text, room):
    lane = np.stack([np.linspace(0, room, 40), np.full(40, 9.0)], axis=1)
    what = saying(0, text)

    stroke = laid(what, lane)

    assert stroke.width <= room + 1e-6
    assert SIZE_MIN <= stroke.size <= SIZE_MAX
    assert (stroke.share == 1) == (stroke.text == what.text)
    assert stroke.share == 1 or stroke.text.endswith("…")


def test_a_sentence_is_cut_between_words_where_it_can_be():
    what = saying(0, "We carried the lamp home")

    assert shortened_to(what, 10.0).endswith("…")
    assert shortened_to(what, 7.0) in ("We carried…", "We carried the…")


def test_an_eroded_skyline_is_nowhere_nearer_than_meant():
    x = np.arange(0.0, 300.0, 2.0)
    outline = 200 - 120 * np.exp(-(((x - 150) / 50) ** 2)) - 25 * np.exp(-(((x - 150) / 9) ** 2))

    inner = eroded(x, outline, 20.0)

    apart = np.hypot(x[:, None] - x[None], inner[:, None] - outline[None])
    assert apart[20:-20].min() >= 20.0 - 1e-9
    assert apart[20:-20].min(axis=1).max() < 30.0  # and it does follow it
