"""The log: each sentence once, never two within two seconds, and covered words by nobody unasked."""

from __future__ import annotations

import re
import time

import pytest
from live_gathering import going
from node_in_browser import Node, Phone

from dreamweave.app import telling

pytestmark = pytest.mark.browser

# What a screen reader was given, one after another, and what stands in the list.
SAID = "() => globalThis.heardByEar ?? []"
EAR = """() => {
  globalThis.heardByEar = [];
  new MutationObserver(() => {
    const text = document.querySelector('[data-voice]').textContent;
    if (text) globalThis.heardByEar.push(text);
  }).observe(document.querySelector('[data-voice]'), { childList: true });
}"""
LISTED = (
    "() => [...document.querySelectorAll('[data-log] li > p:not(.by)')].map(p => p.textContent)"
)


@pytest.fixture(scope="module")
def begun():
    """One gathering for all of these, with nothing told in it yet."""
    held = going(Node())
    yield held
    held.node.stop()
    held.node.house.rooms.close()


@pytest.fixture
def page(chromium, begun):
    """A page of it whose time a test winds by hand."""
    phones = []

    def opened(**how):
        phone = Phone(chromium, begun.node, begun.host_token, service_workers="block", **how)
        phones.append(phone)
        phone.context.route("**/live-picture-*.js", lambda route: route.abort())
        tab = phone.tab(f"/gatherings/{begun.g}")
        tab.clock.install()
        tab.wait_for_selector("[data-voice]", state="attached")
        tab.evaluate(EAR)
        return tab

    yield opened
    complaints = [complaint for phone in phones for complaint in phone.complaints]
    for phone in phones:
        phone.leave()
    assert complaints == []


def come(tab, text, where="[data-log]"):
    """Wait until it is there; a moment at a time, so that no sentence is due before its time."""
    has = "([w, t]) => document.querySelector(w).textContent.includes(t)"
    for _ in range(600):
        if tab.evaluate(has, [where, text]):
            return
        tab.clock.run_for(5)
        time.sleep(0.01)
    raise AssertionError(f"{text!r} did not come")


def settle(tab, n=6):
    for _ in range(n):
        tab.clock.run_for(2_000)


def test_each_sentence_is_there_once_and_never_two_within_two_seconds(begun, page):
    tab = page()
    teller = begun.people[0][0]
    begun.tells(teller, "The stairs bow. The door waits. Somebody counts the spoons.")
    come(tab, "Somebody counts the spoons.")  # seen at once, and heard in its time
    assert tab.evaluate(LISTED)[-3:] == [
        "The stairs bow.",
        "The door waits.",
        "Somebody counts the spoons.",
    ]
    come(tab, "The stairs bow.", "[data-voice]")
    for _ in range(3):  # whatever else is heard meanwhile
        begun.says(["hold", 0])
    tab.clock.run_for(1_900)
    assert "The door waits." not in tab.evaluate(SAID)
    tab.clock.run_for(150)
    come(tab, "The door waits.", "[data-voice]")
    assert "Somebody counts the spoons." not in tab.evaluate(SAID)
    settle(tab)
    said = tab.evaluate(SAID)
    assert said[-3:] == ["The stairs bow.", "The door waits.", "Somebody counts the spoons."]
    assert len(said) == len(set(said))
    listed = tab.evaluate(LISTED)
    assert len(listed) == len(set(listed))


def test_a_flood_is_told_as_a_number_and_stands_in_the_text(begun, page):
    tab = page()
    for k in range(9):
        begun.tells(begun.people[k % 2][0], f"Flood {k} begins. Flood {k} goes on.")
    tab.evaluate("() => document.querySelector('.three button').click()")
    for k in range(9):
        come(tab, f"Flood {k} goes on.", "#read")
    settle(tab, 14)
    said = tab.evaluate(SAID)
    n_left_out = sum(f"Flood {k} goes on." not in said for k in range(9))
    assert n_left_out > 0
    assert any(re.match(r"\d more lines? w", one) for one in said)
    assert len(said) == len(set(said))


def test_covered_words_are_announced_by_their_note_alone(begun, page):
    tab = page()
    begun.tells(begun.people[0][0], "The cellar fills with bees.", note="insects")
    come(tab, "insects")
    come(tab, "insects", "[data-voice]")
    assert "bees" not in " ".join(tab.evaluate(SAID))
    shown = tab.evaluate("() => document.querySelector('[data-log] li:last-child').innerText")
    assert "insects" in shown
    assert "bees" not in shown


def test_a_sentence_that_waits_is_not_said_once_it_was_taken_back(begun, page):
    tab = page()
    teller = begun.people[0][0]
    begun.tells(teller, "First of two. Then quillfeather comes.")
    own = telling.mine(begun.ground, teller, begun.g)[-1].r
    come(tab, "First of two.", "[data-voice]")
    telling.take_back(begun.ground, teller, begun.g, own, once="once-take-back-1")
    come(tab, "A line was taken back.")
    settle(tab)
    assert "quillfeather" not in tab.inner_text("body")
    assert "First of two." not in tab.evaluate(LISTED)
    assert "quillfeather" not in " ".join(tab.evaluate(SAID))


def test_who_wants_quiet_hears_of_new_lines_when_they_ask(begun, page):
    tab = page()
    tab.get_by_role("button", name="Announce new lines only when I ask").click()
    assert tab.get_attribute("[data-voice]", "aria-live") == "off"
    begun.tells(begun.people[1][0], "A lamp is learning to swim.")
    come(tab, "A lamp is learning to swim.")
    tab.get_by_role("button", name="Say what is new").click()
    assert "A lamp is learning to swim." in tab.inner_text(".about-live")
    tab.get_by_role("button", name="Say what is new").click()
    assert "Nothing new was told." in tab.inner_text(".about-live")


def test_past_forty_eight_people_a_passage_is_one_sentence(begun, page):
    tab = page()
    begun.says(["seats", 60, 0, 4])
    come(tab, "60 voices", ".state")
    begun.tells(begun.people[0][0], "The sea is late.")
    come(tab, "The sea is late.", ".spoken")
    assert "The sea is late." not in tab.evaluate(LISTED)
    lanes = begun.picture().lanes
    begun.says(["passage", len(lanes), list(lanes[-1])])
    come(tab, "Passage ")
    begun.says(["seats", 3, 0, 4])
