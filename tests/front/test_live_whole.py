"""One's own thread on the live page, and the one time that everything moves: when the whole was woven."""

from __future__ import annotations

import io
import json

import makers_weaves as makers
import numpy as np
import pytest
from finished_gatherings import Finished
from live_gathering import LINES
from own_scripts import own_scripts
from PIL import Image

from dreamweave.app import tapestries
from dreamweave.dreamscape.scene import scene

pytestmark = pytest.mark.browser

SMALL = {"width": 640, "height": 420}
COUNTRY = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
    '<text data-order="0" y="10">first</text></svg>'
)


def picture(tab):
    """The picture alone, once nothing moves: without the words that stand over it."""
    tab.wait_for_timeout(400)
    tab.evaluate(
        """() => {
          for (const one of document.querySelectorAll(".live-sky > :not(.picture), .top, .demo"))
            one.style.visibility = "hidden";
        }"""
    )
    taken = tab.locator("[data-picture]").screenshot()
    tab.evaluate(
        """() => {
          for (const one of document.querySelectorAll(".live-sky > *, .top, .demo"))
            one.style.visibility = "";
        }"""
    )
    return np.asarray(Image.open(io.BytesIO(taken)).convert("RGB"), dtype=int)


def shown(tab, holds):
    """The picture as soon as that holds of it; as it is in the end where it never does."""
    for _ in range(20):
        taken = picture(tab)
        if holds(taken):
            break
    return taken


def differing(a, b):
    return int((np.abs(a - b).max(axis=2) > 40).sum())


def white(taken):
    return int((taken > 235).all(axis=2).sum())


def drawn(tab):
    tab.wait_for_function("() => performance.getEntriesByName('dreamweave-drawn').length > 0")


# ------------------------------------------------------------------ one's own thread


def test_ones_own_thread_lights_up_after_telling_and_one_walks_from_it(live):
    held, page = live([], n_expected=6)
    for text, feeling, _ in LINES[:4]:
        held.tells(held.host, text, feeling=feeling)
    larger = {"width": 900, "height": 640}
    tab = page(held.people[0][1], picture=True, viewport=larger)
    other = page(held.people[1][1], picture=True, viewport=larger)
    for one in (tab, other):
        drawn(one)
    before = white(picture(tab)), white(picture(other))

    tab.get_by_role("button", name="Step forward").click()
    tab.fill("#live-text", "A thread of light went through the forest.")
    tab.get_by_role("button", name="Tell", exact=True).click()
    tab.wait_for_selector("[data-log] li.mine >> text=A thread of light")
    other.wait_for_selector("[data-log] li >> text=A thread of light")
    own = white(shown(tab, lambda taken: white(taken) > 100))
    theirs = white(picture(other))
    assert own > 100
    assert max(*before, theirs) < 20  # on nobody else's screen
    tab.locator("[data-log] li.mine", has_text="A thread of light").click()
    focused = "() => document.activeElement.closest('li[data-r]')?.textContent ?? ''"
    assert "A thread of light" in tab.evaluate(focused)
    tab.keyboard.press("t")  # along the thread, round to its first
    assert tab.evaluate("() => document.activeElement.closest('li[data-r]') !== null")


# ------------------------------------------------------------------ the whole


def made(held, **more):
    """A whole as the node hands it out: a woven sample, its threads told by whoever is here."""
    laid = scene(makers.sample_like())
    told = sorted(held.picture().told)
    laid["reports"] = [told[k] if k < len(told) else 900 + k for k in range(len(laid["strand_of"]))]
    return json.dumps({**laid, **more})


def at_the_closing(tab, held, whole):
    asked = []

    def answer(route):
        asked.append(route.request.url)
        if whole is None:
            route.abort()
        else:
            route.fulfill(content_type="application/json", body=whole)

    tab.route("**/scene", answer)
    tab.route("**/landscape?*", lambda r: r.fulfill(content_type="image/svg+xml", body=COUNTRY))
    return asked


