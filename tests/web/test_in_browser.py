"""What people write runs nowhere, loads nothing and leads nowhere: in a real Chromium, on real pages.

Each defence is tried alone: the policy taken away and escaping kept, escaping
taken away and the policy kept. With both away the payloads do run, or the
other figures would be decoration.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from typing import Any

import pytest
from jinja2 import Environment
from makers_ground import a_report
from makers_pages import full_house
from node_in_browser import INSECURE, Node, cookie
from payloads import PAYLOADS
from playwright.sync_api import Error
from proving import PROVING

from dreamweave.app import circles, weaving_lent
from dreamweave.app.devices import name_device
from dreamweave.app.journals import keep_report
from dreamweave.app.lending import Offer, lend
from dreamweave.app.me import change_own
from dreamweave.model.facts import COMMONS, circle_stream
from dreamweave.web.pages import showing

pytestmark = pytest.mark.browser

N_FULLY_SHOWN = (
    len(PAYLOADS) if PROVING else 3
)  # reports whose own pages are opened one by one; lists show all of them


class Without:
    """Between the node and the browser: takes headers away or changes them, to switch a defence off."""

    def __init__(self) -> None:
        self.taken: tuple[bytes, ...] = ()
        self.changed: dict[bytes, bytes] = {}
        self.origins: list[bytes] = []

    def wrapped(self, app: Any) -> Any:
        async def over(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] == "http" and scope["method"] == "POST":
                self.origins.append(dict(scope["headers"]).get(b"origin", b"none"))

            async def sent(message: Any) -> None:
                if message["type"] == "http.response.body" and b"referrer-policy" in self.changed:
                    # The pages say it too, in a tag of the same length.
                    said = b'name="referrer" content="%s"'
                    body = message.get("body", b"")
                    body = body.replace(said % b"same-origin", said % b"no-referrer")
                    message = {**message, "body": body}
                if message["type"] == "http.response.start":
                    message["headers"] = [
                        (name, self.changed.get(name, value))
                        for name, value in message["headers"]
                        if name not in self.taken
                    ]
                await send(message)

            await app(scope, receive, sent)

        return over


class Full(Node):
    """A node full of people, whose words are all payloads."""

    def __init__(self) -> None:
        super().__init__()
        self.full = full_house(title=PAYLOADS[0][:80], contact=PAYLOADS[4])
        self.full.house.settings.hosts = (INSECURE,)
        self.house = self.full.house
        self.faults = Without()
        self.token = self.full.tokens["keeper"]
        self.keeper = self.full.actors["keeper"]
        self.reports: list[str] = []
        self.circle = ""
        self._plant()

    def _plant(self) -> None:
        on, people, who = self.house.ground, self.house.people, self.keeper
        self.circle = circles.make(on, who, PAYLOADS[3][:120], PAYLOADS[5])
        for n, payload in enumerate(PAYLOADS):
            report = a_report(
                on,
                payload + " stairs",
                title=payload[:200],
                tags=(payload[:40],),
                kept_out=payload,
            )
            keep_report(on, who, report)
            self.reports.append(report.id)
            offer = Offer(report.id, 1, COMMONS, "named", name=payload[:80])
            lend(on, who, offer)
            lend(
                on, who, Offer(report.id, 1, circle_stream(self.circle), "named", name=payload[:80])
            )
            if n % 8 == 0:
                circles.make(on, who, payload[:120], payload)
        change_own(people, who, {"shown_name": PAYLOADS[4][:60], "evening_intention": PAYLOADS[41]})
        name_device(people, who, people.sessions.current(who).id, PAYLOADS[6][:60])


@pytest.fixture(scope="module")
def full():
    node = Full()
    node.start()
    node.app.state.limiter.kinds = {}  # its clock stands still, and one browser asks for everything
    yield node
    node.stop()


@pytest.fixture
def as_it_is(full):
    """Every defence as it is, before and after."""
    full.faults.taken, full.faults.changed = (), {}
    yield full
    full.faults.taken, full.faults.changed = (), {}


def pages_of(node: Full) -> list[str]:
    shown = node.reports[:: len(node.reports) // N_FULLY_SHOWN][:N_FULLY_SHOWN]
    every = ["/", "/journal", "/lendings", "/commons", "/circles", f"/circles/{node.circle}", "/me"]
    every += ["/members", "/search", "/calendar", "/patterns", "/print", "/evening", "/invitations"]
    every += ["/tell", "/keeper", "/about", "/export", "/import", "/leave"]
    for report in shown:
        every += [f"/reports/{report}{more}" for more in ("", "/edit", "/lend", "/forget")]
    return every


def looked(chromium: Any, node: Full, paths: list[str]) -> Counter[str]:
    """Open pages as the keeper, let them do what they do, and count what they should not do."""
    seen: Counter[str] = Counter()
    context = chromium.new_context(reduced_motion="no-preference")
    context.set_default_timeout(15_000)
    context.add_cookies([cookie(node, node.token)])
    context.expose_binding("ran", lambda _, n=None: seen.update({"ran": 1, f"ran {n}": 1}))

    def asked(route: Any) -> None:
        if not route.request.url.startswith((node.address, "data:", "blob:")):
            seen["asked elsewhere"] += 1
            route.abort()
        else:
            route.continue_()

    context.route("**/*", asked)
    tab = context.new_page()
    tab.on("dialog", lambda dialog: (seen.update({"dialog": 1}), dialog.dismiss()))
    for path in paths:
        # Where the defences are off, one page may lead away while the next is asked for.
        with contextlib.suppress(Error):
            came = tab.goto(node.address + path, wait_until="load")
            seen.update({"not shown": 1} if came is None or came.status >= 400 else {})
        tab.wait_for_timeout(50)  # a refresh of no seconds, an error of a picture
        if tab.url.partition("#")[0] != node.address + path:
            seen["went elsewhere"] += 1
    context.close()
    return seen


def without_escaping(monkeypatch: pytest.MonkeyPatch) -> None:
    def loose(*args: Any, **how: Any) -> Environment:
        return Environment(*args, **{**how, "autoescape": False})

    monkeypatch.setattr(showing, "Environment", loose)
    showing._environment.cache_clear()


@pytest.fixture
def clear_templates():
    yield
    showing._environment.cache_clear()


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 60


def test_nothing_that_people_write_runs_loads_or_leads_anywhere(chromium, as_it_is):
    assert looked(chromium, as_it_is, pages_of(as_it_is)) == {}


def test_escaping_alone_holds(chromium, as_it_is):
    as_it_is.faults.taken = (b"content-security-policy",)

    assert looked(chromium, as_it_is, pages_of(as_it_is)) == {}


def test_the_policy_alone_lets_nothing_run_and_nothing_be_asked_for(
    chromium,
    as_it_is,
    monkeypatch,
    clear_templates,
):
    without_escaping(monkeypatch)

    seen = looked(chromium, as_it_is, ["/journal", "/commons", f"/circles/{as_it_is.circle}"])

    assert seen["ran"] == 0
    # But a policy does not stop a page from being led elsewhere: escaping is the first defence.
    assert seen["went elsewhere"] + seen["asked elsewhere"] > 0


def test_without_both_payloads_run(chromium, as_it_is, monkeypatch, clear_templates):
    # The alarms above, rung once.
    without_escaping(monkeypatch)
    as_it_is.faults.taken = (b"content-security-policy",)
    # What leads elsewhere at once would keep the rest from running.
    some = as_it_is.reports[:: 1 if PROVING else 3]
    seen = looked(chromium, as_it_is, [f"/reports/{report}" for report in some])

    assert len([what for what in seen if what.startswith("ran ")]) >= len(some) // 3
    assert seen["asked elsewhere"] >= len(some) // 10


def test_what_is_searched_for_and_what_is_brought_in_runs_nowhere(chromium, as_it_is, tmp_path):
    seen: Counter[str] = Counter()
    context = chromium.new_context()
    context.set_default_timeout(15_000)
    context.add_cookies([cookie(as_it_is, as_it_is.token)])
    context.expose_binding("ran", lambda _, n=None: seen.update({"ran": 1}))
    tab = context.new_page()
    for payload in PAYLOADS[::4]:
        tab.goto(as_it_is.address + "/search")
        tab.fill("[name=text]", payload)
        tab.press("[name=text]", "Enter")
        tab.wait_for_load_state("load")
    brought = tmp_path / "<img src=x onerror=ran(1)>.csv"
    rows = "".join(
        f'2026-11-0{1 + n % 9},"{p.replace(chr(34), chr(34) * 2)}"\n'
        for n, p in enumerate(PAYLOADS)
    )
    brought.write_text("date,text\n" + rows, encoding="utf-8")
    tab.goto(as_it_is.address + "/import")
    tab.set_input_files("input[type=file]", str(brought))
    tab.click("main form[enctype] button")
    tab.wait_for_load_state("load")
    shown = tab.inner_text("main")
    tab.wait_for_timeout(100)
    context.close()

    assert "onerror" in shown  # they were shown, as what they are
    assert seen == {}


# ------------------------------------------------------------------ the dreamscape in its sandbox


@pytest.fixture(scope="module")
def woven(full) -> str:
    """A real weave of all payloads, by the real loom."""
    stream = circle_stream(full.circle)
    made = weaving_lent.weave_lent(
        full.house.ground, full.keeper, stream, title=PAYLOADS[0], once="a-weave-of-payloads"
    )
    return f"/api/circles/{full.circle}/weaves/{made.weave}"


def dreamscape(chromium: Any, node: Full, path: str) -> tuple[Counter[str], dict[str, Any]]:
    seen: Counter[str] = Counter()
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    context.add_cookies([cookie(node, node.token)])
    context.expose_binding("ran", lambda _, n=None: seen.update({"ran": 1}))
    context.on("request", lambda r: seen.update({"asked": 1} if r.url.startswith("http") else {}))
    context.on("weberror", lambda e: seen.update({f"error: {e.error}": 1}))
    context.on("console", lambda m: seen.update({m.text: 1} if m.type == "error" else {}))
    tab = context.new_page()
    try:
        tab.goto(node.address + path, wait_until="load")
        tab.wait_for_timeout(500)
        found = tab.evaluate(
            """() => ({
              origin: self.origin,
              text: document.body.innerText.length,
              pictures: document.querySelectorAll("svg, canvas").length,
              cookie: (() => { try { return document.cookie } catch { return "out of reach" } })(),
              stored: (() => { try { return localStorage.length } catch { return "out of reach" } })(),
            })"""
        )
        found["reached"] = tab.evaluate("() => fetch('/api/me').then(() => 'yes', () => 'no')")
    except Exception as trouble:
        found = {"trouble": str(trouble).split("\n")[0]}
    context.close()
    return seen, found


def test_a_dreamscape_of_payloads_shows_them_and_can_reach_nothing(chromium, as_it_is, woven):
    seen, found = dreamscape(chromium, as_it_is, woven)

    assert found.pop("text") > 1_000
    assert found.pop("pictures") >= 1
    assert found == {
        "origin": "null",
        "cookie": "out of reach",
        "stored": "out of reach",
        "reached": "no",
    }
    # The page itself; and the one question that the test asked, which the policy stopped.
    assert seen.pop("asked") == 1
    assert [what for what in seen if "/api/me" not in what and "favicon" not in what] == []


def test_without_its_policy_a_dreamscape_would_be_one_of_our_pages(chromium, as_it_is, woven):
    # The alarm above, rung once. (What it may ask for is also said in a tag of its own.)
    as_it_is.faults.taken = (b"content-security-policy",)

    _, found = dreamscape(chromium, as_it_is, woven)

    assert (found["origin"], found["stored"]) == (as_it_is.address, 0)


# ------------------------------------------------------------------ forms on an address that is not trusted


def posted_from(chromium: Any, node: Full, address: str) -> str:
    """Choose a look by a form, without script, and say where the form came from as the node heard it."""
    node.faults.origins.clear()
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(address + "/about")
    tab.click("form[action='/look'] button >> nth=0")
    tab.wait_for_load_state("load")
    context.close()
    return node.faults.origins[-1].decode()


def test_forms_say_where_they_come_from_even_over_plain_http(chromium, as_it_is):
    assert posted_from(chromium, as_it_is, as_it_is.insecure) == as_it_is.insecure
    # Why it is not `no-referrer`: forms would come from "null", and be refused.
    as_it_is.faults.changed = {b"referrer-policy": b"no-referrer"}
    assert posted_from(chromium, as_it_is, as_it_is.insecure) == "null"
