"""Drawing without dragging and with it, and photographs without what their camera knows.

What is drawn is checked by the model that keeps it, and the simplifying by its
own promise: nothing that was dropped lies far from what is left.
"""

from __future__ import annotations

import io
import itertools
import math
import random
from pathlib import Path

import pytest
from node_in_browser import wait_until
from own_scripts import own_scripts
from PIL import Image

from dreamweave.app.journals import piece
from dreamweave.model.ids import id_of
from dreamweave.model.reports import DRAWING_CHARS_MAX, Report

THERE = "Kept on the node."
KEEP = ".keep-bar [data-keep]"
SHEET = "svg.sheet"


@pytest.fixture(scope="module")
def own():
    with own_scripts("simplifying", "ids") as ask:
        yield ask


def accepted(drawing: str) -> bool:
    """Whether the model takes it: letters, numbers and length."""
    return Report("R", "T", "A caption.", drawing=drawing).drawing == drawing


def scribble(n: int, seed: int) -> list[list[float]]:
    chance = random.Random(seed)
    x = y = 50.0
    points = []
    for _ in range(n):
        x = min(100, max(0, x + chance.gauss(0, 1.5)))
        y = min(100, max(0, y + chance.gauss(0, 1.5)))
        points.append([x, y])
    return points


def far_from(point, line) -> float:
    """How far a point lies from the nearest stretch of a line."""

    def one(a, b):
        dx, dy = b[0] - a[0], b[1] - a[1]
        long = dx * dx + dy * dy
        t = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / long if long else 0
        t = max(0, min(1, t))
        return math.hypot(point[0] - a[0] - t * dx, point[1] - a[1] - t * dy)

    return min(one(a, b) for a, b in itertools.pairwise(line))


def test_what_is_dropped_lies_near_what_is_left(own):
    lines = [scribble(400, seed) for seed in range(6)]
    (*few,) = own(*[["simplified", [line, 1.0]] for line in lines])

    for line, left in zip(lines, few, strict=True):
        assert left[0] == line[0]
        assert left[-1] == line[-1]
        assert all(point in line for point in left)
        assert max(far_from(point, left) for point in line) <= 1.0 + 1e-9
        assert len(left) < 0.6 * len(line)


def test_a_straight_line_needs_two_points_and_a_point_is_a_short_stroke(own):
    straight = [[float(k), 2.0 * k] for k in range(40)]

    assert own(["simplified", [straight, 0.1]], ["pathOf", [[[[20, 30]]]]], ["pathOf", [[]]]) == [
        [[0, 0], [39, 78]],
        "M20 30L20.5 30",
        "",
    ]


def test_however_much_is_drawn_the_model_takes_it_and_it_comes_back_as_lines(own):
    drawn = [[scribble(2_000, seed) for seed in range(n)] for n in (1, 4, 30)]
    drawn.append([[[-5.0, 110.0], [105.0, -1e-9]]])  # past the edge
    paths = own(*[["pathOf", [lines]] for lines in drawn])
    back = own(*[["linesOf", [path]] for path in paths])

    assert all(accepted(path) for path in paths)
    assert all(len(path) <= DRAWING_CHARS_MAX for path in paths)
    assert [len(lines) for lines in back] == [1, 4, 30, 1]
    assert paths[-1] == "M0 100L100 0"


def test_ids_are_made_as_the_node_makes_them(own):
    chance = random.Random(11)
    raws = [bytes(16), b"\xff" * 16, *(chance.randbytes(16) for _ in range(40))]

    assert own(*[["idOf", [list(raw)]] for raw in raws]) == [id_of(raw) for raw in raws]


# ------------------------------------------------------------------ on the sheet


@pytest.fixture
def sheet(phones, node, dreamer):
    """A page with its drawing sheet open: (tab, click by percent)."""
    tab = phones(dreamer[1]).tab()
    tab.click("summary:has-text('Draw it')")
    tab.locator(SHEET).scroll_into_view_if_needed()

    def at(x, y):
        box = tab.locator(SHEET).bounding_box()
        return box["x"] + box["width"] * x / 100, box["y"] + box["height"] * y / 100

    return tab, at


def drawing_in(tab) -> str:
    return tab.input_value("[name=drawing]")


@pytest.mark.browser
def test_taps_make_lines_without_dragging(sheet, node, dreamer):
    tab, at = sheet
    for x, y in ((10, 20), (30, 40), (50, 20)):
        tab.mouse.click(*at(x, y))
    tab.click("button:has-text('Start another line')")
    tab.mouse.click(*at(80, 80))
    four = numbers(drawing_in(tab))
    tab.click("[data-drawing] button:has-text('Undo')")
    three = numbers(drawing_in(tab))
    tab.fill("#f-text", "Three peaks.")
    tab.click(KEEP)
    wait_until(tab, THERE)
    (kept,) = node.kept(dreamer[0])

    assert four == [10, 20, 30, 40, 50, 20, 80, 80, 80.5, 80]
    assert three == four[:6]
    assert numbers(kept.drawing) == three
    assert accepted(kept.drawing)


