"""Limits hold by their effect: what counts is how many got through, whoever asks how often."""

from __future__ import annotations

import json
import random

import pytest
from fastapi import APIRouter, Request
from hypothesis import given
from hypothesis import strategies as st
from makers_ground import Clock, a_dreamer, make_ground
from makers_web import HOST, Browser, SmallHouse, app_of, knocked, make_house

from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import actor_of
from dreamweave.web.declaring import door
from dreamweave.web.limits import KINDS, Limiter, Rate

OURS = [(b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode())]


def a_limiter(clock: Clock, **kinds: Rate) -> Limiter:
    return Limiter(clock, random.Random(1).randbytes, kinds or None)


def got_through(
    limiter: Limiter, clock: Clock, kind: str, whose: str, *, s: int, every_ms: int
) -> int:
    """How many of a steady stream of tries get through in `s` seconds."""
    n = 0
    for _ in range(0, s * 1000, every_ms):
        n += limiter.spend(kind, whose) == 0
        clock.pass_ms(every_ms)
    return n


@given(st.integers(1, 30), st.integers(1, 100), st.integers(1, 30), st.integers(1, 60))
def test_no_more_get_through_than_the_burst_and_the_rate(n, per_s, burst, seconds):
    clock = Clock()
    limiter = a_limiter(clock, x=Rate(n, per_s, burst))

    through = got_through(limiter, clock, "x", "me", s=seconds, every_ms=500)

    assert through <= burst + seconds * n / per_s + 1


def test_what_is_given_back_in_time_is_no_more_than_was_taken():
    clock = Clock()
    limiter = a_limiter(clock, x=Rate(5, 60, 5))

    assert [limiter.spend("x", "me") for _ in range(7)] == [0, 0, 0, 0, 0, 12, 12]
    clock.pass_ms(12_000)
    assert [limiter.spend("x", "me") for _ in range(2)] == [0, 12]
    clock.pass_ms(3_600_000)
    assert [limiter.spend("x", "me") for _ in range(6)] == [0, 0, 0, 0, 0, 12]
    assert limiter.spend("x", "somebody else") == 0
    assert limiter.spend("a kind that is not limited", "me") == 0


def test_a_clock_that_is_set_back_shuts_nobody_out():
    clock = Clock()
    limiter = a_limiter(clock, x=Rate(5, 60, 5))
    assert limiter.spend("x", "me") == 0

    clock.pass_ms(-3_600_000)

    # No longer than whoever had spent everything this moment.
    assert limiter.spend("x", "me") == 12
    clock.pass_ms(12_000)
    assert limiter.spend("x", "me") == 0


def test_a_key_too_many_puts_out_what_was_over_first(monkeypatch):
    monkeypatch.setattr(limits, "N_KEYS_MAX", 10)
    clock = Clock()
    limiter = a_limiter(clock, x=Rate(1, 60, 1))

    limiter.spend("x", "old")
    clock.pass_ms(120_000)
    for i in range(9):
        limiter.spend("x", f"new {i}")
    assert [limiter.spend("x", f"new {i}") > 0 for i in range(9)] == [True] * 9
    for i in range(100):  # as many addresses as an attacker likes: memory stays bounded
        limiter.spend("x", f"flood {i}")
    assert len(limiter._due) <= 10


def test_an_address_is_hashed_with_the_day_s_key_and_a_house_s_network_is_one():
    clock = Clock()
    limiter = a_limiter(clock)

    mine = limiter.of_address("203.0.113.7")
    assert "203" not in mine
    assert mine == limiter.of_address("203.0.113.7") == limiter.of_address("::ffff:203.0.113.7")
    assert mine != limiter.of_address("203.0.113.8")
    assert limiter.of_address("2001:db8::1") == limiter.of_address("2001:db8::ffff")
    assert limiter.of_address("2001:db8::1") != limiter.of_address("2001:db8:0:1::1")
    clock.pass_ms(limits.DAY_MS)
    assert mine != limiter.of_address("203.0.113.7")


# ------------------------------------------------------------------ behind real doors


def a_router() -> APIRouter:
    """Doors as `people` writes them: a sign-in that counts by name, a code that counts failures."""
    router = APIRouter()

    @door(router, "POST", "/api/sign-in", scope="public")
    def sign_in(request: Request) -> dict[str, bool]:
        said = json.loads(request.scope["dreamweave.body"])
        limits.spend(request, "sign_in", name=said["name"])
        return {"in": said["passphrase"] == "right"}

    @door(router, "POST", "/api/join", scope="public", limit="none")
    def join(request: Request) -> dict[str, bool]:
        limits.check(request, "invitation")
        if json.loads(request.scope["dreamweave.body"])["code"] != "right":
            limits.failed(request, "invitation")
            raise Refusal("invitation.unknown", "That code opens nothing.")
        return {"in": True}

    @door(router, "GET", "/api/read", scope="public")
    def read() -> dict[str, bool]:
        return {}

    @door(router, "POST", "/api/keep", scope="dreamer")
    def keep(request: Request) -> dict[str, str]:
        return {"who": actor_of(request).dreamer}

    @door(router, "DELETE", "/api/keep", scope="dreamer")
    def free() -> dict[str, str]:
        return {}

    @door(router, "POST", "/api/export", scope="dreamer", limit="export")
    def export() -> dict[str, str]:
        return {}

    return router


