"""Telling at the moment of waking: ready at once, kept as one writes, on the node exactly once.

A real node on a socket and a real Chromium. What goes wrong is made to go
wrong: answers are lost, the node is killed in the middle, tabs crash.
"""

from __future__ import annotations

import re
import time
from datetime import datetime

import pytest
from node_in_browser import crash, let_go, lies_here, try_now, wait_until

from dreamweave.model.journal import JournalReport

pytestmark = pytest.mark.browser

HERE = "Kept on this device."
THERE = "Kept on the node."
LATER = "Kept on this device. The node cannot be reached; it goes there as soon as it can."
KEEP = ".keep-bar [data-keep]"
NOTHING = ".keep-bar [data-none]"
TEXT = "#f-text"
WORDS = "The tide came up the stairs of the house."


# Whether the line that says what became of it is on the screen.
IN_SIGHT = """(() => { const at = document.querySelector('[data-state]').getBoundingClientRect();
    return at.top >= 0 && at.bottom <= innerHeight; })()"""


def told(kept) -> list[tuple]:
    """Reports as what was told, oldest first."""
    return sorted((r.kind, r.text, r.version) for r in kept)


def test_it_is_ready_to_be_written_in_while_the_node_answers_nothing_more(phones, node, dreamer):
    phone = phones(dreamer[1])
    phone.context.route("**/api/**", lambda route: None)  # every door hangs
    tab = phone.tab()
    focused = tab.evaluate("document.activeElement.name")
    tab.keyboard.type(WORDS)
    wait_until(tab, HERE)

    assert focused == "text"
    assert [(w["empty"], w["version"]) for w in lies_here(tab)] == [(False, 0)]


def test_nothing_is_said_to_be_on_the_node_before_it_is_even_written_down(phones, dreamer):
    phone = phones(dreamer[1])
    phone.context.route("**/api/reports/**", lambda route: None)  # nothing arrives
    tab = phone.tab()
    tab.evaluate(
        """() => { window.said = []; const at = document.querySelector('[data-state]');
        new MutationObserver(() => said.push(at.textContent)).observe(at,
            {childList: true, characterData: true, subtree: true}); }"""
    )
    tab.keyboard.type("T")
    try_now(tab)  # what is sent just now ends while the letter is not on the disk yet
    wait_until(tab, HERE)

    assert THERE not in tab.evaluate("said")


def test_what_became_of_it_is_in_sight_where_keep_was_tapped_far_down(phones, node, dreamer):
    tab = phones(dreamer[1]).tab()
    tab.fill(TEXT, WORDS)
    tab.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert not tab.evaluate(IN_SIGHT)

    tab.click(KEEP)
    wait_until(tab, THERE)

    tab.wait_for_function(f"() => {IN_SIGHT}")


def test_what_is_kept_is_on_the_node_once_with_all_that_was_said_of_it(phones, node, dreamer):
    actor, token = dreamer
    tab = phones(token, timezone_id="America/St_Johns", locale="en-GB").tab()
    before = datetime.now().astimezone().replace(microsecond=0)
    tab.fill(TEXT, WORDS)
    tab.click(".feeling.longing")
    for summary in tab.locator("details.more summary").all():
        summary.click()
    tab.check('input[name="intensity"][value="3"]', force=True)
    tab.check('input[name="kind"][value="memory"]', force=True)
    tab.fill("#f-tags", "sea, grandmother، sea,  ")
    tab.fill("#f-title", "Tide")
    tab.fill("#f-kept_out", "The night shift.")
    tab.fill("#f-night", "2026-11-20")
    tab.click(KEEP)
    wait_until(tab, THERE)

    (kept,) = node.kept(actor)
    told_at = datetime.fromisoformat(kept.told_at)
    assert kept == JournalReport(
        id=kept.id,
        kind="memory",
        night="2026-11-20",
        told_at=kept.told_at,
        zone="America/St_Johns",
        text=WORDS,
        title="Tide",
        lang="en",
        feeling="longing",
        intensity=3,
        tags=("sea", "grandmother"),
        kept_out="The night shift.",
        version=1,
        salt=kept.salt,
    )
    assert told_at.utcoffset().total_seconds() == -3.5 * 3600
    assert 0 <= (told_at - before).total_seconds() < 60
    assert [h.method for h in node.faults.puts()] == ["PUT"]
    assert let_go(tab)  # this device has let go of it
    assert tab.input_value(TEXT) == ""


