"""The cloth shows everybody, repeats itself to the byte, and trusts nobody's words."""

from __future__ import annotations

import dataclasses
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from makers_weaves import crowd, sample_like, trio, undyed, weave_of

from dreamweave.dreamscape.border import said, wrapped
from dreamweave.dreamscape.charts import CHARTS
from dreamweave.dreamscape.cloth import cloth_svg, cloths_svg
from dreamweave.dreamscape.draft import HEM_PICKS, draft, figure, lingering
from dreamweave.dreamscape.palette import DYES
from dreamweave.dreamscape.yarn import YARNS, shaded, threaded

SVG = "{http://www.w3.org/2000/svg}"


def charted(weave, names=("house", "train", "moon", "fish", "key")):
    """The weave with charts given to its motifs in turn, as the loom would give them."""
    motifs = [
        dataclasses.replace(m, chart=names[i % len(names)]) for i, m in enumerate(weave.motifs)
    ]
    return dataclasses.replace(weave, motifs=tuple(motifs))


def vanishing(weave, vanished, popular):
    """The weave as if the most popular lines were these, and these threads had none of them."""
    return dataclasses.replace(weave, vanished=tuple(vanished), popular=tuple(popular))


def texts(svg):
    return [t.text for t in ET.fromstring(svg).iter(f"{SVG}text")]


def told(svg):
    """The ids a drawing defines, in order, and those it asks for."""
    ids = re.findall(r' id="([^"]+)"', svg)
    return ids, set(re.findall(r'href="#([^"]+)"', svg)) | set(re.findall(r"url\(#([^)]+)\)", svg))


@pytest.mark.parametrize("ground", ["night", "day"])
@pytest.mark.parametrize("make", [sample_like, undyed, trio, lambda: crowd(200)])
def test_the_same_weave_gives_the_same_bytes_and_well_formed_xml(make, ground):
    svg = cloth_svg(charted(make()), ground=ground)

    assert svg == cloth_svg(charted(make()), ground=ground)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert [root[0].tag, root[1].tag] == [f"{SVG}title", f"{SVG}desc"]
    assert len(svg.encode()) < 1_500_000


def test_five_thousand_people_fit_in_four_megabytes_and_every_one_is_counted():
    svg = cloth_svg(charted(crowd(5_000)))

    counts = [int(t) for t in texts(svg) if t in ("83", "84")]
    assert len(svg.encode()) < 4_000_000
    assert sum(counts) == 5_000


def test_every_reference_in_the_drawing_is_answered():
    for choice in ("fair", "popular"):
        svg = cloth_svg(charted(sample_like()), choice=choice)
        ids, asked = told(svg)

        assert len(ids) == len(set(ids))
        assert asked - set(ids) == set()


@pytest.mark.parametrize("make", [sample_like, trio, lambda: crowd(120)])
def test_of_two_cloths_in_one_page_the_second_borrows_what_is_alike(make):
    weave = charted(make())
    weave = vanishing(weave, [1], range(10))

    fair, popular = cloths_svg(weave)

    (mine, asked), (its, asks) = told(fair), told(popular)
    assert asked <= set(mine)
    assert asks <= {*mine, *its}
    assert len(mine) + len(its) == len({*mine, *its})
    assert len(popular) < len(fair) / 2
    assert texts(popular) == texts(cloth_svg(weave, choice="popular"))


def test_two_cloths_in_one_page_share_no_id():
    weave = charted(sample_like())
    fair, popular = (
        set(re.findall(r' id="([^"]+)"', cloth_svg(weave, choice=c))) for c in ("fair", "popular")
    )

    assert fair & popular == set()


def test_names_appear_only_where_they_were_asked_for():
    assert "Amara" in texts(cloth_svg(sample_like(named=True)))
    assert "Amara" not in cloth_svg(sample_like(named=False))


def test_a_thread_whose_name_was_not_asked_for_leaks_none():
    weave = sample_like(named=True)

    assert "Amara" not in cloth_svg(dataclasses.replace(weave, named=False))


