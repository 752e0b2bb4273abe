"""The doors of people: whole answers, tokens only in cookies, and nobody gets in by trying."""

from __future__ import annotations

import re

import pytest
from makers_people import PASSPHRASE
from makers_web import Browser, app_of, make_house

from dreamweave.app.setup import setup_code
from dreamweave.web.doors import people, people_members, people_sessions
from dreamweave.web.sessions import COOKIE_PLAIN, COOKIE_SECURE

OTHER = "coat bridge feather kitchen"
MINUTE_MS = 60_000


class Place:
    """A node with real sessions behind its doors, and browsers to knock with."""

    def __init__(self, **settings):
        self.house = make_house(**settings)
        self.house.sessions = self.house.people.sessions
        self.app = app_of(self.house, people.router, people_members.router, people_sessions.router)
        self.clock = self.house.ground.now_ms
        self.keeper = self.browser()
        self.keeper_codes = self.joins(self.keeper, "Ana", setup_code(self.house.ground))

    def browser(self, **how) -> Browser:
        return Browser(self.app, **how)

    def joins(self, browser, name, code, **how):
        answer = browser.post(
            "/api/join", json={"name": name, "passphrase": PASSPHRASE, "code": code}, **how
        )
        assert answer.status_code == 201, answer.text
        return answer.json()["recovery_codes"]

    def code(self, opens="member", **how):
        # From elsewhere, so that inviting spends nothing of what is being tested.
        answer = self.keeper.post("/api/invitations", json={"opens": opens, **how})
        assert answer.status_code == 201, answer.text
        return answer.json()["code"]

    def member(self, name="Bo", **how):
        browser = self.browser()
        return browser, self.joins(browser, name, self.code(), **how)


@pytest.fixture
def place():
    return Place()


def told(answer):
    return answer.status_code, answer.json() if answer.content else None


def token_in(answer):
    found = re.search(r"dreamweave=([^;]*)", answer.headers.get("set-cookie", ""))
    return found[1].strip('"') if found else None


WRONG = {
    "code": "sign_in.wrong",
    "sentence": "That name and passphrase do not fit together. Try again, or use a recovery code.",
}


def test_a_life_on_a_node_from_door_to_door(place):
    bo, codes = place.member(" Bo ")
    me = bo.get("/api/me").json()

    assert me == {
        "dreamer": me["dreamer"],
        "guest": False,
        "suspended": False,
        "roles": ["dreamer"],
        "name": "Bo",
        "own": {
            "shown_name": "Bo",
            "lang": "",
            "zone": "",
            "echo": False,
            "evening_intention": "",
        },
        "passkeys": [],
        "passkeys_offered": True,
        "n_recovery_codes": 10,
        "has_return_key": False,
        "stepped_up": True,
    }
    assert told(bo.ask("PATCH", "/api/me", json={"zone": "Europe/Madrid", "echo": True})) == (
        200,
        {**me["own"], "zone": "Europe/Madrid", "echo": True},
    )
    assert told(bo.delete("/api/sessions/current")) == (204, None)
    assert bo.get("/api/me").status_code == 401

    answer = bo.post("/api/sessions", json={"name": "BO", "passphrase": PASSPHRASE, "device": "d"})
    assert told(answer) == (201, {"dreamer": me["dreamer"]})
    (session,) = bo.get("/api/sessions").json()["sessions"]
    assert session == {
        "id": session["id"],
        "device": "d",
        "begun_ms": place.clock(),
        "seen_ms": place.clock(),
        "current": True,
    }
    assert told(bo.ask("PATCH", f"/api/sessions/{session['id']}", json={"device": "phone"})) == (
        204,
        None,
    )
    assert bo.get("/api/sessions").json()["sessions"][0]["device"] == "phone"

    fresh = bo.post("/api/me/recovery-codes").json()["recovery_codes"]
    assert len(set(fresh) | set(codes)) == 20
    assert told(bo.post("/api/me/passphrase", json={"new": OTHER, "current": PASSPHRASE})) == (
        204,
        None,
    )
    assert told(bo.post("/api/step-up", json={"passphrase": OTHER})) == (
        200,
        {"until_ms": place.clock() + 5 * MINUTE_MS},
    )
    assert told(bo.delete("/api/me")) == (204, None)
    assert bo.get("/api/me").status_code == 401
    assert told(
        place.browser().post("/api/sessions", json={"name": "Bo", "passphrase": OTHER})
    ) == (
        401,
        WRONG,
    )


