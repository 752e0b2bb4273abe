"""The crescent of a week: the same week is the same picture, and it shows nothing but counts."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from dreamweave.app.dyes import COLOURS as DYES
from dreamweave.model.reports import FEELINGS
from dreamweave.web.pages.crescent_svg import N_THREADS_MAX, Thread, crescent

SHEETS = [(s, g) for s in ("wide", "phone") for g in ("night", "day")]


def week(n, feeling=None):
    return tuple(Thread(i % 7, feeling) for i in range(n))


@pytest.mark.parametrize(("sheet", "ground"), SHEETS)
@pytest.mark.parametrize("n", [0, 1, 2, 3, 24, 48, 400])
def test_any_week_is_a_whole_picture_and_the_same_one_again(n, sheet, ground):
    drawn = crescent(week(n, "joy"), 3, sheet, ground)

    root = ElementTree.fromstring(drawn)
    crescent.cache_clear()
    assert crescent(week(n, "joy"), 3, sheet, ground) == drawn
    assert "NaN" not in drawn
    ids = [e.get("id") for e in root.iter() if e.get("id")]
    assert len(ids) == len(set(ids))
    threads = {id for id in ids if re.fullmatch(r"u\d+", id)}
    assert len(threads) == min(n, N_THREADS_MAX)
    assert drawn.count('stroke-dasharray="0 ') == 3  # the seats kept open, as dots
    assert len(drawn) < 260_000


def test_a_week_without_a_thread_keeps_one_open():
    assert crescent((), 0, "wide", "night").count('stroke-linecap="round"') == 1
    assert crescent(week(3), 0, "wide", "night").count('stroke-linecap="round"') == 0


@pytest.mark.parametrize("ground", ["night", "day"])
def test_a_thread_is_dyed_only_where_its_owner_gave_a_feeling(ground):
    undyed = crescent((Thread(3), Thread(4, "wordless")), 0, "wide", ground)
    assert not any(colour in undyed for colour in DYES[ground].values() if colour != "#f7f2eb")
    for feeling in FEELINGS:
        assert DYES[ground][feeling] in crescent((Thread(3, feeling, 2),), 0, "wide", ground)


def test_nothing_of_style_or_script_stands_in_it():
    drawn = crescent(week(10, "fear"), 2, "phone", "night")
    assert not re.search(r"style=|<style|<script|<text|<image|href=\"[^#]", drawn)


def test_the_dyes_are_those_of_every_dreamscape():
    from dreamweave.dreamscape.palette import DYES as WOVEN

    for dye in WOVEN:
        assert DYES["night"][dye.feeling] == dye.night
        assert DYES["day"][dye.feeling] == dye.day