def numbers(path: str) -> list[float]:
    """The numbers of a path, to the nearest half: pixels are not hundredths."""
    found = path.replace("M", " ").replace("L", " ").split()
    return [round(float(n) * 2) / 2 for n in found]


@pytest.mark.browser
def test_a_dragged_line_is_drawn_and_kept_short(sheet, node, dreamer):
    tab, at = sheet
    tab.mouse.move(*at(10, 50))
    tab.mouse.down()
    for k in range(61):
        tab.mouse.move(*at(10 + k, 50 + 20 * math.sin(k / 10)))
    tab.mouse.up()
    path = drawing_in(tab)

    assert accepted(path)
    assert path.count("M") == 1
    assert 4 <= path.count("L") <= 30
    assert numbers(path)[:2] == [10, 50]
    assert tab.get_attribute(f"{SHEET} .ink", "d") == path


@pytest.mark.browser
def test_the_keyboard_alone_draws_ends_a_line_and_undoes(sheet):
    tab, _ = sheet
    tab.focus(SHEET)
    for key in ("Enter", "ArrowRight", "ArrowRight", "Enter", "Escape", "ArrowDown", "Enter"):
        tab.keyboard.press(key)
    drawn = drawing_in(tab)
    said = tab.text_content("[data-drawing] .said")
    tab.keyboard.press("Backspace")
    undone = drawing_in(tab)
    tab.keyboard.press("Tab")

    assert drawn == "M50 50L60 50M60 55L60.5 55"
    assert said == "A point at 60 across, 55 down."
    assert undone == "M50 50L60 50"
    assert tab.evaluate("document.activeElement.textContent") == "Undo"  # no trap


@pytest.mark.browser
def test_a_cleared_sheet_comes_back_with_undo(sheet):
    tab, at = sheet
    tab.mouse.click(*at(40, 40))
    before = drawing_in(tab)
    tab.click("button:has-text('Clear the sheet')")
    cleared = drawing_in(tab)
    tab.click("[data-drawing] button:has-text('Undo')")

    assert (cleared, drawing_in(tab)) == ("", before)


@pytest.mark.browser
def test_a_drawing_alone_is_something_to_keep_and_its_caption_is_asked_for_kindly(
    sheet, node, dreamer
):
    tab, at = sheet
    tab.mouse.click(*at(40, 40))
    hint = tab.locator("[data-drawing] .hint").last.text_content()
    tab.click(KEEP)
    wait_until(tab, THERE)

    assert [(r.text, r.drawing is not None) for r in node.kept(dreamer[0])] == [("", True)]
    assert hint.startswith(
        "A few words of what it shows go in the text above. They are its caption"
    )


# ------------------------------------------------------------------ photographs


def camera_file(folder, size=(3000, 2000)) -> Path:
    """A photograph as a camera writes it: large, turned on its side, with a place and a name."""
    file = folder / "camera.jpg"
    picture = Image.effect_noise(size, 40).convert("RGB")
    exif = Image.Exif()
    exif[0x0112] = 6  # turned: show it upright
    exif[0x010F] = "SECRETCAMERA"
    exif.get_ifd(0x8825)[1] = "N"
    picture.save(file, exif=exif)
    return file


@pytest.mark.browser
def test_a_photograph_is_kept_upright_small_and_without_what_its_camera_wrote(
    phones, node, dreamer, tmp_path
):
    file = camera_file(tmp_path)
    tab = phones(dreamer[1]).tab()
    tab.click("summary:has-text('Add a photograph')")
    tab.set_input_files("#photo-file", file)
    tab.wait_for_selector("[data-photo] canvas:not([hidden])")
    tab.click(KEEP)
    wait_until(tab, THERE)
    (kept,) = node.kept(dreamer[0])
    media, data = piece(node.house.ground, dreamer[0], kept.id, "photo")
    picture = Image.open(io.BytesIO(data))
    (sent,) = [bytes(h.body) for h in node.faults.puts() if h.path.endswith("/photo")]

    assert (media, picture.format) == ("image/webp", "WEBP")
    assert picture.size == (1067, 1600)
    assert len(picture.getexif()) == 0
    # It was taken out on the device, before it went anywhere. The camera's own file has it.
    assert b"SECRETCAMERA" not in sent
    assert b"SECRETCAMERA" in file.read_bytes()
    assert len(sent) < file.stat().st_size


@pytest.mark.browser
def test_what_is_no_picture_is_told_kindly(phones, node, dreamer, tmp_path):
    file = tmp_path / "picture.jpg"
    file.write_bytes(b"not a picture")
    tab = phones(dreamer[1]).tab()
    tab.click("summary:has-text('Add a photograph')")
    tab.set_input_files("#photo-file", file)
    tab.wait_for_selector("[data-photo] .said:not(:empty)")

    assert tab.text_content("[data-photo] .said").startswith("This is not a picture")
    assert tab.evaluate("document.querySelector('#tell').dataset.photo") is None
