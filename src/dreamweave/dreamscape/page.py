"""The page: one HTML file that is the whole dreamscape.

The document is the product: title, words, reasons, figures and the two cloths
are real HTML and read without a script. With one, the picture is drawn round
them. The file asks nothing of any network and says so to the browser. It
holds nobody's identity: boxes open only with their owners' keys.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from dreamweave.dreamscape.page_fairness import fairness_part
from dreamweave.dreamscape.page_html import data_script, esc
from dreamweave.dreamscape.page_key import key
from dreamweave.dreamscape.page_opening import in_words, opening
from dreamweave.dreamscape.page_pack import packed
from dreamweave.dreamscape.page_text import text_part
from dreamweave.model.weaves import Weave

_FACES = (
    ("Fraunces", "normal", "100 900", "fraunces"),
    ("Fraunces", "italic", "100 900", "fraunces-italic"),
    ("Atkinson Hyperlegible Next", "normal", "200 800", "atkinson"),
)
# Which characters a face answers for, and which its `-ext` half does: as the two were
# cut. Said even where the second half stays out, or a browser would build `ś` from the
# first one's `s` and an accent beside it rather than look further.
_LATIN = (
    "U+0-FF,U+131,U+152-153,U+2BB-2BC,U+2C6,U+2DA,U+2DC,U+304,U+308,U+329,U+2000-206F,U+20AC,"
    "U+2122,U+2191,U+2193,U+2212,U+2215,U+FEFF,U+FFFD"
)
_LATIN_EXT = (
    "U+100-130,U+132-151,U+154-2BA,U+2BD-2C5,U+2C7-2CC,U+2CE-2D7,U+2DD-2FF,U+1D00-1DBF,"
    "U+1E00-1E9F,U+1EF2-1EFF,U+20A0-20AB,U+20AD-20C0,U+2113,U+2C60-2C7F,U+A720-A7FF"
)


def page(
    weave: Weave,
    scene: Mapping[str, Any],
    *,
    boxes: Sequence[str] = (),
    cloths: tuple[str, str] = ("", ""),
    root: str = "",
) -> str:
    """A self-contained page.

    Args:
        weave: What was woven. Vectors, seeds and tags stay out of the page.
        scene: The layout, from `dreamscape.scene`.
        boxes: Sealed accounts (`model.keys.seal_all`), in an order that tells nothing.
        cloths: The fair cloth and the popular one, as SVG.
        root: The certificate's root, or empty where there is no certificate yet.

    Returns:
        HTML, the same bytes for the same arguments.
    """
    body = (
        '<a class="skip" href="#read">Skip to the words</a>\n<main>\n'
        f"{_sky(weave, scene)}\n{text_part(weave, scene, in_words(weave, scene))}\n"
        f"{fairness_part(weave, cloths, root)}\n{_mine(boxes)}\n</main>\n{_foot(weave)}\n"
        f"{data_script('scene', packed(scene))}\n{data_script('boxes', list(boxes))}\n"
    )
    script = _static("page.js").decode()
    style = _fonts(_halves(weave, body)) + _static("page.css").decode()
    # Hashes instead of 'unsafe-inline': only these two texts may act, whatever
    # words end up between them.
    policy = (
        "default-src 'none'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'; "
        f"script-src '{_digest(script)}'; style-src '{_digest(style)}'"
    )
    return (
        '<!doctype html>\n<html lang="en" data-theme="night">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="dark light">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{esc(weave.title)} · a dreamscape</title>\n"
        f"<style>{style}</style>\n</head>\n<body>\n{body}"
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _sky(weave: Weave, scene: Mapping[str, Any]) -> str:
    mine = '<a href="#mine">My thread</a>'
    return (
        '<section class="sky" aria-label="The dreamscape">'
        '<div class="stage" aria-hidden="true"><canvas></canvas></div>'
        f"{opening(weave, scene)}"
        '<p class="caption" aria-hidden="true"></p>'
        f"{key(weave)}"
        '<nav class="doors" aria-label="Ways in"><a href="#read">Read</a>'
        f'<a href="#fair">Is this fair?</a>{mine}</nav>'
        '<div class="settings" role="group" aria-label="How this page looks" hidden>'
        '<button type="button" data-set="day" aria-pressed="false">Day</button>'
        '<button type="button" data-set="plies" aria-pressed="false">Textures</button>'
        '<button type="button" data-set="still" aria-pressed="false">Still</button></div>'
        "</section>"
    )


def _mine(boxes: Sequence[str]) -> str:
    if boxes:
        inner = (
            "<p>Whoever wove this has a list of short keys, one for each person. Type yours and your own "
            "thread lights up, here on this screen and nowhere else. The key is not kept.</p>"
            "<noscript><p>Lighting a thread needs the script of this page, which is switched off.</p></noscript>"
            '<form hidden><label for="key">Your key<input id="key" autocomplete="off" autocapitalize="characters" '
            'spellcheck="false" inputmode="text" aria-describedby="said"></label>'
            '<button type="submit" class="first">Light my thread</button>'
            '<button type="button" hidden>Put it out</button></form>'
            '<p class="said" id="said" role="status"></p><div class="account"></div>'
        )
    else:
        inner = "<p>This page was made without keys, so it cannot tell one thread’s owner from another’s.</p>"
    return (
        '<section id="mine" class="part" aria-labelledby="mine-h" tabindex="-1">'
        f'<h2 id="mine-h">My thread</h2>{inner}</section>'
    )


def _foot(weave: Weave) -> str:
    named = "" if weave.named else " No names: a dream is not referred back to its dreamer."
    return (
        "<footer><p>Woven with dreamweave only from words that were lent for it, unchanged."
        f"{named} Nothing in it may be sold, used for advertising or to train models.</p></footer>"
    )


@cache
def _static(name: str) -> bytes:
    """A file the front end's build left in the package."""
    return files("dreamweave.dreamscape").joinpath("static", name).read_bytes()


