"""The JSON doors of journals, lendings, audiences, Circles, echoes, the node and its keeper."""

from __future__ import annotations

import json

import pytest
from asking_doors import PHOTO, VOICE
from makers_ground import DAY_MS
from makers_web import Browser, app_of
from peopled import Somebody, World, a_world, paper_weaver

from dreamweave.app.echoes import was_given
from dreamweave.model.ids import is_id
from dreamweave.web import limits
from dreamweave.web.doors import audiences

REPORT = {
    "kind": "dream",
    "night": "2026-11-25",
    "told_at": "2026-11-25T07:10:00+01:00",
    "zone": "Europe/Madrid",
    "text": "The stairs went down into the sea. A hare read my letters aloud to the whole tram.",
}


class At:
    """Somebody at the doors of a world."""

    def __init__(self, role: str = "dreamer", world: World | None = None) -> None:
        self.world = world or a_world()
        self.me: Somebody = self.world.people[role]
        self.browser = Browser(app_of(self.world.house), token=self.me.token)
        self.n = 0

    def ask(self, method: str, path: str, status: int = 200, *, once: str = "", **how):
        self.n += 1
        headers = {"idempotency-key": once or f"key-{self.n:08d}-{self.me.report[:8]}"}
        said = self.browser.ask(method, path, headers=headers | how.pop("headers", {}), **how)
        assert said.status_code == status, said.text
        return said.json() if "json" in said.headers.get("content-type", "") else said.content

    def as_somebody(self, role: str) -> At:
        return At(role, self.world)


@pytest.fixture
def at() -> At:
    return At()


# ------------------------------------------------------------------ the journal


def test_a_report_that_is_sent_twice_is_kept_once(at):
    id = at.world.house.ground.new_id()

    first = at.ask("PUT", f"/api/reports/{id}", 201, json=REPORT, once="a-key-of-mine")
    again = at.ask("PUT", f"/api/reports/{id}", 201, json=REPORT, once="a-key-of-mine")

    assert first == again == {"id": id, "version": 1, "seq": first["seq"]}
    other = at.ask(
        "PUT", f"/api/reports/{id}", 409, json=REPORT | {"text": "x"}, once="a-key-of-mine"
    )
    assert other["code"] == "once.reused"
    assert at.ask("GET", f"/api/reports/{id}") == {
        **REPORT,
        "id": id,
        "version": 1,
        "title": "",
        "tags": [],
        "kept_out": "",
        **dict.fromkeys(("lang", "feeling", "intensity", "drawing", "photo", "voice", "answers")),
    }


def test_what_was_changed_elsewhere_meanwhile_is_not_written_over(at):
    assert (
        at.ask("PUT", f"/api/reports/{at.me.report}", 409, json=REPORT | {"version": 3})["code"]
        == "report.changed"
    )
    kept = at.ask(
        "PUT", f"/api/reports/{at.me.report}", json=REPORT | {"version": 4, "title": "Stairs"}
    )
    assert kept["version"] == 4
    after = at.ask("GET", f"/api/reports/{at.me.report}")
    # What lies beside stays, whoever writes.
    assert (after["title"], after["voice"], after["photo"]) == ("Stairs", "audio/ogg", "image/png")


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"night": "tomorrow"}, 422, "report.night"),
        ({"text": " "}, 422, "report.empty"),
        ({"tags": ["a"] * 25}, 422, "report.tags"),
        ({"kind": "nightmare"}, 422, "fields.wrong"),
        ({"feeling": "wordless", "intensity": 9}, 422, "report.intensity"),
        ({"salt": "00"}, 422, "fields.extra"),
        ({"version": "1"}, 422, "fields.wrong"),
    ],
)
def test_what_is_no_report_gets_a_sentence(at, wrong, status, code):
    id = at.world.house.ground.new_id()

    assert at.ask("PUT", f"/api/reports/{id}", status, json=REPORT | wrong)["code"] == code


def test_a_report_needs_an_id_and_a_key(at):
    assert at.ask("PUT", "/api/reports/mine", 400, json=REPORT)["code"] == "id.shape"
    said = at.browser.put(f"/api/reports/{at.world.house.ground.new_id()}", json=REPORT)
    assert (said.status_code, said.json()["code"]) == (400, "once.missing")


def test_reports_are_listed_by_month_or_the_newest_first(at):
    ground = at.world.house.ground
    for night in ("2026-10-31", "2026-11-01", "2026-11-30"):
        at.ask("PUT", f"/api/reports/{ground.new_id()}", 201, json=REPORT | {"night": night})

    month = at.ask("GET", "/api/reports?month=2026-11")
    assert (month["n"], [r["night"] for r in month["reports"]]) == (
        3,
        ["2026-11-30", "2026-11-25", "2026-11-01"],
    )
    assert at.ask("GET", "/api/reports")["n"] == 4
    assert at.ask("GET", "/api/reports?month=november", 422)["code"] == "fields.wrong"


