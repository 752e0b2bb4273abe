"""The picture looks as it looked: golden pictures of an invented weave, with a little give.

Set DREAMWEAVE_GOLDEN=update to take them anew; then look at them before they are
committed. Only invented weaves are ever pictured here.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.browser

GOLDEN = Path(__file__).parent / "golden"
# A pixel differs when any channel does by more than this (letters are drawn a
# little differently by every FreeType), and a picture when more than this share
# of its pixels do.
CHANNEL_MAX = 32
SHARE_MAX = 0.01
SIZES = {"wide": {"width": 1000, "height": 625}, "phone": {"width": 390, "height": 844}}


def halved(picture: Image.Image) -> Image.Image:
    """Half as large: the edges of letters even out, and a golden picture stays small."""
    size = (picture.width // 2, picture.height // 2)
    return picture.convert("RGB").resize(size, Image.Resampling.BOX)


def difference(a: Image.Image, b: Image.Image) -> float:
    """The share of pixels that differ; 1 when the sizes do."""
    if a.size != b.size:
        return 1.0
    x, y = (np.asarray(i.convert("RGB"), dtype=np.int16) for i in (a, b))
    return float((np.abs(x - y).max(axis=2) > CHANNEL_MAX).mean())


@pytest.mark.parametrize(
    ("which", "size", "look"),
    [
        ("sample", "wide", "night"),
        ("sample", "phone", "night"),
        ("sample", "wide", "day"),
        ("sample", "wide", "plies"),
        ("undyed", "wide", "night"),
        ("trio", "wide", "night"),
    ],
)
def test_looks_as_it_looked(opened, which, size, look):
    tab = opened(which, SIZES[size])
    if look != "night":
        tab.click(f"[data-set={look}]")
        tab.mouse.move(2, 2)
    tab.evaluate("scrollTo(0, 0); document.activeElement.blur()")
    tab.wait_for_timeout(400)
    now = halved(Image.open(io.BytesIO(tab.screenshot())))
    path = GOLDEN / f"{which}_{size}_{look}.png"

    if os.environ.get("DREAMWEAVE_GOLDEN") == "update":
        now.save(path, optimize=True)
    if not path.is_file():
        pytest.skip("No golden picture yet: DREAMWEAVE_GOLDEN=update takes it.")

    share = difference(now, Image.open(path))
    assert share <= SHARE_MAX, f"{share:.2%} of the pixels differ from {path.name}"


def test_a_picture_moved_by_a_pixel_is_noticed():
    path = GOLDEN / "sample_wide_night.png"
    if not path.is_file():
        pytest.skip("No golden picture yet: DREAMWEAVE_GOLDEN=update takes it.")
    picture = Image.open(path).convert("RGB")
    moved = Image.new("RGB", picture.size)
    moved.paste(picture, (1, 0))

    assert difference(picture, picture) == 0
    assert difference(picture, moved) > SHARE_MAX
