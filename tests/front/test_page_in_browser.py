"""The page as people meet it: by keyboard, by finger, by screen reader, without a script."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest

from dreamweave.dreamscape.scene import scene

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "front/node_modules/axe-core/axe.min.js"
SMALL = {"width": 320, "height": 640}
ZOOMED = {"width": 640, "height": 400}  # a 1280 by 800 screen at 200 %


def violations(tab):
    # Past the page's own policy on purpose: axe is the test's, not the page's.
    tab.evaluate(AXE.read_text(encoding="utf-8") + "; void 0")
    found = tab.evaluate(
        "axe.run(document, {runOnly: {type: 'tag', values: "
        "['wcag2a','wcag2aa','wcag21a','wcag21aa','wcag22aa','best-practice']}})"
    )
    return [(v["id"], [n["target"] for n in v["nodes"]][:4]) for v in found["violations"]]


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: build the front end first")
@pytest.mark.parametrize("size", ["wide", "phone"])
@pytest.mark.parametrize("theme", ["night", "day"])
def test_axe_finds_nothing_with_everything_opened(opened, size, theme, secret_key):
    tab = opened("sample", size)
    if theme == "day":
        tab.click("[data-set=day]")
    tab.fill("#key", secret_key)
    tab.click("#mine button.first")
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert violations(tab) == []


@pytest.mark.skipif(not AXE.is_file(), reason="axe-core is not there: build the front end first")
def test_axe_finds_nothing_where_the_words_have_left_the_picture(opened):
    assert violations(opened("undyed", SMALL)) == []


def test_keys_reach_every_line_and_every_meeting(opened):
    tab = opened()
    wanted = tab.eval_on_selector_all(
        ".passage summary", "all => all.map(s => s.closest('li').id || s.closest('li').dataset.k)"
    )
    tab.focus(".passage summary")
    reached = []
    for _ in wanted:
        reached.append(
            tab.evaluate(
                "(l => l.id || l.dataset.k)(document.activeElement.closest('li'))",
            )
        )
        tab.keyboard.press("ArrowDown")

    assert reached == wanted


def test_left_and_right_go_from_passage_to_passage(opened):
    tab = opened()
    where = "document.activeElement.closest('.passage').dataset.p"
    tab.focus("#p2 summary")
    tab.keyboard.press("ArrowRight")
    onward = tab.evaluate(where)
    tab.keyboard.press("ArrowLeft")
    tab.keyboard.press("ArrowLeft")

    assert [onward, tab.evaluate(where)] == ["3", "1"]


def test_enter_opens_a_line_and_escape_closes_it_and_then_leaves(opened):
    tab = opened()
    is_open = "document.querySelector('#l3 details').open"
    tab.focus("#l3 summary")
    tab.keyboard.press("Enter")
    after_enter = tab.evaluate(is_open)
    tab.keyboard.press("Escape")
    after_escape = tab.evaluate(is_open)
    tab.keyboard.press("Escape")

    assert after_enter
    assert not after_escape
    assert tab.evaluate("document.activeElement.textContent") == "Read"


def test_t_follows_one_thread_and_comes_round(opened, sample):
    tab = opened()
    own: dict[int, list[int]] = {}
    for w, line in enumerate(sample.lines):
        own.setdefault(sample.fragments[line.fragment_i].thread_i, []).append(w)
    lines = next(ws for ws in own.values() if len(ws) > 1)
    tab.focus(f"#l{lines[0]} summary")
    visited = []
    for _ in lines:
        tab.keyboard.press("t")
        visited.append(tab.evaluate("document.activeElement.closest('li').id"))

    assert visited == [f"l{w}" for w in [*lines[1:], lines[0]]]


def test_a_focused_line_lights_its_thread_and_those_it_meets(opened):
    tab = opened()
    before = tab.locator(".road canvas").screenshot()
    tab.focus(".lines > li[data-k] summary")
    tab.wait_for_function("document.querySelectorAll('.lit').length > 0")
    tab.wait_for_timeout(300)

    lit = tab.eval_on_selector_all("li.lit", "all => all.map(l => l.dataset.k)")
    chosen = tab.evaluate("document.activeElement.closest('li').dataset.k")
    assert set(lit) == {chosen}
    assert tab.locator(".road canvas").screenshot() != before


def test_pointing_at_a_meeting_names_it_and_lights_its_lines(opened):
    tab = opened()
    label = tab.evaluate(
        """() => { const s = JSON.parse(document.getElementById('scene').textContent);
        const seat = s.seats.wide[0]; return [s.knots.length, seat.name]; }"""
    )
    # Sweep across the middle of the crescent until a meeting is under the pointer.
    said = ""
    for y in range(560, 900, 10):
        tab.mouse.move(620, y)
        said = tab.evaluate("document.querySelector('.caption').textContent")
        if "meet here" in said:
            break

    assert label[0] > 0
    assert "threads meet here" in said
    assert tab.locator("#read li.lit").count() > 0


def test_a_key_lights_its_own_thread_and_tells_where_the_voice_went(opened, secret_key, sample):
    tab = opened()
    before = tab.locator(".stage canvas").screenshot()
    tab.fill("#key", secret_key.lower().replace("-", " "))
    tab.keyboard.press("Enter")

    assert (
        tab.text_content(".said") == "Here you are. Your thread is the bright one in the picture."
    )
    told = tab.eval_on_selector_all(".account li p", "all => all.map(p => p.textContent)")
    own = [
        (w, sample.fragments[line.fragment_i].text)
        for w, line in enumerate(sample.lines)
        if sample.fragments[line.fragment_i].thread_i == 5
    ]
    share = 80 // len(own)
    expected = [f"{share} % went to line {w + 1}: {text} (your own words)" for w, text in own]
    assert told[: len(own)] == expected
    assert told[len(own)].startswith("20 % went to the chorus: ")
    tab.wait_for_timeout(300)
    tab.evaluate("scrollTo(0, 0)")
    assert tab.locator(".stage canvas").screenshot() != before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("not a key", "A key is sixteen letters and digits"),
        ("0000-0000-0000-0000", "That key opens nothing in this weave."),
    ],
)
def test_a_wrong_key_is_told_kindly(opened, typed, said):
    tab = opened()
    tab.fill("#key", typed)
    tab.click("#mine button.first")

    assert tab.text_content(".said").startswith(said)
    assert tab.locator(".account li").count() == 0


def test_nothing_is_kept_after_a_key_was_typed(opened, secret_key):
    tab = opened()
    tab.fill("#key", secret_key)
    tab.click("#mine button.first")

    assert tab.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [
        0,
        0,
        "",
    ]


def test_without_a_script_the_words_the_figures_and_both_cloths_are_there(opened, sample):
    tab = opened(script=False)

    assert tab.locator("h1").inner_text() == sample.title
    assert tab.locator(".lines > li").count() == len(sample.lines)
    assert tab.locator(".lines .w").first.is_visible()
    assert tab.locator("#fair figure svg").count() == 2
    assert not tab.locator(".stage").is_visible()
    assert not tab.locator(".settings").is_visible()
    assert not tab.locator("#mine form").is_visible()


def test_with_reduced_motion_two_pictures_a_second_apart_are_the_same(opened):
    tab = opened()
    tab.wait_for_timeout(300)
    first = tab.screenshot()
    tab.wait_for_timeout(1000)

    assert tab.screenshot() == first


def test_the_cloth_draws_itself_once_and_then_asks_for_no_frames(opened):
    tab = opened(motion="no-preference")
    tab.wait_for_selector("html:not(.growing)")
    tab.wait_for_timeout(300)
    tab.evaluate(
        """() => { window.frames_ = 0; const ask = window.requestAnimationFrame;
        window.requestAnimationFrame = f => { window.frames_++; return ask(f); }; }"""
    )
    tab.wait_for_timeout(700)

    assert tab.evaluate("window.frames_") == 0


def test_still_stops_the_opening_at_once(opened):
    tab = opened(motion="no-preference")
    tab.click("[data-set=still]")
    growing = tab.evaluate("document.documentElement.classList.contains('growing')")
    tab.wait_for_timeout(500)
    first = tab.screenshot()
    tab.wait_for_timeout(600)

    assert not growing
    assert tab.get_attribute("[data-set=still]", "aria-pressed") == "true"
    assert tab.screenshot() == first


@pytest.mark.parametrize("size", [SMALL, ZOOMED, "phone", "wide"])
def test_nothing_runs_off_the_side(opened, size):
    tab = opened("sample", size)
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")

    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")


# Rectangles of every piece of text and every button above the fold, and which of them meet.
OVERLAPS = """() => {
  const boxes = [], out = [];
  const text = (name, e) => {
    if (!e || e.offsetParent === null) return;
    const range = document.createRange();
    range.selectNodeContents(e);
    for (const b of range.getClientRects()) if (b.width > 1) boxes.push([name, b]);
  };
  text("title", document.querySelector("h1"));
  document.querySelectorAll(".few a").forEach((a, k) => text("line " + k, a));
  text("counts", document.querySelector(".counts"));
  text("mark", document.querySelector(".mark"));
  document.querySelectorAll(".key li").forEach((li) => boxes.push(["key", li.getBoundingClientRect()]));
  document.querySelectorAll(".settings button, .doors a").forEach((b) => {
    if (getComputedStyle(b.parentElement).position !== "fixed")
      boxes.push([b.textContent, b.getBoundingClientRect()]);
  });
  boxes.forEach(([a, p], i) => boxes.slice(0, i).forEach(([b, q]) => {
    const wide = Math.min(p.right, q.right) - Math.max(p.left, q.left);
    const high = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
    if (a !== b && wide > 1 && high > 2) out.push(a + " on " + b);
  }));
  const sky = getComputedStyle(document.querySelector(".sky"));
  const at = (name) => parseFloat(sky.getPropertyValue(name));
  const root = document.documentElement;
  return {
    out, format: root.classList.contains("apart") ? null : root.dataset.format,
    at: [at("--ox"), at("--oy"), at("--s")],
    key: boxes.filter(([n]) => n === "key").map(([, b]) => [b.left, b.top, b.right, b.bottom]),
    texts: boxes.filter(([n]) => !/^[A-Z]|key/.test(n)).map(([n, b]) => [n, b.left, b.top, b.right, b.bottom]),
  };
}"""


@pytest.mark.parametrize("which", ["sample", "long", "arabic", "japanese"])
def test_nothing_in_the_opening_lies_on_anything_else(opened, sample, which):
    tab = opened(which, {"width": 1280, "height": 720})
    laid = scene(sample)
    found = {}
    for size in ((1280, 720), (1366, 768), (1024, 768), (1000, 625), (390, 844), (360, 640)):
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        tab.wait_for_timeout(200)
        seen = tab.evaluate(OVERLAPS)
        found[size] = seen["out"]
        if seen["format"] is None:
            continue
        room = laid["opening"][seen["format"]]
        left, top, scale = seen["at"]
        strands = np.frombuffer(base64.b64decode(laid["xy"][seen["format"]]), "<i2").reshape(-1, 2)
        x, y = (strands / 10 * scale + [left - room["x"] * scale, top - room["y"] * scale]).T
        places = [seat["label"] for seat in laid["seats"][seen["format"]] if seat["label"]]
        for a, b in places:
            at = (a - room["x"]) * scale + left, (b - room["y"]) * scale + top
            for x0, y0, x1, y1 in seen["key"]:
                if x0 < at[0] < x1 and y0 < at[1] < y1:
                    found[size] += ["a name under the key"]
        for name, x0, y0, x1, y1 in seen["texts"]:
            if ((x > x0) & (x < x1) & (y > y0) & (y < y1)).any():
                found[size] += [f"threads under {name}"]

    assert {size: out for size, out in found.items() if out} == {}


@pytest.mark.parametrize("size", ["wide", "phone"])
def test_whatever_is_pressed_is_large_enough(opened, size):
    tab = opened("sample", size)
    tab.fill("#key", "x")
    small = tab.eval_on_selector_all(
        ".doors a, button, input, summary",
        """all => all.filter(e => e.offsetParent !== null).map(e => [e.textContent.slice(0, 20),
        e.getBoundingClientRect().height]).filter(([, h]) => h < 44)""",
    )

    assert small == []


def test_words_leave_the_picture_when_they_would_become_small(opened):
    tab = opened("sample", ZOOMED)
    sizes = tab.eval_on_selector_all(
        "h1, .few a, .counts, .key li, .doors a, .settings button, .w, .feels",
        "all => all.filter(e => e.offsetParent).map(e => parseFloat(getComputedStyle(e).fontSize))",
    )
    title, stage = (
        tab.locator(".opening").bounding_box(),
        tab.locator(".stage").bounding_box(),
    )

    assert min(sizes) >= 12
    assert title["y"] + title["height"] <= stage["y"] + 1


def test_in_forced_colours_the_picture_gives_way_to_the_words(browser, pages):
    context = browser.new_context(forced_colors="active", reduced_motion="reduce")
    tab = context.new_page()
    tab.goto(pages["sample"])
    tab.wait_for_selector("html.drawn", state="attached")

    assert not tab.locator(".stage").is_visible()
    assert tab.locator(".lines .w").first.is_visible()
    assert tab.get_attribute("[data-set=plies]", "aria-pressed") == "true"
    context.close()
