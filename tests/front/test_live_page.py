"""The live page of a gathering, as people meet it in a browser."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest
from live_gathering import LINES, going
from node_in_browser import Node, Phone
from own_scripts import own_scripts

from dreamweave.app import gatherings, lenses
from dreamweave.web import assets
from dreamweave.web.pages.gathering_text import sentences

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "front/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
WIDE = {"width": 1280, "height": 800}


def violations(tab):
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE)
    return tab.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
        "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]))"
    )


def text_in(tab, selector, text):
    tab.wait_for_function(
        "([s, t]) => document.querySelector(s)?.textContent.includes(t)", arg=[selector, text]
    )


def shut(tab):
    """Close whichever sheet is open."""
    tab.evaluate("() => document.querySelector('.leaf:not([hidden]) > .close')?.click()")


def n_told(held):
    return len(held.told())


# ------------------------------------------------------------------ telling


def test_what_is_told_is_kept_once_when_its_answer_is_lost(live):
    held, page = live([])
    tab = page()
    keys = []

    def lose_the_first(route):
        if route.request.method == "POST":
            keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()  # it arrives, and the answer does not
            route.abort()
        else:
            route.continue_()

    tab.route("**/reports", lose_the_first)
    tab.get_by_role("button", name="Step forward").click()
    tab.fill("#live-text", "The stairs came down to us.")
    tab.get_by_role("button", name="Tell", exact=True).click()
    tab.wait_for_function(
        "() => document.querySelector('[data-sent]').textContent.startsWith('Told')"
    )

    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert n_told(held) == 1
    assert tab.input_value("#live-text") == ""
    text_in(tab, "[data-log] li.mine", "The stairs came down to us.")


def test_what_is_told_offline_waits_on_the_device_and_goes_when_it_can(live):
    held, page = live([])
    tab = page()
    tab.context.set_offline(True)
    tab.get_by_role("button", name="Step forward").click()
    tab.fill("#live-text", "The stairs came down to us.")
    tab.check(".feeling.wonder input")
    tab.get_by_role("button", name="Tell", exact=True).click()
    text_in(tab, "[data-sent]", "waits on this device")
    assert n_told(held) == 0

    tab.context.set_offline(False)
    tab.evaluate("dispatchEvent(new Event('online'))")
    tab.wait_for_function(
        "() => document.querySelector('[data-sent]').textContent.startsWith('Told')"
    )

    told = held.told()
    assert [(one["text"], one["feeling"]) for one in told] == [
        ("The stairs came down to us.", "wonder")
    ]


HERE = """() => new Promise(done => {
  const ask = indexedDB.open("dreamweave", 1);
  ask.onsuccess = () => {
    const all = ask.result.transaction("device").objectStore("device").getAllKeys();
    all.onsuccess = () => {
      ask.result.close();
      done(all.result.map((name) => name.split(" ")[0]));
    };
  };
})"""
SIGN_OUT = "() => document.querySelector('form[data-sign-out]').requestSubmit()"


def test_nobody_signs_out_over_an_unsent_telling_unknowingly_and_nothing_of_it_stays(live):
    held, page = live([])
    tab = page()
    other = tab.context.new_page()
    other.goto(tab.url)
    phone = tab.context
    phone.route("**/api/gatherings/*/reports", lambda route: route.abort())
    phone.route("**/sign-out", lambda route: route.fulfill(status=200, body="out"))
    tab.get_by_role("button", name="Step forward").click()
    tab.fill("#live-text", "The stairs came down to us.")
    tab.get_by_role("button", name="Tell", exact=True).click()
    text_in(tab, "[data-sent]", "waits on this device")
    for one in (tab, other):
        one.evaluate("() => document.querySelector('[data-opens=tell]').click()")
        one.fill("#live-text", "Half a sentence")
    while "writing" not in tab.evaluate(HERE):
        tab.wait_for_timeout(50)

    tab.evaluate(SIGN_OUT)
    asked = tab.text_content("dialog p")
    tab.click("dialog button:has-text('Stay signed in')")
    stayed = tab.evaluate(HERE)
    tab.evaluate(SIGN_OUT)
    with other.expect_navigation():
        tab.click("dialog button:has-text('Sign out, and lose them')")
    tab.wait_for_url("**/sign-out")

    assert asked.startswith("Reports that are only on this device: 1.")
    assert {"telling", "writing"} <= set(stayed)
    left = tab.evaluate(HERE)
    assert [name for name in left if name in ("telling", "writing")] == []
    assert n_told(held) == 0


def test_a_telling_that_can_be_sent_after_all_is_sent_before_signing_out(live):
    held, page = live([])
    tab = page()
    n_tries = []
    tab.route(
        "**/api/gatherings/*/reports",
        lambda route: (
            route.abort() if not n_tries.append(1) and len(n_tries) == 1 else route.continue_()
        ),
    )
    tab.route("**/sign-out", lambda route: route.fulfill(status=200, body="out"))
    tab.evaluate("() => { Math.random = () => 1e6; }")  # by itself it would try again much later
    tab.get_by_role("button", name="Step forward").click()
    tab.fill("#live-text", "The stairs came down to us.")
    tab.get_by_role("button", name="Tell", exact=True).click()
    text_in(tab, "[data-sent]", "waits on this device")

    tab.evaluate(SIGN_OUT)
    tab.wait_for_url("**/sign-out")

    assert n_told(held) == 1
    assert tab.evaluate(HERE) == []


def test_what_is_being_written_survives_the_page(live):
    _, page = live([])
    tab = page()
    tab.get_by_role("button", name="Step forward").click()
    tab.fill("#live-text", "Half a sentence")
    while "writing" not in tab.evaluate(HERE):
        tab.wait_for_timeout(50)
    tab.reload()
    tab.wait_for_function("() => document.querySelector('#live-text').value === 'Half a sentence'")


def test_a_refusal_brings_the_words_back_with_its_reason(live):
    held, page = live([])
    gatherings.mute(held.ground, held.host, held.g, 1, yes=True, why="A pause.", once="once-mute-1")
    guest = page(held.people[0][1])
    text_in(guest, "#tell", "The host asked you to listen for now.")
    guest.get_by_role("button", name="Step forward").click()
    guest.fill("#live-text", "The stairs came down to us.")
    guest.get_by_role("button", name="Tell", exact=True).click()
    text_in(guest, "[data-sent]", "The host asked you to listen")
    assert guest.input_value("#live-text") == "The stairs came down to us."
    assert n_told(held) == 0


def test_one_field_and_one_button_at_first_and_the_rest_with_the_first_letter(live):
    _, page = live([])
    tab = page()
    tab.get_by_role("button", name="Step forward").click()
    assert not tab.is_visible(".feelings")
    tab.fill("#live-text", "A")
    assert tab.is_visible(".feelings")
    assert not tab.is_visible(".strength")
    tab.check(".feeling.joy input")
    assert tab.is_visible(".strength")


# ------------------------------------------------------------------ taking back, answering


def test_a_line_that_is_taken_back_is_gone_from_every_screen_and_says_so(live):
    held, page = live([])
    text = "A word nobody else would say: quillfeather."
    held.tells(held.people[0][0], text)
    teller, other = page(held.people[0][1]), page()
    other.get_by_role("button", name="Read").click()
    text_in(other, "#read", "quillfeather")

    teller.get_by_role("button", name="Read").click()
    teller.get_by_role("button", name="Take it back").click()
    teller.get_by_role("dialog").get_by_role("button", name="Take it back").click()

    text_in(other, "[data-log]", "A line was taken back.")
    for tab in (other, teller):
        tab.wait_for_function(
            "() => ![...document.body.querySelectorAll('*:not(script)')].some("
            "n => n.children.length === 0 && n.textContent.includes('quillfeather'))"
        )
    assert n_told(held) == 0


def test_others_lines_are_answered_and_carried_and_ones_own_never(live):
    held, page = live([])
    held.tells(held.host, "Mine is about a door.")
    r = held.tells(held.people[0][0], "Theirs is about a stair.")
    tab = page()
    tab.get_by_role("button", name="Read").click()
    own, theirs = (
        tab.locator("li.told-line", has_text=text) for text in ("Mine is about", "Theirs is about")
    )
    assert own.get_by_role("button", name="This reminds me of…").count() == 0
    assert own.get_by_role("button", name="This carries me").count() == 0

    theirs.get_by_role("button", name="This carries me").click()
    text_in(tab, "#read", "it carries 1 person")
    tab.locator("li.told-line", has_text="Theirs is about").get_by_role(
        "button", name="This reminds me of…"
    ).click()
    text_in(tab, "[data-answered]", "Theirs is about a stair.")
    tab.fill("#live-text", "Of a ladder.")
    tab.get_by_role("button", name="Tell", exact=True).click()
    tab.wait_for_function(
        "() => document.querySelector('[data-sent]').textContent.startsWith('Told')"
    )

    assert held.told()[-1]["answers"] == r


def test_a_feeling_is_changed_with_one_tap(live):
    held, page = live([])
    held.tells(held.host, "Mine is about a door.", feeling="joy")
    tab = page()
    tab.get_by_role("button", name="Read").click()
    tab.get_by_role("button", name="What it felt like").click()
    tab.get_by_role("dialog").get_by_role("button", name="longing").click()
    tab.wait_for_selector("li.told-line.longing")

    assert held.told()[0]["feeling"] == "longing"


# ------------------------------------------------------------------ reading


@pytest.fixture(scope="module")
def told_here(chromium):
    """A whole evening and one wide page of it, for everything that only reads there."""
    held = going(Node())
    held.tell_all(LINES)
    phone = Phone(chromium, held.node, held.people[0][1], viewport=WIDE, service_workers="block")
    phone.context.route("**/live-picture-*.js", lambda route: route.abort())
    yield phone.tab(f"/gatherings/{held.g}")
    assert phone.complaints == []
    phone.leave()
    held.node.stop()
    held.node.house.rooms.close()


@pytest.fixture
def reading(told_here):
    """That page, as somebody finds it who comes to it."""
    told_here.reload()
    told_here.wait_for_selector("html.scripted")
    return told_here


def test_the_weave_is_walked_with_a_keyboard_alone(reading):
    tab = reading
    tab.get_by_role("button", name="Read").focus()
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#read:not([hidden])")
    first = tab.locator("details.stop > summary").first
    first.focus()
    focused = "() => document.activeElement.closest('[data-key]')?.dataset.key ?? ''"
    walked = [tab.evaluate(focused)]
    for key in ("ArrowRight", "ArrowDown", "ArrowUp", "ArrowLeft"):
        tab.keyboard.press(key)
        walked.append(tab.evaluate(focused))
    assert walked[0] == walked[4] == "p0"
    assert walked[1].startswith("p1")
    assert walked[2] != walked[1] == walked[3]

    tab.keyboard.press("t")  # follow one thread: the focus goes to a line of it
    assert tab.evaluate("() => !!document.activeElement.closest('li[data-r]')")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Escape")
    assert tab.is_hidden("#read")
    assert tab.evaluate("() => document.activeElement.textContent") == "Read"


def test_every_sentence_stands_in_the_text_by_passage_by_motif_and_by_thread(reading):
    tab = reading
    tab.get_by_role("button", name="Read").click()
    for name in ("By passage", "By thread"):
        tab.get_by_role("button", name=name).click()
        tab.evaluate(
            "() => document.querySelectorAll('details.stop').forEach(d => (d.open = true))"
        )
        tab.wait_for_function(
            "() => [...document.querySelectorAll('details.stop ol')].every(o => o.childElementCount)"
        )
        text = tab.inner_text("#read")
        assert [line for line, *_ in LINES if line not in text] == []
    tab.get_by_role("button", name="By motif").click()
    text_in(tab, "#read", "stairs")


def test_from_my_dream_to_yours_is_read_line_by_line(reading):
    tab = reading
    tab.get_by_role("button", name="Read").click()
    tab.get_by_text("From my dream to yours").click()
    tab.wait_for_function(
        "() => document.querySelector('#path-from').selectedOptions[0]?.textContent.startsWith('yours')"
    )
    tab.select_option("#path-to", "15")
    tab.get_by_role("button", name="Find the way").click()
    tab.wait_for_selector("ol.path li[data-r='15']")
    assert tab.locator("ol.path li").count() == 2


def test_covered_words_are_shown_when_somebody_chooses(live):
    held, page = live([])
    held.tells(held.host, "The cellar fills with bees.", note="insects")
    tab = page()
    assert not tab.is_visible("[data-log] >> text=The cellar fills with bees.")
    tab.click("[data-log] summary")
    assert tab.is_visible("[data-log] >> text=The cellar fills with bees.")
    wall = page(path="?view=projector")
    assert "The cellar fills with bees." not in wall.inner_text("body")


def test_who_is_missing_is_counted_in_plain_words_and_in_a_table(reading):
    tab = reading
    tab.get_by_role("button", name="Who is missing").click()
    text_in(tab, "#voices", "seats are kept open for people who are not here")
    text_in(tab, "#voices", "The people who clean this building.")
    rows = tab.locator("#voices tbody tr").all_inner_texts()
    assert ["Seats kept open", "4"] in [row.split("\t") for row in rows]
    assert any(row.startswith("Lines in English") for row in rows)
    said = tab.inner_text("[data-shares]")
    assert re.fullmatch(
        r"The three longest threads hold \d+ % of the words; the three shortest \d+ %\.", said
    )


def test_a_lens_is_chosen_by_oneself_and_shows_nothing_of_a_few(live):
    held, page = live(LINES[:3])
    lenses.offer(held.ground, held.host, held.g, ["I work nights"], once="once-lenses-1")
    tab = page(held.people[0][1], viewport=WIDE)
    tab.get_by_role("button", name="Who is missing").click()
    box = tab.get_by_label("This is true of me.")
    assert not box.is_checked()
    box.check()
    text_in(tab, "[data-lenses]", "at least five people are on either side")
    tab.wait_for_function("() => document.querySelector('[data-lenses] input').checked")
    (seen,) = lenses.lenses(held.ground, held.people[0][0], held.g)
    assert (seen.words, seen.mine, seen.of_people) == ("I work nights", True, None)


# ------------------------------------------------------------------ what goes on


def test_a_page_hears_on_after_the_node_was_away_and_nobody_loses_what_they_write(live):
    held, page = live(LINES[:3])
    tab = page()
    tab.get_by_role("button", name="Step forward").click()
    tab.fill("#live-text", "Half a sentence")
    held.node.stop()
    held.tells(held.people[0][0], "Told while the node was away.")
    held.node.start()
    text_in(tab, "[data-log]", "Told while the node was away.")
    assert tab.input_value("#live-text") == "Half a sentence"


def test_a_hold_is_said_and_a_rest_is_plain_night(live):
    held, page = live(LINES[:3])
    tab = page()
    gatherings.hold(held.ground, held.host, held.g, yes=True, once="once-hold-1")
    text_in(tab, "[data-phase]", "The host holds the gathering")
    gatherings.rest(held.ground, held.host, held.g, seconds=60, once="once-rest-1")
    tab.wait_for_selector("[data-rest]:not([hidden])")
    gatherings.rest(held.ground, held.host, held.g, seconds=0, once="once-rest-2")
    tab.wait_for_selector("[data-rest]", state="hidden")


COUNTRY = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100"><script>window.BAD=1</script>'
    '<text data-order="1" y="20">second</text><text data-order="0" y="10">first</text></svg>'
)


def test_at_the_closing_the_landscape_is_revealed_whole_where_nothing_may_move(live):
    held, page = live(LINES[:3])
    tab = page(reduced_motion="reduce")
    tab.route("**/landscape?*", lambda r: r.fulfill(content_type="image/svg+xml", body=COUNTRY))
    held.says(["phase", 2], ["phase", 3], ["settled", 1])
    tab.wait_for_selector("[data-landscape] svg")
    assert tab.locator(".unwritten").count() == 0
    assert tab.evaluate("() => window.BAD === undefined")
    text_in(tab, "[data-log]", "The weave is closed")
    assert tab.locator(".rhythm [aria-current]").all_inner_texts() == ["reflection"]
    assert not tab.is_visible('[data-opens="tell"]')
    assert tab.is_visible("nav [data-afterwards]")
    held.says(["settled", 0])
    tab.wait_for_selector("[data-landscape]", state="hidden")


def test_the_landscape_writes_itself_in_the_order_of_telling_and_can_be_skipped(live):
    held, page = live(LINES[:3])
    tab = page(reduced_motion="no-preference")
    tab.clock.install()
    tab.route("**/landscape?*", lambda r: r.fulfill(content_type="image/svg+xml", body=COUNTRY))
    held.says(["settled", 1])
    tab.wait_for_selector("[data-landscape] svg")
    tab.clock.run_for(60)
    written = (
        "() => [...document.querySelectorAll('[data-landscape] .written')].map(t => t.textContent)"
    )
    assert tab.evaluate(written) == ["first"]
    tab.get_by_role("button", name="Show all of it now").click()
    assert tab.locator(".unwritten").count() == 0


def test_the_wall_shows_the_dreamscape_and_the_spoken_line_and_nothing_to_press(live):
    held, page = live(LINES[:3])
    tab = page(path="?view=projector", viewport={"width": 1920, "height": 1080})
    assert tab.locator("button, a, input, textarea").count() == 0
    held.tells(held.people[0][0], "The moon asks for its bowl back.")
    text_in(tab, "[data-log]", "The moon asks for its bowl back.")
    size = tab.evaluate(
        "() => parseFloat(getComputedStyle(document.querySelector('[data-log] li p')).fontSize)"
    )
    assert size >= 0.05 * 1080
    tab.keyboard.press("Escape")
    tab.wait_for_url("**/gatherings/" + held.g)


# ------------------------------------------------------------------ for everybody


@pytest.mark.parametrize("size", [WIDE, {"width": 390, "height": 844}], ids=["wide", "phone"])
def test_nothing_stands_in_the_way_of_anybody(live, size):
    held, page = live(LINES[:8], n_people=1)
    held.tells(held.people[0][0], "The cellar fills with bees.", note="insects")
    tab = page(viewport=size)
    assert violations(tab) == []
    for sheet in ("Read", "Step forward", "Who is missing"):
        shut(tab)
        tab.get_by_role("button", name=sheet).click()
        if sheet == "Step forward":
            tab.fill("#live-text", "A door")
        assert violations(tab) == []


def test_it_reflows_where_letters_are_large_and_reads_from_the_right(live):
    _, page = live(LINES[:8], n_people=1)
    tab = page(viewport={"width": 320, "height": 480})
    for sheet in ("", "Read", "Step forward", "Who is missing"):
        if sheet:
            shut(tab)
            tab.get_by_role("button", name=sheet).click()
        over = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert tab.evaluate(over) <= 0
    tab.context.add_cookies([{"name": "lang", "value": "ar", "url": tab.url}])
    tab.reload()
    tab.wait_for_function("() => document.documentElement.dir === 'rtl'")
    assert tab.evaluate(over) <= 0
    assert violations(tab) == []


def test_words_and_form_work_before_and_without_the_picture(live):
    held, page = live(LINES[:3])
    tab = page()
    assert tab.locator("[data-picture] canvas").count() == 0
    held.tells(held.people[0][0], "The moon asks for its bowl back.")
    text_in(tab, "[data-log]", "The moon asks for its bowl back.")


def test_the_picture_lights_what_is_read_and_goes_undyed_for_the_voices(live):
    _, page = live(LINES)
    tab = page(picture=True, viewport=WIDE)
    tab.wait_for_function("() => performance.getEntriesByName('dreamweave-drawn').length > 0")
    assert tab.locator("[data-picture] [aria-hidden=true] canvas").count() > 0
    before = tab.screenshot(clip={"x": 0, "y": 60, "width": 700, "height": 500})
    tab.get_by_role("button", name="Who is missing").click()
    tab.wait_for_timeout(600)
    assert tab.screenshot(clip={"x": 0, "y": 60, "width": 700, "height": 500}) != before


def test_a_first_load_is_small_and_comes_from_the_node_alone(live):
    held, page = live(LINES, n_people=1)
    tab = page(picture=True)
    loaded = {}

    def note(answer):
        if "stream" not in answer.url and answer.status == 200:
            body = answer.body()
            # Fonts are compressed as they are; what is text, a proxy compresses.
            small = body if answer.url.endswith(".woff2") else gzip.compress(body, 9)
            loaded[answer.url] = len(small)

    tab.on("response", note)
    tab.reload()
    tab.wait_for_function("() => performance.getEntriesByName('dreamweave-drawn').length > 0")
    tab.wait_for_load_state("load")
    tab.wait_for_function("() => document.fonts.status === 'loaded'")
    assert all(url.startswith(held.node.address) for url in loaded)
    said = {url.rpartition("/")[2]: n for url, n in loaded.items()}
    assert sum(loaded.values()) <= 150_000, said


def test_script_and_picture_weigh_no_more_than_sixty_kilobytes():
    held = [
        len(gzip.compress((assets.STATIC / str(assets.manifest()[name])).read_bytes(), 9))
        for name in ("live.js", "live-picture.js")
    ]
    assert sum(held) <= 60_000


# ------------------------------------------------------------------ twins


def test_sentences_are_cut_as_python_cuts_them():
    texts = ["One. Two? Three!", "😀 a face. Then none.", "حلمت بالبحر. ثم استيقظت.", "whole"]
    cuts = [[[0, 4], [5, 9], [10, 16]], [[0, 9], [10, 20]], [[0, 12], [13, 24]], []]
    asked = [["sentences", [{"text": t, "cuts": c}]] for t, c in zip(texts, cuts, strict=True)]
    with own_scripts("../live/lines") as ask:
        said = ask(*asked)
    assert said == [list(sentences(t, c)) for t, c in zip(texts, cuts, strict=True)]


def test_keys_in_the_scripts_and_sentences_for_them_are_the_same():
    live, node = ROOT / "front/src/live", ROOT / "front/src/node"
    own = json.loads((live / "strings.json").read_text(encoding="utf-8"))
    shared = json.loads((node / "strings.json").read_text(encoding="utf-8"))
    code = "".join(p.read_text(encoding="utf-8") for p in sorted(live.rglob("*.ts")))
    used = set(re.findall(r'"((?:live|node)\.[a-z_.]+)"', code))
    for group, names in {
        "by": ("passage", "motif", "thread"),
        "floor": ("mine", "asked", "invited", "theirs", "free"),
        "do": ("ask", "withdraw", "pass", "end", "decline"),
    }.items():
        assert f"live.{group}_${{" in code
        used |= {f"live.{group}_{name}" for name in names}
    assert {key for key in used if key.startswith("live.")} == set(own)
    assert {key for key in used if key.startswith("node.")} <= set(shared)
