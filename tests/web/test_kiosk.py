"""A device that many people use, and a scribe: each is somebody else, and nothing of them is left."""

from __future__ import annotations

import re
import socket
import threading
import time

import pytest
import uvicorn
from gathering_at_doors import AGREED, Evening
from makers_web import Browser
from reading_pages import read

from dreamweave.app import kiosk
from dreamweave.app.accounts import read as account_of
from dreamweave.app.kiosk import SLIP_MS, Slip, Slips, tell_as_guest
from dreamweave.app.telling import Telling, mine
from dreamweave.model.refusals import Refusal

KEY = re.compile(r'<span class="code">([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})</span>')


@pytest.fixture
def evening():
    return Evening()


@pytest.fixture
def device(evening):
    return Browser(evening.app)


def tell(device: Browser, path: str, text: str, once: str = "", **more):
    form = {"text": text, "once": once or f"k-{abs(hash(text)):020d}", "agreed": "yes", **more}
    return device.post(path, data=form)


def key_on(page: str) -> str:
    found = KEY.search(page)
    assert found, page
    return found[1]


def come_back(evening: Evening, key: str) -> Browser:
    browser = Browser(evening.app)
    assert browser.post("/return", data={"return_key": key}).status_code == 303
    return browser


# ------------------------------------------------------------------ a device that many people use


def test_each_who_tells_there_is_somebody_else_with_a_key_of_their_own(evening, device):
    path, keys = f"/g/{evening.code}/kiosk", []
    for text in ("The sea came up.", "The stairs counted me."):
        said = tell(device, path, text)
        assert (said.status_code, said.headers.get("set-cookie")) == (303, None)
        slip = device.get(said.headers["location"])
        keys.append(key_on(slip.text))
        assert slip.headers.get("set-cookie") is None
        assert device.post(said.headers["location"]).headers["location"] == path
    evening.house.rooms.turn()

    assert not device.cookies
    assert evening.words(evening.hosting) == {0: "The sea came up.", 1: "The stairs counted me."}
    for r, key in enumerate(keys):
        own = come_back(evening, key)
        assert [one["r"] for one in own.get(f"{evening.at}/mine").json()["mine"]] == [r]
        assert own.delete(f"{evening.at}/reports/{r}", headers=evening.once()).status_code == 200
    assert evening.words(evening.hosting) == {}


def test_a_key_is_shown_until_it_was_taken_and_no_longer_than_three_minutes(evening, device):
    path = f"/g/{evening.code}/kiosk"
    at = tell(device, path, "The sea came up.").headers["location"]
    assert key_on(device.get(at).text) == key_on(device.get(at).text)
    device.post(at)
    gone = device.get(at)
    assert (gone.status_code, gone.headers["location"]) == (303, path)

    at = tell(device, path, "The stairs counted me.").headers["location"]
    evening.ground.now_ms.pass_ms(SLIP_MS)
    assert device.get(at).status_code == 303


def test_a_form_that_is_sent_again_tells_once_and_gives_a_key_that_opens(evening, device):
    path, once = f"/g/{evening.code}/kiosk", "the-same-key-again"
    tell(device, path, "The sea came up.", once)  # its answer was lost
    at = tell(device, path, "The sea came up.", once).headers["location"]
    evening.house.rooms.turn()

    own = come_back(evening, key_on(device.get(at).text))
    assert [one["r"] for one in own.get(f"{evening.at}/mine").json()["mine"]] == [0]
    assert evening.words(evening.hosting) == {0: "The sea came up."}
    assert evening.hosting.get(evening.at).json()["n_here"] == 2


def test_no_session_of_whoever_told_there_is_left_open(evening):
    slip = tell_as_guest(evening.people, evening.code, Telling("The sea came up."), agreed=True)

    key_holder = come_back(evening, slip.return_key)
    who = evening.people.sessions.actor_of_token(key_holder.cookies["dreamweave"])
    assert len(evening.people.sessions.of(who.dreamer)) == 1  # the one that they came back with
    assert account_of(evening.ground, who.dreamer).devices == ()


def test_what_cannot_be_told_leaves_nobody_sitting_there_and_the_words_in_the_form(evening, device):
    path = f"/g/{evening.code}/kiosk"
    before = evening.hosting.get(evening.at).json()["n_here"]
    for do, undo in (("hold", "hold"), ("door", "door")):
        evening.hosting.put(f"{evening.at}/{do}", json={"yes" if do == "hold" else "shut": True})
        said = tell(device, path, "The sea came up.", f"refused-{do}-0000")
        assert said.status_code == 422
        assert "The sea came up.</textarea>" in said.text
        evening.hosting.put(f"{evening.at}/{undo}", json={"yes" if do == "hold" else "shut": False})
    for more in ({"agreed": ""}, {"text": " "}, {"text": "a" * 6_001}):
        assert tell(device, path, **{"text": "The sea came up.", **more}).status_code == 422

    assert evening.hosting.get(evening.at).json()["n_here"] == before
    assert evening.words(evening.hosting) == {}


def test_a_hold_in_the_very_moment_leaves_nobody_sitting_there(evening, monkeypatch):
    before = evening.hosting.get(evening.at).json()["n_here"]
    monkeypatch.setattr(kiosk, "_refuse_early", lambda *_: None)
    evening.hosting.put(f"{evening.at}/hold", json={"yes": True})

    with pytest.raises(Refusal, match=r"telling\.hold"):
        tell_as_guest(evening.people, evening.code, Telling("The sea came up."), agreed=True)

    assert evening.hosting.get(evening.at).json()["n_here"] == before