def test_words_of_strangers_stay_words():
    evil = '</text><script>alert(1)</script>&\x00\x1b\u202eabc"'
    weave = sample_like()
    weave = dataclasses.replace(
        weave,
        title=evil,
        motifs=tuple(dataclasses.replace(m, name=evil, lang='"x<') for m in weave.motifs),
        threads=tuple(dataclasses.replace(t, name=evil) for t in weave.threads),
    )

    svg = cloth_svg(weave)

    assert list(ET.fromstring(svg).iter(f"{SVG}script")) == []
    assert not set(svg) & set("\x00\x1b\u202e")


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_what_is_said_is_always_xml(text):
    ET.fromstring(f"<a>{said(text, 50).replace('&', '&amp;').replace('<', '&lt;')}</a>")


@given(st.text(max_size=400), st.integers(60, 900))
@settings(max_examples=100, deadline=None)
def test_lines_fit_and_lose_no_letter_when_there_are_enough_of_them(text, room):
    lines = wrapped(text, 20, room, 10_000)

    whole = said(text, 600)
    assert "".join(lines).replace(" ", "") == whole.replace(" ", "")


def test_only_the_feelings_that_were_given_are_in_the_key():
    weave = weave_of(4, 3, [(0, 0, (0, 1))], feelings={0: "joy", 1: "fear"})

    shown = texts(cloth_svg(weave))

    assert [t for t in shown if t in [d.feeling for d in DYES]] == ["joy", "fear"]
    assert "no word for it" in shown


def test_a_weave_without_feelings_is_undyed():
    svg = cloth_svg(charted(undyed()))

    assert [d.night for d in DYES if d.night in svg] == []
    assert "Undyed: nobody gave a feeling." in texts(svg)


def test_a_figure_is_a_solid_field_only_when_its_teller_said_very():
    knots = [(0, 0, (0, 1, 2))]
    weave = charted(
        weave_of(3, 1, knots, feelings=dict.fromkeys(range(3), "joy"), intensity={0: 1, 1: 3})
    )

    plan = draft(weave)

    strong = {c.column.threads[0]: c.cells[0].strong for c in plan.columns}
    assert strong == {0: False, 1: True, 2: False}


def test_a_fragment_without_motif_or_chart_still_has_a_figure():
    weave = weave_of(3, 2, [(0, 0, (0, 1))])

    plan = draft(weave)

    names = {c.column.threads[0]: [x.chart_name for x in c.cells if x] for c in plan.columns}
    assert names == {0: ["knot"], 1: ["knot"], 2: ["lone"]}


def test_images_without_a_chart_have_signs_of_their_own():
    weave = weave_of(2, 2, [(0, 0, (0, 1)), (1, 1, (0, 1))])

    (first, second) = draft(weave).columns[0].cells

    assert first.chart_name != second.chart_name


def test_kept_open_seats_are_bare_from_hem_to_hem_and_meetings_cross_them():
    plan = draft(sample_like())
    cloth = threaded(plan, "night", "seed")

    for woven in (w for w in plan.columns if w.column.kind == "open"):
        ends = slice(woven.end + 1, woven.end + woven.n_ends - 1)
        crossed = {m.pick for m in plan.meetings if m.start < woven.end < m.stop}
        bare = {int(p) for p in np.flatnonzero(cloth.bare[:, ends].all(axis=1))}
        assert bare == set(range(HEM_PICKS, plan.n_picks - HEM_PICKS)) - crossed
    assert [w.bare for w in plan.columns if w.column.kind == "listening"] == [()] * 3


def test_the_two_cloths_have_the_same_columns_in_the_same_places():
    weave = vanishing(charted(sample_like()), [3, 4], range(10))

    fair, popular = draft(weave), draft(weave, "popular")

    assert [(w.column, w.end) for w in fair.columns] == [(w.column, w.end) for w in popular.columns]
    assert (fair.n_ends, fair.n_picks) == (popular.n_ends, popular.n_picks)


