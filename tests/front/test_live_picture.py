"""The picture of a gathering: what stands never moves, and nothing moves while nothing happens."""

from __future__ import annotations

import json
import os
from pathlib import Path

import makers_weaves as makers
import numpy as np
import pytest
from live_evening import evening
from live_screen import GL_ARGS, NO_GL_ARGS, Screen
from one_playwright import playing
from PIL import Image
from tests.front.conftest import found_browser
from tests.front.test_golden_pictures import SHARE_MAX, TILE_SHARE_MAX, difference, halved

from dreamweave.dreamscape.crescent import SHEETS, point, thick
from dreamweave.dreamscape.scene import scene

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parent / "golden"
UPDATE = os.environ.get("DREAMWEAVE_GOLDEN") == "update"
# Small where things move: every pixel is drawn by the processor, on a machine that others use.
WIDE, PHONE, SMALL = (1000, 625), (390, 844), (480, 300)


def launched(args):
    where = found_browser()
    if where is None:
        pytest.skip("No Chromium on this machine: run tools/get_browser.py to get one.")
    return playing().chromium.launch(executable_path=where, args=args)


@pytest.fixture(scope="module")
def with_gl():
    running = launched(GL_ARGS)
    yield running
    running.close()


@pytest.fixture(scope="module")
def without_gl():
    running = launched(NO_GL_ARGS)
    yield running
    running.close()


@pytest.fixture
def screens():
    """Make screens; whatever a page complains of fails the test."""
    made = []

    def screen(browser, size=SMALL, **how):
        made.append(Screen(browser, size, **how))
        return made[-1]

    yield screen
    complaints = [complaint for one in made for complaint in one.complaints]
    for one in made:
        one.leave()
    assert complaints == []


@pytest.fixture(scope="module")
def small():
    return evening(24, 30, seed=3, n_open=3)


@pytest.fixture(scope="module")
def moving(with_gl):
    """One screen for every test that asks nothing special of it: `show` begins afresh."""
    held = Screen(with_gl, SMALL)
    yield held
    assert held.complaints == []
    held.leave()


@pytest.fixture(scope="module")
def calm(with_gl):
    """The same for somebody who asked for less motion."""
    held = Screen(with_gl, SMALL, reduced_motion="reduce")
    yield held
    assert held.complaints == []
    held.leave()


def same(a: Image.Image, b: Image.Image) -> bool:
    return np.array_equal(np.asarray(a), np.asarray(b))


def n_differing(a: Image.Image, b: Image.Image) -> int:
    return int((np.asarray(a) != np.asarray(b)).any(axis=2).sum())


# ------------------------------------------------------------------ what stands


def test_a_picture_read_at_once_is_the_picture_that_was_heard(moving, calm, small):
    # One hears everything faster than it can be shown, one the last of it event by event.
    calm.show(small, 0)
    calm.hear(small, 0, len(small.events))
    calm.settle()
    moving.show(small, 28)
    for k in (28, 29):
        moving.hear(small, k)
        moving.settle()
    heard = [calm.taken(), moving.taken()]
    described = [calm.call("describe"), moving.call("describe")]
    moving.show(small)

    assert same(heard[0], moving.taken())
    assert same(heard[1], moving.taken())
    assert described == [moving.call("describe")] * 2


def test_no_passage_that_was_left_moves_by_a_pixel(moving):
    # More tell than there are warps, so that later ones share warps of the first passages.
    many = evening(12, 36, seed=3, n_open=1)
    moving.show(many, 26)
    newest = max(act[1] for act in many.acts(26) if act[0] == "passage")
    assert newest >= 8  # right of the middle; the left two fifths are long frozen
    left = (0, 0, 192, 300)
    before, whole = moving.taken(left), moving.taken()
    moving.hear(many, 26)
    moving.settle()
    moving.hear(many, 27, 32)
    moving.settle()

    assert same(before, moving.taken(left))
    assert n_differing(whole, moving.taken()) > 400


def test_a_silent_gathering_asks_for_no_frame(moving, small):
    screen = moving
    screen.show(small, 12)
    before = screen.tab.evaluate("window.frames_asked")
    screen.hear(small, 12)
    screen.settle()
    assert screen.tab.evaluate("window.frames_asked") > before + 2
    assert screen.n_frames(1_000) == 0


