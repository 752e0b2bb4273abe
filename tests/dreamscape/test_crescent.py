"""The crescent stays on its sheet, is a moon, and keeps its opening free."""

import numpy as np
import pytest

from dreamweave.dreamscape import crescent
from dreamweave.dreamscape.crescent import SHEETS, U0, U1, passage_u, point, thick

U = np.linspace(0, 1, 200)


def test_the_wide_moon_is_the_same_left_and_right():
    left = point(SHEETS["wide"], U, np.full(200, 40.0))
    right = point(SHEETS["wide"], U[::-1], np.full(200, 40.0))

    assert (left[:, 0] + right[:, 0]).tolist() == pytest.approx([1600.0] * 200)
    assert left[:, 1].tolist() == pytest.approx(right[:, 1].tolist())


def test_on_a_phone_time_runs_downward():
    y = point(SHEETS["phone"], np.linspace(U0, U1, 50), np.zeros(50))[:, 1]

    assert (np.diff(y) > 0).all()


def test_passages_lie_between_the_horns_and_one_in_the_middle():
    assert passage_u(1).tolist() == [0.5]
    assert passage_u(4).tolist() == pytest.approx([0.125, 0.375, 0.625, 0.875])


@pytest.mark.parametrize("name", ["wide", "phone"])
def test_the_band_stays_on_the_sheet_and_off_the_opening(name):
    sheet = SHEETS[name]
    x, y, w, h = crescent.opening(sheet)
    inner = point(sheet, U, -sheet.half * thick(U))

    assert 0 <= x < x + w <= sheet.width
    assert 0 <= y < y + h <= sheet.height
    inside = (inner[:, 0] > x) & (inner[:, 0] < x + w) & (inner[:, 1] > y) & (inner[:, 1] < y + h)
    assert not inside.any()
    middle = point(sheet, U, sheet.half * thick(U))[20:180]
    assert middle.min() >= 0
    assert (middle <= [sheet.width, sheet.height]).all()


def test_strands_are_straight_at_passages_and_one_cord_at_the_tips():
    lane = np.array([[-20.0, 0.0, 20.0], [20.0, 0.0, -20.0], [0.0, 20.0, -20.0]])
    at = passage_u(3)
    sheet = SHEETS["wide"]

    near = crescent.across(sheet, lane, at + 0.005, 1.0)
    tips = crescent.across(sheet, lane, np.array([0.0, 1.0]), 1.0)

    assert near[:, :2] == pytest.approx((lane.T * thick(at + 0.005))[:, :2])
    assert np.abs(tips).max() <= sheet.cord


def test_neighbours_alternate_over_and_under():
    z = crescent.depth(3, U)

    assert (np.abs(z) <= 1).all()
    assert 30 < int((z[0] > z[1]).sum()) < 170


def test_one_passage_has_a_shape_too():
    v = crescent.across(SHEETS["phone"], np.array([[3.0, -3.0]]), U, 1.0)

    assert v.shape == (2, 200)
    assert np.isfinite(v).all()
