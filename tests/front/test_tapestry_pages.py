"""The pages of tapestries in a real browser: narrow and wide, by night and by day, and without a script."""

from __future__ import annotations

from pathlib import Path

import pytest
from finished_gatherings import ARABIC, CANARY, TEXTS, Finished, loom
from makers_ground import a_dreamer
from makers_web import SmallHouse, SmallSettings
from node_in_browser import SMALL, Node, Phone

from dreamweave.app import publishing
from dreamweave.app.reflecting import reflect

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "front/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
WIDE = {"width": 1280, "height": 900}

pytestmark = pytest.mark.browser


class Woven(Node):
    """A node on which a gathering is over, published, and said something about."""

    def __init__(self):
        super().__init__()
        self.over = Finished(texts=(*TEXTS, ARABIC), named=True, notes={1: "deep water"})
        ground, g = self.over.ground, self.over.g
        self.house = SmallHouse(ground=ground, settings=SmallSettings())
        for r, who in enumerate(self.over.tellers[:5]):
            publishing.lend_line(ground, who, g, r, under="named", licence="quote")
        publishing.publish(ground, self.over.host, g, weaver=loom)
        reflect(ground, self.over.ann, g, 0, "We never say it aloud.", lang="en")
        self.stranger = a_dreamer(ground)


@pytest.fixture
def woven():
    node = Woven()
    node.start()
    node.app.state.limiter.kinds = {}
    yield node
    node.stop()


@pytest.fixture
def look(chromium, woven):
    """A page for somebody: `look(who, path, viewport=...)`."""
    phones = []

    def looked(who, path, **how):
        phone = Phone(
            chromium, woven, woven.house.sign_in(who), **{"service_workers": "block", **how}
        )
        phones.append(phone)
        tab = phone.context.new_page()
        tab.goto(woven.address + path)
        return tab

    yield looked
    complaints = [one for phone in phones for one in phone.complaints]
    for phone in phones:
        phone.leave()
    assert complaints == []


def violations(tab):
    tab.evaluate(AXE)
    return tab.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
        "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]))"
    )


def test_axe_finds_nothing_and_nothing_runs_over_the_edge(woven, look):
    g, wrong = woven.over.g, {}
    for name, who, path in (
        ("whoever was there", woven.over.ann, f"/tapestries/{g}"),
        ("its host", woven.over.host, f"/tapestries/{g}"),
        ("everybody", woven.stranger, f"/tapestries/{g}"),
        ("the archive", woven.stranger, "/tapestries"),
        ("an empty one", a_dreamer(woven.over.ground), "/tapestries?motif=submarine"),
    ):
        tab = look(who, path)
        assert tab.locator("h1").text_content() in ("The night of the stairs", "Tapestries")
        tab.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
        for size, ground in ((SMALL, "day"), (WIDE, "night")):
            tab.set_viewport_size(size)
            tab.evaluate(f"document.documentElement.dataset.look = '{ground}'")
            over = tab.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if over > 0:
                wrong[name, ground, "sideways"] = over
            if found := violations(tab):
                wrong[name, ground] = found
    assert wrong == {}


def test_without_a_script_it_is_read_lit_up_and_taken_back(woven, look):
    tab = look(woven.over.cleo, f"/tapestries/{woven.over.g}", java_script_enabled=False)
    assert CANARY in tab.content()
    assert tab.locator(".line.mine").count() >= 1
    # With a note in it the picture waits after the text, where a keyboard comes to it.
    land, text = (tab.locator(one).bounding_box() for one in (".land", ".the-text"))
    assert land["y"] > text["y"]

    tab.locator(".line.mine button").first.click()

    tab.wait_for_url("**said=taken-back")
    assert CANARY not in tab.content()
    assert "It is woven again without them, by itself." in tab.content()
    assert woven.over.turn() == 2
    tab.get_by_text("Look again").click()
    assert TEXTS[0] in tab.content()
    assert CANARY not in tab.content()


def test_the_pictures_of_both_faces_are_drawn(woven, look):
    for who in (woven.over.ann, woven.stranger):
        tab = look(who, f"/tapestries/{woven.over.g}")
        assert not tab.locator(".land img").is_visible()  # a note stands before a word in it
        tab.locator(".land summary").click()
        tab.locator(".land img").scroll_into_view_if_needed()
        tab.wait_for_function(
            "() => [...document.querySelectorAll('.land img')].every("
            "(i) => i.complete && i.naturalWidth > 0)"
        )
        tab = look(who, "/tapestries")
        tab.wait_for_function(
            "() => [...document.querySelectorAll('.window img')].every("
            "(i) => i.complete && i.naturalWidth > 0)"
        )