def test_what_was_forgotten_is_gone_with_all_that_lay_beside(at):
    at.ask("DELETE", f"/api/reports/{at.me.report}")

    for rest in ("", "/voice", "/photo", "/fragments"):
        at.ask("GET", f"/api/reports/{at.me.report}{rest}", 404)
    assert at.ask("GET", "/api/lendings") == {"n_taken_back": 3, "lendings": []}
    assert at.ask("GET", f"/api/commons/words?tags={at.me.tag}")["words"] == []


def test_fragments_are_spans_of_the_text(at):
    id = at.world.house.ground.new_id()
    text = "The stairs went down into the sea, and the sea came up. " * 4
    at.ask("PUT", f"/api/reports/{id}", 201, json=REPORT | {"text": text, "lang": "en"})

    spans = at.ask("GET", f"/api/reports/{id}/fragments")["fragments"]
    assert len(spans) == 4
    assert all(text[s["start"] : s["end"]].startswith("The stairs") for s in spans)


# ------------------------------------------------------------------ what lies beside


def test_a_voice_comes_back_as_it_was_sent_whole_or_in_the_part_that_was_asked_for(at):
    path = f"/api/reports/{at.me.report}/voice"
    data = b"OggS" + bytes(range(256)) * 4000
    kept = at.ask("PUT", path, content=data, headers={"content-type": "audio/ogg; codecs=opus"})
    assert kept == {"id": at.me.report, "version": 4, "media": "audio/ogg"}

    assert at.browser.get(path).content == data
    for asked, part in (("bytes=4-9", data[4:10]), ("bytes=1000000-", data[1_000_000:])):
        said = at.browser.get(path, headers={"range": asked})
        assert (said.status_code, said.content) == (206, part)
    assert said.headers["content-range"] == f"bytes 1000000-{len(data) - 1}/{len(data)}"
    past = at.browser.get(path, headers={"range": f"bytes={len(data)}-"})
    assert (past.status_code, past.headers["content-range"]) == (416, f"bytes */{len(data)}")
    # What names several parts, or counts from the end, gets everything: nobody is made to count.
    for asked in ("bytes=0-1,3-4", "bytes=-5", "bytes=9-1x", "lines=1-2", "bytes=" + "1-2," * 500):
        assert at.browser.get(path, headers={"range": asked}).content == data


def test_a_piece_that_is_sent_twice_is_kept_once(at):
    path = f"/api/reports/{at.me.report}/photo"
    headers = {"content-type": "image/png"}

    first = at.ask("PUT", path, content=PHOTO, headers=headers, once="a-photo-of-mine")
    assert first == at.ask("PUT", path, content=PHOTO, headers=headers, once="a-photo-of-mine")


@pytest.mark.parametrize(
    ("what", "kind", "data", "code"),
    [
        ("voice", "audio/ogg", b"", "voice.empty"),
        ("voice", "audio/ogg", b"<svg>", "voice.kind"),
        ("voice", "text/html", VOICE, "voice.kind"),
        ("voice", "a" * 200, VOICE, "voice.kind"),
        ("photo", "image/svg+xml", b"<svg>", "photo.kind"),
        ("photo", "image/png", b"<svg>", "photo.kind"),
    ],
)
def test_a_piece_is_what_it_says_it_is(at, what, kind, data, code):
    path = f"/api/reports/{at.me.report}/{what}"

    assert at.ask("PUT", path, 422, content=data, headers={"content-type": kind})["code"] == code


# ------------------------------------------------------------------ lending


def offer(at: At, **more) -> dict[str, object]:
    return {
        "report": at.me.report,
        "version": 3,
        "audience": "commons",
        "naming": "pseudonym",
        "name": "Owl",
        **more,
    }


def test_a_preview_shows_the_very_words_that_others_are_shown(at):
    asked = offer(at, start=0, end=10)
    before = at.ask("POST", "/api/lendings/preview", json=asked)
    granted = at.ask("POST", "/api/lendings", 201, json=asked, once="a-lending-of-mine")

    other = at.as_somebody("guest")
    words = other.ask("GET", f"/api/commons/words?tags={granted['tag']}")["words"]
    assert words == [before | {"tag": granted["tag"]}]
    assert granted == at.ask("POST", "/api/lendings", 201, json=asked, once="a-lending-of-mine")


