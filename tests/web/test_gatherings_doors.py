"""The JSON doors of gatherings: in by code, told once, taken back, hosted; and codes slow to try."""

from __future__ import annotations

import json

import pytest
from gathering_at_doors import Evening
from makers_ground import a_dreamer
from makers_web import Browser

from dreamweave.web.doors import gatherings as doors
from dreamweave.web.limits import KINDS


@pytest.fixture
def evening():
    return Evening()


def sentence(answer) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


# ------------------------------------------------------------------ calling and coming in


def test_a_host_calls_a_gathering_with_a_title_and_a_time_and_holds_its_code(evening):
    asked = {"title": "The night after", "begins_ms": evening.ground.now_ms() + 3_600_000}
    path = f"/api/circles/{evening.circle}/gatherings"
    key = evening.once()

    made = evening.hosting.post(path, json=asked, headers=key)
    again = evening.hosting.post(path, json=asked, headers=key)

    assert made.status_code == again.status_code == 201
    told = made.json()
    assert again.json() == told
    assert (told["phase"], told["method"], told["entry"], told["is_host"]) == (
        *("before", "matrix", "invited"),
        True,
    )
    assert len(told["code"]) == 7
    found = evening.hosting.get("/api/gatherings").json()["gatherings"]
    assert sorted(one["title"] for one in found) == ["A night", "The night after"]


def test_what_is_told_of_a_gathering_says_nobody_s_id_and_not_what_chance_was_drawn_with(evening):
    told = evening.guest().get(evening.at).text

    assert evening.host.dreamer not in told
    assert evening.ground.road.gathering(f"gathering/{evening.g}").made.seed not in told


def test_a_guest_comes_in_with_one_request_and_no_data_and_reads_what_is_told(evening):
    evening.tells(evening.hosting, "The sea came up the stairs.")

    guest = evening.guest(listening=True)

    here = guest.get(evening.at).json()
    assert (here["is_in"], here["listening"], here["n_here"], here["n_listening"]) == (
        *(True, True),
        *(2, 1),
    )
    assert evening.words(guest) == {0: "The sea came up the stairs."}
    assert here["code"] == evening.code


def test_a_guest_who_did_not_say_yes_to_what_people_agree_to_stays_outside(evening):
    said = Browser(evening.app).post(
        "/api/gatherings/guests", json={"code": evening.code}, headers=evening.once()
    )

    assert sentence(said) == (422, "gathering.agree")
    assert "set-cookie" not in said.headers


def test_a_lost_answer_lets_the_same_guest_in_and_not_a_second_one(evening):
    key, body = evening.once(), {"code": evening.code, "agreed": True}
    first, second = Browser(evening.app), Browser(evening.app)

    one = first.post("/api/gatherings/guests", json=body, headers=key)
    two = second.post("/api/gatherings/guests", json=body, headers=key)

    assert one.json() == two.json()
    assert second.get(evening.at).json()["n_here"] == 2
    assert first.get(evening.at).status_code == 401  # its token reached nobody, as far as is known


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{bare}", "{dots}"])
def test_a_code_is_read_as_people_type_it(evening, typed):
    code = evening.code
    written = typed.format(
        code, lower=code.lower(), bare=code.replace("-", ""), dots=code.replace("-", ". ")
    )
    who = a_dreamer(evening.ground)
    browser = Browser(evening.app, token=_token(evening, who), bearer=True)

    said = browser.post(
        "/api/gatherings/enter", json={"code": written, "agreed": True}, headers=evening.once()
    )

    assert said.status_code == 200
    assert said.json()["is_in"]


def _token(evening: Evening, who) -> str:
    begun = evening.people.sessions.begun(who.dreamer)
    evening.people.grant(
        who.dreamer, lambda granting, _: evening.people.sessions.put(granting, begun)
    )
    return begun.token


# ------------------------------------------------------------------ codes are slow to try


def enter(evening: Evening, code: str):
    return Browser(evening.app).post(
        "/api/gatherings/guests", json={"code": code, "agreed": True}, headers=evening.once()
    )


def test_a_hall_of_three_hundred_gets_in_through_one_address_within_a_minute(evening):
    # Each of them opens the call, and one in six mistypes the code first.
    seen = {}
    for i in range(300):
        evening.ground.now_ms.pass_ms(200)
        assert Browser(evening.app).get(f"/g/{evening.code}").status_code == 200
        if i % 6 == 0:
            seen.setdefault(enter(evening, "AAA-AAA").status_code, i)
        assert enter(evening, evening.code).status_code == 201

    assert set(seen) == {422}
    assert evening.hosting.get(evening.at).json()["n_here"] == 301


