"""Several tabs, devices and people: nothing is sent twice, mixed up, or chosen for anybody."""

from __future__ import annotations

import pytest
from node_in_browser import let_go, lies_here, try_now, wait_until

from dreamweave.app.journals import forget_report, keep_report, report
from dreamweave.model.journal import JournalReport

pytestmark = pytest.mark.browser

HERE = "Kept on this device."
THERE = "Kept on the node."
LATER = "Kept on this device. The node cannot be reached; it goes there as soon as it can."
KEEP = ".keep-bar [data-keep]"
TEXT = "#f-text"
NOTICE = "[data-unfinished] .asks"

# The browser's own locks, but everybody gets one at once: the defence off.
NO_LOCKS = """if (navigator.locks) navigator.locks.request = async (name, how, work) =>
  (work ?? how)({ name, mode: 'exclusive' })"""

# Whose the device believes to be, and making it believe so.
WHOSE_DEVICE = """who => new Promise(done => {
    const ask = indexedDB.open("dreamweave", 1);
    ask.onsuccess = () => {
        const get = ask.result.transaction("device").objectStore("device").get("me");
        get.onsuccess = () => { ask.result.close(); done(get.result?.dreamer === who); };
    };
})"""
MAKE_IT = """who => new Promise(done => {
    const ask = indexedDB.open("dreamweave", 1);
    ask.onsuccess = () => {
        const doing = ask.result.transaction("device", "readwrite");
        doing.objectStore("device").put({ name: "me", dreamer: who });
        doing.oncomplete = () => { ask.result.close(); done(); };
    };
})"""


def told(kept) -> list[tuple]:
    return sorted((r.text, r.version) for r in kept)


def write(tab, text, keep=True):
    tab.fill(TEXT, text)
    if keep:
        tab.click(KEEP)


def three_wait(phone, node):
    """Two tabs, and three reports that wait because the node is away."""
    tabs = [phone.tab(), phone.tab()]
    node.stop()
    for tab, text in zip([*tabs, tabs[0]], ("One.", "Two.", "Three."), strict=True):
        write(tab, text)
        wait_until(tab, LATER)
    node.start()
    return tabs


@pytest.mark.parametrize("insecure", [False, True], ids=["locks", "lease"])
def test_of_two_tabs_one_sends_and_each_report_is_sent_once(phones, node, dreamer, insecure):
    actor, token = dreamer
    tabs = three_wait(phones(token, insecure=insecure), node)
    for tab in tabs:
        try_now(tab)
    for tab in tabs:
        wait_until(tab, THERE)

    assert told(node.kept(actor)) == [("One.", 1), ("Three.", 1), ("Two.", 1)]
    assert len(node.faults.puts()) == 3


def test_without_turns_both_tabs_would_send_and_still_nothing_is_kept_twice(phones, node, dreamer):
    """Positive control: more is sent. And the second line, the key on the disk, holds alone."""
    actor, token = dreamer
    phone = phones(token)
    phone.context.add_init_script(NO_LOCKS)
    tabs = three_wait(phone, node)
    # Both read what waits before either has an answer.
    phone.context.route(
        "**/api/reports/*", lambda route: (tabs[0].wait_for_timeout(150), route.continue_())
    )
    for tab in tabs:
        try_now(tab)
    for tab in tabs:
        wait_until(tab, THERE)

    assert told(node.kept(actor)) == [("One.", 1), ("Three.", 1), ("Two.", 1)]
    assert len(node.faults.puts()) > 3


def test_a_report_that_is_open_in_another_tab_is_not_written_in_two_places(phones, node, dreamer):
    actor, token = dreamer
    kept = a_report_of(node, actor, "The door was ajar.")
    phone = phones(token)
    first = phone.tab(f"/reports/{kept.id}/edit")
    write(first, "The door was shut.", keep=False)
    wait_until(first, HERE)
    second = phone.tab(f"/reports/{kept.id}/edit")
    second.fill(TEXT, "The door was gone.")
    wait_until(
        second,
        "You are writing this in another tab. Go on there; what is written here is not kept.",
    )
    first.click(KEEP)
    first.wait_for_url("**/reports/*")

    assert told(node.kept(actor)) == [("The door was shut.", 2)]


def a_report_of(node, actor, text) -> JournalReport:
    held = JournalReport(
        id=node.house.ground.new_id(),
        kind="dream",
        night="2026-11-25",
        told_at="2026-11-25T07:10:00+01:00",
        zone="Europe/Madrid",
        text=text,
        lang="en",
    )
    keep_report(node.house.ground, actor, held)
    return held


def amended_elsewhere(node, actor, kept, text) -> None:
    held = report(node.house.ground, actor, kept.id)
    other = JournalReport.from_bytes(held.to_bytes())
    changed = {name: getattr(other, name) for name in other.__slots__}
    keep_report(node.house.ground, actor, JournalReport(**{**changed, "text": text, "version": 2}))


@pytest.fixture
def differing(phones, node, dreamer):
    """One report, changed here and on another device; this page has just noticed."""
    actor, token = dreamer
    kept = a_report_of(node, actor, "The door was ajar.")
    tab = phones(token).tab(f"/reports/{kept.id}/edit")
    amended_elsewhere(node, actor, kept, "The door was painted green.")
    write(tab, "The door was shut.")
    wait_until(tab, "This was changed on another device too. Both are kept; choose above.")
    return tab, actor, kept


