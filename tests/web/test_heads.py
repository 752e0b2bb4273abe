"""Heads of requests: whom they mean, where they come from, and what no client of ours sends."""

from __future__ import annotations

import json

import pytest
from fastapi import APIRouter, Request
from makers_ground import a_dreamer
from makers_web import HOST, app_of, knock, knocked, make_house, run
from starlette.responses import PlainTextResponse

from dreamweave.web.asking import address_of, is_secure
from dreamweave.web.declaring import door
from dreamweave.web.origins import host_name, names_of, peer_of

ME = (b"host", HOST.encode())
OURS = (b"origin", f"http://{HOST}".encode())


def a_router(done: list[str] | None = None) -> APIRouter:
    router = APIRouter()

    @door(router, "GET", "/api/where", scope="public")
    def where(request: Request) -> dict[str, object]:
        return {"address": address_of(request), "secure": is_secure(request)}

    for method in ("POST", "PUT", "PATCH", "DELETE"):

        @door(router, method, "/api/change", scope="public")
        def change(request: Request) -> dict[str, object]:
            if done is not None:
                done.append(request.method)
            return {}

    @door(router, "POST", "/change", scope="public")
    def page(request: Request) -> PlainTextResponse:
        if done is not None:
            done.append("page")
        return PlainTextResponse("")

    return router


def code_of(answer: tuple[int, dict[str, str], bytes]) -> tuple[int, str]:
    return answer[0], json.loads(answer[2])["code"]


def test_a_name_that_is_not_ours_is_not_answered():
    app = app_of(make_house(address="https://dreams.example", hosts=("pi.local",)), a_router())

    def ask(host: bytes) -> int:
        return knocked(app, path="/api/where", headers=[(b"host", host)])[0]

    assert [ask(h) for h in (b"localhost", b"127.0.0.1:9", b"[::1]:8282", b"LOCALHOST.")] == [
        200
    ] * 4
    assert [ask(h) for h in (b"dreams.example", b"pi.local:8282")] == [200] * 2
    strange = (
        b"evil.example",
        b"localhost.evil.example",
        b"",
        b"a b",
        b"localhost:99999",
        b"localhost@evil",
    )
    assert [ask(h) for h in strange] == [421] * len(strange)
    assert knocked(app, path="/api/where", headers=[])[0] == 421


@pytest.mark.parametrize(
    ("how", "code"),
    [
        ({"headers": [ME, ME]}, "head.twice_said"),
        ({"headers": [ME, (b"cookie", b"a=1"), (b"cookie", b"b=1")]}, "head.twice_said"),
        ({"headers": [ME] + [(b"x-%d" % i, b"") for i in range(80)]}, "head.many"),
        ({"headers": [ME, (b"x", b"a" * 20_000)]}, "head.long"),
        ({"headers": [ME, (b"content-length", b"+5")]}, "head.length"),
        ({"headers": [ME, (b"content-length", b"-5")]}, "head.length"),
        ({"headers": [ME, (b"idempotency-key", b"a key")]}, "once.shape"),
        ({"path": "/api//where"}, "head.path"),
        ({"path": "/api/where\x00"}, "head.path"),
        ({"path": "/api/\\where"}, "head.path"),
        ({"path": "/api/" + "a" * 2000}, "head.path"),
        ({"query": b"a" * 3000}, "head.query"),
    ],
)
def test_a_head_that_no_client_of_ours_sends_is_refused(how, code):
    app = app_of(make_house(), a_router())

    assert code_of(knocked(app, **{"path": "/api/where", **how})) == (400, code)


# What sends a request is said in these two headers, or nothing is changed.
FROM_ELSEWHERE = [
    [],
    [(b"origin", b"https://evil.example")],
    [(b"origin", b"null")],
    [(b"origin", b"http://localhost:1")],
    [(b"origin", f"http://{HOST}.evil.example".encode())],
    [OURS, (b"sec-fetch-site", b"cross-site")],
    [(b"sec-fetch-site", b"same-site")],
    [(b"sec-fetch-site", b"none")],
    [(b"sec-fetch-site", b"same-origin"), (b"origin", b"https://evil.example")],
]


@pytest.mark.parametrize("said", FROM_ELSEWHERE)
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "page"])
def test_nothing_is_changed_by_what_another_site_sends(said, method):
    done: list[str] = []
    app = app_of(make_house(), a_router(done))
    how = (
        {"path": "/change", "method": "POST"}
        if method == "page"
        else {
            "path": "/api/change",
            "method": method,
        }
    )

    status, _, _ = knocked(app, headers=[ME, *said], **how)

    assert (status, done) == (403, [])


@pytest.mark.parametrize(
    "said",
    [[OURS], [(b"sec-fetch-site", b"same-origin")], [OURS, (b"sec-fetch-site", b"same-origin")]],
)
def test_what_our_own_page_sends_is_done(said):
    done: list[str] = []
    app = app_of(make_house(), a_router(done))

    assert knocked(app, path="/api/change", method="POST", headers=[ME, *said])[0] == 200
    assert done == ["POST"]


def test_without_the_check_another_site_would_change_something(monkeypatch):
    # The alarm above, rung once.
    monkeypatch.setattr("dreamweave.web.gate.check_origin", lambda *_: None)
    done: list[str] = []
    app = app_of(make_house(), a_router(done))

    knocked(app, path="/api/change", method="POST", headers=[ME, *FROM_ELSEWHERE[1]])

    assert done == ["POST"]