def test_in_the_popular_cloth_only_lenders_keep_figures_and_the_vanished_are_bare():
    weave = charted(weave_of(4, 2, [(0, 0, (0, 1)), (1, 1, (1, 2, 3))]))
    lent = [f for f, fragment in enumerate(weave.fragments) if fragment.thread_i == 1]
    weave = vanishing(weave, [3], lent)

    plan = draft(weave, "popular")

    by_thread = {w.column.threads[0]: w for w in plan.columns}
    assert {t: any(w.cells) for t, w in by_thread.items()} == {
        0: False,
        1: True,
        2: False,
        3: False,
    }
    assert {t: bool(w.bare) for t, w in by_thread.items()} == {
        0: False,
        1: False,
        2: False,
        3: True,
    }
    assert plan.meetings == ()
    assert "1 of 4 people would have vanished: no word of theirs is in it." in texts(
        cloth_svg(weave, choice="popular")
    )


def test_the_fair_cloth_marks_nothing_missing():
    weave = charted(sample_like())

    assert cloth_svg(vanishing(weave, [3, 4], [0])) == cloth_svg(vanishing(weave, [], range(24)))


def test_a_gathered_column_is_threadbare_by_the_share_that_vanishes():
    weave = charted(crowd(120, n_passages=4))
    column = next(w for w in draft(weave).columns if w.column.kind == "voice")
    weave = vanishing(weave, column.column.threads[:1], [])

    woven = draft(weave, "popular").columns[0]

    assert (woven.vanished, len(woven.bare)) == (1, (column.n_ends - 2) // 2)


@pytest.mark.parametrize(("n", "passages"), [(1, 1), (1, 9), (2, 2), (3, 5), (7, 3)])
def test_few_people_still_make_a_cloth(n, passages):
    plan = draft(weave_of(n, passages))

    assert plan.n_ends >= 60
    assert plan.n_picks >= 60
    assert plan.repeats % 2 == 1


def test_an_enlarged_figure_keeps_its_shape():
    moon = CHARTS["moon"]

    large = figure(moon, 3)

    assert [row[1::3] for row in large[1::3]] == list(moon.rows)


def test_dye_runs_down_longer_than_up_and_fades():
    told = (
        draft(weave_of(2, 9, [(4, 0, (0, 1))], feelings={0: "joy", 1: "joy"})).columns[0].stripes[0]
    )

    amount = {at: sum(a for _, a in lingering(told, at)) for at in (2, 3.5, 4, 4.5, 6, 8)}

    assert amount[2] == 0
    assert amount[4] > amount[4.5] > amount[6] > amount[8] > 0
    assert amount[4] > amount[3.5]


@pytest.mark.parametrize("ground", ["night", "day"])
def test_the_shaded_cloth_repeats_itself_and_fills_its_frame(ground):
    plan = draft(charted(trio()))

    pixels = shaded(plan, ground, "seed", 4)

    assert pixels.shape == (plan.n_picks * 4, plan.n_ends * 4, 3)
    assert np.array_equal(pixels, shaded(plan, ground, "seed", 4))
    assert pixels.std() > 10


def test_the_shaded_figure_is_of_its_feelings_colour():
    weave = charted(
        weave_of(3, 1, [(0, 0, (0, 1, 2))], feelings=dict.fromkeys(range(3), "anger")), ["heart"]
    )
    plan = draft(weave)
    cloth = threaded(plan, "night", "seed")
    woven = plan.columns[0]

    # The middle of a heart, enlarged: a float of madder, and the weft on top.
    pick = HEM_PICKS + 7 * plan.scale
    end = woven.end + plan.cell_ends // 2
    assert not cloth.up[pick, end]
    assert cloth.weft[pick, end, 1] > 0.12  # red in OKLab


def test_a_yarn_too_thin_to_shade_is_misuse():
    with pytest.raises(ValueError, match="2 pixels"):
        shaded(draft(trio()), "night", "seed", 1)


def test_undyed_wools_differ_only_where_nobody_gave_a_feeling():
    assert {w.natural for w in draft(undyed()).columns} == {0, 1, 2}
    assert {w.natural for w in draft(sample_like()).columns} == {0}
    assert all(len(set(yarns.natural)) == 3 for yarns in YARNS.values())