def test_codes_that_open_nothing_are_counted_and_then_no_code_is_looked_at(evening):
    tried = [enter(evening, f"AAA-{i:03d}").status_code for i in range(70)]

    n = KINDS["gathering_code/address"].burst
    assert tried == [422] * n + [429] * (70 - n)
    assert sentence(enter(evening, evening.code)) == (429, "rate.soon")
    for path in (f"/g/{evening.code}", f"/g/{evening.code}/kiosk"):
        assert Browser(evening.app).get(path).status_code == 429
    evening.ground.now_ms.pass_ms(600_000)
    assert enter(evening, evening.code).status_code == 201


def test_all_ways_to_try_a_code_are_one_count(evening):
    guest = evening.guest()
    outside = Browser(evening.app)
    n_no = 0
    for i in range(40):
        code = f"AAB-{i:03d}"
        asked = (
            outside.get(f"/g/{code}"),
            outside.post("/g", data={"code": code}),
            outside.get(f"/g/{code}/kiosk"),
            enter(evening, code),
            outside.post(f"/g/{code}/guest", data={"agreed": "yes"}),
            outside.post(f"/g/{code}/kiosk", data={"text": "a", "agreed": "yes"}),
        )
        n_no += sum(one.status_code != 429 for one in asked)
        # Somebody who is signed in has a count of their own, as slow.
        guest.post("/api/gatherings/enter", json={"code": code}, headers=evening.once())

    assert n_no == KINDS["gathering_code/address"].burst
    said = guest.post("/api/gatherings/enter", json={"code": evening.code}, headers=evening.once())
    assert sentence(said) == (429, "rate.soon")


def test_many_addresses_together_are_as_slow(evening):
    limiter = evening.app.state.limiter
    n = sum(limiter.spend("gathering_code/node", "") == 0 for _ in range(1_000))

    assert n == KINDS["gathering_code/node"].burst
    assert enter(evening, evening.code).status_code == 429
    # Whoever is in the Circle or was in already needs no code.
    assert evening.hosting.get(evening.at).status_code == 200


# ------------------------------------------------------------------ telling


def test_what_is_told_twice_under_one_key_is_told_once(evening):
    guest, key = evening.guest(), evening.once()
    for _ in range(3):
        said = guest.post(f"{evening.at}/reports", json={"text": "The lift."}, headers=key)
        assert (said.status_code, said.json()) == (201, {"r": 0, "held": False})
    evening.house.rooms.turn()

    assert evening.words(guest) == {0: "The lift."}
    other = guest.post(f"{evening.at}/reports", json={"text": "Another."}, headers=key)
    assert sentence(other) == (409, "once.reused")


def test_telling_without_a_key_is_refused_before_anything_is_kept(evening):
    said = evening.guest().post(f"{evening.at}/reports", json={"text": "The lift."})

    assert sentence(said) == (400, "once.missing")
    assert evening.words(evening.hosting) == {}


def test_the_answer_to_a_telling_and_the_picture_hold_no_word(evening):
    guest = evening.guest()
    said = guest.post(
        f"{evening.at}/reports", json={"text": "Pumpernickel stairs."}, headers=evening.once()
    )
    evening.house.rooms.turn()

    assert "umpernickel" not in said.text
    drawn = guest.get(f"{evening.at}/picture")
    assert ["told", 0] in [act[:2] for act in drawn.json()["acts"]]
    assert "umpernickel" not in drawn.text
    words = guest.get(f"{evening.at}/words")
    assert "umpernickel" in words.text
    assert words.headers["cache-control"] == "no-store"


def test_what_is_taken_back_is_read_nowhere_and_stays_in_nobody_s_list(evening):
    guest, other = evening.guest(), evening.guest()
    evening.tells(guest, "The hare reads letters.", feeling="joy", note="a hare")
    r = evening.tells(guest, "Quicksilver in the sink.")
    assert [one["r"] for one in guest.get(f"{evening.at}/mine").json()["mine"]] == [0, r]
    assert other.get(f"{evening.at}/mine").json() == {"mine": []}
    assert other.delete(f"{evening.at}/reports/{r}").status_code == 404

    assert guest.delete(f"{evening.at}/reports/{r}", headers=evening.once()).json() == {"r": r}

    for browser in (guest, other, evening.hosting):
        assert evening.words(browser) == {0: "The hare reads letters."}
        assert evening.words(browser, f"?r={r}") == {}
    assert [one["r"] for one in guest.get(f"{evening.at}/mine").json()["mine"]] == [0]


