"""Bodies: as long as their door takes, not slower than slow, and read strictly."""

from __future__ import annotations

import asyncio
import json
import threading

import pytest
from fastapi import APIRouter, Request
from hypothesis import given
from hypothesis import strategies as st
from makers_ground import a_dreamer
from makers_web import HOST, app_of, knock, knocked, make_house, run

from dreamweave.model.refusals import Refusal
from dreamweave.web import gate, strict
from dreamweave.web.asking import (
    DEPTH_MAX,
    N_FIELDS_MAX,
    Form,
    form_body,
    once_of,
    raw_body,
    strict_json,
)
from dreamweave.web.declaring import BODY_BYTES_MAX, declared, door

HEAD = [(b"host", HOST.encode()), (b"origin", f"http://{HOST}".encode())]
FORM = (b"content-type", b"application/x-www-form-urlencoded")


def an_app(house=None):
    router = APIRouter()

    @door(router, "POST", "/api/raw", scope="public", body_max=1000)
    def raw(request: Request) -> dict[str, int]:
        return {"n": len(raw_body(request))}

    @door(router, "POST", "/api/voice", scope="public", body_max="voice_bytes_max")
    def voice(request: Request) -> dict[str, int]:
        return {"n": len(raw_body(request))}

    return app_of(house or make_house(), router)


def ask(app, *parts: bytes, length: bytes | None = None, path: str = "/api/raw", **how):
    headers = HEAD + ([(b"content-length", length)] if length is not None else [])
    return knocked(app, method="POST", path=path, headers=headers, body=list(parts), **how)


def test_a_body_may_be_as_long_as_its_door_takes_whatever_its_head_says():
    app = an_app()

    assert json.loads(ask(app, b"a" * 600, b"b" * 400)[2]) == {"n": 1000}
    too_long = ask(app, b"a" * 600, b"b" * 401)
    assert too_long[0] == 413
    assert json.loads(too_long[2]) == {
        "code": "body.large",
        "sentence": "This is larger than the 1,000 bytes that this door takes.",
    }
    assert ask(app, b"a", length=b"1001")[0] == 413
    # A head that says less than comes is not believed either.
    assert ask(app, b"a" * 1001, length=b"10")[0] == 413


def test_a_door_may_take_as_much_as_a_limit_of_the_house():
    house = make_house()
    most = house.ground.limits.voice_bytes_max

    assert ask(an_app(house), b"", length=b"%d" % (most + 1), path="/api/voice")[0] == 413
    assert json.loads(ask(an_app(house), b"a" * 5000, path="/api/voice")[2]) == {"n": 5000}


def test_a_body_that_does_not_come_to_an_end_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(gate, "BODY_S", 0.05)
    monkeypatch.setattr(gate, "BODY_BYTES_A_S", 1e9)
    first = True

    async def never() -> None:
        nonlocal first
        if not first:
            await asyncio.sleep(3600)
        first = False

    status, _, body = knocked(
        an_app(), method="POST", path="/api/raw", headers=HEAD, body=[b"a", b"b"], wait=never
    )

    assert (status, json.loads(body)["code"]) == (408, "body.slow")


def test_all_bodies_together_are_bounded_and_let_go_of(monkeypatch):
    monkeypatch.setattr(gate, "BODIES_BYTES_MAX", 500)
    app = an_app()

    assert ask(app, b"a" * 501)[0] == 503
    # What was refused or answered is not counted any more.
    assert [ask(app, b"a" * 400)[0] for _ in range(5)] == [200] * 5


def test_a_connection_that_ended_early_is_no_whole_body():
    async def go():
        messages = [
            {"type": "http.request", "body": b"a", "more_body": True},
            {"type": "http.disconnect"},
        ]
        sent = []

        async def receive():
            return messages.pop(0)

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http", "method": "POST", "path": "/api/raw", "raw_path": b"/api/raw",
            "query_string": b"", "headers": HEAD, "client": ("127.0.0.1", 1), "scheme": "http",
            "root_path": "", "http_version": "1.1", "server": ("h", 1), "asgi": {"version": "3.0"},
        }  # fmt: skip
        await an_app()(scope, receive, send)
        return sent

    assert run(go())[0]["status"] == 400


# ------------------------------------------------------------------ JSON


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\xff", "json.encoding"),
        (b"{", "json.syntax"),
        (b"", "json.syntax"),
        (b"NaN", "json.syntax"),
        (b"[1e999999, Infinity]", "json.syntax"),
        (b"[1e999]", "json.syntax"),
        (b"9" * 5000, "json.syntax"),
        (b'{"a":1,"a":2}', "json.strict"),
        (b'{"x":{"a":1,"a":2}}', "json.strict"),
        (b'"\\ud800"', "text.surrogate"),
        (b'{"\\udfff":1}', "text.surrogate"),
        (b"[" * 100_000, "json.depth"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "json.depth"),
    ],
)
def test_json_that_is_not_strict_is_refused(data, code):
    with pytest.raises(Refusal) as no:
        strict_json(data)

    assert no.value.code == code


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner, max_size=4)
    ),
    max_leaves=12,
)


def depth_of(value) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    return 1 + max(map(depth_of, value), default=0) if isinstance(value, list) else 0


