"""The floor, places by lot, lenses, reflections and demands, at their doors and on their pages."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
import uvicorn
from makers_gatherings import Gathered, make_gathering
from makers_ground import a_dreamer
from makers_web import Browser, SmallHouse, app_of
from reading_pages import read
from reflecting_by_hand import reflecting

from dreamweave.app import circles, lenses, seat_draws
from dreamweave.app.flooring import due
from dreamweave.cli import main
from dreamweave.deciding.seat_decisions import SEEN_MS
from dreamweave.governance.speakers import FloorRules
from dreamweave.web.sessions import COOKIE_PLAIN

ROOT = Path(__file__).resolve().parents[2]

TURN_MS, GAP_MS = FloorRules().turn_ms_max, FloorRules().invite_gap_ms
HOUR_MS = 3_600_000


@dataclass
class Open:
    """A gathering behind its doors: a browser for whoever comes."""

    here: Gathered
    house: SmallHouse
    app: object

    def of(self, who) -> Browser:
        return Browser(self.app, token=self.house.sign_in(who))

    @property
    def api(self) -> str:
        return f"/api/gatherings/{self.here.g}"

    @property
    def page(self) -> str:
        return f"/gatherings/{self.here.g}"

    def pass_ms(self, ms):
        self.here.ground.now_ms.pass_ms(ms)


def opened(**how) -> Open:
    here = make_gathering(**how)
    house = SmallHouse(ground=here.ground, people=here.people, rooms=here.rooms)
    app = app_of(house)
    app.state.limiter.kinds = {}  # one machine asks for everything here
    return Open(here, house, app)


def shown(answer):
    """A page that was answered well and keeps to the rules of the house; its text."""
    assert answer.status_code == 200, answer.text[:300]
    page = read(answer.text)
    assert (page.faults, page.unlabelled, page.h1) == ([], [], 1)
    assert len(page.ids) == len(set(page.ids))
    assert "Macro" not in answer.text
    return answer.text


def sent(browser, path, **fields):
    """A form is answered with a way back; the page it leads to."""
    answer = browser.post(path, data={"once": f"a-key-{id(fields)}-{len(fields)}", **fields})
    assert answer.status_code == 303, answer.text[:500]
    return browser.get(answer.headers["location"].partition("#")[0])


# ------------------------------------------------------------------ the floor


def test_the_floor_is_asked_for_and_given_at_its_door():
    on = opened(floor="turns")
    ann, bo = (on.of(on.here.comes()) for _ in range(2))

    first = ann.post(f"{on.api}/floor", json={"do": "ask"}).json()
    second = bo.post(f"{on.api}/floor", json={"do": "ask"}).json()

    assert (first["is_mine"], first["left_ms"], first["table"]) == (True, TURN_MS, 0)
    assert (second["turn"], second["place"], second["n_queue"]) == (1, 1, 1)
    on.pass_ms(TURN_MS)
    due(on.here.ground, on.here.g)
    assert bo.get(f"{on.api}/floor").json()["is_mine"]
    assert ann.post(f"{on.api}/floor", json={"do": "shout"}).status_code == 422
    tables = ann.get(f"{on.api}/tables").json()["tables"]
    assert tables == [{"table": 0, "seats": [0, 1, 2], "is_mine": True}]


def test_an_invitation_is_told_to_one_at_the_door_and_on_the_page():
    on = opened(floor="turns")
    people = [on.here.comes() for _ in range(3)]
    browsers = [on.of(who) for who in people] + [on.of(on.here.host)]
    for _ in range(2):
        browsers[0].post(f"{on.api}/floor", json={"do": "ask"})
        on.pass_ms(TURN_MS)
        due(on.here.ground, on.here.g)
    on.pass_ms(GAP_MS)

    answer = browsers[3].post(f"{on.api}/floor", json={"do": "invite"})

    told = [browser.get(f"{on.api}/floor").json()["invited"] for browser in browsers]
    pages = [shown(browser.get(f"{on.page}/floor")) for browser in browsers]
    assert sum(told) == 1
    assert ["Only you see this" in page for page in pages] == told
    assert answer.json()["invited"] == told[3]
    invited = browsers[told.index(True)]
    assert (
        "Only you see this"
        not in sent(invited, f"{on.page}/floor", do="decline", back="floor").text
    )


def test_the_floor_is_whole_without_a_script():
    on = opened(floor="turns")
    ann, bo = (on.of(on.here.comes()) for _ in range(2))
    assert "The floor is free." in shown(ann.get(f"{on.page}/floor"))

    page = sent(ann, f"{on.page}/floor", do="ask", back="floor")
    assert "It is your turn." in shown(page)
    assert "Yours is the next turn." in sent(bo, f"{on.page}/floor", do="ask", back="floor").text
    assert sent(ann, f"{on.page}/floor", do="end").status_code == 200  # back on the live page
    assert "It is your turn." in shown(bo.get(f"{on.page}/floor"))


def test_tables_stand_on_the_page_of_each_who_sits_there():
    on = opened(floor="turns")
    people = [on.here.comes() for _ in range(17)]
    due(on.here.ground, on.here.g)

    page = shown(on.of(people[4]).get(f"{on.page}/floor"))

    assert page.count('aria-current="true"') == 1
    assert "Table 2" in page


# ------------------------------------------------------------------ places by lot


def a_draw(n=6, n_places=3):
    on = opened(opened=False, n_places=n_places)
    people = [a_dreamer(on.here.ground, guest=True) for _ in range(n)]
    for who in people:
        circles.join(on.here.ground, who, on.here.circle)
    return on, on.of(on.here.host), [on.of(who) for who in people]


def test_a_draw_from_the_doors_recounts_on_the_command_line(tmp_path, monkeypatch, capsys):
    on, host, people = a_draw()
    closes_ms = on.here.ground.now_ms() + HOUR_MS
    assert host.get(f"{on.api}/draw").json()["standing"] == "none"
    assert host.post(f"{on.api}/draw", json={"closes_ms": closes_ms}).status_code == 201
    for browser in people:
        body = {"stratum": "language"}
        assert browser.post(f"{on.api}/draw/application", json=body).json()["own"]["tag"]
    assert people[5].delete(f"{on.api}/draw/application").status_code == 204
    on.pass_ms(HOUR_MS)
    assert people[0].get(f"{on.api}/draw").json()["standing"] == "closing"
    seat_draws.list_if_due(on.here.ground, on.here.g)
    seen = people[0].get(f"{on.api}/draw").json()
    assert (seen["standing"], seen["chance"], seen["chance_said"]) == ("listed", "2/5", "40 %")
    assert people[0].post(f"{on.api}/draw/application/confirm").json()["own"]["confirmed"]
    assert host.post(f"{on.api}/draw/made").json()["code"] == "draw.early"
    on.pass_ms(SEEN_MS)
    assert host.post(f"{on.api}/draw/made").json()["n_seated"] == 2

    answer = people[0].get(f"{on.api}/draw/record")
    assert "attachment" in answer.headers["content-disposition"]
    monkeypatch.chdir(tmp_path)
    (tmp_path / "draw.json").write_bytes(answer.content)
    assert main(["recount", "draw.json", "--list", seen["listing_sha256"]]) == 0
    assert "All of it agrees." in capsys.readouterr().out
    assert sum(bool(one.get(f"{on.api}/draw").json()["is_seated"]) for one in people) == 2


def test_the_page_of_a_draw_says_where_it_stands_in_plain_words():
    on, host, people = a_draw()
    assert "not drawn by lot" in shown(people[0].get(f"{on.page}/draw"))
    assert "until" in shown(sent(host, f"{on.page}/draw", do="open", hours="1"))
    ann = people[0]
    assert "Your name is down." in shown(sent(ann, f"{on.page}/draw", do="apply", stratum="access"))
    assert "Put my name down" in shown(sent(ann, f"{on.page}/draw", do="withdraw"))
    for browser in people:
        sent(browser, f"{on.page}/draw", do="apply", stratum="")
    on.pass_ms(HOUR_MS)
    assert "being made" in shown(ann.get(f"{on.page}/draw"))
    seat_draws.list_if_due(on.here.ground, on.here.g)

    page = shown(ann.get(f"{on.page}/draw"))
    assert "Your chance: 33 %" in page
    assert page.count("<rect") == 6
    assert page.count(' mine"') == 1
    assert '<path d="M' not in page.split("<figure")[1]
    assert "it counts the next time" in shown(sent(ann, f"{on.page}/draw", do="confirm"))
    early = host.post(f"{on.page}/draw", data={"do": "draw", "once": "a-key-too-early"})
    assert (early.status_code, "Everybody has 10 minutes" in early.text) == (422, True)
    on.pass_ms(SEEN_MS)
    assert "The places are drawn." in shown(sent(host, f"{on.page}/draw", do="draw"))

    pages = [shown(browser.get(f"{on.page}/draw")) for browser in people]
    assert sum("you have a place" in page for page in pages) == 2
    assert sum("did not fall on you" in page for page in pages) == 4
    assert all(page.split("<figure")[1].count("<path d=") == 2 for page in pages)


def test_strangers_find_no_draw():
    on, host, _ = a_draw()
    sent(host, f"{on.page}/draw", do="open", hours="24")
    stranger = on.of(a_dreamer(on.here.ground))

    for answer in (
        stranger.get(f"{on.page}/draw"),
        stranger.post(f"{on.page}/draw", data={"do": "apply"}),
        stranger.get(f"{on.api}/draw"),
        stranger.get(f"{on.api}/draw/record"),
        stranger.post(f"{on.api}/draw/application", json={}),
    ):
        assert answer.status_code == 404


# ------------------------------------------------------------------ lenses


def test_lenses_are_written_chosen_and_shown_without_a_script():
    on = opened()
    people = [on.here.comes() for _ in range(10)]
    for who in people:
        on.here.tells(who, "a" * 10)
    host = on.of(on.here.host)
    assert "No lens" in shown(on.of(people[0]).get(f"{on.page}/lenses"))
    sent(host, f"{on.page}/lenses", do="offer", words="I work nights\r\n\r\nI came last year ")
    (nights, last_year) = host.get(f"{on.api}/lenses").json()["lenses"]
    assert (nights["words"], last_year["words"]) == ("I work nights", "I came last year")
    for who in people[:5]:
        page = sent(on.of(who), f"{on.page}/lenses", do="choose", lens=nights["id"])

    assert page.text.count(" checked") == 1
    text = shown(on.of(people[9]).get(f"{on.page}/lenses"))
    assert "about 50 %" in " ".join(text.split())
    assert "at least 5 people" in text
    assert " checked" not in text
    seen = host.get(f"{on.api}/lenses").json()["lenses"]
    assert [(one["of_people"], one["of_words"]) for one in seen] == [(50, 50), (None, None)]
    wrong = host.post(f"{on.page}/lenses", data={"do": "offer", "words": "a" * 121})
    assert (wrong.status_code, "a" * 121 in wrong.text) == (422, True)


def test_lenses_have_doors_of_their_own():
    on = opened()
    ann, host = on.of(on.here.comes()), on.of(on.here.host)
    assert ann.put(f"{on.api}/lenses", json={"words": ["x"]}).status_code == 403
    (lens,) = host.put(f"{on.api}/lenses", json={"words": ["I work nights"]}).json()["lenses"]

    mine = ann.put(f"{on.api}/lenses/mine", json={"lenses": [lens["id"]]}).json()["lenses"]

    assert [one["mine"] for one in mine] == [True]
    assert [one["mine"] for one in host.get(f"{on.api}/lenses").json()["lenses"]] == [False]


# ------------------------------------------------------------------ reflections and demands


def an_evening():
    """Ann and Bo told something; it is laid, and they reflect."""
    on = opened()
    ann, bo = on.here.comes(), on.here.comes()
    told = [
        on.here.tells(who, text).r
        for who, text in ((ann, "The stairs went down into the sea."), (bo, "A closed school."))
    ]
    on.here.settle()
    reflecting(on.here)
    on.here.settle()
    return on, on.of(ann), on.of(bo), told


def test_what_it_means_stands_beside_the_line_in_its_writers_words():
    on, ann, bo, told = an_evening()

    page = sent(
        bo, f"{on.page}/reflect", do="reflect", r=str(told[0]), text="The <flood>.", name=""
    )

    text = shown(page)
    assert "The &lt;flood&gt;." in text
    assert "The stairs went down into the sea." in text
    assert "What does this mean for the life you share?" in text
    (kept,) = ann.get(f"{on.api}/reflections").json()["reflections"]
    assert (kept["r"], kept["text"], kept["mine"]) == (told[0], "The <flood>.", False)
    assert "Take it back" not in shown(ann.get(f"{on.page}/reflect"))
    assert "flood" not in shown(sent(bo, f"{on.page}/reflect", do="drop", id=kept["id"]))


def test_a_demand_grows_by_forms_and_is_exported_with_what_was_given():
    on, ann, bo, told = an_evening()
    page = sent(ann, f"{on.page}/reflect", do="demand", sentence="Open it.", line=str(told[1]))
    assert "1 line is not given" in shown(page)
    (made,) = ann.get(f"{on.api}/demands").json()["demands"]
    assert (made["lines"], made["n_waiting"], made["n_signed"]) == ([], 1, 1)
    assert "Give my line for this" in shown(bo.get(f"{on.page}/reflect"))
    assert "Give my line for this" not in shown(ann.get(f"{on.page}/reflect"))

    sent(bo, f"{on.page}/reflect", do="give", id=made["id"], r=str(told[1]))
    assert (
        "2 people stand behind it" in sent(bo, f"{on.page}/reflect", do="sign", id=made["id"]).text
    )
    exported = ann.get(f"{on.api}/demands/{made['id']}/export")
    assert json.loads(exported.content)["lines"] == ["A closed school."]
    sent(bo, f"{on.page}/reflect", do="keep-back", id=made["id"], r=str(told[1]))
    assert json.loads(ann.get(f"{on.api}/demands/{made['id']}/export").content)["lines"] == []
    assert "Open it." not in sent(ann, f"{on.page}/reflect", do="drop-demand", id=made["id"]).text


def test_a_line_taken_back_is_gone_from_the_page_with_all_that_hung_on_it():
    on, ann, bo, told = an_evening()
    sent(ann, f"{on.page}/reflect", do="reflect", r=str(told[1]), text="We all went there.")
    sent(bo, f"{on.page}/reflect", do="demand", sentence="Open it.", line=str(told[1]))

    assert bo.delete(f"{on.api}/reports/{told[1]}").status_code == 200

    text = shown(ann.get(f"{on.page}/reflect"))
    assert "A closed school." not in text
    assert "We all went there." not in text
    assert "Open it." in text
    assert ann.get(f"{on.api}/reflections").json() == {"reflections": []}


def test_what_is_refused_is_said_and_what_was_typed_stands_again():
    on, ann, _, told = an_evening()

    answer = ann.post(
        f"{on.page}/reflect",
        data={"do": "demand", "sentence": "Open the school.", "once": "a-key-of-a-test"},
    )

    assert answer.status_code == 422
    assert "Open the school." in answer.text
    assert "grows out of 1 to" in answer.text
    unknown = ann.post(f"{on.page}/reflect", data={"do": "sing", "once": "a-key-of-a-test"})
    assert unknown.status_code == 422
    elsewhere = ann.post(
        f"{on.page}/reflect", data={"do": "reflect", "r": "99", "text": "x", "once": "a-key-x99"}
    )
    assert elsewhere.status_code == 404
    early = opened()
    who = early.of(early.here.comes())
    assert "First everything is told." in shown(who.get(f"{early.page}/reflect"))
    assert told


def test_reflections_and_demands_have_doors_of_their_own():
    on, ann, bo, told = an_evening()
    keys = [{"idempotency-key": f"a-key-of-a-test-{i}"} for i in range(2)]

    said = {"r": told[1], "text": "Rain."}
    made = ann.post(f"{on.api}/reflections", json=said, headers=keys[0])
    wish = {"sentence": "Open it.", "reports": told}
    asked = ann.post(f"{on.api}/demands", json=wish, headers=keys[1])

    assert (made.status_code, asked.status_code) == (201, 201)
    (demand,) = asked.json()["demands"]
    assert demand["lines"] == [{"r": told[0], "text": "The stairs went down into the sea."}]
    at = f"{on.api}/demands/{demand['id']}"
    assert ann.put(f"{at}/lines/{told[1]}", json={"given": True}).status_code == 403
    assert bo.put(f"{at}/lines/{told[1]}", json={"given": True}).json() == {"given": True}
    assert bo.put(f"{at}/signature", json={"signed": True}).json() == {"signed": True}
    (demand,) = bo.get(f"{on.api}/demands").json()["demands"]
    assert (demand["n_signed"], demand["n_waiting"], demand["signed"]) == (2, 0, True)
    assert demand["asks_me"] == [{"r": told[1], "given": True}]
    assert bo.delete(at).status_code == 403
    assert ann.delete(at).json()["dropped"]
    reflection = made.json()["reflections"][0]["id"]
    assert bo.delete(f"{on.api}/reflections/{reflection}").status_code == 404
    assert ann.delete(f"{on.api}/reflections/{reflection}").json()["dropped"]
    assert ann.post(f"{on.api}/reflections", json={"r": 0, "text": "x"}).status_code == 400


@pytest.mark.parametrize("path", ["floor", "draw", "lenses", "reflect"])
@pytest.mark.parametrize("lang", ["es", "ar", "en-XA"])
def test_the_pages_keep_to_the_rules_in_other_languages(path, lang):
    on, ann, _, _ = an_evening()
    ann.cookies.set("lang", lang)

    shown(ann.get(f"{on.page}/{path}"))


# ------------------------------------------------------------------ in a browser


AXE = ROOT / "front/node_modules/axe-core/axe.min.js"
NARROW, WIDE = {"width": 320, "height": 640}, {"width": 1280, "height": 800}


@contextlib.contextmanager
def served(on: Open):
    """The gathering's node on a socket; its address."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(on.app, host="127.0.0.1", port=port, log_level="critical", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)


