"""Telling aloud in a gathering, and lending from one's journal there: heard by the node and by nobody else.

The microphone is Chromium's made-up one (a beep); everything behind it is real.
"""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace

import pytest
from makers_ground import a_report

from dreamweave.app.journals import keep_report, piece, reports
from dreamweave.model.acts import VOICE

pytestmark = pytest.mark.browser

BIG = ".recorder .big"
PLAYER = "[data-voice] audio:not([hidden])"
# Browsers have a way to send a voice to whoever made them. Nobody may take it.
VENDORS = """window.n_vendors = 0;
for (const name of ["SpeechRecognition", "webkitSpeechRecognition"])
  window[name] = class { constructor() { window.n_vendors++; throw new Error("a vendor's ear"); } };"""
# A transcriber as a keeper sets one up: it reads what was recorded, and says one thing.
WRITES_DOWN = """import sys
assert sys.stdin.buffer.read()
print('{"text": "A staircase, and water.", "lang": "en"}')"""


def step_forward(tab):
    tab.get_by_role("button", name="Step forward").click()


def record(tab, ms):
    tab.click(BIG)
    tab.wait_for_selector(f"{BIG}.on")
    tab.wait_for_timeout(ms)


def told(tab):
    tab.wait_for_function(
        "() => document.querySelector('[data-sent]').textContent.startsWith('Told')"
    )


def test_what_is_told_aloud_stays_audio_in_the_journal_and_its_words_are_woven(live):
    held, page = live([])
    theirs = held.tells(held.host, "The house is made of paper.")
    (ann, token), _ = held.people
    tab = page(token, before=VENDORS)
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.locator(f'[data-walk] li[data-r="{theirs}"]').wait_for(state="attached")
    tab.get_by_role("button", name="Read").click()
    tab.locator(f'[data-walk] li[data-r="{theirs}"]').get_by_text("This reminds me of…").click()
    record(tab, 900)
    tab.get_by_role("button", name="Tell", exact=True).click()  # ends the recording as well

    tab.wait_for_selector(PLAYER)
    assert "Write a few words of it too" in tab.text_content("[data-sent]")
    assert held.told()[-1]["r"] == theirs
    tab.fill("#live-text", "A lamp in the paper house.")
    tab.get_by_role("button", name="Tell", exact=True).click()
    told(tab)

    last = held.told()[-1]
    assert (last["text"], last["answers"]) == ("A lamp in the paper house.", theirs)
    assert held.picture().told[last["r"]].signs & VOICE
    (kept,) = reports(held.ground, ann)
    assert (kept.text, kept.voice, kept.answers) == (last["text"], "audio/webm", None)
    media, sound = piece(held.ground, ann, kept.id, "voice")
    assert (media, sound[:4]) == ("audio/webm", b"\x1aE\xdf\xa3")  # as a recorder writes it
    assert tab.evaluate("() => n_vendors") == 0
    assert all(url.startswith((held.node.address, "blob:")) for url in asked)
    # No screen is handed the sound: what is lent is the words.
    assert "voice" not in last


def test_what_the_node_s_own_program_wrote_down_is_a_suggestion_to_check(live):
    held, page = live([])
    command = shlex.join([sys.executable, "-c", WRITES_DOWN])
    held.node.house.settings = replace(held.node.house.settings, transcriber=command)
    tab = page(before=VENDORS)
    step_forward(tab)
    record(tab, 700)
    tab.click(".recorder button:has-text('Done')")
    tab.click("button:has-text('Write down what I said')")
    tab.wait_for_selector(".suggested:not([hidden])")
    assert tab.input_value("#live-text") == ""
    assert tab.input_value("#suggested") == "A staircase, and water."
    tab.click("button:has-text('Checked: add it to my words')")
    tab.get_by_role("button", name="Tell", exact=True).click()
    told(tab)

    assert [one["text"] for one in held.told()] == ["A staircase, and water."]
    assert tab.evaluate("() => n_vendors") == 0


def test_where_no_program_is_set_up_nothing_offers_to_write_down(live):
    _, page = live([])
    tab = page()
    step_forward(tab)
    record(tab, 500)
    tab.click(".recorder button:has-text('Done')")
    tab.wait_for_selector(PLAYER)
    assert tab.get_by_role("button", name="Write down what I said").count() == 0


def test_a_part_of_a_report_is_lent_and_the_rest_stays_in_the_journal(live):
    held, page = live([])
    # Past the first plane a character is two to a script and one to the node.
    text = "A 🌙 over the stairs. My sister knows why. The 🌊 came in."
    keep_report(held.ground, held.host, a_report(held.ground, text))
    tab = page()
    step_forward(tab)
    tab.get_by_text("Lend something from my journal").click()
    tab.locator(".offered-report").click()
    parts = tab.locator("dialog .choice")
    assert parts.all_inner_texts() == [
        "All of it",
        "A 🌙 over the stairs.",
        "My sister knows why.",
        "The 🌊 came in.",
    ]
    assert tab.inner_text("dialog blockquote") == text
    parts.nth(3).click()
    assert tab.inner_text("dialog blockquote") == "The 🌊 came in."
    tab.get_by_role("button", name="Lend them").click()
    told(tab)

    (line,) = held.told()
    assert line["text"] == "The 🌊 came in."
    assert [one.text for one in reports(held.ground, held.host)] == [text]
    assert "sister" not in tab.inner_text("main")


def test_all_of_a_report_is_lent_as_it_stands_in_the_journal(live):
    held, page = live([])
    keep_report(
        held.ground, held.host, a_report(held.ground, "The stairs went down.", feeling="joy")
    )
    tab = page()
    step_forward(tab)
    tab.get_by_text("Lend something from my journal").click()
    tab.locator(".offered-report").click()
    assert tab.locator("dialog .choice").count() == 0  # one sentence: there is nothing to choose
    tab.get_by_role("button", name="Lend them").click()
    told(tab)

    (line,) = held.told()
    assert (line["text"], line["feeling"]) == ("The stairs went down.", "joy")
    assert len(reports(held.ground, held.host)) == 1
