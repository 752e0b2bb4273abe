"""A gathering, entirely without a script: what is there to read, to send and to come back to."""

from __future__ import annotations

import re
import time
import urllib.error
import urllib.request

import pytest
from live_gathering import LINES, going
from node_in_browser import Node, cookie

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def begun():
    held = going(Node())
    held.tell_all(LINES[:7])
    held.tells(held.people[0][0], "The cellar fills with bees.", note="insects")
    held.tells(held.host, "Theirs reminds me of a hive.", answers=2)
    yield held
    held.node.stop()
    held.node.house.rooms.close()


@pytest.fixture
def page(chromium, begun):
    contexts = []

    def opened(path="", token=None, **how):
        how = {"viewport": {"width": 390, "height": 844}, **how}
        context = chromium.new_context(java_script_enabled=False, **how)
        contexts.append(context)
        context.add_cookies([cookie(begun.node, token or begun.host_token)])
        tab = context.new_page()
        tab.goto(begun.node.address + f"/gatherings/{begun.g}{path}")
        return tab

    yield opened
    for context in contexts:
        context.close()


def forms(tab):
    return {
        (one.get_attribute("action") or "").rpartition("/")[2]: one.get_attribute("method")
        for one in tab.locator("main form").all()
    }


def test_every_line_stands_with_its_passage_its_feeling_and_its_motif(page):
    tab = page()
    text = tab.inner_text("#read")
    assert [line for line, *_ in LINES[:7] if line not in text] == []
    assert re.search(r"Passage 1\b", text)
    assert re.search(r"Passage \d: .*kitchen|street|stairs", text)
    third = tab.locator("li.told-line", has_text="The sea comes up the street")
    assert "wonder, very" in third.inner_text()
    assert "In answer to a line told before" in tab.locator("#r8").inner_text()


def test_covered_words_open_by_themselves_for_nobody(page):
    tab = page()
    line = tab.locator("li.told-line", has_text="insects")
    assert "bees" not in line.inner_text()
    line.locator("summary").click()
    assert "bees" in line.inner_text()


def test_lines_of_others_are_carried_and_answered_and_ones_own_taken_back(page, begun):
    tab = page()
    own = tab.locator("li.told-line.mine").first
    assert own.locator("form").get_attribute("action") == f"/gatherings/{begun.g}/take-back"
    assert own.get_by_text("This reminds me of…").count() == 0
    other = tab.locator("li.told-line:not(.mine)").first
    assert other.locator("form").get_attribute("action") == f"/gatherings/{begun.g}/carry"
    assert other.locator("button").evaluate_all("all => all.map(b => [b.name, b.value])") == [
        ["says", "1"],
        ["says", "-1"],
    ]
    other.get_by_text("This reminds me of…").click()
    assert tab.get_by_role("heading", name="What does it remind you of?").count() == 1
    assert tab.input_value('[name="answers"]') == other_number(tab)


def other_number(tab):
    return re.search(r"answers=(\d+)", tab.url)[1]


def test_the_page_comes_back_by_itself_and_never_while_somebody_writes(page):
    reloads = 'meta[http-equiv="refresh"]'
    tab = page()
    assert tab.locator(reloads).get_attribute("content") == "20"
    tab.get_by_role("link", name="Step forward").click()
    assert "write=1" in tab.url
    assert tab.locator(reloads).count() == 0
    assert tab.get_by_role("link", name="Back to the gathering, without telling").count() == 1
    assert tab.is_visible("#live-text")


def test_telling_is_a_form_that_says_what_others_will_see(page, begun):
    tab = page("?write=1")
    form = tab.locator("form[data-tell]")
    assert form.get_attribute("action") == f"/gatherings/{begun.g}/tell"
    assert "nobody's name" in form.inner_text()
    named = set(form.locator("[name]").evaluate_all("all => all.map(f => f.name)"))
    assert {"text", "kind", "feeling", "intensity", "note", "lang", "answers", "once"} <= named
    assert {"take-back", "carry", "listen", "tell"} <= set(forms(tab))


