"""The node's pages in a real browser: for every eye, with a keyboard alone, without a script."""

from __future__ import annotations

import os
import re
import socket
import threading
import time
from pathlib import Path

import pytest
import uvicorn
from makers_pages import PAGES, full_house

from dreamweave.web.app import make_app
from dreamweave.web.sessions import COOKIE_PLAIN

ROOT = Path(__file__).resolve().parents[2]
AXE = (ROOT / "front/node_modules/axe-core/axe.min.js").read_text(encoding="utf-8")
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}
ROLE_OF = {"a": "", "d": "dreamer", "k": "keeper"}
CELLS = [(path, ROLE_OF[who]) for path, for_whom in PAGES for who in for_whom]

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def served():
    """A full house on a socket: the house and its address."""
    full = full_house()
    app = make_app(full.house)
    app.state.limiter.kinds = {}  # one machine asks for everything here
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield full, f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def open_as(chromium, served):
    """A page of a browser for somebody, with what they prefer."""
    full, address = served
    contexts = []

    def opened(role="", *, cookies=None, **how):
        how.setdefault("viewport", NARROW)
        context = chromium.new_context(base_url=address, service_workers="block", **how)
        context.set_default_timeout(10_000)
        held = {COOKIE_PLAIN: full.tokens[role]} if role else {}
        held |= cookies or {}
        context.add_cookies([{"name": n, "value": v, "url": address} for n, v in held.items()])
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


def violations(page):
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(
        "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
        "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))]))"
    )


def over_the_edge(page):
    """How far a page can be scrolled sideways."""
    return page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )


# Each page is looked at narrow by day and wide by night; `make prove` crosses them all.
LOOKS = [(NARROW, "day"), (WIDE, "night")]
if os.environ.get("DREAMWEAVE_PROVE"):
    LOOKS += [(NARROW, "night"), (WIDE, "day")]


@pytest.mark.parametrize("role", ["", "dreamer", "keeper"])
def test_axe_finds_nothing_narrow_or_wide_by_night_or_by_day(open_as, served, role):
    full, _ = served
    page = open_as(role, reduced_motion="reduce")  # no colour is caught half way
    wrong = {}
    for path in (p for p, r in CELLS if r == role):
        page.goto(path.format(**full.ids))
        for size, look in LOOKS:
            page.set_viewport_size(size)
            page.evaluate(f"document.documentElement.dataset.look = '{look}'")
            if over_the_edge(page) > 0:
                wrong[path, size["width"], "sideways"] = over_the_edge(page)
            if found := violations(page):
                wrong[path, size["width"], look] = found
        if page.evaluate("window.CANARY"):
            wrong[path, "canary"] = True
    assert wrong == {}


def test_axe_finds_what_is_planted(open_as):
    page = open_as()
    page.goto("/about")
    page.evaluate(
        "document.querySelector('main').append(Object.assign(document.createElement('img'),"
        "{src: '/icon.svg'}), document.createElement('input'))"
    )
    assert {"image-alt", "label"} <= {id for id, _ in violations(page)}


@pytest.mark.parametrize("lang", ["es", "ar"])
def test_other_languages_fit_and_run_their_own_way(open_as, served, lang):
    full, _ = served
    page = open_as("dreamer", cookies={"lang": lang})
    wrong = {}
    for path in (p for p, r in CELLS if r == "dreamer"):
        page.goto(path.format(**full.ids))
        if over_the_edge(page) > 0:
            wrong[path] = over_the_edge(page)
        if path in ("/", "/me") and (found := violations(page)):
            wrong[path, "axe"] = found
    assert wrong == {}
    # The menu hangs from the side where a line ends.
    page.goto("/journal")
    middle = page.evaluate(
        "(() => {const r = document.querySelector('.menu').getBoundingClientRect(); return r.x + r.width / 2})()"
    )
    assert (middle < 160) == (lang == "ar")