def test_a_program_with_a_token_needs_no_origin_and_a_page_with_a_cookie_does():
    house = make_house()
    token = house.sign_in(a_dreamer(house.ground)).encode()
    app = app_of(house, a_router())

    def ask(*headers: tuple[bytes, bytes]) -> int:
        return knocked(app, path="/api/change", method="POST", headers=[ME, *headers])[0]

    assert ask((b"authorization", b"Bearer " + token)) == 200
    assert ask((b"cookie", b"dreamweave=" + token)) == 403
    assert ask((b"authorization", b"Bearer " + token), (b"cookie", b"dreamweave=" + token)) == 400
    assert ask((b"authorization", b"Basic " + token), OURS) == 400
    assert ask((b"authorization", b"Bearer nobody-s-token-at-all"), OURS) == 401


def test_a_public_https_name_is_not_spoken_for_by_plain_http():
    house = make_house(address="https://dreams.example")
    app = app_of(house, a_router())

    def ask(host: bytes, origin: bytes) -> int:
        headers = [(b"host", host), (b"origin", origin)]
        return knocked(app, path="/api/change", method="POST", headers=headers)[0]

    assert ask(b"dreams.example", b"https://dreams.example") == 200
    assert ask(b"dreams.example", b"http://dreams.example") == 403
    # A proxy that passes another Host on: what counts is the address people type.
    assert ask(b"localhost:8282", b"https://dreams.example") == 200


def test_a_session_s_cookie_is_only_read_under_the_name_of_its_kind():
    house = make_house(trusted_proxies=("127.0.0.1",))
    token = house.sign_in(a_dreamer(house.ground)).encode()
    router = APIRouter()

    @door(router, "GET", "/api/mine", scope="dreamer")
    def mine() -> dict[str, str]:
        return {}

    app = app_of(house, router)
    https = (b"x-forwarded-proto", b"https")

    def ask(*headers: tuple[bytes, bytes]) -> int:
        return knocked(app, path="/api/mine", headers=[ME, *headers])[0]

    assert ask((b"cookie", b"dreamweave=" + token)) == 200
    assert ask((b"cookie", b"__Host-dreamweave=" + token), https) == 200
    # Over https, the cookie that any plain page of the same name could have set counts for nothing.
    assert ask((b"cookie", b"dreamweave=" + token), https) == 401
    assert ask((b"cookie", b"dreamweave=" + token + b"; dreamweave=x")) == 400


def test_a_socket_is_never_opened_and_other_kinds_go_nowhere():
    app = app_of(make_house(), a_router())

    sent = run(knock(app, kind="websocket", path="/api/where"))
    assert sent == [{"type": "websocket.close", "code": 1008, "reason": ""}]
    assert run(knock(app, kind="something", path="/api/where")) == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "CONNECT", "BREW"])
def test_other_methods_open_no_door(method):
    app = app_of(make_house(), a_router())

    assert knocked(app, path="/api/where", method=method, headers=[ME, OURS])[0] == 405


def test_a_proxy_is_believed_only_when_the_keeper_named_it():
    def ask(proxies: tuple[str, ...], client: str, forwarded: bytes) -> tuple[str, bool]:
        headers = [(b"x-forwarded-for", forwarded), (b"x-forwarded-proto", b"https")]
        scope = {"headers": headers, "client": (client, 1), "scheme": "http"}
        return peer_of(scope, make_house(trusted_proxies=proxies).settings)

    assert ask((), "203.0.113.7", b"1.2.3.4") == ("203.0.113.7", False)
    assert ask(("10.0.0.0/8",), "10.0.0.1", b"1.2.3.4") == ("1.2.3.4", True)
    # What the person's own side wrote in front of the truth is hearsay.
    assert ask(("10.0.0.0/8",), "10.0.0.1", b"6.6.6.6, 1.2.3.4, 10.0.0.2") == ("1.2.3.4", True)
    assert ask(("10.0.0.0/8",), "10.0.0.1", b"nonsense") == ("10.0.0.1", True)
    assert ask(("10.0.0.0/8",), "10.0.0.1", b"") == ("10.0.0.1", True)
    assert ask(("nonsense",), "10.0.0.1", b"1.2.3.4") == ("10.0.0.1", False)


@pytest.mark.parametrize("apart", [True, False], ids=["headers of their own", "one header"])
def test_what_the_nearest_proxy_wrote_counts_and_not_what_the_person_s_side_wrote(apart):
    def forwarded(name: bytes, *said: bytes) -> list[tuple[bytes, bytes]]:
        return [(name, one) for one in said] if apart else [(name, b", ".join(said))]

    headers = forwarded(b"x-forwarded-for", b"6.6.6.6", b"1.2.3.4")
    headers += forwarded(b"x-forwarded-proto", b"https", b"http")
    scope = {"headers": headers, "client": ("10.0.0.1", 1), "scheme": "http"}

    settings = make_house(trusted_proxies=("10.0.0.0/8",)).settings
    assert peer_of(scope, settings) == ("1.2.3.4", False)


def test_names_are_read_without_port_and_case():
    assert [host_name(h) for h in ("A.b:80", "[::1]:8", "x.", "a/b", "")] == [
        "a.b",
        "::1",
        "x",
        None,
        None,
    ]
    settings = make_house(address="https://Dreams.Example:444", hosts=("Pi.local",)).settings
    assert names_of(settings) == {"dreams.example", "pi.local"}
