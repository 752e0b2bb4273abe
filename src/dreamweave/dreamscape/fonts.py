"""Fonts: the packaged letters, as the print roads need them.

The page carries its letters as compressed variable fonts; the picture and the
poster want plain ones in a folder. They are made here in memory, once a
process, and laid in a temporary folder for as long as a drawing takes. Scripts
that the packaged letters do not hold are left to the system's own fonts, so
such a drawing may differ between machines; no letter ever makes it fail.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dreamweave.model.refusals import Refusal

SERIF_FAMILY = "Fraunces"
SANS_FAMILY = "Atkinson Hyperlegible Next"

# What the drawings ask for: the file it comes from, family, style, weights.
_CUTS: tuple[tuple[str, str, bool, tuple[int, ...]], ...] = (
    ("fraunces", SERIF_FAMILY, False, (400,)),
    ("fraunces-italic", SERIF_FAMILY, True, (500,)),
    ("atkinson", SANS_FAMILY, False, (400, 600)),
)
_WEIGHT_NAMES = {400: "Regular", 500: "Medium", 600: "SemiBold"}


def print_missing(what: str) -> Refusal:
    """The refusal every print road gives when its extra is not installed."""
    return Refusal(
        "print.missing",
        f"Drawing for print needs {what}, which is not installed. "
        "Install the print extra (pip install 'dreamweave[print]') and try again.",
    )


@contextmanager
def font_folder() -> Iterator[Path]:
    """A folder with the packaged letters as TrueType, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="dreamweave-fonts-") as folder:
        for name, data in packaged().items():
            (Path(folder) / name).write_bytes(data)
        yield Path(folder)


@cache
def packaged() -> Mapping[str, bytes]:
    """The packaged letters, by file name: the same bytes in every process.

    Empty where the front end was not built; drawings then use system fonts.

    Raises:
        Refusal: `print.missing` when fonttools or brotli is not installed.
    """
    made: dict[str, bytes] = {}
    for stem, family, italic, weights in _CUTS:
        # They must be one font: a font that has `s` and an accent sets a clumsy `s´` rather
        # than fall back for one ś.
        data = subsets(stem)
        for weight in weights if data else ():
            made[f"{stem}-{weight}.ttf"] = _cut(data, family, weight, italic)
    return made


def subsets(stem: str) -> list[bytes]:
    """The packaged files of a family: Western European letters, then the rest of Latin
    (Polish, Turkish, Vietnamese bases) where it was packaged too.

    Raises:
        Refusal: `print.missing` when fonttools or brotli, which open them, are not installed.
    """
    try:
        import fontTools.ttLib  # noqa: F401 (asked for here, where a refusal can say so)
    except ImportError as missing:
        raise print_missing("fonttools") from missing
    # fonttools opens woff2 with brotli, and says so only once it tries.
    if find_spec("brotli") is None and find_spec("brotlicffi") is None:
        raise print_missing("brotli")
    static = resources.files("dreamweave.dreamscape") / "static"
    sources = (static / f"{stem}.woff2", static / f"{stem}-ext.woff2")
    return [source.read_bytes() for source in sources if source.is_file()]


def _cut(sources: Sequence[bytes], family: str, weight: int, italic: bool) -> bytes:
    """One weight of a variable font as TrueType; several subsets become one font."""
    from fontTools.merge import Merger
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    plain: list[io.BytesIO] = []
    for data in sources:
        # A fixed time stamp: the font carries one, and two makings must be equal.
        font = TTFont(io.BytesIO(data), recalcTimestamp=False)
        font = instantiateVariableFont(font, {"wght": weight})
        font.flavor = None
        plain.append(_saved(font))
    font = TTFont(plain[0], recalcTimestamp=False) if len(plain) == 1 else Merger().merge(plain)
    # Merging stamps the hour; the hour is nobody's business.
    font.recalcTimestamp = False
    made = TTFont(plain[0], recalcTimestamp=False)["head"].created
    font["head"].created = font["head"].modified = made
    _named(font, family, weight, italic)
    return _saved(font).getvalue()


def _saved(font: Any) -> io.BytesIO:
    out = io.BytesIO()
    font.save(out)
    out.seek(0)
    return out


def _named(font: Any, family: str, weight: int, italic: bool) -> None:
    """Write family, style and weight where the print roads look for them."""
    style = _WEIGHT_NAMES[weight]
    full = f"{style} Italic" if italic else style
    names = font["name"]
    for number, text in (
        (1, f"{family} {style}" if weight != 400 else family),
        (2, "Italic" if italic else "Regular"),
        (4, f"{family} {full}"),
        (6, f"{family} {full}".replace(" ", "")),
        (16, family),
        (17, full),
    ):
        names.removeNames(nameID=number)
        names.setName(text, number, 3, 1, 0x409)
    font["OS/2"].usWeightClass = weight
    # Bit 0 is italic, 5 bold, 6 regular; the same is said once more in `head`.
    font["OS/2"].fsSelection = (font["OS/2"].fsSelection & ~0b1100001) | (1 if italic else 64)
    font["head"].macStyle = 2 if italic else 0