@pytest.mark.parametrize("lost", ["n_lost_answers", "n_lost_requests"])
def test_a_lost_answer_or_request_is_sent_again_as_the_same_request(phones, node, dreamer, lost):
    actor, token = dreamer
    setattr(node.faults, lost, 2)
    tab = phones(token).tab()
    tab.fill(TEXT, WORDS)
    tab.click(KEEP)
    wait_until(tab, LATER)
    try_now(tab)
    try_now(tab)
    wait_until(tab, THERE)

    assert told(node.kept(actor)) == [("dream", WORDS, 1)]
    assert len(node.faults.puts()) == 3
    assert len({(h.path, h.once) for h in node.faults.puts()}) == 1


def test_a_client_that_made_a_new_request_of_every_try_would_be_seen_here(phones, node, dreamer):
    """Positive control of the one before: with a fresh id and key each time, there are doubles."""
    actor, token = dreamer
    phone = phones(token)

    def anew(route):
        fresh = f"{len(node.faults.puts()):026d}"
        url = re.sub(r"[0-9A-Z]{26}$", fresh, route.request.url)
        route.continue_(url=url, headers={**route.request.headers, "idempotency-key": fresh})

    phone.context.route("**/api/reports/*", anew)
    node.faults.n_lost_answers = 2
    tab = phone.tab()
    tab.fill(TEXT, WORDS)
    tab.click(KEEP)
    wait_until(tab, LATER)
    try_now(tab)
    try_now(tab)
    wait_until(tab, THERE)

    assert told(node.kept(actor)) == [("dream", WORDS, 1)] * 3


def test_where_the_node_has_forgotten_the_key_its_own_words_tell_that_it_has_them(
    phones, node, dreamer
):
    """Keys are dropped after a while. Then the second line holds: the same id, the same words."""
    actor, token = dreamer
    phone = phones(token)

    def another_key(route):
        key = f"another-{len(node.faults.puts())}"
        route.continue_(headers={**route.request.headers, "idempotency-key": key})

    phone.context.route("**/api/reports/*", another_key)
    node.faults.n_lost_answers = 1
    tab = phone.tab()
    tab.fill(TEXT, WORDS)
    tab.click(KEEP)
    wait_until(tab, LATER)
    try_now(tab)
    wait_until(tab, THERE)

    assert told(node.kept(actor)) == [("dream", WORDS, 1)]
    assert let_go(tab)


def test_a_node_that_is_killed_in_the_middle_has_it_once_when_it_runs_again(phones, node, dreamer):
    actor, token = dreamer
    node.faults.n_hung_answers = 1
    tab = phones(token).tab()
    tab.fill(TEXT, WORDS)
    tab.click(KEEP)
    node.wait_for(actor, 1)  # kept, and not answered
    said = tab.text_content("[data-state]")
    node.stop()
    wait_until(tab, LATER)
    node.start()
    try_now(tab)
    wait_until(tab, THERE)

    assert said == HERE
    assert told(node.kept(actor)) == [("dream", WORDS, 1)]
    assert len({h.once for h in node.faults.puts()}) == 1


def test_a_tab_that_dies_in_mid_sentence_loses_at_most_the_last_second(phones, node, dreamer):
    phone = phones(dreamer[1])
    tab = phone.tab()
    letters = 0
    begun = time.monotonic()
    while time.monotonic() - begun < 2:
        tab.keyboard.type("abcdefghij"[letters % 10])
        letters += 1
    a_second = letters / (time.monotonic() - begun)
    crash(tab)
    again = phone.tab()
    again.wait_for_function("() => document.querySelector('#f-text').value !== ''")

    found = again.input_value(TEXT)
    assert found == ("abcdefghij" * letters)[: len(found)]
    assert letters - a_second <= len(found) <= letters


def test_without_writing_to_the_device_a_tab_that_dies_would_take_everything(phones, node, dreamer):
    """Positive control: the same, with nothing written down."""
    phone = phones(dreamer[1])
    phone.context.add_init_script(
        "IDBObjectStore.prototype.put = function () { this.transaction.abort() }"
    )
    tab = phone.tab()
    tab.keyboard.type(WORDS)
    tab.wait_for_timeout(700)
    crash(tab)
    again = phone.tab()
    again.wait_for_timeout(700)

    assert again.input_value(TEXT) == ""