@pytest.mark.parametrize("asked", ["of the system", "here"])
def test_a_still_picture_changes_by_a_fade_and_stands(moving, calm, small, asked):
    screen = calm if asked == "of the system" else moving
    screen.call("still", asked == "here")
    screen.show(small, 12)
    before = screen.taken()
    screen.hear(small, 12)
    screen.call("speaker", 2, 12)
    frames = screen.n_frames(700)
    first = screen.taken()
    screen.tab.wait_for_timeout(500)
    second = screen.taken()
    screen.call("speaker", None, None)
    screen.call("still", False)

    assert frames == 0
    assert same(first, second)
    assert not same(first, before)


def test_what_was_taken_back_leaves_neither_dye_nor_name(moving, calm, small):
    screen, never = moving, calm
    screen.show(small, 20)
    # The newest telling, and the knot it made.
    told = [act for act in small.acts(20) if act[0] == "told"][-1]
    knots = [act for act in small.events[19] if act[0] == "knot"]
    screen.call("hear", [["gone", told[1]], *(["unknot", act[1]] for act in knots)])
    screen.settle()

    acts = [a for a in small.acts(20) if a[0] not in ("told", "knot") or a not in [told, *knots]]
    words = small.beside(20)
    words["reports"] = [w for w in words["reports"] if w["r"] != told[1]]
    never.call("reset", [*acts, ["gone", told[1]]], words)
    never.settle()
    assert same(screen.taken(), never.taken())


def test_a_context_that_was_taken_away_comes_back_with_the_same_picture(moving, small):
    screen = moving
    screen.show(small)
    before = screen.taken()
    screen.tab.evaluate(
        """async () => {
          const canvas = [...document.querySelectorAll("canvas")].find((c) => c.getContext("webgl2"));
          const lose = canvas.getContext("webgl2").getExtension("WEBGL_lose_context");
          const back = new Promise((done) => canvas.addEventListener("webglcontextrestored", done));
          const gone = new Promise((done) => canvas.addEventListener("webglcontextlost", done));
          lose.loseContext();
          await gone;
          await new Promise((done) => setTimeout(done, 50));
          lose.restoreContext();
          await back;
        }"""
    )
    screen.settle()

    assert same(before, screen.taken())


# ------------------------------------------------------------------ what is asked of it


def test_names_what_lies_under_the_pointer(moving, small):
    screen = moving
    screen.show(small)
    knot = next(act for act in small.acts() if act[0] == "knot")
    t = knot[2]
    lane = [act for act in small.acts() if act[0] == "passage" and act[1] == t][-1][2]
    warp = knot[4][0]
    u = 0.125 + 0.75 * t / 15
    at = point(SHEETS["wide"], np.array(u), lane[warp] / 1000 * 168 * thick(np.array(u)))
    x, y = (at * 0.3).tolist()

    assert screen.call("pick", x, y) == {"knot": knot[1]}
    assert screen.call("pick", 240, 75) is None


def test_describes_which_images_were_met_in_which_passage(calm, small):
    screen = calm
    screen.show(small)
    acts = small.acts()
    names = [m["name"] for m in small.words["motifs"]]

    described = screen.call("describe")["passages"]

    assert [one["t"] for one in described] == sorted({a[1] for a in acts if a[0] == "passage"})
    assert {
        (one["t"], k["knot"], k["name"], tuple(k["warps"]), k["firm"])
        for one in described
        for k in one["knots"]
    } == {(a[2], a[1], names[a[3]], tuple(a[4]), a[5] > 0) for a in acts if a[0] == "knot"}
    assert {(one["t"], r) for one in described for r in one["reports"]} == {
        (a[3], a[1]) for a in acts if a[0] == "told"
    }


def test_lights_what_is_asked_for_and_dims_the_rest(calm, small):
    screen = calm
    screen.show(small)
    plain = np.asarray(screen.taken(), dtype=int)
    screen.call("lit", {"motif": next(a for a in small.acts() if a[0] == "knot")[3]})
    screen.settle()
    lit = np.asarray(screen.taken(), dtype=int)
    screen.call("lit", None)
    screen.settle()

    # The quiet ground is as it was, bright threads are not.
    bright = plain.sum(axis=2) > 330
    dimmed = lit.sum(axis=2) < plain.sum(axis=2) - 60
    assert 0.4 < dimmed[bright].mean() < 0.99
    assert np.array_equal(np.asarray(screen.taken(), dtype=int), plain)


