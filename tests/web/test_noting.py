"""No word of anybody reaches a log: not at the finest level, not when something breaks."""

from __future__ import annotations

import asyncio
import io
import json
import logging

import pytest
from asking_doors import QUERIES, body_of, filled
from fastapi import APIRouter, Request
from makers_web import HOST, Browser, app_of, knocked
from peopled import a_world
from role_table import TABLE

from dreamweave.web import noting
from dreamweave.web.asking import json_body
from dreamweave.web.declaring import door
from dreamweave.web.gate import _BrokenOff

CANARY = "zwölf kanarienvögel"
WORDS = (CANARY, "kanarien", "canary-in-a-query", "203.0.113.77", "token-of-a-canary")


@pytest.fixture
def written():
    """Everything that any logger writes while a node is at work, at the finest level."""
    out = io.StringIO()
    undo = noting.to_stream(out, logging.DEBUG)
    yield out
    undo()


def no_words(text: str) -> list[str]:
    return [word for word in WORDS if word in text]


def test_an_error_in_a_door_is_noted_by_its_type_and_place_only(written):
    router = APIRouter()

    @door(router, "POST", "/api/breaks", scope="public")
    def breaks(request: Request) -> dict[str, str]:
        said = json_body(request)["text"]
        logging.getLogger("somebody.else").warning("they said %s", said)
        try:
            raise KeyError(said)
        except KeyError:
            raise ValueError(f"cannot do {said}") from None

    world = a_world()
    app = app_of(world.house, router)
    status, _, body = knocked(
        app,
        method="POST",
        path="/api/breaks",
        query=b"q=canary-in-a-query",
        headers=[
            (b"host", HOST.encode()),
            (b"origin", f"http://{HOST}".encode()),
            (b"content-type", b"application/json"),
            (b"cookie", b"dreamweave=token-of-a-canary"),
        ],
        body=[json.dumps({"text": CANARY}).encode()],
        client=("203.0.113.77", 1),
    )

    told = json.loads(body)
    assert (status, told["code"]) == (500, "house.mistake")
    lines = [json.loads(line) for line in written.getvalue().splitlines()]
    mistake = next(line for line in lines if line["event"] == "mistake")
    assert mistake["error"] == "ValueError"
    assert (mistake["route"], mistake["method"]) == ("/api/breaks", "POST")
    assert "web/gate.py" in mistake["place"]
    # What the person was told and what the keeper can look up are one number.
    assert mistake["error_id"] in told["sentence"]
    assert no_words(written.getvalue() + body.decode()) == []


def test_an_answer_outside_its_shape_says_nothing_of_what_it_held(written):
    router = APIRouter()

    @door(router, "GET", "/api/outside", scope="public", response_model=list[int])
    def outside() -> list[str]:
        return [CANARY]

    status, _, body = knocked(app_of(a_world().house, router), path="/api/outside")

    assert status == 500
    assert '"error":"ResponseValidationError"' in written.getvalue()
    assert no_words(written.getvalue() + body.decode()) == []


def test_half_an_answer_breaks_off_and_is_noted(written):
    from starlette.responses import StreamingResponse

    router = APIRouter()

    @door(router, "GET", "/api/half", scope="public")
    def half() -> StreamingResponse:
        def parts():
            yield b"a half"
            raise KeyError(CANARY)

        return StreamingResponse(parts())

    async def still_there() -> None:
        await asyncio.sleep(3600)

    with pytest.raises(_BrokenOff) as broke:
        knocked(app_of(a_world().house, router), path="/api/half", wait=still_there)

    assert str(broke.value) == ""  # what the server logs of it is empty
    assert '"error":"KeyError"' in written.getvalue()
    assert no_words(written.getvalue()) == []


def test_no_door_writes_anything_of_what_it_is_sent(written):
    # Every door, with words in every place that takes some, through the whole app.
    for method, path, whose in TABLE:
        if "stream" in path or path.endswith(("/weaves", "/weave")):
            continue
        world = a_world()
        me = world.people["keeper"]
        how = body_of(method, path, world, me, whose)
        for kind in ("json", "data"):
            if kind in how:
                how[kind] = {
                    k: CANARY if k in ("text", "title", "name", "passphrase", "code", "shown_name")
                    else v for k, v in how[kind].items()
                }  # fmt: skip
        browser = Browser(app_of(world.house), token=me.token)
        asked = QUERIES.get(path, "?") + "&q=canary-in-a-query"
        browser.ask(method, filled(path, world, me, whose) + asked, **how)

    assert no_words(written.getvalue()) == []
    assert '"event":"mistake"' not in written.getvalue()


def test_without_the_filter_a_library_s_words_would_be_written(monkeypatch):
    # The alarm, rung once.
    monkeypatch.setattr(noting.WithoutWords, "filter", lambda self, record: True)
    out = io.StringIO()
    undo = noting.to_stream(out, logging.DEBUG)
    logging.getLogger("somebody.else").warning("they said %s", CANARY)
    undo()

    assert CANARY in out.getvalue()


def test_only_fields_of_the_list_and_of_their_shape_are_written():
    held = noting.line(
        "kept", n=3, route="/api/reports/{report_id}", text=CANARY, code="a.b", status="zwölf", ms=5
    )

    assert json.loads(held) == {
        "event": "kept",
        "n": 3,
        "route": "/api/reports/{report_id}",
        "code": "a.b",
        "ms": 5,
    }


def test_a_library_is_heard_from_warnings_on_unless_a_fault_is_looked_for():
    out = io.StringIO()
    undo = noting.to_stream(out, logging.INFO)
    logging.getLogger("somebody.else").info("routine")
    logging.getLogger("somebody.else").error("trouble")
    noting.note("began")
    undo()

    assert [json.loads(line) for line in out.getvalue().splitlines()] == [
        {"event": "library", "route": "somebody.else"},
        {"event": "began"},
    ]
