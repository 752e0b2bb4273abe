"""Pictures are what was drawn, in the packaged letters, and say what is missing."""

from __future__ import annotations

import io
import sys
from importlib import resources

import numpy as np
import pytest
from makers_weaves import weave_of
from PIL import Image

from dreamweave.dreamscape import fonts
from dreamweave.dreamscape.fonts import packaged
from dreamweave.dreamscape.picture import WIDTH_MAX, cloth_png, png, png_of
from dreamweave.model.refusals import Refusal

RED = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 2"><rect width="4" height="2" fill="#f00"/></svg>'


def opened(data):
    return Image.open(io.BytesIO(data)).convert("RGB")


def test_a_drawing_becomes_a_picture_of_the_width_asked_for():
    picture = opened(png(RED, 40))

    assert picture.size == (40, 20)
    assert picture.getpixel((20, 10)) == (255, 0, 0)


@pytest.mark.parametrize("width", [0, -5, WIDTH_MAX + 1])
def test_a_width_out_of_bounds_is_misuse(width):
    with pytest.raises(ValueError, match="pixels"):
        png(RED, width)


@pytest.mark.parametrize("text", ["月が降りてきて", "قمر فوق البحر", "नदी", "🌙", "𐪀", "ⴰⵣⵓⵍ"])
def test_no_script_makes_a_picture_fail(text):
    svg = RED.replace("</svg>", f'<text y="2" font-family="Fraunces">{text}</text></svg>')

    assert opened(png(svg, 40)).size == (40, 20)


def test_our_png_holds_exactly_the_pixels():
    pixels = np.arange(2 * 5 * 3, dtype=np.uint8).reshape(2, 5, 3)

    assert np.array_equal(np.asarray(opened(png_of(pixels))), pixels)


def test_the_cloths_picture_shows_the_shaded_weave_at_its_own_pixels():
    weave = weave_of(3, 2, [(0, 0, (0, 1, 2))], feelings={0: "joy"})

    picture = opened(cloth_png(weave, ground="day"))

    assert picture.size[0] > 1_000
    assert picture.getpixel((5, 5)) == (0xF8, 0xF4, 0xEC)
    assert np.asarray(picture).std() > 20


def test_the_letters_are_made_alike_every_time():
    first = dict(packaged())
    packaged.cache_clear()

    assert dict(packaged()) == first


def test_two_subsets_become_one_font_alike_at_any_hour(monkeypatch):
    source = resources.files("dreamweave.dreamscape") / "static" / "fraunces.woff2"
    subsets = [source.read_bytes()] * 2
    merged = fonts._cut(subsets, "Fraunces", 400, italic=False)

    monkeypatch.setattr("fontTools.merge.util.timestampNow", lambda: 1)

    assert fonts._cut(subsets, "Fraunces", 400, italic=False) == merged


def test_without_the_extra_one_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)

    with pytest.raises(Refusal) as refused:
        png(RED, 40)

    assert refused.value.code == "print.missing"
    assert "dreamweave[print]" in refused.value.sentence


def test_without_the_built_letters_the_systems_are_used(monkeypatch):
    monkeypatch.setattr(fonts, "packaged", dict)

    assert opened(png(RED, 40)).size == (40, 20)
