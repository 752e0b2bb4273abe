"""Reading pages as a machine does: what a page holds, without a browser.

Gathers what tests ask of every page: inline script and style, labels, headings,
landmarks, ids, links, and the words that somebody reads.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
SHAPES = {"path", "circle", "rect", "use", "line"}
FIELDS = {"input", "select", "textarea"}


@dataclass
class Page:
    """What stands in a page."""

    lang: str = ""
    dir: str = ""
    h1: int = 0
    landmarks: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    forms: list[dict[str, str]] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)  # (where, words that are the page's)
    unlabelled: list[str] = field(default_factory=list)
    _labels: set[str] = field(default_factory=set)
    _fields: list[tuple[str, str, bool]] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page()
        self.open: list[tuple[str, dict[str, str]]] = []

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs, closed=True)

    def handle_starttag(self, tag, attrs, closed=False):
        held = {name: value or "" for name, value in attrs}
        page = self.page
        for name, value in held.items():
            if name == "style" or name.startswith("on"):
                page.faults.append(f"<{tag} {name}>")
            if name in ("href", "src", "action") and value.strip().lower().startswith(
                ("javascript:", "data:text", "http:", "//")
            ):
                page.faults.append(f"<{tag} {name}={value[:30]}>")
        if tag in ("style", "base", "iframe", "object", "embed", "font"):
            page.faults.append(f"<{tag}>")
        if tag == "script" and not held.get("src") and held.get("type") != "application/json":
            page.faults.append("<script> without src")
        if tag == "meta" and "http-equiv" in held:
            page.faults.append("<meta http-equiv>")
        if tag == "html":
            page.lang, page.dir = held.get("lang", ""), held.get("dir", "")
        if tag == "h1":
            page.h1 += 1
        if tag in ("header", "main", "nav", "footer"):
            page.landmarks.append(tag)
        if "id" in held:
            page.ids.append(held["id"])
        if tag == "a" and "href" in held:
            page.links.append(held["href"])
        if tag in ("img", "script", "link", "source") and (held.get("src") or held.get("href")):
            page.loaded.append(held.get("src") or held.get("href", ""))
        if tag == "form":
            page.forms.append(held)
        if tag == "label":
            page._labels.add(held.get("for", ""))
        if tag in FIELDS and held.get("type") not in ("hidden", "submit"):
            inside = any(t == "label" for t, _ in self.open)
            named = inside or "aria-label" in held
            page._fields.append((held.get("id", ""), held.get("name", tag), named))
        for name in ("aria-label", "alt", "title", "placeholder"):
            if held.get(name) and not self._others(tag, held):
                page.texts.append((f"{tag}[{name}]", held[name]))
        if tag not in VOID and not closed:
            self.open.append((tag, held))

    def handle_endtag(self, tag):
        for i in range(len(self.open) - 1, -1, -1):
            if self.open[i][0] == tag:
                del self.open[i:]
                break

    def handle_data(self, data):
        words = data.strip()
        if words and not any(
            t in ("script", "textarea") or self._others(t, a) for t, a in self.open
        ):
            where = "/".join(t for t, _ in self.open[-3:])
            self.page.texts.append((where, words))

    def _others(self, tag, held):
        """Whether what stands here is somebody's words, a name or a code, and not the page's."""
        if tag == "html":
            return False
        return (
            tag == "bdi"
            or (tag == "svg" and "pattern" in held.get("class", "").split())
            or held.get("dir") in ("auto", "ltr")
            or held.get("translate") == "no"
            or "code" in held.get("class", "").split()
            or ("lang" in held and held["lang"] != "en-XA")
        )


def read(html: str) -> Page:
    """Read a page."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    page = reader.page
    page.unlabelled = [
        name for id, name, named in page._fields if not named and id not in page._labels
    ]
    return page