def test_a_guests_life_and_how_it_becomes_a_members(place):
    guest = place.browser()
    answer = guest.post("/api/guests", json={"code": place.code("guest")})
    dreamer = answer.json()["dreamer"]

    assert told(answer) == (201, {"dreamer": dreamer})
    key = guest.post("/api/me/return-key").json()["return_key"]
    assert re.fullmatch(r"([0-9A-Z]{4}-){3}[0-9A-Z]{4}", key)
    again = place.browser()
    assert told(again.post("/api/return", json={"return_key": key})) == (200, {"dreamer": dreamer})
    assert (
        again.get("/api/me").json()["guest"],
        again.get("/api/me").json()["has_return_key"],
    ) == (
        True,
        True,
    )
    assert told(guest.post("/api/passkeys/options"))[0] == 403
    joined = again.post("/api/me/member", json={"name": "Gia", "passphrase": PASSPHRASE})
    assert (joined.status_code, joined.json()["dreamer"]) == (201, dreamer)
    assert guest.get("/api/me").status_code == 401
    assert told(place.browser().post("/api/return", json={"return_key": key})) == (
        401,
        {
            "code": "sign_in.return_key",
            "sentence": "This return key opens nothing. It is sixteen letters and digits in groups"
            " of four.",
        },
    )


def test_a_guest_steps_up_and_leaves_without_a_passphrase(place):
    guest = place.browser()
    guest.post("/api/guests", json={"code": place.code("guest")})
    place.clock.pass_ms(5 * MINUTE_MS)

    assert told(guest.delete("/api/me")) == (
        403,
        {
            "code": "step_up.needed",
            "sentence": "Prove again that it is you, then do this once more.",
        },
    )
    assert guest.post("/api/step-up", json={}).status_code == 200
    assert guest.delete("/api/me").status_code == 204


# ------------------------------------------------------------------ tokens


def test_a_token_goes_out_in_a_cookie_that_scripts_cannot_read_and_nowhere_else(place):
    code = place.code("guest", n_uses=2)

    plain = place.browser().post("/api/guests", json={"code": code})
    over_https = Place(address="https://dreams.example", trusted_proxies=("127.0.0.1",))
    code = over_https.code("guest")
    secure = Browser(over_https.app, secure=True, host="dreams.example").post(
        "/api/guests", json={"code": code}, headers={"x-forwarded-proto": "https"}
    )

    for answer in (plain, secure):
        assert set(answer.json()) == {"dreamer"}
        assert token_in(answer) not in answer.text
    assert re.fullmatch(
        rf"{COOKIE_PLAIN}=[\w-]{{43}}; HttpOnly; Max-Age=7776000; Path=/; SameSite=lax",
        plain.headers["set-cookie"],
    )
    assert re.fullmatch(
        rf"{COOKIE_SECURE}=[\w-]{{43}}; HttpOnly; Max-Age=7776000; Path=/; SameSite=lax; Secure",
        secure.headers["set-cookie"],
    )


def test_a_token_that_somebody_planted_is_nobodys_after_signing_in(place):
    """Session fixation: what was in the browser before is not what opens it afterwards."""
    planted = "A" * 43
    victim = place.browser(token=planted)

    answer = victim.post("/api/sessions", json={"name": "Ana", "passphrase": PASSPHRASE})

    assert token_in(answer) not in (planted, None)
    assert place.browser(token=token_in(answer)).get("/api/me").status_code == 200
    assert place.browser(token=planted).get("/api/me").status_code == 401


