"""The poster: a weave on 60 by 90 centimetres, tagged, with its whole text.

Typst sets it: the shaded cloth with its border on top, then every passage and
the chorus in columns that flow on to as many sheets as they need. What stands
in the file is text, in reading order, with each line's language; colour always
has its word beside it. Words reach Typst as strings and never as its code.
"""

from __future__ import annotations

import base64
import math
import re
from typing import Any

from dreamweave.dreamscape.border import described, framed, said
from dreamweave.dreamscape.cloth import fringe_svg
from dreamweave.dreamscape.draft import Draft, draft
from dreamweave.dreamscape.dyes import GROUNDS, dye_of
from dreamweave.dreamscape.fonts import SANS_FAMILY, SERIF_FAMILY, font_folder, print_missing
from dreamweave.dreamscape.picture import png_of
from dreamweave.dreamscape.text import felt, main_language, share
from dreamweave.dreamscape.yarn import shaded
from dreamweave.model.weaves import Fragment, Weave

PAGE_MM = (600, 900)
TEXT_MM = 520
# A narrow cloth is long; it must leave room for words on its own sheet.
CLOTH_MM_HIGH_MAX = 480

# Words are set as large as lets them fill the first sheet, between these sizes.
TEXT_PT = (14.2, 25.0)

# The woven part is about so many pixels wide, 210 an inch: each yarn is ten of them
# in the sample. It travels as PNG, because a JPEG writer would be one more thing to
# install; 24 people weigh about 10 MB.
CLOTH_PX = 4_300

_LANG = re.compile(r"[a-z]{2,3}")


def poster_pdf(weave: Weave) -> bytes:
    """The poster as PDF/UA-1, with fixed dates, so that the same machine makes the same bytes.

    A letter that no font on this machine holds would break the standard; the
    poster is then still tagged and complete, and only the claim is left out.

    Raises:
        Refusal: `print.missing` when the print extra is not installed.
    """
    try:
        import typst
    except ImportError as missing:
        raise print_missing("typst") from missing
    plan = draft(weave)
    with font_folder() as folder:
        cloth = _cloth(weave, plan)
        (folder / "cloth.svg").write_text(cloth, encoding="utf-8")
        (folder / "poster.typ").write_text(typeset(weave, plan, sized(cloth)), encoding="utf-8")

        # Its stubs cannot say which of their overloads a call with a root is.
        compile_: Any = typst.compile

        def compiled(standards: list[str]) -> bytes:
            return bytes(
                compile_(
                    str(folder / "poster.typ"),
                    root=str(folder),
                    font_paths=[str(folder)],
                    format="pdf",
                    pdf_standards=standards,
                    timestamp=0,
                )
            )

        try:
            return compiled(["ua-1"])
        except typst.TypstError:
            return compiled([])


def sized(svg: str) -> tuple[float, float]:
    """How large the cloth stands on the sheet, in mm: as wide as the text unless that is too high."""
    _, _, width, height = (float(v) for v in svg.partition('viewBox="')[2].split('"')[0].split())
    scale = min(TEXT_MM / width, CLOTH_MM_HIGH_MAX / height)
    return round(width * scale, 1), round(height * scale, 1)


