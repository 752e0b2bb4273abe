"""The floor on the live page: stepping forward, turns, tables, and an invitation that one person sees."""

from __future__ import annotations

import pytest

from dreamweave.app import flooring
from dreamweave.governance.speakers import FloorRules

pytestmark = pytest.mark.browser

INVITED = "You are invited to say something, if you like. Only you see this."
# Half a minute is over when this test says so.
HALVES = """window.halves = [];
const timer = window.setTimeout;
window.setTimeout = (f, ms) => (ms === 30000 ? (halves.push(f), 0) : timer(f, ms));"""


def wish(held, who, do):
    flooring.wish(held.ground, who, held.g, do, once=held.ground.new_id())


def own(held, who):
    return flooring.floor(held.ground, who, held.g)


def says(tab, text):
    tab.wait_for_function(
        "text => document.querySelector('[data-floor-said]').textContent === text", arg=text
    )


def press(tab, name):
    if tab.locator("#tell[hidden]").count():
        tab.locator('[data-opens="tell"]').click()
    tab.locator("[data-floor]").get_by_role("button", name=name).click()


def buttons(tab):
    return tab.locator("[data-floor] .actions button").all_inner_texts()


def test_one_asks_has_a_turn_and_ends_it(live):
    held, page = live((), floor="turns")
    (ann, ann_token), (_, bo_token) = held.people
    first, second = page(ann_token), page(bo_token)
    says(first, "The floor is free.")

    press(first, "Step forward")

    says(first, "It is your turn. Take your time.")
    says(second, "Somebody is telling. Step forward, and your turn comes.")
    assert first.is_visible("#tell")  # where one tells
    assert buttons(first) == ["I have told it", "Pass, for now"]
    press(second, "Step forward")
    says(second, "You stepped forward. Whoever spoke least goes first.")
    press(second, "Step back")
    says(second, "Somebody is telling. Step forward, and your turn comes.")
    press(first, "I have told it")
    says(first, "The floor is free.")
    says(second, "The floor is free.")
    assert own(held, ann).turn is None


def test_who_is_invited_sees_it_within_half_a_minute_and_nobody_else_does(live):
    held, page = live((), floor="turns", n_people=3)
    (ann, _), *_ = held.people
    for _ in range(2):  # one person speaks, the others are quiet
        wish(held, ann, "ask")
        held.node.ahead_ms += 60_000
        wish(held, ann, "end")
    held.node.ahead_ms += FloorRules().invite_gap_ms
    everybody = [(held.host, held.host_token), *held.people]
    tabs = [(who, page(token, before=HALVES)) for who, token in everybody]
    for _, tab in tabs:
        says(tab, "The floor is free.")

    wish(held, held.host, "invite")
    for _, tab in tabs:
        tab.evaluate("() => halves.splice(0).forEach((f) => f())")

    ((one, invited),) = [(who, tab) for who, tab in tabs if own(held, who).invited]
    says(invited, INVITED)
    assert buttons(invited) == ["Step forward", "Not now"]
    assert invited.get_by_text(INVITED).count()
    invited.wait_for_function(
        "text => document.querySelector('[data-log]').textContent.includes(text)", arg=INVITED
    )
    others = [tab for _, tab in tabs if tab is not invited]
    assert not any(tab.get_by_text(INVITED).count() for tab in others)

    press(invited, "Not now")
    says(invited, "The floor is free.")
    assert not own(held, one).invited
    assert not any(tab.get_by_text(INVITED).count() for tab in others)


def test_an_invitation_is_seen_at_once_when_something_changes_on_the_floor(live):
    held, page = live((), floor="turns", n_people=2)
    (ann, _), (bo, _) = held.people
    wish(held, ann, "ask")
    held.node.ahead_ms += 60_000
    wish(held, held.host, "ask")
    wish(held, ann, "end")
    held.node.ahead_ms += 60_000
    wish(held, held.host, "end")
    held.node.ahead_ms += FloorRules().invite_gap_ms
    tab = page(held.people[1][1])
    says(tab, "The floor is free.")
    wish(held, held.host, "invite")
    assert own(held, bo).invited

    wish(held, ann, "ask")

    says(tab, INVITED)
    press(tab, "Step forward")
    says(tab, "You stepped forward. Whoever spoke least goes first.")


def test_where_there_are_several_tables_each_hears_of_their_own(live):
    held, page = live((), floor="turns", n_people=16)
    everybody = [(held.host, held.host_token), *held.people]
    mine = own(held, held.host).table
    beside = next(one for one in held.people if own(held, one[0]).table == mine)
    apart = next(one for one in held.people if own(held, one[0]).table != mine)
    assert own(held, held.host).n_tables == 2
    host_tab, beside_tab, apart_tab = (page(token) for _, token in (everybody[0], beside, apart))

    press(host_tab, "Step forward")

    says(host_tab, "It is your turn. Take your time.")
    says(beside_tab, "Somebody is telling. Step forward, and your turn comes.")
    assert held.picture().floor[0] == -1
    press(apart_tab, "Step forward")
    says(apart_tab, "It is your turn. Take your time.")
    says(host_tab, "It is your turn. Take your time.")
    press(beside_tab, "Step forward")
    says(beside_tab, "You stepped forward. Whoever spoke least goes first.")
    press(host_tab, "I have told it")
    says(beside_tab, "It is your turn. Take your time.")


def test_without_a_script_the_page_says_the_same_of_ones_own_table(live):
    held, page = live((), floor="turns", n_people=16)
    wish(held, held.host, "ask")
    beside = next(
        token for who, token in held.people if own(held, who).table == own(held, held.host).table
    )
    for token, said in (
        (held.host_token, "It is your turn. Take your time."),
        (beside, "Somebody is telling. Step forward, and your turn comes."),
    ):
        answer = page(token).request.get(f"{held.node.address}/gatherings/{held.g}?write=1")
        assert f">{said}</p>" in answer.text()
