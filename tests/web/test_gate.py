"""The gate lets in what is declared, from whom it should, and nothing else."""

from __future__ import annotations

import pytest
from fastapi import APIRouter, Request
from makers_ground import a_dreamer
from makers_web import Browser, app_of, make_house
from pydantic import BaseModel, ConfigDict

from dreamweave.web.asking import actor_of, form_body, json_body, once_of
from dreamweave.web.declaring import door


class Said(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    text: str


class Heard(BaseModel):
    text: str


def a_router() -> APIRouter:
    router = APIRouter()

    @door(router, "GET", "/api/open", scope="public")
    def is_open() -> Heard:
        return Heard(text="open")

    @door(router, "GET", "/api/mine", scope="dreamer")
    def mine(request: Request) -> Heard:
        return Heard(text=actor_of(request).dreamer)

    @door(router, "POST", "/api/say", scope="dreamer", status_code=201)
    def say(said: Said, request: Request) -> Heard:
        return Heard(text=said.text)

    @door(router, "POST", "/api/loose", scope="public", body_max=100)
    def loose(request: Request) -> Heard:
        return Heard(text=json_body(request)["text"] + once_of(request))

    @door(router, "POST", "/form", scope="public")
    def form(request: Request):
        from starlette.responses import PlainTextResponse

        held = form_body(request)
        return PlainTextResponse("|".join([held["text"], *held.all("tag"), once_of(request)]))

    @door(router, "GET", "/api/broken", scope="public")
    def broken() -> Heard:
        raise ValueError("a secret dream of stairs")

    router.add_api_route("/api/undeclared", lambda: "in", methods=["GET"])
    return router


def a_browser(*, signed_in: bool = False, **how):
    house = make_house()
    app = app_of(house, a_router())
    token = house.sign_in(a_dreamer(house.ground)) if signed_in else ""
    return Browser(app, token=token, **how)


def test_what_is_declared_public_is_open_and_what_is_not_declared_is_not_there():
    anybody = a_browser()

    assert anybody.get("/api/open").json() == {"text": "open"}
    assert anybody.get("/api/undeclared").status_code == 404
    assert anybody.get("/api/nothing").json() == {
        "code": "door.unknown",
        "sentence": "There is nothing at this address.",
    }
    assert anybody.get("/api/mine").status_code == 401
    assert anybody.put("/api/open").status_code == 405


def test_a_signed_in_dreamer_is_let_in_by_cookie_or_by_token():
    assert a_browser(signed_in=True).get("/api/mine").status_code == 200
    assert a_browser(signed_in=True, bearer=True).get("/api/mine").status_code == 200
    assert a_browser(signed_in=True).post("/api/say", json={"text": "a"}).json() == {"text": "a"}


def test_a_body_is_read_strictly_and_refused_in_a_sentence():
    me = a_browser(signed_in=True)

    assert me.post("/api/say", json={"text": "a", "x": 1}).json() == {
        "code": "fields.extra",
        "sentence": "There is a field that is not asked for here.",
    }
    assert me.post("/api/say", json={"text": 1}).json()["sentence"] == "text should be text."
    kind = {"content-type": "application/json"}
    twice = me.post("/api/say", content=b'{"text":"a","text":"b"}', headers=kind)
    assert twice.json()["code"] == "json.strict"
    deep = me.post("/api/say", content=b"[" * 5000, headers=kind)
    assert deep.json()["code"] == "json.depth"
    assert me.post("/api/loose", json={"text": "a" * 100}).status_code == 413


def test_a_form_is_read_with_every_value_and_its_hidden_key():
    me = a_browser()

    body = "text=a+b%20c&tag=1&tag=2&once=0123456789abcdef"
    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert me.post("/form", content=body, headers=kind).text == "a b c|1|2|0123456789abcdef"


def test_a_mistake_of_ours_is_answered_without_a_word_of_it():
    answer = a_browser().get("/api/broken")

    assert answer.status_code == 500
    assert answer.json()["code"] == "house.mistake"
    assert "stairs" not in answer.text


@pytest.mark.parametrize("where", ["the session", "the door"])
def test_a_store_that_broke_is_answered_and_the_house_is_told(where):
    from dreamweave.model.keeping import StoreBroken, StoreFull

    house = make_house()
    token = house.sign_in(a_dreamer(house.ground))
    router = APIRouter()

    def breaks(*_):
        raise StoreBroken("the disk failed")

    @door(router, "GET", "/api/reads", scope="dreamer")
    def reads() -> Heard:
        return breaks()

    @door(router, "GET", "/api/full", scope="public")
    def full() -> Heard:
        raise StoreFull("no room")

    app = app_of(house, router)
    if where == "the session":
        house.sessions.actor_of_token = breaks
    assert Browser(app).get("/api/full").json()["code"] == "store.full"
    assert not house.broken

    said = Browser(app, token=token).get("/api/reads")

    assert (said.status_code, said.json()["code"]) == (503, "store.broken")
    assert said.headers["retry-after"] == "60"
    assert house.broken
