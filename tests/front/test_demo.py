"""The demonstration, played the whole way through as a visitor would.

One browser, one node that was started as a person starts it, nothing faked: the
dreamscape grows, the visitor tells a line, finds their thread, asks who is
missing, takes the line back, sees the Landscape at the closing and opens the
tapestry.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

from dreamweave.app.play_script import evening

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

MINE = "A heron in a raincoat delivered the moon to our stairs."
# Patience, not a figure: two cores may be busy with everything else.
PATIENT_MS = 150_000


@pytest.fixture(scope="module")
def address():
    command = [sys.executable, "-m", "dreamweave", "demo", "--no-open", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--speed", "3"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        yield re.search(r"http://\S+", process.stdout.readline())[0]
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def visitor(chromium, address):
    """A visitor's page; whatever it complains of fails the test."""
    context = chromium.new_context(
        viewport={"width": 960, "height": 640}, service_workers="block", reduced_motion="reduce"
    )
    context.set_default_timeout(PATIENT_MS)
    tab = context.new_page()
    complaints = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.goto(address)
    yield tab
    tab.close()
    context.close()
    assert complaints == []


def asked(tab, path):
    return json.loads(tab.evaluate("(p) => fetch(p).then((r) => r.text())", path))


def parts_of(text):
    """Its sentences, of those that have a few words."""
    return [one for one in re.split(r"(?<=[.!?。]) ?", text) if len(one) > 12]


def path_of(tab):
    return tab.evaluate("() => location.pathname")


def test_a_visitor_sees_it_grow_takes_part_takes_back_and_opens_the_tapestry(visitor):
    tab = visitor
    here = path_of(tab)
    assert re.fullmatch(r"/gatherings/[0-9A-Z]{26}", here)
    assert "Everybody here is invented" in tab.inner_text("[data-demo]")

    # It grows: people come in, and lines are told and woven. When the telling begins, the page
    # that was read before it reads itself afresh, once.
    tab.wait_for_selector("form[data-tell]", state="attached")
    tab.wait_for_load_state()
    tab.wait_for_function("() => document.querySelectorAll('[data-log] li').length >= 4")
    tab.wait_for_selector("[data-picture] canvas", state="attached")
    before = len(asked(tab, f"/api{here}/words")["reports"])

    # Held for a moment, so that a slow machine's visitor is not overtaken.
    tab.get_by_role("button", name="Pause").click()
    tab.get_by_role("button", name="Step forward").click()
    tab.fill("#live-text", MINE)
    tab.check(".feeling.wonder input")
    tab.get_by_role("button", name="Tell", exact=True).click()
    tab.wait_for_function(
        "(t) => document.querySelector('[data-log] li.mine')?.textContent.includes(t)", arg=MINE
    )
    mine = asked(tab, f"/api{here}/mine")["mine"]
    assert len(mine) == 1
    r = mine[0]["r"]
    acts = asked(tab, f"/api{here}/picture")["acts"]
    assert any(act[0] == "told" and act[1] == r for act in acts)
    tab.evaluate("() => document.querySelector('.leaf:not([hidden]) > .close')?.click()")

    # Whose voices does this hold?
    tab.get_by_role("button", name="Who is missing").click()
    tab.wait_for_selector("#voices:not([hidden])")
    assert "Whose voices does this hold?" in tab.inner_text("#voices")
    assert "Level Minus Three" in tab.inner_text("#voices")
    tab.evaluate("() => document.querySelector('.leaf:not([hidden]) > .close')?.click()")

    # Taken back, it leaves the page and the node.
    tab.get_by_role("button", name="Read").click()
    tab.get_by_role("button", name="Take it back").click()
    tab.get_by_role("dialog").get_by_role("button", name="Take it back").click()
    tab.wait_for_function(
        "(t) => ![...document.body.querySelectorAll('*:not(script)')].some("
        "n => n.children.length === 0 && n.textContent.includes(t))",
        arg="heron in a raincoat",
    )
    assert "heron" not in json.dumps(asked(tab, f"/api{here}/words"))
    assert ["gone", r] in asked(tab, f"/api{here}/picture")["acts"]
    tab.evaluate("() => document.querySelector('.leaf:not([hidden]) > .close')?.click()")

    # On to the closing: nobody waits two minutes for a test.
    tab.get_by_role("button", name="Go on").click()
    for _ in range(3):
        tab.get_by_role("button", name="Faster").click()
    tab.wait_for_selector("[data-landscape] svg text")
    sentences = tab.locator("[data-landscape] svg text").count()
    assert sentences > 40
    assert len(asked(tab, f"/api{here}/words")["reports"]) > before

    # And what came of it.
    tab.wait_for_selector(".three [data-afterwards]:not([hidden])")
    tab.goto(f"{tab.url.partition('/gatherings')[0]}/tapestries/{here.rpartition('/')[2]}")
    assert "The Tide Came Up the Stairs" in tab.inner_text("h1")
    text = tab.text_content("main")
    assert "heron" not in text
    # Which lines were chosen is the seed's; that they are these people's own words is not.
    told = [row["text"] for row in evening().reports.values()]
    assert sum(any(part in text for part in parts_of(one)) for one in told) >= 20

    # Once more from the beginning, in another gathering.
    tab.get_by_role("button", name="Play it again").click()
    tab.wait_for_function(
        "(h) => location.pathname !== h && /gatherings/.test(location.pathname)", arg=here
    )