def test_unnamed_words_wait_until_enough_have_lent_and_nobody_is_told_whose_they_are():
    world = a_world()
    shown = []
    lenders = ("dreamer", "host", "steward", "keeper", "guest")
    for role in lenders:
        here = At(role, world)
        asked = offer(here, naming="unnamed", name="")
        shown.append(here.ask("POST", "/api/lendings", 201, json=asked)["shown"])

    assert shown == [False] * 4 + [True]
    words = At("member 2", world).ask("GET", "/api/commons/words")["words"]
    unnamed = [one for one in words if one["name"] is None]
    assert len(unnamed) == 5
    assert all(one["day"] is None for one in unnamed)


def test_taking_back_is_answered_with_a_receipt_that_can_be_checked_by_anybody(at):
    given = at.ask("GET", f"/api/lendings/{at.me.lending}/receipt")
    back = at.ask("DELETE", f"/api/lendings/{at.me.lending}", once="back-it-goes")

    assert (given["event"], back["event"]["event"]) == ({"event": "given"}, "withdrawn")
    assert back == at.ask("DELETE", f"/api/lendings/{at.me.lending}", once="back-it-goes")
    again = at.ask("GET", f"/api/lendings/{at.me.lending}/receipt?event=withdrawn")
    assert again == back
    anybody = Browser(app_of(at.world.house))
    check = lambda held: anybody.post("/api/receipts/check", json=held).json()  # noqa: E731
    assert check(given) == check(back) == {"holds": True}
    assert check(given | {"event": {"event": "withdrawn"}}) == {"holds": False}
    for nonsense in (
        {},
        {"schema": "another"},
        given | {"signature": "%"},
        given | {"signature": 5},
    ):
        assert check(nonsense)["code"] == "receipt.shape"


def test_an_audience_is_read_in_pages_and_from_a_frame_on(at, monkeypatch):
    monkeypatch.setattr(audiences, "N_A_PAGE", 3)
    every, after = [], 0
    while after is not None:
        page = at.ask("GET", f"/api/commons/words?after={after}")
        every += [one["tag"] for one in page["words"]]
        after = page["next"]

    whole = at.world.house.ground.road.audience("commons").shown
    assert every == list(whole)
    assert page["n"] == len(whole) > 3
    assert at.ask("GET", "/api/commons/words?tags=nonsense", 422)["code"] == "fields.wrong"


def test_a_lending_whose_time_has_come_is_shown_to_nobody(at):
    until_ms = at.world.house.ground.now_ms() + DAY_MS
    granted = at.ask("POST", "/api/lendings", 201, json=offer(at, until_ms=until_ms))
    path = f"/api/commons/words?tags={granted['tag']}"
    assert len(at.ask("GET", path)["words"]) == 1

    at.world.house.ground.now_ms.pass_ms(DAY_MS)

    assert at.ask("GET", path)["words"] == []


def test_reading_for_research_leaves_a_fact_of_who_read_how_much():
    world = a_world()
    lender, steward = At("dreamer", world), At("steward", world)
    lender.ask("POST", "/api/lendings", 201, json=offer(lender, audience="research"))

    assert len(steward.ask("GET", "/api/research/words")["words"]) == 1

    facts = world.house.ground.store.facts(stream="research")
    assert [fact.kind for fact in facts] == ["Offered", "ReadForResearch"]
    assert json.loads(facts[-1].body) == {"by": steward.me.actor.dreamer, "n": 1}


# ------------------------------------------------------------------ Circles


def test_a_circle_is_begun_entered_with_a_code_and_parted_from():
    world = a_world()
    host, guest = At("host", world), At("guest", world)
    made = host.ask("POST", "/api/circles", 201, json={
        "title": " The  stairs ", "theme": "water", "feelings": {"longing": "saudade"},
    })  # fmt: skip
    assert made == {
        "id": made["id"], "title": "The stairs", "theme": "water", "lang": "", "is_host": True,
        "n_members": 1, "n_lent": 0, "n_tellers": 0, "n_waiting": 0, "weave": None,
        "feelings": {"longing": "saudade"},
    }  # fmt: skip
    code = host.ask("POST", "/api/invitations", 201, json={"opens": "circle", "circle": made["id"]})

    entered = guest.ask("POST", "/api/circles/join", json={"code": code["code"]})
    assert (entered["id"], entered["n_members"], entered["is_host"]) == (made["id"], 2, False)
    assert len(guest.ask("GET", "/api/circles")["circles"]) == 2

    cut = []
    world.house.ground.hearing.on_cut(cut.append)
    assert guest.ask("DELETE", f"/api/circles/{made['id']}/members/me") == {
        "id": made["id"],
        "parted": True,
    }
    guest.ask("GET", f"/api/circles/{made['id']}", 404)
    assert cut == [guest.me.actor.dreamer]


