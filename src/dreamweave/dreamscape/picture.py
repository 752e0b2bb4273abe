"""Pictures: a drawing as PNG, for where SVG is not shown.

resvg with the packaged letters, a PNG writer of our own for pixels, and the
cloth as it looks when light falls on its yarn. No drawing is made here.
"""

from __future__ import annotations

import base64
import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.border import framed, yarn_width
from dreamweave.dreamscape.cloth import fringe_svg
from dreamweave.dreamscape.draft import Choice, draft
from dreamweave.dreamscape.dyes import GroundName
from dreamweave.dreamscape.fonts import SANS_FAMILY, SERIF_FAMILY, font_folder, print_missing
from dreamweave.dreamscape.yarn import shaded
from dreamweave.model.weaves import Weave

# Enough for a full-page print; beyond it a typing slip would fill the memory.
WIDTH_MAX = 16_000

# The woven part of a cloth's picture is about so wide; a yarn takes whole pixels.
CLOTH_PX = 2_600


def cloth_png(weave: Weave, *, ground: GroundName = "night", choice: Choice = "fair") -> bytes:
    """The cloth with every yarn shaded, its words around it, as PNG.

    Raises:
        Refusal: `print.missing` when the print extra is not installed.
    """
    plan = draft(weave, choice)
    yarn_px = min(9, max(3, CLOTH_PX // plan.n_ends))
    data = base64.b64encode(png_of(shaded(plan, ground, weave.seed, yarn_px))).decode()
    body = (
        f'<image width="{plan.n_ends}" height="{plan.n_picks}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/>{fringe_svg(weave, plan, ground)}'
    )
    svg = framed(weave, plan, ground, choice, body)
    width = float(svg.partition('width="')[2].partition('"')[0])
    # One pixel of yarn is one pixel of picture, or the weave would be blurred.
    return png(svg, round(width * yarn_px / yarn_width(plan)))


def png(svg: str, width: int) -> bytes:
    """An SVG drawing as PNG, `width` pixels across.

    Latin letters are the packaged ones and look the same everywhere. Other
    scripts use the system's fonts where it has them, or show empty boxes.

    Raises:
        Refusal: `print.missing` when the print extra is not installed.
        ValueError: `width` is not between 1 and `WIDTH_MAX`, or `svg` is no SVG.
    """
    if not 1 <= width <= WIDTH_MAX:
        raise ValueError(f"width must be 1 to {WIDTH_MAX} pixels, got {width}")
    try:
        import resvg_py
    except ImportError as missing:
        raise print_missing("resvg-py") from missing
    with font_folder() as folder:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=svg,
                width=width,
                font_dirs=[str(folder)],
                serif_family=SERIF_FAMILY,
                sans_serif_family=SANS_FAMILY,
            )
        )


def png_of(pixels: NDArray[np.uint8]) -> bytes:
    """Pixels as PNG: (height, width, 3) sRGB bytes, losslessly, the same bytes every time.

    Source: PNG, third edition, W3C 2025; truecolour of 8 bits, no filter. The yarn
    repeats, so plain rows pack about twice as well as filtered ones.
    """
    height, width, _ = pixels.shape
    rows = np.zeros((height, 1 + 3 * width), dtype=np.uint8)
    rows[:, 1:] = pixels.reshape(height, -1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        _chunk(name, data)
        for name, data in (
            (b"IHDR", head),
            (b"sRGB", b"\0"),
            (b"IDAT", zlib.compress(rows.tobytes(), 6)),
            (b"IEND", b""),
        )
    )


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(name + data)
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)