def test_of_a_long_evening_the_newest_words_come_by_themselves_and_the_others_when_asked_for(
    evening, monkeypatch
):
    monkeypatch.setattr(doors, "N_REPORTS_NEWEST", 3)
    for i in range(5):
        evening.tells(evening.hosting, f"The staircase has {i} steps.")
    guest = evening.guest()

    assert list(evening.words(guest)) == [2, 3, 4]
    assert list(evening.words(guest, "?r=0,4,99")) == [0, 4]
    told = guest.get(f"{evening.at}/words").json()
    assert "staircase" in [one["name"] for one in told["motifs"]]


def test_whoever_went_out_still_takes_back(evening):
    guest = evening.guest()
    r = evening.tells(guest, "The hare reads letters.")

    assert guest.post(f"{evening.at}/depart", headers=evening.once()).status_code == 200
    assert guest.get(f"{evening.at}/words").status_code == 404
    assert [one["r"] for one in guest.get(f"{evening.at}/mine").json()["mine"]] == [r]
    assert guest.delete(f"{evening.at}/reports/{r}", headers=evening.once()).status_code == 200
    assert evening.words(evening.hosting) == {}


def test_a_way_from_one_dream_to_another_is_asked_of_what_is_woven_and_of_nothing_else(evening):
    guest = evening.guest()
    for text in ("The staircase counts.", "Another staircase sings."):
        evening.tells(guest, text)
    n_begun = evening.house.rooms._loom.n_begun

    assert guest.get(f"{evening.at}/path?from=0&to=1").json() == {"steps": [[0, 0], [1, 0]]}
    for query in ("from=0&to=99", "from=0&to=0", "from=99&to=98"):
        said = guest.get(f"{evening.at}/path?{query}")
        assert sentence(said) == (404, "path.unknown")
    assert guest.get(f"{evening.at}/path?from=0").status_code == 422
    assert evening.house.rooms._loom.n_begun == n_begun


def test_one_person_floods_nobody(evening):
    guest = evening.guest()
    codes = [
        guest.post(
            f"{evening.at}/reports", json={"text": f"Flood {i}."}, headers=evening.once()
        ).status_code
        for i in range(70)
    ]

    n = KINDS["tell/person"].burst
    assert codes == [201] * n + [429] * (70 - n)
    evening.tells(evening.guest(), "Somebody else is heard.")


def test_one_address_floods_nobody_whoever_it_signs_in_as(evening):
    limiter = evening.app.state.limiter
    limiter.kinds = {"tell/hall": limiter.kinds["tell/hall"]}
    hall = limiter.of_address("127.0.0.1")
    while limiter.spend("tell/hall", hall) == 0:
        pass

    said = evening.guest().post(
        f"{evening.at}/reports", json={"text": "One more."}, headers=evening.once()
    )
    assert sentence(said) == (429, "rate.soon")


# ------------------------------------------------------------------ hosting


def test_what_waits_is_seen_by_its_host_and_by_nobody_else_until_it_is_shown(evening):
    guest, other = evening.guest(), evening.guest()
    evening.hosting.put(f"{evening.at}/approval", json={"yes": True})
    said = guest.post(
        f"{evening.at}/reports", json={"text": "It waits."}, headers=evening.once()
    ).json()
    assert said == {"r": 0, "held": True}
    evening.house.rooms.turn()

    assert evening.words(other) == evening.words(evening.hosting) == {}
    assert other.get(f"{evening.at}/held").status_code == 403
    held = evening.hosting.get(f"{evening.at}/held").json()
    assert [one["text"] for one in held["reports"]] == ["It waits."]

    evening.hosting.post(f"{evening.at}/reports/0/release")
    evening.house.rooms.turn()
    assert evening.words(other) == {0: "It waits."}
    assert evening.hosting.get(f"{evening.at}/held").json()["reports"] == []


def test_what_somebody_asked_the_host_to_look_at_goes_when_it_is_taken_out(evening):
    guest, other = evening.guest(), evening.guest()
    r = evening.tells(guest, "It names my neighbour.")
    other.post(f"{evening.at}/reports/{r}/flag", json={"why": "It names her."})
    assert evening.hosting.get(f"{evening.at}/held").json()["flags"] == [
        {"r": r, "why": "It names her."}
    ]
    assert guest.get(f"{evening.at}/held").status_code == 403

    said = evening.hosting.ask(
        "DELETE", f"{evening.at}/reports/{r}/shown", json={"why": "Leave her out."}
    )

    assert said.json() == {"r": r}
    assert evening.words(other) == {}
    assert evening.hosting.get(f"{evening.at}/held").json()["flags"] == []