def _halves(weave: Weave, body: str) -> tuple[str, ...]:
    """The font files the page needs: every face, and its other half where its words ask for it."""
    asked = {c for c in set(body) if _is_ext(c)}
    upright = [weave.title, *(fragment.text for fragment in weave.fragments)]
    upright += [knot.reason for knot in weave.knots]
    italic = [motif.name for motif in weave.motifs]
    plain = [thread.name or "" for thread in weave.threads] if weave.named else []
    out = []
    for (*_, stem), texts in zip(_FACES, (upright, italic, plain), strict=True):
        out.append(stem)
        if not asked.isdisjoint("".join(texts)):
            out.append(f"{stem}-ext")
    return tuple(out)


def _is_ext(character: str) -> bool:
    return any(a <= ord(character) <= b for a, b in _ranges(_LATIN_EXT))


@cache
def _ranges(said: str) -> tuple[tuple[int, int], ...]:
    """What a `unicode-range` says, as numbers."""
    found = [part.removeprefix("U+").split("-") for part in said.split(",")]
    return tuple((int(ends[0], 16), int(ends[-1], 16)) for ends in found)


@cache
def _fonts(halves: tuple[str, ...]) -> str:
    faces = []
    for family, style, weights, stem in _FACES:
        for name, answers in ((stem, _LATIN), (f"{stem}-ext", _LATIN_EXT)):
            if name not in halves:
                continue
            data = base64.b64encode(_static(f"{name}.woff2")).decode("ascii")
            faces.append(
                f'@font-face{{font-family:"{family}";font-style:{style};font-weight:{weights};'
                f"font-display:swap;unicode-range:{answers};"
                f'src:url(data:font/woff2;base64,{data}) format("woff2")}}'
            )
    return "".join(faces)


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode("ascii")
