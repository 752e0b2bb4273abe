"""What every answer tells a browser: own files only, nothing remembered, no frames, no guessing."""

from __future__ import annotations

import base64
import hashlib
import json

import pytest
from asking_doors import QUERIES, body_of, filled
from makers_web import Browser, app_of, knocked
from peopled import PASSPHRASE, a_world, paper_weaver
from role_table import TABLE

from dreamweave.web.headers import ALWAYS, IMMUTABLE, dreamscape_policy

# Doors whose answers say something else than the usual, each for a reason.
OTHERWISE = {
    "/static/{name}": {"cache-control": IMMUTABLE},
    "/api/circles/{circle}/weaves/{weave_id}": {
        "content-security-policy": None,  # its own, made of its scripts
        "cross-origin-opener-policy": "unsafe-none",
        "referrer-policy": "no-referrer",
        "x-frame-options": "SAMEORIGIN",
    },
}
BYTES = {"content-security-policy": "default-src 'none'; sandbox"}


@pytest.fixture(scope="module")
def answers():
    """Every door's answer to a keeper and to nobody."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("dreamweave.app.weaving_lent.run_worker", lambda a, **_: paper_weaver(a))
        return list(asked())


def asked():
    for method, path, whose in TABLE:
        if "stream" in path:
            continue
        for role in ("keeper", ""):
            world = a_world()
            me = world.people[role or "dreamer"]
            browser = Browser(app_of(world.house), token=me.token if role else "")
            address = filled(path, world, me, whose) + QUERIES.get(path, "")
            yield path, browser.ask(method, address, **body_of(method, path, world, me, whose))


def test_every_answer_of_every_door_carries_the_same_headers(answers):
    lacking = {}
    for path, said in answers:
        wanted = dict(ALWAYS)
        if said.is_success:
            wanted |= OTHERWISE.get(path, {})
            if path.endswith(("/photo", "/voice")) and said.request.method == "GET":
                wanted |= BYTES
        for name, value in wanted.items():
            if value is not None and said.headers.get(name) != value:
                lacking[path, name] = said.headers.get(name)

    # What a service worker may do and what may be kept of pictures and plain files is theirs to say.
    assert {k: v for k, v in lacking.items() if k[0] not in KEPT_LONGER} == {}


KEPT_LONGER = {"/service-worker.js", "/icon.svg", "/robots.txt", "/tell/shell"}


def test_what_personal_pages_hold_is_never_stored(answers):
    for path, said in answers:
        if path not in KEPT_LONGER and path != "/static/{name}":
            assert said.headers["cache-control"] == "no-store", path


def test_https_is_held_to_once_it_was_spoken():
    world = a_world()
    world.house.settings.trusted_proxies = ("127.0.0.1",)
    app = app_of(world.house)
    plain = knocked(app, path="/api/node")[1]
    headers = [(b"host", b"localhost:8282"), (b"x-forwarded-proto", b"https")]
    secure = knocked(app, path="/api/node", headers=headers)[1]

    assert "strict-transport-security" not in plain
    assert secure["strict-transport-security"] == "max-age=31536000"


@pytest.mark.parametrize("secure", [False, True])
def test_a_session_s_cookie_is_out_of_reach_of_scripts_and_of_other_sites(secure):
    world = a_world()
    app = app_of(world.house)
    browser = Browser(app, secure=secure)
    said = browser.post("/api/sessions", json={"name": "dreamer", "passphrase": PASSPHRASE})

    assert said.status_code == 201
    cookie = said.headers["set-cookie"]
    name, _, rest = cookie.partition("=")
    attributes = {part.strip().lower() for part in rest.split(";")[1:]}
    wanted = {"httponly", "max-age=7776000", "path=/", "samesite=lax"}
    assert name == ("__Host-dreamweave" if secure else "dreamweave")
    assert attributes == (wanted | {"secure"} if secure else wanted)
    out = browser.delete("/api/sessions/current")
    assert "max-age=0" in out.headers["set-cookie"].lower()


def test_a_static_file_is_kept_for_ever_and_only_what_is_listed_is_served():
    from dreamweave.web import assets

    browser = Browser(app_of(a_world().house))
    name = next(n for n in assets.manifest()["files"] if n.endswith(".js"))
    said = browser.get(f"/static/{name}")

    assert said.headers["cache-control"] == IMMUTABLE
    assert said.headers["content-type"].startswith("text/javascript")
    for other in ("manifest.json", "../app.py", "%2e%2e%2fapp.py", "..%5capp.py", ".made-from"):
        assert browser.get(f"/static/{other}").status_code in (400, 404), other


def test_a_dreamscape_may_run_its_own_scripts_and_nothing_else():
    one, two = b"console.log('<b>')", b"\nlet n = 1;\n"
    page = (
        b"<!doctype html><script>" + one + b"</script><script type='application/json'>{}</script>"
        b"<SCRIPT TYPE=module>" + two + b"</SCRIPT ><style>a{}</style>"
    )
    policy = dreamscape_policy(page)

    def hashed(script: bytes) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"

    assert policy == (
        f"sandbox allow-scripts; default-src 'none'; script-src {hashed(one)} {hashed(two)};"
        " style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:;"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
    assert "script-src 'none'" in dreamscape_policy(b"<p>nothing runs here")


def test_refusals_of_pages_are_pages_and_of_doors_are_json():
    browser = Browser(app_of(a_world().house))

    page, api = browser.get("/journal"), browser.get("/api/reports")
    assert (page.status_code, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "<" in page.text
    assert (api.status_code, api.headers["www-authenticate"]) == (401, "Bearer")
    assert json.loads(api.text)["code"] == "actor.none"
