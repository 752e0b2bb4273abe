"""What scripts add to the other pages: lines that go when they are taken back, one-button taking
back, passkeys, proving again who one is, listening, and signing out."""

from __future__ import annotations

from pathlib import Path

import pytest
from makers_ground import a_report
from makers_people import PASSPHRASE
from node_in_browser import lies_here

from dreamweave.app.journals import keep_piece, keep_report
from dreamweave.app.lending import Offer, lend, take_back
from dreamweave.app.me import me
from dreamweave.model.facts import COMMONS

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "front/node_modules/axe-core/axe.min.js"
GONE = "A line was taken back."


def lent(node, actor, text):
    """A line lent to the commons: (lending, tag)."""
    ground = node.house.ground
    report = a_report(ground, text)
    keep_report(ground, actor, report)
    granted = lend(ground, actor, Offer(report.id, 1, COMMONS, "named", name="Ines"))
    return granted.lending, granted.tag


def lines(tab):
    return tab.locator("[data-stream] li").evaluate_all("all => all.map(li => li.innerText.trim())")


def has(tab, text):
    tab.wait_for_function(
        "t => document.querySelector('[data-stream]').innerText.includes(t)", arg=text
    )


def listening(tab, node, n=1):
    """Wait until as many streams are open as there should be."""
    tab.wait_for_timeout(50)
    for _ in range(200):
        if len([h for h in node.faults.heard if h.path.endswith("/stream")]) >= n:
            return
        tab.wait_for_timeout(20)
    raise AssertionError("nobody listens")


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_line_that_is_taken_back_leaves_every_open_page(phones, node, dreamer, motion):
    actor, token = dreamer
    lending, _ = lent(node, actor, "The stairs went down into the sea.")
    lent(node, actor, "A hare read my letters.")
    phone = phones(token, reduced_motion=motion)
    tabs = [phone.tab("/commons"), phone.tab("/commons")]
    listening(tabs[0], node)
    before = ["The stairs went down into the sea." in " ".join(lines(tab)) for tab in tabs]
    take_back(node.house.ground, actor, lending)
    for tab in tabs:
        has(tab, GONE)

    assert before == [True, True]
    for tab in tabs:
        shown = lines(tab)
        assert [GONE in line for line in shown] == [False, True]
        assert "The stairs" not in tab.content()
        assert "A hare read my letters." in shown[0]
        assert (
            tab.text_content("[data-stream] >> xpath=preceding-sibling::p[@role='status']") == GONE
        )
    # Two pages, one stream.
    assert len([h for h in node.faults.heard if h.path.endswith("/stream")]) == 1


def test_a_page_that_hears_nothing_would_go_on_showing_it(phones, node, dreamer):
    """Positive control: with the stream cut off, the line stays."""
    actor, token = dreamer
    lending, _ = lent(node, actor, "The stairs went down into the sea.")
    phone = phones(token)
    phone.context.route("**/api/commons/stream*", lambda route: route.abort())
    tab = phone.tab("/commons")
    take_back(node.house.ground, actor, lending)
    tab.wait_for_timeout(1_000)

    assert "The stairs went down into the sea." in lines(tab)[0]


def test_when_the_tab_that_listens_is_closed_another_goes_on(phones, node, dreamer):
    actor, token = dreamer
    first, _ = lent(node, actor, "The stairs went down into the sea.")
    second, _ = lent(node, actor, "A hare read my letters.")
    phone = phones(token)
    tabs = [phone.tab("/commons"), phone.tab("/commons")]
    listening(tabs[0], node)
    take_back(node.house.ground, actor, first)
    has(tabs[1], GONE)
    tabs[0].close()
    listening(tabs[1], node, 2)
    take_back(node.house.ground, actor, second)
    tabs[1].wait_for_function("() => !document.body.innerText.includes('A hare')")

    assert lines(tabs[1]) == [GONE, GONE]


def test_what_was_taken_back_between_reading_and_listening_is_heard_too(phones, node, dreamer):
    actor, token = dreamer
    lending, _ = lent(node, actor, "The stairs went down into the sea.")
    phone = phones(token)
    held = []
    phone.context.route("**/api/commons/stream*", lambda route: held.append(route))
    tab = phone.tab("/commons")
    tab.wait_for_timeout(200)
    take_back(node.house.ground, actor, lending)
    (first,) = held
    first.continue_()
    has(tab, GONE)

    assert lines(tab) == [GONE]