def test_one_tells_answers_carries_and_takes_back_by_forms_alone(page, begun):
    tab = page("?write=1", begun.people[1][1])
    tab.fill("#live-text", "A lamp is learning to swim.")
    tab.check('[name="feeling"][value="joy"]', force=True)
    tab.get_by_role("button", name="Tell", exact=True).click()
    tab.wait_for_url(re.compile(r"/gatherings/\w+\?said=told-here"))
    told = begun.told()[-1]
    assert (told["text"], told["feeling"]) == ("A lamp is learning to swim.", "joy")

    while told["r"] not in begun.picture().told:
        time.sleep(0.02)
    tab.goto(begun.node.address + f"/gatherings/{begun.g}")
    own = tab.locator(f"#r{told['r']}")
    tab.locator("li.told-line:not(.mine)").first.get_by_role(
        "button", name="This carries me"
    ).click()
    tab.wait_for_url(re.compile(r"said=changed"))
    own.get_by_role("button", name="Take it back").click()
    tab.wait_for_url(re.compile(r"said=taken-back"))
    assert told["r"] not in [one["r"] for one in begun.told()]
    assert "A lamp is learning to swim." not in tab.inner_text("body")


def test_who_is_missing_is_a_page_with_a_table(page, begun):
    tab = page("?view=voices")
    assert tab.get_by_role("heading", name="Whose voices does this hold?").count() == 1
    said = " ".join(tab.inner_text("#voices").split())
    assert "4 seats are kept open for people who are not here" in said
    # How many people told is counted with the closest call, and until then lines are.
    assert re.search(r"\d people spoke|9 lines were told", said)
    assert tab.locator("#voices tbody tr").count() >= 4
    assert "open-seats" in forms(tab)
    guest = page("?view=voices", begun.people[0][1])
    assert "open-seats" not in forms(guest)


def test_the_picture_is_a_still_and_says_nothing(page, begun):
    tab = page()
    shown = tab.locator("[data-picture] img")
    assert shown.evaluate("i => i.complete && i.naturalWidth > 0")
    assert shown.get_attribute("alt") == ""
    assert tab.get_attribute("[data-picture]", "aria-hidden") == "true"
    drawn = tab.request.get(
        begun.node.address + f"/gatherings/{begun.g}/still.svg?sheet=phone"
    ).text()
    assert "<text" not in drawn


def test_the_wall_works_without_a_script_and_shows_nothing_covered(page):
    tab = page("?view=projector", viewport={"width": 1280, "height": 720})
    body = tab.inner_text("body")
    assert "Theirs reminds me of a hive." in body
    assert "bees" not in body
    assert tab.locator("button, form").count() == 0


def test_it_reads_from_the_right_and_fits_the_narrowest_phone(page, begun):
    tab = page(viewport={"width": 320, "height": 640})
    tab.context.add_cookies([{"name": "lang", "value": "ar", "url": begun.node.address}])
    for path in ("", "?write=1", "?view=voices"):
        tab.goto(begun.node.address + f"/gatherings/{begun.g}{path}")
        assert tab.get_attribute("html", "dir") == "rtl"
        over = tab.locator("html").evaluate("h => h.scrollWidth - h.clientWidth")
        assert over <= 0


def test_who_is_not_in_it_is_not_shown_it(begun):
    stranger = begun.node.somebody()[1]
    ask = urllib.request.Request(
        begun.node.address + f"/gatherings/{begun.g}",
        headers={"Cookie": f"{cookie(begun.node, stranger)['name']}={stranger}"},
    )
    with pytest.raises(urllib.error.HTTPError) as no:
        urllib.request.urlopen(ask)
    assert no.value.code == 404
    assert "The house is made of paper" not in no.value.read().decode()
