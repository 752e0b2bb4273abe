"""Everybody at every door: each role, with what is theirs, others' and elsewhere's, against one table.

The table is `role_table.py` and is reviewed by hand. A door that is not in it
fails here, and so does one that answers anybody otherwise than it says.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from asking_doors import QUERIES, Whose, body_of, filled, whose_of
from fastapi import APIRouter, FastAPI
from makers_web import HOST, Browser, app_of, knock, run
from peopled import ROLES, Somebody, World, a_world, paper_weaver
from role_table import TABLE
from starlette.routing import Mount, Route

from dreamweave.app import lending
from dreamweave.web.app import found
from dreamweave.web.declaring import declare, declared, door, for_scope
from dreamweave.web.stream import StreamDoor, TryDoor

Row = tuple[str, str, Whose]


@pytest.fixture(autouse=True)
def nothing_is_really_woven(monkeypatch):
    monkeypatch.setattr(
        "dreamweave.app.weaving_lent.run_worker", lambda asked, **_: paper_weaver(asked)
    )
    monkeypatch.setattr("dreamweave.web.stream.TRY_S", 0)


def letter(status: int) -> str:
    """What an answer comes to: let (i)n, si(g)n in first, (n)ot yours, not there (x), not so (v)."""
    if 200 <= status < 400:
        return "i"
    known = {401: "g", 403: "n", 404: "x", 400: "v", 409: "v", 413: "v", 415: "v", 422: "v"}
    return known.get(status, f"[{status}]")


def walk() -> Iterator[tuple[str, str]]:
    """Every door there is, method and address; refuses what is no plain route."""
    for router in found():
        for route in router.routes:
            assert isinstance(route, Route), f"{route} is neither a door nor a stream"
            assert route.methods
            yield from ((method, route.path) for method in sorted(route.methods - {"HEAD"}))


def is_stream(path: str) -> bool:
    routes = [r for router in found() for r in router.routes if isinstance(r, Route)]
    return any(r.path == path and isinstance(r.endpoint, (StreamDoor, TryDoor)) for r in routes)


def answer(app: FastAPI, world: World, me: Somebody, row: Row, *, bearer: bool = False) -> str:
    method, path, whose = row
    address = filled(path, world, me, whose) + QUERIES.get(path, "")
    if is_stream(path):
        return letter(first_status(app, address, me.token))
    browser = Browser(app, token=me.token, bearer=bearer)
    return letter(
        browser.ask(method, address, **body_of(method, path, world, me, whose)).status_code
    )


def first_status(app: FastAPI, address: str, token: str) -> int:
    """The status of a stream whose listener goes at once."""
    headers = [(b"host", HOST.encode()), (b"cookie", b"dreamweave=" + token.encode())]
    return run(knock(app, path=address, headers=headers))[0]["status"]


def at_door(row: Row, *, bearer: bool = False, app: FastAPI | None = None) -> str:
    """How one door answers each role, in the order of `ROLES`."""
    letters = []
    for role in ROLES:
        world = a_world()
        me = world.people[role] if role != "nobody" else Somebody(None, "")
        letters.append(answer(app or app_of(world.house), world, me, row, bearer=bearer))
    return " ".join(letters)


ROWS: list[Row] = sorted(
    (method, path, whose) for method, path in walk() for whose in whose_of(method, path)
)


def test_the_table_knows_every_door_and_no_other():
    assert sorted(TABLE) == ROWS


@pytest.mark.parametrize("row", ROWS, ids=" ".join)
def test_a_door_answers_everybody_as_the_table_says(row):
    assert at_door(row) == TABLE[row]


@pytest.mark.parametrize(
    "row", [row for row in ROWS if row[1].startswith("/api/") and row[2] == "own"], ids=" ".join
)
def test_a_token_opens_what_a_cookie_opens(row):
    if is_stream(row[1]):
        return  # tested with tokens, through a real server
    world = a_world()
    said = TABLE[row].split()[ROLES.index("dreamer")]

    assert answer(app_of(world.house), world, world.people["dreamer"], row, bearer=True) == said


# ------------------------------------------------------------------ the alarms, rung once


def test_a_door_that_says_for_nobody_opens_for_nobody():
    router = APIRouter()
    router.add_api_route("/api/new", lambda: {"in": True}, methods=["GET"])
    router.routes.append(Mount("/api/mounted", app=lambda *_: None))
    world = a_world()
    app = app_of(world.house, router)

    for path in ("/api/new", "/api/mounted/anything"):
        asked = [
            Browser(app, token=one.token).get(path).status_code for one in world.people.values()
        ]
        assert set(asked) == {404}


def test_a_door_that_was_never_looked_at_fails_the_walk(monkeypatch):
    router = APIRouter()

    @door(router, "GET", "/api/new", scope="public")
    def new() -> dict[str, bool]:
        return {}

    every = found()
    monkeypatch.setitem(globals(), "found", lambda: [*every, router])

    assert [row for row in walk() if (*row, "own") not in ROWS] == [("GET", "/api/new")]


def test_a_door_whose_scope_was_loosened_fails_the_walk():
    row: Row = ("GET", "/api/keeper", "own")
    route = next(r for router in found() for r in router.routes if getattr(r, "path", "") == row[1])
    note = declared(route)
    assert note
    declare(route, for_scope(note, "dreamer"))
    try:
        assert at_door(row) != TABLE[row]
    finally:
        declare(route, note)
    assert at_door(row) == TABLE[row]


def test_a_circle_that_anybody_may_look_into_fails_the_walk(monkeypatch):
    row: Row = ("GET", "/api/circles/{circle}/words", "elsewhere")
    monkeypatch.setattr(lending, "may_read", lambda *_: None)

    assert at_door(row) != TABLE[row]


def test_a_report_that_anybody_may_read_fails_the_walk(monkeypatch):
    from dreamweave.app import journals

    row: Row = ("GET", "/api/reports/{report_id}", "other")
    world_report = journals.report

    def careless(ground, who, report_id):
        for dreamer in ground.road.membership().members:
            if report_id in ground.road.journal(dreamer).reports:
                who = type(who)(dreamer, False)
        return world_report(ground, who, report_id)

    monkeypatch.setattr(journals, "report", careless)

    assert at_door(row) != TABLE[row]


# ------------------------------------------------------------------ what the columns cannot say


def test_a_weave_is_only_found_in_its_own_circle():
    world = a_world()
    browser = Browser(app_of(world.house), token=world.people["dreamer"].token)

    here = f"/api/circles/{world.circle}/weaves"
    assert browser.get(f"{here}/{world.weave}").status_code == 200
    assert browser.get(f"{here}/{world.weave_of_others}").status_code == 404
    assert browser.get(f"{here}/{world.weave_of_others}/key").status_code == 404


def test_what_cannot_be_undone_asks_again_who_it_is_after_five_minutes():
    asked_again = set()
    for method, path, whose in ROWS:
        if whose != "own" or not path.startswith("/api/") or is_stream(path):
            continue
        world = a_world()
        me = world.people["dreamer"]
        world.house.ground.now_ms.pass_ms(6 * 60_000)
        said = Browser(app_of(world.house), token=me.token).ask(
            method,
            filled(path, world, me, whose) + QUERIES.get(path, ""),
            **body_of(method, path, world, me, whose),
        )
        if said.status_code == 403 and said.json()["code"] == "step_up.needed":
            asked_again.add((method, path))

    assert asked_again == {
        ("POST", "/api/export"),
        ("DELETE", "/api/me"),
        ("POST", "/api/me/recovery-codes"),
        ("POST", "/api/passkeys"),
        ("POST", "/api/passkeys/options"),
        ("DELETE", "/api/passkeys/{passkey}"),
    }