def test_one_button_takes_back_and_says_when_it_is_done(phones, node, dreamer):
    actor, token = dreamer
    lent(node, actor, "The stairs went down into the sea.")
    tab = phones(token).tab("/lendings")
    node.stop()
    tab.click("[data-take-back] button")
    tab.wait_for_function(
        "() => /still lent/.test(document.querySelector('[data-said]').textContent)"
    )
    still = len(node.house.ground.road.journal(actor.dreamer).lendings)
    node.start()
    tab.click("[data-take-back] button")
    tab.wait_for_function(
        "() => /^Taken back/.test(document.querySelector('[data-said]').textContent)"
    )

    assert still == 1
    assert len(node.house.ground.road.journal(actor.dreamer).lendings) == 0
    assert tab.evaluate("document.activeElement.hasAttribute('data-said')")
    sent = [h.once for h in node.faults.heard if h.method == "DELETE"]
    assert len(set(sent)) == 1


def authenticator(phone, tab):
    """A device with a passkey of its own, played by the browser."""
    session = phone.context.new_cdp_session(tab)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session


def test_a_passkey_is_added_after_proving_who_one_is_and_then_signs_in(phones, node, dreamer):
    actor, token = dreamer
    phone = phones(token)
    tab = phone.tab("/me")
    authenticator(phone, tab)
    node.ahead_ms = 6 * 60_000  # signing in was proof enough, but only for a while
    tab.evaluate(
        "document.querySelector('[data-passkeys]').closest('details')?.setAttribute('open', '')"
    )
    tab.click("text=Add a passkey of this device")
    tab.wait_for_selector("dialog")
    tab.evaluate(AXE.read_text(encoding="utf-8") + "; void 0")
    found = tab.evaluate("axe.run(document.querySelector('dialog'))")["violations"]
    tab.fill("#again", "not this one at all")
    tab.click("dialog .primary")
    tab.wait_for_selector("dialog [role=alert]:not(:empty)")
    wrong = tab.text_content("dialog [role=alert]")
    tab.fill("#again", PASSPHRASE)
    with tab.expect_navigation():
        tab.click("dialog .primary")
    keys = me(
        node.house.people, node.house.people.sessions.actor_of_token(cookie_of(phone))
    ).passkeys
    phone.context.clear_cookies()
    tab.goto(f"{phone.at}/sign-in")
    with tab.expect_navigation():
        tab.click("text=Sign in with a passkey")

    assert [v["id"] for v in found] == []
    assert wrong
    assert len(keys) == 1
    assert tab.get_attribute("body", "data-me") == actor.dreamer


def cookie_of(phone) -> str:
    (held,) = [c["value"] for c in phone.context.cookies() if c["name"].endswith("dreamweave")]
    return held


def test_a_voice_is_fetched_when_somebody_wants_to_hear_it(phones, node, dreamer):
    actor, token = dreamer
    ground = node.house.ground
    report = a_report(ground, "Spoken.")
    keep_report(ground, actor, report)
    keep_piece(ground, actor, report.id, "voice", "audio/ogg", b"OggS" + bytes(600))
    tab = phones(token).tab(f"/reports/{report.id}")
    path = f"/api/reports/{report.id}/voice"
    before = [h for h in node.faults.heard if h.path == path]
    tab.click("button:has-text('Listen')")
    tab.wait_for_selector("audio:not([hidden])")

    assert before == []
    assert len([h for h in node.faults.heard if h.path == path]) == 1
    assert tab.get_attribute("audio", "src").startswith("blob:")


def test_a_guests_own_zone_is_filled_in(phones, node, dreamer):
    phone = phones(timezone_id="America/St_Johns")
    tab = phone.tab("/guest")

    assert tab.input_value("[data-zone]") == "America/St_Johns"


def test_signing_out_ends_the_session_and_clears_this_device(phones, node, dreamer):
    phone = phones(dreamer[1])
    phone.tab("/tell").close()
    tab = phone.tab("/journal")
    with tab.expect_navigation():
        tab.evaluate("document.querySelector('form[data-sign-out]').requestSubmit()")
    left = tab.evaluate(
        """() => new Promise(done => { const ask = indexedDB.open("dreamweave", 1);
        ask.onsuccess = () => { const n = ask.result.transaction("device").objectStore("device").count();
          n.onsuccess = () => { ask.result.close(); done(n.result); }; }; })"""
    )

    assert tab.get_attribute("body", "data-me") is None
    assert left == 0


def test_leaving_clears_this_device_once_the_node_has_let_go(phones, node, dreamer):
    other, token = node.somebody()  # not the keeper, who cannot simply go
    phone = phones(token)
    writing = phone.tab("/tell")
    writing.fill("#f-text", "Never sent.")
    writing.wait_for_function("() => document.querySelector('[data-state]').textContent !== ''")
    writing.close()
    tab = phone.tab("/leave")
    tab.fill("[name=passphrase]", PASSPHRASE) if tab.is_visible("[name=passphrase]") else None
    tab.check("[name=sure]", force=True)
    with tab.expect_navigation():
        tab.click("button.grave")
    for _ in range(200):
        if not (left := lies_here(tab)):
            break
        tab.wait_for_timeout(20)

    assert left == []
    assert other.dreamer not in node.house.ground.road.membership().members