def test_two_versions_are_both_shown_and_nothing_is_chosen(differing, node):
    tab, actor, _ = differing

    # Said first, shown and gone to next: a moment lies between.
    tab.wait_for_function("() => document.activeElement.matches('.asks')")

    shown = tab.locator(f"{NOTICE} blockquote").all_text_contents()
    assert shown == ["The door was shut.", "The door was painted green."]
    assert tab.evaluate("document.activeElement.matches('.asks')")
    assert told(node.kept(actor)) == [("The door was painted green.", 2)]


@pytest.mark.parametrize(
    ("answer", "after"),
    [
        ("Keep this device’s", [("The door was shut.", 3)]),
        ("Keep the node’s", [("The door was painted green.", 2)]),
        ("Keep both", [("The door was painted green.", 2), ("The door was shut.", 1)]),
    ],
)
def test_what_was_answered_is_what_is_kept(differing, node, answer, after):
    tab, actor, _ = differing
    tab.get_by_role("button", name=answer, exact=True).click()
    tab.wait_for_function(f"() => !document.querySelector('{NOTICE}')")
    node.wait_for(actor, len(after))
    tab.wait_for_timeout(300)

    assert told(node.kept(actor)) == after
    assert let_go(tab)


def test_what_another_device_forgot_can_be_kept_as_a_new_report(phones, node, dreamer):
    actor, token = dreamer
    kept = a_report_of(node, actor, "The door was ajar.")
    tab = phones(token).tab(f"/reports/{kept.id}/edit")
    forget_report(node.house.ground, actor, kept.id)
    write(tab, "The door was shut.")
    tab.get_by_role("button", name="Keep it as a new report").click()
    (fresh,) = node.wait_for(actor, 1)

    assert (fresh.text, fresh.version, fresh.id == kept.id) == ("The door was shut.", 1, False)


def test_a_draft_of_somebody_else_is_neither_shown_nor_sent(phones, node, dreamer):
    actor, token = dreamer
    other, token_of_other = node.somebody()
    phone = phones(token)
    tab = phone.tab()
    node.stop()
    write(tab, "Only for the first one's journal.")
    wait_until(tab, LATER)
    tab.close()
    node.start()
    phone.context.clear_cookies()
    phone.sign_in(token_of_other)
    second = phone.tab()
    write(second, "Of the second one.")
    wait_until(second, THERE)

    assert "first one" not in second.inner_text("body")
    assert told(node.kept(other)) == [("Of the second one.", 1)]
    assert told(node.kept(actor)) == []
    phone.context.clear_cookies()
    phone.sign_in(token)
    phone.tab()
    assert told(node.wait_for(actor, 1)) == [("Only for the first one's journal.", 1)]


def test_what_is_written_is_theirs_whom_the_page_was_made_for(phones, node, dreamer):
    actor, _ = dreamer
    other, token_of_other = node.somebody()
    tab = phones(token_of_other).tab()
    # The device still believes that it is the first one's: another tab, a disk that is slow.
    tab.wait_for_function(WHOSE_DEVICE, arg=other.dreamer)
    tab.evaluate(MAKE_IT, actor.dreamer)
    write(tab, "Of the second one.", keep=False)
    wait_until(tab, HERE)

    assert [w["owner"] for w in lies_here(tab)] == [other.dreamer]


def test_what_was_written_before_anybody_signed_in_is_asked_about(phones, node, dreamer):
    actor, token = dreamer
    phone = phones()
    tab = phone.tab("/tell/shell")
    write(tab, "Nobody was signed in.")
    wait_until(tab, "Kept on this device. Sign in to bring it to the node.")
    phone.sign_in(token)
    again = phone.tab()
    again.wait_for_selector(NOTICE)
    before = told(node.kept(actor))
    again.get_by_role("button", name="It is mine, keep it in my journal").click()
    node.wait_for(actor, 1)

    assert before == []
    assert told(node.kept(actor)) == [("Nobody was signed in.", 1)]


def test_a_session_that_ran_out_loses_nothing_and_says_so(phones, node, dreamer):
    actor, token = dreamer
    phone = phones(token)
    tab = phone.tab()
    phone.context.clear_cookies()
    write(tab, "The session had ended.")
    wait_until(tab, "Kept on this device. Sign in to bring it to the node.")
    phone.sign_in(token)
    phone.tab()

    assert told(node.wait_for(actor, 1)) == [("The session had ended.", 1)]


def test_signing_out_asks_when_something_is_unsent_and_clears_this_device(phones, node, dreamer):
    actor, token = dreamer
    phone = phones(token)
    tab = phone.tab()
    phone.context.route("**/api/**", lambda route: route.abort())
    write(tab, "Not sent yet.")
    wait_until(tab, LATER)
    sign_out = "() => document.querySelector('form[data-sign-out]').requestSubmit()"
    tab.evaluate(sign_out)
    asked = tab.text_content("dialog p")
    tab.click("dialog button:has-text('Stay signed in')")
    stayed = [w["owner"] for w in lies_here(tab)]
    phone.context.route("**/sign-out", lambda route: route.fulfill(status=200, body="out"))
    tab.evaluate(sign_out)
    tab.click("dialog button:has-text('Sign out, and lose them')")
    tab.wait_for_url("**/sign-out")
    left = tab.evaluate(
        """() => new Promise(done => { const ask = indexedDB.open("dreamweave", 1);
        ask.onsuccess = () => { const all = ask.result.transaction(["reports", "pieces", "device"]);
          const out = {}; for (const name of ["reports", "pieces", "device"]) {
            const n = all.objectStore(name).count(); n.onsuccess = () => (out[name] = n.result); }
          all.oncomplete = () => done(out); }; })"""
    )

    assert asked.startswith("Reports that are only on this device: 1.")
    assert stayed == [actor.dreamer]
    assert left == {"reports": 0, "pieces": 0, "device": 0}