def test_ones_own_thread_is_lit_on_ones_own_screen(calm, small):
    screen = calm
    screen.show(small)
    before = screen.taken()
    screen.mine([4])
    screen.settle()
    after = np.asarray(screen.taken(), dtype=int)

    white = (after > 235).all(axis=2) & (np.asarray(before, dtype=int) < 200).all(axis=2)
    columns = white.any(axis=0).nonzero()[0]
    assert columns.min() < 98  # from the horn to where the evening is
    assert columns.max() > 315
    screen.mine([])
    screen.settle()
    assert same(before, screen.taken())


def test_the_weave_settles_once_and_then_stands(moving, calm, small):
    settled = scene(makers.sample_like())
    moved, faded = moving, calm
    for screen in (moved, faded):
        screen.show(small)
        before = screen.taken()
        screen.tab.evaluate("scene => window.picture.settle(scene)", settled)
        screen.settle()
        assert n_differing(before, screen.taken()) > 4_000

    assert same(moved.taken(), faded.taken())
    # It falls when somebody takes a line of it back, and what was told lies as it was told.
    moved.call("hear", [["settled", 0]])
    moved.settle()
    assert same(before, moved.taken())


# ------------------------------------------------------------------ for every eye and machine


def test_a_machine_without_webgl_draws_the_same_weave_flat(with_gl, without_gl, screens, small):
    flat, gl = screens(without_gl), screens(with_gl)
    for screen in (flat, gl):
        screen.show(small)
    assert flat.call("describe") == gl.call("describe")

    a, b = (
        np.asarray(s.taken().resize((125, 78), Image.Resampling.BOX), dtype=int) for s in (flat, gl)
    )
    assert np.abs(a - b).mean() < 9  # from afar they are one picture
    flat.hear(small, len(small.events) - 1)
    assert flat.n_frames(600) == 0


def test_the_system_s_own_colours_leave_the_picture_out(with_gl, screens, small):
    screen = screens(with_gl, forced_colors="active")
    screen.show(small)

    assert screen.tab.evaluate("document.querySelector('[aria-hidden=true]').offsetParent") is None
    assert len(screen.taken().getcolors()) == 1


def test_the_picture_is_hidden_from_readers_of_the_text_and_leaves_nothing(with_gl, screens, small):
    screen = screens(with_gl)
    screen.show(small)

    canvases = "[...document.querySelectorAll('canvas, svg')]"
    assert screen.tab.evaluate(f"{canvases}.every((c) => c.closest('[aria-hidden=true]'))")
    screen.call("destroy")
    assert screen.tab.evaluate("document.getElementById('host').childElementCount") == 0


# ------------------------------------------------------------------ golden pictures


GOLDENS = {
    "wide_night": (WIDE, {}, {}),
    "phone_night": (PHONE, {}, {}),
    "wide_day": (WIDE, {"look": "day"}, {}),
    "phone_plies": (PHONE, {"texture": True}, {}),
    "cords": (WIDE, {}, {"n_warps": 5, "n_reports": 16, "n_open": 1, "seed": 7}),
    "hall": (WIDE, {}, {"n_warps": 48, "n_reports": 300, "n_open": 2, "seed": 5, "n_here": 1_200}),
}


@pytest.fixture(scope="module")
def sheets(with_gl):
    """A screen of each size, for every picture of that size."""
    held = {size: Screen(with_gl, size) for size in (WIDE, PHONE)}
    yield held
    for one in held.values():
        assert one.complaints == []
        one.leave()


@pytest.mark.parametrize("name", GOLDENS)
def test_looks_as_it_looked(sheets, small, name):
    size, options, other = GOLDENS[name]
    told = evening(other.pop("n_warps"), other.pop("n_reports"), **other) if other else small
    screen = sheets[size]
    screen.call("look", options.get("look", "night"))
    screen.call("texture", options.get("texture", False))
    screen.show(told)
    now = halved(screen.taken())
    path = GOLDEN / f"live_{name}.png"

    if UPDATE:
        now.save(path, optimize=True)
    if not path.is_file():
        pytest.skip("No golden picture yet: DREAMWEAVE_GOLDEN=update takes it.")
    share, worst = difference(now, Image.open(path))
    assert share <= SHARE_MAX, f"{share:.2%} of the pixels differ from {path.name}"
    assert worst <= TILE_SHARE_MAX, f"{worst:.0%} of one tile differs from {path.name}"


def test_the_sample_evening_holds_no_words_but_the_sample_s(small):
    assert all(json.dumps(act).isascii() for act in small.acts())