def test_a_device_on_which_somebody_is_signed_in_is_not_everybody_s(evening):
    path = f"/g/{evening.code}/kiosk"

    page = evening.hosting.get(path).text
    said = tell(evening.hosting, path, "Whose words are these?")

    for one in (page, said.text):
        assert "<textarea" not in one
        assert 'action="/sign-out"' in one
    assert evening.words(evening.hosting) == {}


def test_the_form_asks_browsers_to_remember_nothing(evening, device):
    page = device.get(f"/g/{evening.code}/kiosk")

    form = re.search(r"<form[^>]*data-kiosk>.*?</form>", page.text, re.DOTALL)[0]
    assert 'autocomplete="off"' in re.match("<form[^>]*>", form)[0]
    fields = re.findall(r'<(?:input|textarea)(?![^>]*type="hidden")[^>]*>', form)
    assert len(fields) > 12
    assert [one for one in fields if 'autocomplete="off"' not in one] == []
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["clear-site-data"] == '"cache"'
    assert AGREED in page.text
    assert read(page.text).unlabelled == []


# ------------------------------------------------------------------ a scribe


def test_a_scribe_writes_for_somebody_whose_words_they_are(evening):
    scribe = evening.guest()
    path = f"/gatherings/{evening.g}/scribe"

    at = tell(scribe, path, "The sea came up.", consent="yes").headers["location"]
    slip = scribe.get(at).text
    evening.house.rooms.turn()

    assert scribe.get(f"{evening.at}/mine").json() == {"mine": []}
    assert scribe.delete(f"{evening.at}/reports/0", headers=evening.once()).status_code == 404
    own = come_back(evening, key_on(slip))
    assert [one["r"] for one in own.get(f"{evening.at}/mine").json()["mine"]] == [0]
    assert "A scribe wrote here for you" in own.get("/gatherings").text
    assert "A scribe wrote here for you" not in scribe.get("/gatherings").text
    assert scribe.post(at).headers["location"].startswith(path)
    assert scribe.get(at).status_code == 303


def test_without_their_yes_nothing_is_written_down(evening):
    scribe = evening.guest()
    before = evening.hosting.get(evening.at).json()["n_here"]

    said = tell(scribe, f"/gatherings/{evening.g}/scribe", "The sea came up.", consent="")

    assert said.status_code == 422
    assert "only when they have said yes" in said.text
    assert "The sea came up.</textarea>" in said.text
    assert evening.hosting.get(evening.at).json()["n_here"] == before
    assert AGREED in scribe.get(f"/gatherings/{evening.g}/scribe").text


def test_that_somebody_wrote_it_down_is_recorded_under_the_teller_s_own_key(evening):
    slip = tell_as_guest(
        evening.people, evening.code, Telling("The sea came up."), agreed=True, scribe=evening.host
    )
    own = come_back(evening, slip.return_key)
    who = evening.people.sessions.actor_of_token(own.cookies["dreamweave"])

    assert [one.r for one in mine(evening.ground, who, evening.g)] == [0]
    at_ms = kiosk.written_down_ms(evening.ground, who, evening.g)
    assert at_ms == evening.ground.now_ms()
    assert kiosk.written_down_ms(evening.ground, evening.host, evening.g) is None
    row = evening.ground.store.row("words", f"written-down/{who.dreamer}/{evening.g}")
    assert row.owner == f"dreamer/{who.dreamer}"


# ------------------------------------------------------------------ slips


def test_slips_are_forgotten_in_time_and_are_never_too_many(evening, monkeypatch):
    monkeypatch.setattr(kiosk, "N_SLIPS_MAX", 5)
    slips = Slips(evening.ground.now_ms, evening.ground.fresh)
    tickets = [slips.put(Slip("G", f"KEY-{i}", False)) for i in range(9)]

    held = [slips.look(ticket) for ticket in tickets]
    assert [one and one.return_key for one in held] == [
        *[None] * 5,
        *(f"KEY-{i}" for i in range(5, 9)),
    ]
    assert "KEY" not in repr(held)
    evening.ground.now_ms.pass_ms(SLIP_MS)
    assert {slips.look(ticket) for ticket in tickets} == {None}


# ------------------------------------------------------------------ in a real browser


@pytest.fixture
def address(evening):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            evening.app, host="127.0.0.1", port=port, log_level="critical", lifespan="off"
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://localhost:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.mark.browser
@pytest.mark.parametrize("script", [True, False])
def test_whoever_goes_back_finds_nothing_of_the_person_before(evening, address, chromium, script):
    context = chromium.new_context(java_script_enabled=script)
    tab = context.new_page()
    empty = f"{address}/g/{evening.code}/kiosk"
    tab.goto(empty)
    tab.fill("textarea", "Quicksilver in the sink.")
    tab.check("input[value=fear]")
    tab.check("input[name=agreed]")
    tab.click("form[data-kiosk] button.primary")
    tab.wait_for_url(re.compile("kiosk/[0-9a-f]{36}"))
    key = tab.inner_text(".code")
    tab.click("main form button.primary")
    tab.wait_for_url(empty)

    n_back = 0
    while tab.go_back() is not None:
        n_back += 1
        assert "Quicksilver" not in tab.content()
        assert key not in tab.content()
        if tab.query_selector("textarea"):
            assert tab.input_value("textarea") == ""
            assert not tab.is_checked("input[value=fear]")
            assert not tab.is_checked("input[name=agreed]")
        if tab.url == "about:blank" or n_back > 5:
            break

    assert n_back
    assert context.cookies() == []
    context.close()
    evening.house.rooms.turn()
    assert evening.words(evening.hosting) == {0: "Quicksilver in the sink."}