def wrong_with(chromium, on, who, path):
    """What axe finds, and how far a page can be scrolled sideways, narrow by day and wide by night."""
    found = {}
    with served(on) as address:
        context = chromium.new_context(
            base_url=address, service_workers="block", reduced_motion="reduce"
        )
        context.set_default_timeout(10_000)
        token = on.house.sign_in(who)
        context.add_cookies([{"name": COOKIE_PLAIN, "value": token, "url": address}])
        page = context.new_page()
        answer = page.goto(f"{on.page}/{path}")
        assert answer is not None
        assert answer.status == 200
        for size, look in ((NARROW, "day"), (WIDE, "night")):
            page.set_viewport_size(size)
            page.evaluate(f"document.documentElement.dataset.look = '{look}'")
            page.evaluate(AXE.read_text(encoding="utf-8"))
            wrong = page.evaluate(
                "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map("
                "v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))]))"
            )
            over = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            if wrong or over > 0:
                found[size["width"], look] = (wrong, over)
        context.close()
    return found


@pytest.mark.browser
def test_axe_finds_nothing_where_people_reflect_and_ask(chromium):
    on, ann, bo, told = an_evening()
    sent(bo, f"{on.page}/reflect", do="reflect", r=str(told[0]), text="The flood.", name="Bo")
    sent(ann, f"{on.page}/reflect", do="demand", sentence="Open it.", line=str(told[1]))

    assert wrong_with(chromium, on, on.here.came[1], "reflect") == {}


@pytest.mark.browser
def test_axe_finds_nothing_on_the_page_of_a_draw(chromium):
    on, _, people = a_draw(n=9)
    who = on.here.host
    seat_draws.open_applications(on.here.ground, who, on.here.g, on.here.ground.now_ms() + HOUR_MS)
    for browser in people:
        sent(browser, f"{on.page}/draw", do="apply", stratum="")
    on.pass_ms(HOUR_MS)
    seat_draws.list_if_due(on.here.ground, on.here.g)
    assert wrong_with(chromium, on, who, "draw") == {}
    on.pass_ms(SEEN_MS)
    seat_draws.draw(on.here.ground, who, on.here.g)

    assert wrong_with(chromium, on, who, "draw") == {}


@pytest.mark.browser
def test_axe_finds_nothing_on_the_floor_and_at_the_lenses(chromium):
    on = opened(floor="turns")
    for _ in range(17):
        on.here.tells(on.here.comes(), "The stairs.")
    lenses.offer(on.here.ground, on.here.host, on.here.g, ["I work nights", "I came last year"])
    due(on.here.ground, on.here.g)

    for path in ("floor", "lenses"):
        assert wrong_with(chromium, on, on.here.host, path) == {}