def test_every_proof_changes_the_token_and_ends_the_one_before(place):
    bo, codes = place.member()

    def proof(method, path, body):
        before = dict(bo.cookies)[COOKIE_PLAIN]
        answer = bo.ask(method, path, json=body)
        assert answer.status_code < 300, answer.text
        assert token_in(answer) not in (before, None)
        return place.browser(token=before).get("/api/me").status_code

    assert [
        proof("POST", "/api/step-up", {"passphrase": PASSPHRASE}),
        proof("POST", "/api/step-up", {"recovery_code": codes[0]}),
        proof("POST", "/api/me/passphrase", {"new": OTHER}),
    ] == [401, 401, 401]


def test_signing_out_takes_the_cookie_away_and_ends_the_session(place):
    bo, _ = place.member()
    token = dict(bo.cookies)[COOKIE_PLAIN]

    answer = bo.delete("/api/sessions")

    assert token_in(answer) == ""
    assert dict(bo.cookies) == {}
    assert place.browser(token=token).get("/api/me").status_code == 401


def test_programs_send_the_token_as_a_bearer(place):
    _, _ = place.member()
    answer = place.browser().post("/api/sessions", json={"name": "Bo", "passphrase": PASSPHRASE})

    program = place.browser(token=token_in(answer), bearer=True)

    assert program.get("/api/me").json()["name"] == "Bo"
    stepped = program.post("/api/step-up", json={"passphrase": PASSPHRASE})
    program.cookies.clear()  # a program keeps none: it takes the token out of the answer
    assert program.get("/api/me").status_code == 401
    again = place.browser(token=token_in(stepped), bearer=True)
    assert again.get("/api/me").json()["stepped_up"]


# ------------------------------------------------------------------ trying


def tries(place, n, **how):
    """Statuses of `n` wrong passphrases, then of the right one."""
    thief = place.browser(**how)
    said = [
        thief.post("/api/sessions", json={"name": "Bo", "passphrase": f"wrong words {i:04d}"})
        for i in range(n)
    ]
    last = thief.post("/api/sessions", json={"name": "bo ", "passphrase": PASSPHRASE})
    return [answer.status_code for answer in said], last


def test_whoever_guesses_a_passphrase_is_stopped_even_when_they_hit(place):
    place.member()

    statuses, last = tries(place, 12)

    assert statuses == [401] * 5 + [429] * 7
    assert (last.status_code, last.json()["code"]) == (429, "rate.soon")
    assert int(last.headers["retry-after"]) > 0


def test_without_limits_the_guess_that_hits_opens_the_door(place):
    """The alarm rings: with the limits off, trying gets in."""
    place.member()
    place.app.state.limiter.kinds = {}

    statuses, last = tries(place, 12)

    assert (statuses, last.status_code) == ([401] * 12, 201)


def test_a_minute_later_the_owner_gets_in_and_others_never_noticed(place):
    place.member()
    tries(place, 5)

    ana = place.browser().post("/api/sessions", json={"name": "Ana", "passphrase": PASSPHRASE})
    place.clock.pass_ms(MINUTE_MS)
    bo = place.browser().post("/api/sessions", json={"name": "Bo", "passphrase": PASSPHRASE})

    assert (ana.status_code, bo.status_code) == (201, 201)


def test_guessing_the_names_in_turn_is_stopped_by_address(place):
    place.clock.pass_ms(MINUTE_MS)
    thief = place.browser()

    statuses = [
        thief.post("/api/sessions", json={"name": f"N{i}", "passphrase": OTHER}).status_code
        for i in range(40)
    ]

    assert statuses == [401] * 30 + [429] * 10


def test_a_thief_with_an_open_session_cannot_try_passphrases_to_step_up(place):
    bo, _ = place.member()

    statuses = [
        bo.post("/api/step-up", json={"passphrase": f"wrong words {i}"}).status_code
        for i in range(7)
    ]

    assert statuses == [401] * 5 + [429] * 2
    assert bo.post("/api/step-up", json={"passphrase": PASSPHRASE}).status_code == 429
    change = {"current": PASSPHRASE, "new": OTHER}
    assert bo.post("/api/me/passphrase", json=change).status_code == 429