@given(values)
def test_json_is_read_as_everybody_reads_it_up_to_a_depth(value):
    data = json.dumps(value).encode()

    if depth_of(value) <= DEPTH_MAX:
        assert strict_json(data) == value
    else:
        with pytest.raises(Refusal, match="nested"):
            strict_json(data)


def test_brackets_within_text_are_no_depth():
    held = {"text": "[" * 500 + '\\"' + "{" * 500}

    assert strict_json(json.dumps(held).encode()) == held


# ------------------------------------------------------------------ forms and keys


class Came:
    """As much of a request as reading a form takes."""

    def __init__(self, body: bytes, *headers: tuple[bytes, bytes]) -> None:
        self.scope = {"headers": [FORM, *headers], "dreamweave.body": body}
        self.headers = {k.decode(): v.decode() for k, v in headers}


def a_form(body: bytes) -> Form:
    return form_body(Came(body))


def test_a_form_is_read_as_browsers_write_it():
    held = a_form(b"a=1&b=x+y%20z%C3%A9&a=2&c&d=%0D%0A&=e")

    assert dict(held) == {"a": "1", "b": "x y zé", "c": "", "d": "\n", "": "e"}
    assert (held.all("a"), held.all("nothing"), held.get("nothing")) == (["1", "2"], [], None)


@pytest.mark.parametrize("body", [b"&".join([b"a=1"] * 257), b"%FF=1", b"a=%FF", b"a" * 65 + b"=1"])
def test_a_form_past_its_bounds_is_refused(body):
    with pytest.raises(Refusal, match="form"):
        a_form(body)


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=9),
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=30),
        ),
        max_size=9,
    )
)
def test_what_is_encoded_as_a_form_comes_back(fields):
    from urllib.parse import urlencode

    held = a_form(urlencode(fields).encode())

    assert [
        (name, value) for name in dict.fromkeys(n for n, _ in fields) for value in held.all(name)
    ] == [
        (name, value)
        for name in dict.fromkeys(n for n, _ in fields)
        for n, value in fields
        if n == name
    ]


def test_a_key_is_read_from_the_header_or_from_a_form_and_has_a_shape():
    assert once_of(Came(b"once=0123456789", (b"idempotency-key", b"abcdefgh"))) == "abcdefgh"
    assert once_of(Came(b"once=0123456789")) == "0123456789"
    assert once_of(Came(b"")) == ""
    for body, code in (
        (b"", "once.missing"),
        (b"once=short", "once.shape"),
        (b"once=a+b+c+d+e", "once.shape"),
    ):
        with pytest.raises(Refusal) as no:
            once_of(Came(body), required=True)
        assert no.value.code == code


def test_the_gate_is_knocked_at_in_plain_messages():
    # `knock` itself, so that the tests above stand on something.
    sent = run(knock(an_app(), method="POST", path="/api/raw", headers=HEAD, body=[b"ab"]))

    assert [m["type"] for m in sent] == ["http.response.start", "http.response.body"]


def sent(app, path: str, body: bytes, *, method: str = "POST", headers=()):
    head = [*HEAD, (b"content-type", b"application/json"), *headers]
    status, _, said = knocked(app, method=method, path=path, headers=head, body=[body])
    return status, json.loads(said)["code"]


def test_nobody_who_is_not_signed_in_has_the_node_read_more_than_a_form_s_worth():
    app = app_of(make_house())
    public = [
        route
        for route in app.router.routes
        if (note := declared(route)) and note.scope == "public" and "POST" in route.methods
    ]
    assert len(public) > 5

    assert {declared(route).body_max for route in public} == {BODY_BYTES_MAX}
    body = b'{"a":"' + b"a" * BODY_BYTES_MAX + b'"}'
    assert sent(app, "/api/join", body) == (413, "body.large")


def test_a_body_of_many_fields_is_refused_before_each_of_them_is_looked_at():
    app = app_of(make_house())
    body = json.dumps({f"k{i}": 1 for i in range(N_FIELDS_MAX + 1)}).encode()

    assert sent(app, "/api/join", body) == (400, "body.fields")
    assert sent(app, "/api/join", b'{"k": 1}')[0] == 422


def test_the_longest_report_goes_in_and_is_read_aside_from_everybody_else(monkeypatch):
    house, read_in = make_house(), []
    me = a_dreamer(house.ground)

    def noted(data):
        read_in.append(threading.current_thread())
        return strict_json(data)

    monkeypatch.setattr(strict, "strict_json", noted)
    text = "\U0001f30a" * 40_000
    report = {"kind": "dream", "night": "2026-11-25", "told_at": "2026-11-25T07:10:00+01:00"}
    body = json.dumps({**report, "zone": "UTC", "text": text, "kept_out": text}).encode()
    token = (b"authorization", f"Bearer {house.sign_in(me)}".encode())
    head = [*HEAD, (b"content-type", b"application/json"), token, (b"idempotency-key", b"a" * 12)]
    status, _, _ = knocked(
        app_of(house), method="PUT", path=f"/api/reports/{'0' * 26}", headers=head, body=[body]
    )

    assert (status, len(body) > 900_000) == (201, True)
    assert "AnyIO worker thread" in [thread.name for thread in read_in]