class Tries:
    """Somebody who tries, from wherever they like, and how often it worked."""

    def __init__(self, *, limited: bool = True) -> None:
        self.clock = Clock()
        self.house = SmallHouse(
            ground=make_ground(clock=self.clock), settings=make_house().settings
        )
        self.app = app_of(self.house, a_router())
        if not limited:
            self.app.state.limiter.kinds = {}

    def post(self, path: str, address: str, **said: str) -> int:
        body = json.dumps(said).encode()
        return knocked(
            self.app, method="POST", path=path, headers=OURS, body=[body], client=(address, 1)
        )[0]


def guesses(tries: Tries, n: int, *, addresses: int, names: int, every_ms: int) -> int:
    """How many guesses of a passphrase were looked at."""
    looked = 0
    for i in range(n):
        status = tries.post(
            "/api/sign-in",
            f"198.51.{i % addresses // 250}.{i % addresses % 250}",
            name=f"name {i % names}",
            passphrase=f"guess {i}",
        )
        looked += status == 200
        tries.clock.pass_ms(every_ms)
    return looked


def test_a_passphrase_is_guessed_five_times_a_minute_however_many_addresses_guess():
    assert guesses(Tries(), 400, addresses=300, names=1, every_ms=150) <= 5 + 5 + 1
    # With the limiter off, every one is looked at: the alarm can ring.
    assert guesses(Tries(limited=False), 400, addresses=300, names=1, every_ms=150) == 400


def test_one_address_guesses_thirty_times_a_minute_however_many_names_it_tries():
    assert guesses(Tries(), 400, addresses=1, names=400, every_ms=150) <= 30 + 30 + 1
    assert guesses(Tries(limited=False), 400, addresses=1, names=400, every_ms=150) == 400


def codes(tries: Tries, n: int, *, addresses: int, every_ms: int) -> int:
    looked = 0
    for i in range(n):
        looked += (
            tries.post(
                "/api/join", f"198.51.{i % addresses // 250}.{i % addresses % 250}", code=f"{i}"
            )
            == 404
        )
        tries.clock.pass_ms(every_ms)
    return looked


def test_codes_are_guessed_five_times_in_ten_minutes_an_address_and_a_hundred_times_an_hour_by_all():
    assert codes(Tries(), 300, addresses=1, every_ms=1000) <= 5 + 3
    assert codes(Tries(), 1_000, addresses=1_000, every_ms=100) <= 100 + 3
    assert codes(Tries(limited=False), 300, addresses=1, every_ms=1000) == 300


def test_a_right_code_counts_nothing_against_the_next_person():
    tries = Tries()

    assert [tries.post("/api/join", "198.51.100.1", code="right") for _ in range(25)] == [200] * 25


@pytest.mark.parametrize(("method", "path", "n", "through"), [
    ("POST", "/api/keep", 100, 60),  # a queue that was offline comes as one burst
    ("POST", "/api/export", 10, 3),
    ("DELETE", "/api/keep", 200, 200),  # taking back is the last thing to be slow
])  # fmt: skip
def test_a_person_s_requests_are_counted_by_person(method, path, n, through):
    tries = Tries()
    browser = Browser(tries.app, token=tries.house.sign_in(a_dreamer(tries.house.ground)))
    other = Browser(tries.app, token=tries.house.sign_in(a_dreamer(tries.house.ground)))

    assert sum(browser.ask(method, path).status_code == 200 for _ in range(n)) == through
    assert other.ask(method, path).status_code == 200


def test_reading_without_an_account_is_counted_by_address_and_says_when_to_come_back():
    tries = Tries()

    def ask(address: str):
        return knocked(tries.app, path="/api/read", headers=OURS[:1], client=(address, 1))

    assert sum(ask("198.51.100.1")[0] == 200 for _ in range(200)) == 120
    status, head, body = ask("198.51.100.1")
    assert (status, head["retry-after"]) == (429, "1")
    assert json.loads(body) == {
        "code": "rate.soon",
        "sentence": "That was often in a short time. Try again in 1 seconds.",
    }
    assert ask("198.51.100.2")[0] == 200


def test_a_limit_that_there_is_not_is_a_mistake_and_not_a_hole():
    with pytest.raises(ValueError, match="no limit"):
        limits._keys(None, "sing_in", "")


def test_every_kind_that_a_door_can_name_is_written_once():
    assert all(kind.partition("/")[2] in {"person", "address", "hall", "name", "node"} for kind in KINDS)