def try_codes(place, n, right, path="/api/guests", **how):
    thief = place.browser()
    bodies = [{"code": f"AAAAA-{i:05d}"} for i in range(n)]
    said = [thief.post(path, json=body, **how).status_code for body in bodies]
    return said, thief.post(path, json={"code": right}, **how).status_code


def test_whoever_tries_codes_is_stopped_even_when_they_hit(place):
    right = place.code("guest")

    assert try_codes(place, 8, right) == ([404] * 5 + [429] * 3, 429)
    assert (
        place.browser()
        .post("/api/join", json={"name": "Cy", "passphrase": PASSPHRASE, "code": right})
        .status_code
        == 429
    )
    place.clock.pass_ms(10 * MINUTE_MS)
    assert place.browser().post("/api/guests", json={"code": right}).status_code == 201


def test_without_limits_the_code_that_hits_lets_in(place):
    right = place.code("guest")
    place.app.state.limiter.kinds = {}

    assert try_codes(place, 8, right) == ([404] * 8, 201)


def test_trying_codes_from_many_addresses_is_stopped_by_the_node():
    place = Place(trusted_proxies=("127.0.0.1",))
    thief = place.browser()
    statuses = []

    for i in range(130):
        statuses.append(
            thief.post(
                "/api/guests",
                json={"code": f"AAAAA-{i:05d}"},
                headers={"x-forwarded-for": f"203.0.113.{i}"},
            ).status_code
        )

    assert statuses == [404] * 100 + [429] * 30


def test_good_codes_count_for_nothing(place):
    code = place.code("guest", n_uses=12)

    said = [place.browser().post("/api/guests", json={"code": code}).status_code for _ in range(12)]

    assert said == [201] * 12


# ------------------------------------------------------------------ who may, and what is nonsense


def test_a_closed_door_leaves_open_what_is_ones_own(place):
    bo, _ = place.member()
    dreamer = bo.get("/api/me").json()["dreamer"]
    assert place.keeper.put(f"/api/members/{dreamer}/suspension").status_code == 204

    assert bo.get("/api/me").json()["suspended"]
    assert bo.get("/api/invitations").status_code == 403
    assert bo.post("/api/passkeys/options").status_code == 403
    assert bo.get("/api/sessions").status_code == 200
    assert bo.post("/api/step-up", json={"passphrase": PASSPHRASE}).status_code == 200
    assert bo.delete("/api/me").status_code == 204


def test_roles_are_given_and_taken_at_the_doors_and_count_at_once(place):
    bo, _ = place.member()
    dreamer = bo.get("/api/me").json()["dreamer"]
    path = f"/api/members/{dreamer}/roles/steward"

    assert bo.get("/api/members").status_code == 403
    assert told(bo.put(path)) == (
        403,
        {"code": "role.not_yours", "sentence": "Only a keeper gives or takes that role."},
    )
    assert told(place.keeper.put(path)) == (204, None)
    listed = bo.get("/api/members").json()
    assert {m["shown_name"]: m["roles"] for m in listed["members"]} == {
        "Ana": ["dreamer", "host", "keeper", "steward"],
        "Bo": ["dreamer", "steward"],
    }
    assert listed["next"] is None
    assert told(place.keeper.delete(path)) == (204, None)
    assert bo.get("/api/members").status_code == 403


def test_an_invitation_is_made_listed_and_withdrawn(place):
    made = place.keeper.post("/api/invitations", json={"opens": "guest", "n_uses": 2, "days": 1})
    invited = made.json()
    code = invited.pop("code")

    assert invited == {
        "id": invited["id"],
        "opens": "guest",
        "circle": "",
        "made_ms": place.clock(),
        "until_ms": place.clock() + 86_400_000,
        "n_left": 2,
    }
    assert place.keeper.get("/api/invitations").json() == {"invitations": [invited]}
    assert told(place.keeper.delete(f"/api/invitations/{invited['id']}")) == (204, None)
    assert place.browser().post("/api/guests", json={"code": code}).status_code == 404