def test_a_host_holds_rests_slows_and_shuts(evening):
    guest = evening.guest()
    for what, body, field, value in (
        ("hold", {"yes": True}, "hold", True),
        ("hold", {"yes": False}, "hold", False),
        ("slow", {"seconds": 60}, "slow_s", 60),
        ("door", {"shut": True}, "door_shut", True),
    ):
        said = evening.hosting.put(f"{evening.at}/{what}", json=body)
        assert said.json()[field] == value
        assert guest.get(evening.at).json()[field] == value
    rests = evening.hosting.put(f"{evening.at}/rest", json={"seconds": 60}).json()
    assert rests["rest_until_ms"] == evening.ground.now_ms() + 60_000

    assert sentence(enter(evening, evening.code)) == (422, "gathering.shut")
    evening.tells(guest, "Once.")
    twice = guest.post(f"{evening.at}/reports", json={"text": "Twice."}, headers=evening.once())
    assert sentence(twice) == (422, "telling.slow")


def test_somebody_who_is_muted_sees_why_and_nobody_else_does(evening):
    guest, other = evening.guest(), evening.guest()
    seat = guest.get(evening.at).json()["seat"]
    path = f"{evening.at}/seats/{seat}/mute"

    evening.hosting.post(path, json={"yes": True, "why": "Let others come to word."})

    assert guest.get(evening.at).json()["why_muted"] == "Let others come to word."
    assert "others come to word" not in other.get(evening.at).text
    said = guest.post(f"{evening.at}/reports", json={"text": "But."}, headers=evening.once())
    assert sentence(said) == (422, "telling.muted")
    evening.hosting.post(path, json={"yes": False})
    evening.tells(guest, "After all.")


def test_seats_are_kept_open_one_by_one_and_each_press_counts_once(evening):
    key = evening.once()
    for _ in range(2):
        said = evening.hosting.post(f"{evening.at}/open-seats", json={"n": 1}, headers=key)
    assert said.json()["n_kept_open"] == 1
    none = evening.hosting.post(f"{evening.at}/open-seats", json={"n": 1})
    assert sentence(none) == (400, "once.missing")


def test_phases_go_forward(evening):
    evening.tells(evening.guest(), "The staircase counts.")
    said = evening.hosting.post(f"{evening.at}/phase", json={"phase": "closed"})
    assert sentence(said) == (422, "gathering.phase")

    said = evening.hosting.post(f"{evening.at}/phase", json={"phase": "reflecting"})
    assert said.json()["phase"] == "closing"
    again = evening.hosting.post(f"{evening.at}/phase", json={"phase": "before"})
    assert again.status_code == 422


def test_what_is_no_report_no_seat_and_no_gathering_gets_a_sentence(evening):
    guest = evening.guest()
    for method, path, body in (
        ("PUT", f"{evening.at}/reports/99/carries", {"says": 1}),
        ("PUT", f"{evening.at}/reports/-1/carries", {"says": 1}),
        ("PUT", f"{evening.at}/reports/0/carries", {"says": 7}),
        ("PUT", f"{evening.at}/reports/99999999999999999999/carries", {"says": 1}),
        ("POST", f"{evening.at}/seats/99/mute", {"yes": True}),
        ("POST", f"{evening.at}/reports", {"text": ""}),
        ("POST", f"{evening.at}/reports", {"text": "a", "answers": 5}),
        ("POST", f"{evening.at}/reports", {"text": "a", "told_at": "yesterday"}),
        ("POST", f"{evening.at}/reports", {"text": "a", "lang": "not a language"}),
        ("POST", f"{evening.at}/reports", {"text": "a" * 6_001}),
        ("GET", f"{evening.at}/words?r=x", None),
        ("GET", "/api/gatherings/nothing/picture", None),
        ("GET", f"/api/gatherings/{'0' * 26}/words", None),
    ):
        browser = evening.hosting if "seats" in path else guest
        body = {} if body is None else {"json": body}
        said = browser.ask(method, path, headers=evening.once(), **body)
        assert 400 <= said.status_code < 500, (path, said.text)
        assert json.loads(said.text)["sentence"].endswith((".", "”")), path