SPACED = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(`* {line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important} p {margin-block-end: 2em !important}`);
document.adoptedStyleSheets = [sheet];
"""


def test_spaced_out_and_twice_as_large_nothing_is_cut_off(open_as, served):
    full, _ = served
    page = open_as("dreamer", viewport={"width": 640, "height": 400})  # 1280 by 800 at 200 %
    wrong = {}
    for path in ("/", "/tell", "/journal", "/lendings", "/reports/{report}/lend", "/me"):
        page.goto(path.format(**full.ids))
        page.evaluate(SPACED)
        if over_the_edge(page) > 0:
            wrong[path, "sideways"] = over_the_edge(page)
        cut = page.evaluate(
            """[...document.querySelectorAll('h1, h2, p, button, a, label, legend, summary')]
            .filter(e => e.checkVisibility() && getComputedStyle(e).overflow !== 'visible'
              && !e.classList.contains('aside-only')
              && (e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2))
            .map(e => e.outerHTML.slice(0, 80))"""
        )
        if cut:
            wrong[path, "cut off"] = cut
    assert wrong == {}


def test_everything_one_taps_is_large_enough_for_a_thumb(open_as, served):
    full, _ = served
    page = open_as("dreamer", viewport={"width": 390, "height": 844})
    small = {}
    for path in (p for p, r in CELLS if r == "dreamer"):
        page.goto(path.format(**full.ids))
        found = page.evaluate(
            """[...document.querySelectorAll('button, .button, .door, summary, input, select,'
              + 'textarea, label.choice, label.feeling, .ways a, .menu nav a, .foot a')]
            .filter(e => e.checkVisibility() && !e.closest('label.choice, label.feeling, .prose')
              | e.matches('label.choice, label.feeling'))
            .map(e => [e, e.getBoundingClientRect()])
            .filter(([e, r]) => r.width && (r.height < 43.5 || r.width < 43.5))
            .map(([e, r]) => e.outerHTML.slice(0, 70) + ' ' + Math.round(r.width) + 'x' + Math.round(r.height))"""
        )
        if found:
            small[path] = found
    assert small == {}


def test_night_and_day_follow_the_device_until_somebody_switches(open_as):
    def ground(page):
        return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    night, day = "rgb(11, 13, 26)", "rgb(248, 244, 236)"
    for scheme, first, other in (("dark", night, day), ("light", day, night)):
        page = open_as("dreamer", color_scheme=scheme, java_script_enabled=False)
        page.goto("/journal")
        assert ground(page) == first
        page.locator("header .icon:visible").click()
        assert (page.url.rpartition("/")[2], ground(page)) == ("journal", other)
    page = open_as("dreamer", color_scheme="light")
    page.goto("/tell")
    assert ground(page) == night  # waking is dark


def test_paper_is_white_and_carries_no_buttons(open_as):
    page = open_as("dreamer", viewport=WIDE, color_scheme="dark")
    page.goto("/print")
    page.emulate_media(media="print")
    assert (
        page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.locator("button:visible, .top:visible, .foot:visible").count() == 0
    assert page.locator("article:visible").count() > 3


def test_chosen_colours_and_stillness_are_kept_to(open_as):
    page = open_as("dreamer", forced_colors="active", reduced_motion="reduce")
    page.goto("/")
    assert page.locator(".moon img").is_hidden()
    page.goto("/tell")
    moving = page.evaluate(
        "[...document.querySelectorAll('*')].filter(e => getComputedStyle(e).transitionDuration !== '0s').length"
    )
    assert moving == 0
    joy = page.locator("label.feeling.joy")
    joy.click()
    assert joy.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"


def test_nothing_is_fetched_from_anybody_else_and_no_policy_is_broken(open_as, served):
    full, address = served
    page = open_as("dreamer")
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    for path in (p for p, r in CELLS if r == "dreamer" and "no-such" not in p and "0000" not in p):
        page.goto(path.format(**full.ids))
        page.wait_for_load_state("networkidle") if path == "/" else None
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert [text for text in said if "Content Security Policy" in text or "Trusted" in text] == []


# ------------------------------------------------------------------ without a script, by keyboard


def tab_to(page, words, *, most=80):
    """Press Tab until what has the focus says `words`, and see that it shows the focus."""
    for i in range(most):
        if i:
            page.keyboard.press("Tab")
        said = page.evaluate(
            """(() => { const e = document.activeElement;
            return e === document.body ? '' : (e.getAttribute('aria-label') || e.innerText || e.closest('label')?.innerText
              || document.querySelector(`label[for="${e.id}"]`)?.innerText || '').trim() })()"""
        )
        if re.search(words, said):
            outline = page.evaluate(
                """(() => { let e = document.activeElement;
                const l = e.closest('label.feeling'); if (l) e = l;
                return getComputedStyle(e).outlineStyle })()"""
            )
            assert outline != "none", f"the focus on {words!r} cannot be seen"
            return said
    raise AssertionError(f"Tab never reached {words!r}")


def test_from_the_first_page_to_a_lending_taken_back_with_a_keyboard_and_no_script(open_as):
    page = open_as("newcomer", java_script_enabled=False)
    page.goto("/")
    tab_to(page, "I dreamt")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tell")
    tab_to(page, "In your own words")
    page.keyboard.type(
        "A heron folded the evening into its coat, slowly and with care."
        " Then the whole harbour smelled of rain and of oranges."
    )
    tab_to(page, "leave unsaid")  # a group of choices is one stop; arrows walk it, round and round
    for _ in ("joy", "tenderness", "wonder"):
        page.keyboard.press("ArrowRight")
    tab_to(page, "^Keep$")
    page.keyboard.press("Enter")
    page.wait_for_url("**/reports/*")
    assert page.get_by_role("status").inner_text() == "Kept. It is yours alone until you lend it."
    assert "A heron folded the evening" in page.locator("main").inner_text()
    assert "wonder" in page.locator("main").inner_text()

    tab_to(page, "Lend some of it")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lend")
    tab_to(page, "All of it")
    page.keyboard.press("ArrowDown")  # the first sentence
    tab_to(page, "The commons")
    tab_to(page, "Unnamed")
    page.keyboard.press("ArrowDown")  # under a pseudonym
    tab_to(page, "Name or pseudonym")
    page.keyboard.type("Heron")
    tab_to(page, "Show me what others will see")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="What others will see").wait_for()
    seen = page.locator(".others-see").inner_text()
    assert "A heron folded the evening into its coat, slowly and with care." in seen
    assert "smelled of rain" not in seen
    assert "Heron" in seen
    tab_to(page, "Yes, lend this")
    page.keyboard.press("Enter")
    page.wait_for_url("**/lendings/*")
    assert "Lent. Thank you." in page.locator("h1").inner_text()

    page.goto("/commons")
    assert (
        "A heron folded the evening into its coat, slowly and with care."
        in page.locator("main").inner_text()
    )
    # What was shown before is, letter for letter, what is shown now.
    shown = page.locator(".lines > li").filter(has_text="A heron folded").inner_text()
    assert " ".join(shown.split()) == " ".join(seen.split())

    page.goto("/lendings")
    tab_to(page, "Take back")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ended*")
    assert "The key of the lent copy is destroyed" in page.get_by_role("status").inner_text()
    page.goto("/commons")
    assert "A heron folded" not in page.locator("main").inner_text()


def test_a_guest_comes_in_leaves_a_key_and_comes_back_without_a_script(open_as, served):
    full, _ = served
    from dreamweave.app import invitations

    code = invitations.invite(full.house.people, full.actors["keeper"], opens="guest").code
    page = open_as("", java_script_enabled=False)
    page.goto("/guest")
    page.get_by_label("Code").fill(code.lower().replace("-", " "))
    page.get_by_role("button", name="Come in").click()
    assert page.get_by_role("status").inner_text() == "You are in."
    page.goto("/me")
    page.get_by_role("button", name="Make a return key").click()
    key = page.locator(".codes .code").inner_text()

    again = open_as("", java_script_enabled=False)
    again.goto("/return")
    again.get_by_label("Return key").fill(key)
    again.get_by_role("button", name="Come back").click()
    assert again.url.split("?")[0].endswith("/journal")


def test_somebody_joins_prints_their_codes_and_signs_in_elsewhere_without_a_script(open_as, served):
    full, _ = served
    from dreamweave.app import invitations

    code = invitations.invite(full.house.people, full.actors["keeper"], opens="member").code
    page = open_as("", java_script_enabled=False)
    page.goto("/join")
    page.get_by_label("Invitation code").fill(code)
    page.get_by_label("Name", exact=True).fill("Wren")
    page.get_by_label("Passphrase").fill("short")
    page.locator("form[action='/join']").evaluate("f => f.noValidate = true")
    page.get_by_role("button", name="Join").click()
    assert "characters or more" in page.get_by_role("alert").inner_text()
    assert page.get_by_label("Name", exact=True).input_value() == "Wren"
    assert page.get_by_label("Passphrase").input_value() == ""
    page.get_by_label("Passphrase").fill("heron lamp gravel Tuesday")
    page.get_by_role("button", name="Join").click()
    codes = page.locator(".codes .code").all_inner_texts()
    assert len(codes) == 10

    other = open_as("", java_script_enabled=False)
    other.goto("/sign-in")
    other.get_by_label("Name").fill("wren")
    other.get_by_text("I have lost it").click()
    other.get_by_label("Recovery code").fill(codes[3])
    other.get_by_role("button", name="Sign in").click()
    assert other.get_by_role("status").inner_text() == "Welcome back."
    other.goto("/me")
    assert "9 recovery codes left" in other.locator("main").inner_text()


def test_a_journal_is_brought_in_from_a_file_and_taken_along_without_a_script(open_as, tmp_path):
    held = tmp_path / "dreams.csv"
    held.write_text("date,text\n2025-03-04,The lift went sideways.\n2025-03-05,<b>Bold</b> snow.\n")
    page = open_as("newcomer", java_script_enabled=False)
    page.goto("/import")
    page.get_by_label("A file").set_input_files(held)
    page.get_by_role("button", name="Show me what is in it").click()
    assert "2 reports would be kept." in page.locator("main").inner_text()
    assert "<b>Bold</b> snow." in page.locator("main").inner_text()
    page.get_by_role("button", name="Keep them in my journal").click()
    assert page.get_by_role("status").inner_text() == "2 reports are kept now."

    page.goto("/export")
    if page.get_by_label("Your passphrase once more").count():
        page.get_by_label("Your passphrase once more").fill("four words about nothing")
    with page.expect_download() as coming:
        page.get_by_role("button", name="Make the archive").click()
    assert coming.value.suggested_filename.endswith(".zip")


def test_a_report_is_forgotten_after_it_was_said_what_that_does(open_as, served):
    full, _ = served
    page = open_as("dreamer", java_script_enabled=False)
    page.goto(f"/reports/{full.ids['ended']}/forget")
    assert "Nobody can bring it back" in page.locator("main").inner_text()
    page.get_by_role("button", name="Forget it for good").click()
    assert "Forgotten." in page.get_by_role("status").inner_text()
    assert page.goto(f"/reports/{full.ids['ended']}").status == 404


def test_an_invitation_is_a_card_with_a_code_behind_the_hash(open_as):
    page = open_as("keeper", java_script_enabled=False)
    page.goto("/invitations")
    page.get_by_role("button", name="Make an invitation").click()
    link = page.locator(".card-paper a").get_attribute("href")
    code = page.locator(".card-paper .code").inner_text()
    assert link.endswith(f"/join#{code}")
    assert page.locator(".qr svg path").count() >= 1
