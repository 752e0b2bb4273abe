"""Every relative link of the documentation leads somewhere, and so does every file it names.

Anchors are checked against the headings of the page they point into. Links to
other sites are not followed: tests ask no network.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
OF_OURS = re.compile(r"`((?:tests|src|deploy|tools|bench|front|docs)/[\w./-]+)`")


def text_of(page: Path) -> str:
    return FENCED.sub("", page.read_text(encoding="utf-8"))


def broken(page: Path, text: str) -> list[str]:
    found = []
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        to = (page.parent / unquote(path)).resolve() if path else page
        if not to.exists() or (anchor and anchor not in anchors(to)):
            found.append(target)
    found += [name for name in OF_OURS.findall(text) if not (ROOT / name).exists()]
    return found


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).strip().replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_link_and_every_file_named_is_there(page):
    assert broken(page, text_of(page)) == []


def test_a_link_to_nowhere_is_seen():
    text = "[a](nowhere.md) [b](#nothing) [c](index.md) [d](https://example.org) `tests/none.py`"

    assert broken(DOCS / "index.md", text) == ["nowhere.md", "#nothing", "tests/none.py"]


def pages_linked_from(page: Path) -> set[Path]:
    return {
        (page.parent / target.partition("#")[0]).resolve()
        for target in LINK.findall(text_of(page))
        if target.partition("#")[0].endswith(".md") and ":" not in target
    }


def test_the_first_page_leads_to_every_other():
    linked = pages_linked_from(DOCS / "index.md")

    # Decisions are reached through the first of them.
    missing = {p for p in DOCS.rglob("*.md") if p.parent.name != "decisions"} - linked
    assert missing == {DOCS / "index.md"}


def listed(nav: object) -> set[str]:
    """The pages of zensical.toml's nav, however deep."""
    if isinstance(nav, str):
        return {nav}
    inner = nav.values() if isinstance(nav, dict) else nav
    return set().union(*map(listed, inner)) if isinstance(nav, (dict, list)) else set()


def test_every_page_has_its_place_in_the_menu():
    nav = tomllib.loads((ROOT / "zensical.toml").read_text())["project"]["nav"]

    assert listed(nav) == {p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md")}