def test_codes_of_circles_are_guessed_slowly():
    guest = At("guest")
    for n in range(5):
        guest.ask("POST", "/api/circles/join", 404, json={"code": f"{n:010d}"})

    assert (
        guest.ask("POST", "/api/circles/join", 429, json={"code": "0000000009"})["code"]
        == "rate.soon"
    )
    assert limits.KINDS["invitation/address"].n == 5


def test_a_weave_is_made_by_the_host_shown_in_a_sandbox_and_falls_with_any_of_its_words(
    monkeypatch,
):
    monkeypatch.setattr("dreamweave.app.weaving_lent.run_worker", lambda a, **_: paper_weaver(a))
    world = a_world()
    host, dreamer = At("host", world), At("dreamer", world)
    weaves = f"/api/circles/{world.circle}/weaves"

    woven = host.ask("POST", weaves, 201)
    assert is_id(woven["weave"])
    assert woven["n_pieces"] == 7
    page = dreamer.browser.get(f"{weaves}/{woven['weave']}")
    assert page.headers["content-security-policy"].startswith(
        "sandbox allow-scripts; default-src 'none'"
    )
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert (
        dreamer.browser.get(f"{weaves}/{woven['weave']}?part=text").headers["content-type"]
        == "text/plain; charset=utf-8"
    )
    assert dreamer.ask("GET", f"{weaves}/{woven['weave']}?part=knots") == []
    assert dreamer.ask("GET", f"{weaves}/{woven['weave']}?part=keys", 422)["code"] == "fields.wrong"
    assert dreamer.ask("GET", f"{weaves}/{woven['weave']}/key") == {"key": None}

    dreamer.ask("DELETE", f"/api/reports/{dreamer.me.report}")

    dreamer.ask("GET", f"{weaves}/{woven['weave']}", 404)
    assert dreamer.ask("POST", weaves, 201)["n_pieces"] == 6  # whoever is in it may mend it


def test_more_than_one_weave_does_not_keep_threads_waiting(monkeypatch):
    from dreamweave.web.doors import circles

    host = At("host")
    held = [circles._WAITING.acquire(blocking=False) for _ in range(2)]
    try:
        said = host.ask("POST", f"/api/circles/{host.world.circle}/weaves", 503)
    finally:
        for _ in held:
            circles._WAITING.release()

    assert said["code"] == "weave.busy"


# ------------------------------------------------------------------ the echo, the node, the keeper


def test_an_echo_is_for_somebody_who_asked_for_one_and_frightening_ones_are_covered():
    world = a_world()
    lender, guest, dreamer = At("host", world), At("guest", world), At("dreamer", world)
    id = world.house.ground.new_id()
    lender.ask("PUT", f"/api/reports/{id}", 201, json=REPORT | {"feeling": "fear"})
    lender.ask(
        "POST", "/api/lendings", 201, json=offer(lender, report=id, version=1, audience="echo")
    )
    evening = "/api/echo?evening=2026-11-18"

    assert guest.ask("GET", evening) == {"wants": False, "echo": None}
    said = dreamer.ask("GET", evening)
    assert said["wants"]
    assert (said["echo"]["is_covered"], said["echo"]["words"]) == (True, None)
    shown = dreamer.ask("GET", evening + "&uncover=true")["echo"]
    assert shown["words"]["text"] == REPORT["text"]
    assert was_given(world.house.ground, dreamer.me.actor, shown["tag"])
    assert dreamer.ask("GET", "/api/echo?evening=2030-01-01", 422)["code"] == "echo.evening"


def test_the_node_says_what_it_is_and_nobody_s_name(at):
    said = at.ask("GET", "/api/node")

    assert said["software"] == "dreamweave"
    assert said["has_keeper"] is True
    assert said["feelings"][-1] == "wordless"
    assert "Keeper" not in json.dumps(said)


def test_the_keeper_is_told_how_the_node_stands_in_counts():
    keeper = At("keeper")
    said = keeper.ask("GET", "/api/keeper")

    counts = {name: said[name] for name in said if name.startswith("n_")}
    assert counts == {
        "n_facts": keeper.world.house.ground.store.n_facts(),
        "n_members": 7,
        "n_guests": 1,
        "n_suspended": 1,
        "n_left": 1,
        "n_streams": 0,
    }
    assert said["warnings"] == []
    assert keeper.me.report not in json.dumps(said)
