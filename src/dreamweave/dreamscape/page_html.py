"""Small pieces of HTML: the only place where words become markup.

Everything a person told passes through `esc` here and nowhere else. This file
knows no weave; it writes tags.
"""

from __future__ import annotations

import html
import json
import re

# Control characters have no place in a document and some readers stop at them.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def esc(text: str) -> str:
    """Text, safe between tags and inside a double-quoted attribute."""
    return html.escape(_CONTROL.sub("", text), quote=True)


def words(text: str, lang: str, tag: str = "span", css: str = "") -> str:
    """Somebody's own words, in their language and their direction."""
    named = f' lang="{esc(lang)}"' if lang and lang != "und" else ""
    styled = f' class="{css}"' if css else ""
    return f'<{tag}{styled}{named} dir="auto">{esc(text)}</{tag}>'


def data_script(name: str, value: object) -> str:
    """A JSON block that no text inside it can end.

    `<` would let a closing tag through; U+2028 and U+2029 end lines for older
    readers of scripts.
    """
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for raw in ("<", "\u2028", "\u2029"):
        text = text.replace(raw, f"\\u{ord(raw):04x}")
    return f'<script type="application/json" id="{name}">{text}</script>'


def count(n: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 voice", "5,000 voices"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def percent(share: float) -> str:
    """A share as a reader says it; never "0 %" for something that is there."""
    if 0 < share < 0.005:
        return "less than 1 %"
    return f"{round(100 * share)} %"