def test_a_joining_sent_twice_under_one_key_is_one_joining(place):
    code, key = place.code(), {"idempotency-key": "key-of-one-request"}
    bo = place.browser()

    first = place.joins(bo, "Bo", code, headers=key)
    again = place.joins(bo, "Bo", code, headers=key)

    assert len(set(first) | set(again)) == 20
    assert bo.get("/api/me").json()["n_recovery_codes"] == 10
    assert len(place.keeper.get("/api/members").json()["members"]) == 2


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/api/join", {"name": "Bo"}, 422),
        ("POST", "/api/join", {"name": "B", "passphrase": PASSPHRASE, "code": "x", "y": 1}, 422),
        ("POST", "/api/join", {"name": 7, "passphrase": PASSPHRASE, "code": "x"}, 422),
        ("POST", "/api/sessions", {"name": "A" * 401, "passphrase": "x"}, 422),
        ("POST", "/api/sessions", {"name": "A", "passphrase": "x" * 4_001}, 422),
        ("POST", "/api/sessions", {"name": "A", "passphrase": None}, 422),
        ("POST", "/api/step-up", {"passphrase": "x", "recovery_code": "y"}, 403),
        ("POST", "/api/passkeys/sign-in", {"passkey": {}}, 401),
        ("POST", "/api/passkeys/sign-in", {"passkey": "x"}, 422),
        ("POST", "/api/passkeys", {"passkey": {"id": "x", "response": {"clientDataJSON": 7}}}, 401),
        ("PATCH", "/api/me", {"echo": None}, 422),
        ("PATCH", "/api/me", {"roles": ["keeper"]}, 422),
        ("POST", "/api/invitations", {"opens": "recovery"}, 422),
        ("POST", "/api/invitations", {"opens": "guest", "days": 10**30}, 422),
        ("DELETE", "/api/sessions/nonsense", None, 422),
        ("DELETE", "/api/invitations/nonsense", None, 422),
        ("DELETE", "/api/passkeys/nonsense", None, 422),
        ("PUT", "/api/members/0/roles/host", None, 422),
        ("PUT", f"/api/members/{'0' * 26}/roles/king", None, 422),
        ("PUT", f"/api/members/{'0' * 26}/roles/host", None, 404),
        ("DELETE", f"/api/sessions/{'0' * 26}", None, 404),
    ],
)
def test_nonsense_gets_a_sentence(place, method, path, body, status):
    answer = place.keeper.ask(method, path, json=body)

    assert (answer.status_code, set(answer.json())) == (status, {"code", "sentence"})


def test_what_others_may_not_do_is_refused_at_every_door(place):
    """Nobody, a guest, a member, a host: which of these doors let each of them in."""
    guest = place.browser()
    guest.post("/api/guests", json={"code": place.code("guest")})
    member, _ = place.member()
    doors = [
        ("GET", "/api/me"),
        ("GET", "/api/sessions"),
        ("POST", "/api/me/recovery-codes"),
        ("POST", "/api/passkeys/options"),
        ("GET", "/api/invitations"),
        ("GET", "/api/members"),
        ("PUT", f"/api/members/{'0' * 26}/roles/keeper"),
        ("PUT", f"/api/members/{'0' * 26}/suspension"),
    ]

    def walk(browser):
        return [browser.ask(method, path).status_code for method, path in doors]

    assert walk(place.browser()) == [401] * 8
    assert walk(guest) == [200, 200, 403, 403, 403, 403, 403, 403]
    assert walk(member) == [200, 200, 200, 200, 200, 403, 403, 403]
    assert walk(place.keeper) == [200, 200, 200, 200, 200, 200, 404, 404]
