"""A year of nights and a person's patterns: counted, drawn with words beside, never interpreted."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

import pytest
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app.calendar import NightOf, Year, year_of
from dreamweave.app.journals import keep_report
from dreamweave.app.patterns import Image, Month, Patterns, patterns_of
from dreamweave.app.patterns_svg import (
    BAND,
    DYES,
    INK,
    LINEN,
    QUIET,
    feelings_svg,
    images_svg,
    kinds_svg,
    year_svg,
)
from dreamweave.model.refusals import Refusal

MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def ground():
    return make_ground()


@pytest.fixture
def who(ground):
    return a_dreamer(ground)


def keep(ground, who, night, text="", **also):
    report = a_report(ground, text, **{"night": night, "told_at": f"{night}T07:00:00Z", **also})
    keep_report(ground, who, report)
    return report.id


# ------------------------------------------------------------------ calendar


def test_a_year_is_its_nights_with_what_was_kept_of_each(ground, who):
    early = keep(ground, who, "2026-03-01", "A lamp.", feeling="joy")
    late = keep(ground, who, "2026-03-01", "Later.", told_at="2026-03-01T09:00:00Z", kind="memory")
    none = keep(ground, who, "2026-03-02", kind="none")
    keep(ground, who, "2025-12-31", "Older.")
    keep(ground, a_dreamer(ground), "2026-05-05", "Somebody else's.")

    assert year_of(ground, who, 2026) == Year(
        year=2026,
        nights=(
            NightOf("2026-03-01", (early, late), ("dream", "memory"), ("joy",)),
            NightOf("2026-03-02", (none,), ("none",), ()),
        ),
        n_reports=3,
        by_kind={"dream": 1, "none": 1, "memory": 1},
        years=(2025, 2026),
    )


def test_a_year_says_in_words_what_its_picture_shows(ground, who):
    keep(ground, who, "2026-03-01", "A lamp.")
    keep(ground, who, "2026-03-02", "A bridge.")
    keep(ground, who, "2026-03-02", kind="none")

    assert [str(s) for s in year_of(ground, who, 2026).sentences()] == [
        "In 2026 something is kept of 2 nights.",
        "2 dreams.",
        "1 morning with nothing.",
    ]
    assert [str(s) for s in year_of(ground, who, 2020).sentences()] == [
        "Nothing is kept of the nights of 2020."
    ]


def test_a_year_that_is_none_is_refused(ground, who):
    with pytest.raises(Refusal, match=r"calendar\.year"):
        year_of(ground, who, 26)


# ------------------------------------------------------------------ patterns


def test_images_are_counted_by_nights_and_once_is_not_coming_back(ground, who):
    keep(ground, who, "2026-01-01", "The lantern. The lantern, and a staircase.")
    keep(ground, who, "2026-01-01", "The staircase again.")
    keep(ground, who, "2026-02-02", "A LANTERN in the sea.", tags=("Home",))
    keep(ground, who, "2026-02-03", "Nothing here.", tags=("home",))

    assert patterns_of(ground, who).images == (
        Image("tag", "home", ("2026-02-02", "2026-02-03")),
        Image("word", "lantern", ("2026-01-01", "2026-02-02")),
    )


def test_a_feeling_is_counted_where_it_was_said_and_nowhere_else(ground, who):
    keep(ground, who, "2026-01-05", "I was terribly afraid and angry and full of joy.")
    keep(ground, who, "2026-01-06", "A lamp.", feeling="calm")
    keep(ground, who, "2026-03-06", "A lamp.", feeling="wordless", kind="story")

    patterns = patterns_of(ground, who)

    assert patterns.months == (
        Month("2026-01", {"dream": 2}, {"calm": 1}, 1),
        Month("2026-02", {}, {}, 0),
        Month("2026-03", {"story": 1}, {"wordless": 1}, 0),
    )
    assert patterns.kinds() == {"dream": 2, "story": 1}
    assert patterns.feelings() == {"calm": 1, "wordless": 1}


@pytest.mark.parametrize(("n", "said"), [(1, "1 report"), (2, "2 reports")])
def test_one_night_is_not_told_as_several(ground, who, n, said):
    for i in range(n):
        keep(ground, who, "2026-01-05", f"A lantern {i}.")

    assert str(patterns_of(ground, who).sentences()[0]) == f"{said}, from one night in 2026-01."


def test_patterns_say_in_words_what_the_pictures_show(ground, who):
    keep(ground, who, "2026-01-05", "A lantern.", feeling="joy")
    keep(ground, who, "2026-02-05", "A lantern.")

    patterns = patterns_of(ground, who)

    assert [str(s) for s in patterns.sentences()] == [
        "2 reports, from 2 nights between 2026-01 and 2026-02.",
        "You said what you felt in 1 of them; the rest is left unsaid.",
        "1 word or tag stands in more than one night.",
    ]
    assert str(patterns.images[0].sentence()) == "Seen in 2 nights."
    assert patterns_of(ground, a_dreamer(ground)) == Patterns(0, 0, (), ())


def test_words_of_other_languages_are_counted_as_their_writing_allows(ground, who):
    for night in ("2026-01-01", "2026-01-02"):
        keep(ground, who, night, "海が階段を登ってきた。ランプも。")
        keep(ground, who, night, "رأيت البحر.")
        keep(ground, who, night, "Estaba en el faro con mi abuela.", lang="es")
    keep(ground, who, "2026-01-03", "بحر كبير")
    keep(ground, who, "2026-01-03", "月亮在水里唱歌")

    patterns = patterns_of(ground, who)
    words = {image.word: image.n_nights for image in patterns.images}

    assert words["階段"] == words["ランプ"] == words["faro"] == words["abuela"] == 2
    assert words["بحر"] == 3
    assert "con" not in words
    assert patterns.n_wordless == 1


def test_a_date_mistyped_by_a_thousand_years_makes_no_thousand_months(ground, who):
    keep(ground, who, "1026-01-05", "A lantern.")
    keep(ground, who, "2026-02-05", "A lantern.")

    assert [m.month for m in patterns_of(ground, who).months] == ["1026-01", "2026-02"]


def test_nothing_is_counted_in_a_row_and_nobody_is_measured():
    names = {f.name for kind in (Year, NightOf, Patterns, Month, Image) for f in fields(kind)}
    source = "".join(
        Path(sys.modules[kind.__module__].__file__).read_text(encoding="utf-8")
        for kind in (Year, Patterns)
    )

    forbidden = ("streak", "score", "goal", "missed_", "in_a_row", "longest", "mean", "diagnos")
    assert [n for n in names if any(bad in n for bad in forbidden)] == []
    assert [bad for bad in ("streak", "score", "longest") if bad in source] == []


# ------------------------------------------------------------------ pictures


def pictures(ground, who, **how):
    keep(ground, who, "2026-01-01", "A <b>lantern</b>.", feeling="joy", tags=("<i>&",))
    keep(ground, who, "2026-01-02", "A lantern.", kind="memory", feeling="fear", tags=("<i>&",))
    keep(ground, who, "2026-01-02", kind="none")
    keep(ground, who, "2026-01-03", kind="white")
    keep(ground, who, "2026-01-04", "A story of a lantern.", kind="story")
    year, patterns = year_of(ground, who, 2026), patterns_of(ground, who)
    say = how.pop("say", str)
    return {
        "year": year_svg(year, say=say, months=MONTHS, title="A year", desc="In words.", **how),
        "kinds": kinds_svg(patterns.months, say=say, title="Kinds", desc="In words.", **how),
        "feelings": feelings_svg(patterns.months, say=say, title="Felt", desc="In words.", **how),
        "images": images_svg(patterns.images, title="Images", desc="In words.", **how),
    }


@pytest.mark.parametrize("rtl", [False, True])
def test_every_picture_is_sound_and_named_and_told_in_words(ground, who, rtl):
    for name, svg in pictures(ground, who, rtl=rtl).items():
        root = ElementTree.fromstring(svg)
        width = float(root.get("viewBox").split()[2])

        assert root.get("role") == "img"
        assert root.get("aria-labelledby") == f"{name}-t {name}-d"
        assert root.find(f"{SVG}title").text
        assert root.find(f"{SVG}desc").text == "In words."
        places = [
            float(e.get("cx") or e.get("x")) for e in root.iter() if e.get("cx") or e.get("x")
        ]
        assert all(-2 <= place <= width + 2 for place in places)
        assert "style=" not in svg  # the page's policy would not let it act


def test_colour_is_never_alone_in_the_year(ground, who):
    root = ElementTree.fromstring(pictures(ground, who)["year"])
    signs = {
        g.get("class").split()[1]: [child.tag.removeprefix(SVG) for child in g][1]
        for g in root.iter(f"{SVG}g")
    }

    assert signs == {
        "dream": "circle",
        "white": "circle",
        "none": "path",
        "story": "rect",
        "memory": "path",
    }
    titles = [g.find(f"{SVG}title").text for g in root.iter(f"{SVG}g")]
    assert "2026-01-02: memory, none, fear" in titles


def test_the_names_on_a_picture_are_the_readers_own(ground, who):
    words = {"joy": "alegría", "fear": "miedo"}
    svg = pictures(ground, who, say=lambda w: words.get(w, w))["feelings"]

    assert "alegría" in svg
    assert ">joy<" not in svg


def test_the_colours_are_those_of_the_dreamscape():
    from dreamweave.dreamscape.palette import DYES as DRAWN
    from dreamweave.dreamscape.palette import GROUNDS

    night = GROUNDS["night"]
    assert {d.feeling: d.night for d in DRAWN} | {"wordless": night.linen} == DYES
    assert (night.linen, night.ink, night.quiet, night.band) == (LINEN, INK, QUIET, BAND)


def test_pictures_bring_no_numpy_into_the_process():
    code = (
        "import dreamweave.app.patterns_svg as p, sys;"
        "from dreamweave.app.patterns import words_of;"
        "from dreamweave.loom.words import content_words; content_words('the sea', 'en');"
        "print('numpy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "False"