def over(tab, held):
    """The telling is over: what was still to come is dark no more."""
    held.says(["phase", 2], ["phase", 3])
    tab.wait_for_function(
        "() => document.querySelector('[data-phase]').textContent.startsWith('The telling is over')"
    )


def test_the_whole_settles_then_the_landscape_comes_and_both_go_when_it_falls(live):
    held, page = live(LINES[:8])
    tab = page(held.people[0][1], picture=True, viewport=SMALL, reduced_motion="reduce")
    drawn(tab)
    asked = at_the_closing(tab, held, made(held))
    over(tab, held)
    before = picture(tab)

    held.says(["settled", 1])
    tab.wait_for_selector("[data-landscape] svg")
    settled = shown(tab, lambda taken: white(taken) > 15)
    held.says(["settled", 0])
    tab.wait_for_selector("[data-landscape]", state="hidden")

    fallen = shown(tab, lambda taken: differing(before, taken) < 60)
    assert asked == [f"{held.node.address}/gatherings/{held.g}/scene"]
    assert differing(before, settled) > 2_000
    assert white(settled) > 15  # one's own thread is lit in the whole as well
    assert differing(before, fallen) < 60


def test_a_whole_that_cannot_be_had_leaves_the_picture_as_it_is(live):
    held, page = live(LINES[:8])
    tab = page(picture=True, viewport=SMALL, reduced_motion="reduce")
    drawn(tab)
    at_the_closing(tab, held, None)
    over(tab, held)
    before = picture(tab)

    held.says(["settled", 1])

    tab.wait_for_selector("[data-landscape] svg")  # it is fetched for itself
    assert differing(before, picture(tab)) < 60


def test_whoever_comes_after_the_closing_sees_it_settled_and_nothing_moves(live):
    held, page = live(LINES[:8])
    tab = page(picture=True, viewport=SMALL)
    drawn(tab)
    at_the_closing(tab, held, made(held))
    before = picture(tab)
    tab.route(
        f"**/gatherings/{held.g}",
        lambda route: route.fulfill(
            response=(came := route.fetch()),
            body=came.text().replace('["settled", 0]', '["settled", 1]'),
        ),
    )
    with tab.expect_response("**/scene"):
        tab.reload()
    drawn(tab)

    def moved(taken):
        return differing(before, taken) > 2_000

    assert moved(shown(tab, moved))
    assert tab.locator("[data-landscape] svg").count() == 0  # it was revealed when it was new
    # Whose voices these are is looked at where they were told; then the whole lies there again.
    tab.get_by_role("button", name="Who is missing").click()
    undyed = picture(tab)
    tab.keyboard.press("Escape")
    again = shown(tab, lambda taken: differing(undyed, taken) > 2_000)
    assert differing(undyed, again) > 2_000


def test_every_thread_comes_from_the_warp_it_was_told_on():
    """A gathering really woven: the node's own scene, in the page's own code."""
    over = Finished()
    seen = tapestries.tapestry(over.ground, over.ann, over.g, "inside")
    laid = json.loads(tapestries.part(over.ground, over.ann, seen, "scene"))
    laid["reports"] = tapestries.reports_of(over.ground, over.ann, seen)
    shown = over.on.picture()
    told = {r: one.warp for r, one in shown.told.items()}

    with own_scripts("../live/whole") as ask:
        on = [[r, {"warp": warp}] for r, warp in told.items()]
        (found,) = ask(["laidOut", [laid, on, list(shown.open)]])

    assert sorted(laid["reports"]) == sorted(told)
    strands = {r: laid["strand_of"][k] for k, r in enumerate(laid["reports"])}
    assert {int(r): strand for r, strand in found["strands"].items()} == strands
    for r, strand in strands.items():
        assert found["warps"][strand] == told[r]
    assert [found["warps"][strand] for strand in laid["open"]] == sorted(shown.open)[
        : len(laid["open"])
    ]