def typeset(weave: Weave, plan: Draft, cloth_mm: tuple[float, float]) -> str:
    """The poster as Typst source. `cloth.svg` stands beside it."""
    tones = GROUNDS["day"]
    main = main_language(weave)
    title = quoted(weave.title) if said(weave.title, 10) else '"Untitled"'
    rows: list[str] = []
    for p, passage in enumerate(weave.passages):
        if not passage.lines:
            continue  # an empty heading on a wall only puzzles
        named = " · ".join(said(weave.motifs[m].name, 120) for m in passage.motifs)
        rows.append(f"#passage({quoted(f'{p + 1}. {named}'.rstrip('. '))})")
        rows += [
            _line(weave, weave.fragments[weave.lines[w].fragment_i], main) for w in passage.lines
        ]
    if weave.chorus:
        rows.append('#passage("Chorus")')
        rows += [
            _line(weave, weave.fragments[line.fragment_i], main, share(line.voice))
            for line in weave.chorus
        ]
    invented = "Invented: every person and every word. " if weave.invented else ""
    opening = quoted(f"{invented}{_opening(weave)}")
    described_cloth = quoted(described(weave, plan, "fair") + " The whole text follows.")
    size = _text_pt(weave, cloth_mm[1])
    n_columns = 4 if size < 17 else 3
    small = round(size * 0.74, 1)
    return f"""\
#set document(title: {title}, author: (), date: none)
#set page(
  width: {PAGE_MM[0]}mm, height: {PAGE_MM[1]}mm,
  margin: (x: 40mm, top: 38mm, bottom: 34mm), fill: rgb("{tones.ground}"),
)
#let serif = ("{SERIF_FAMILY}", "Noto Serif", "DejaVu Serif")
#let sans = ("{SANS_FAMILY}", "Noto Sans", "DejaVu Sans")
#set text(
  font: sans, size: 13.2pt, fill: rgb("{tones.ink}"), lang: "{_lang(main) or "en"}",
  hyphenate: false,
)
#set par(leading: 0.55em)
#show heading.where(level: 1): it => text(font: serif, size: 70pt, weight: 400, it.body)
#show heading.where(level: 2): it => block(
  above: 8mm, below: 3.8mm, sticky: true,
  text(font: serif, style: "italic", size: {round(size * 1.45, 1)}pt, weight: 500, it.body),
)
#let passage(name) = heading(level: 2, outlined: true, name)
#let line(dye, language, words, about) = block(
  above: 2mm, below: 2mm, stroke: (left: 1.1mm + rgb(dye)), inset: (left: 2.8mm, y: 0.4mm),
)[#text(font: serif, size: {size}pt, lang: language, words)#if about != "" [ #text(
  size: {small}pt, fill: rgb("{tones.quiet}"), about)]]
#heading(level: 1, {title})
#v(2mm)
#text(size: 18pt, fill: rgb("{tones.quiet}"), {opening})
#v(6mm)
#align(center, image("cloth.svg", width: {cloth_mm[0]}mm, alt: {described_cloth}))
#v(4mm)
#columns({n_columns}, gutter: 10mm)[
{chr(10).join(rows)}
]
"""


def quoted(text: str) -> str:
    """A stranger's words as a Typst string: nothing in it is ever read as code."""
    shown = said(text, 100_000)
    return '"' + shown.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _line(weave: Weave, fragment: Fragment, main: str, *more: str) -> str:
    """One line: a bar in its feeling's colour, its words, and beside them the feeling's word."""
    name = weave.threads[fragment.thread_i].name if weave.named else None
    lang = _lang(fragment.lang)
    other = lang if lang != _lang(main) else ""
    about = ", ".join(p for p in (said(name or "", 60), felt(fragment), other, *more) if p)
    dye = dye_of(fragment.feeling).day_text if fragment.feeling else GROUNDS["day"].linen
    return (
        f'#line("{dye}", "{lang or _lang(main) or "en"}", {quoted(fragment.text)}, {quoted(about)})'
    )


def _text_pt(weave: Weave, cloth_mm: float) -> float:
    """How large the words may be, by the room that the cloth leaves and how many they are."""
    spoken = [weave.lines[w].fragment_i for passage in weave.passages for w in passage.lines]
    spoken += [line.fragment_i for line in weave.chorus]
    # A line's small print and the space around it cost about as much as 40 letters.
    letters = sum(len(weave.fragments[f].text) + 40 for f in spoken) + 90 * len(weave.passages)
    room = TEXT_MM * max(0.0, PAGE_MM[1] - 150 - cloth_mm)
    # A letter takes about half an em by 1.45; a point is 0.353 mm. The last column is hardly ever full.
    size = math.sqrt(1.05 * room / max(1, letters) / (0.5 * 1.45 * 0.353**2))
    return round(min(TEXT_PT[1], max(TEXT_PT[0], size)), 1)


def _lang(lang: str) -> str:
    """A language as Typst takes it, or nothing."""
    return lang if _LANG.fullmatch(lang) and lang != "und" else ""


def _opening(weave: Weave) -> str:
    people = f"{weave.n_tellers:,} {'person' if weave.n_tellers == 1 else 'people'}"
    kept = (
        f" {weave.n_open:,} {'warp is' if weave.n_open == 1 else 'warps are'} kept open for those "
        f"who were invited and could not come."
        if weave.n_open
        else ""
    )
    return (
        f"Woven by {people}, in their own words. Columns are threads and rows are passages; "
        f"a linen weft joins those who met in the same image.{kept}"
    )


def _cloth(weave: Weave, plan: Draft) -> str:
    """The shaded cloth in its border, without title and counts: the poster says those itself."""
    yarn_px = min(24, max(4, CLOTH_PX // plan.n_ends))
    data = base64.b64encode(png_of(shaded(plan, "day", weave.seed, yarn_px))).decode()
    body = (
        f'<image width="{plan.n_ends}" height="{plan.n_picks}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/>{fringe_svg(weave, plan, "day")}'
    )
    return framed(weave, plan, "day", "fair", body, titled=False)
