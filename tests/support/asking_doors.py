"""How each door is asked in a test of everybody at every door: its address filled in, and its body.

An address names somebody's thing: one's own, somebody else's ("other"), or one
in a Circle that one is not in ("elsewhere").
"""

from __future__ import annotations

from typing import Any, Literal

from peopled import PASSPHRASE, PHOTO, VOICE, Somebody, World

from dreamweave.web import assets

Whose = Literal["own", "other", "elsewhere"]

# What in an address can be somebody's, and whose it can be.
WHOSE: dict[str, tuple[Whose, ...]] = {
    "report_id": ("own", "other"),
    "lending_id": ("own", "other"),
    "lending": ("own", "other"),
    "session": ("own", "other"),
    "invitation": ("own", "other"),
    "pass_id": ("own", "other"),
    "circle": ("own", "elsewhere"),
    "circle_id": ("own", "elsewhere"),
    "g": ("own", "elsewhere"),
}


def whose_of(method: str, path: str) -> tuple[Whose, ...]:
    """Whose things this door can be asked about."""
    named = [part.strip("{}") for part in path.split("/") if part.startswith("{")]
    if "g" in named and ("r" in named or path.rpartition("/")[2] in _OF_A_REPORT):
        return ("own", "other", "elsewhere")
    body = BODY_WHOSE.get((method, path), ())
    return next((WHOSE[name] for name in named if name in WHOSE), body or ("own",))


# Forms of a gathering's page that name a report.
_OF_A_REPORT = ("take-back", "feel", "carry", "flag")

# Doors whose body names somebody's thing.
BODY_WHOSE: dict[tuple[str, str], tuple[Whose, ...]] = {
    ("POST", "/api/lendings/preview"): ("own", "other"),
    ("POST", "/api/lendings/hints"): ("own", "other"),
    ("POST", "/api/lendings"): ("own", "other", "elsewhere"),
    ("POST", "/api/invitations"): ("own", "elsewhere"),
    ("POST", "/invitations"): ("own", "elsewhere"),
}


def filled(path: str, world: World, me: Somebody, whose: Whose) -> str:
    """The address with somebody's ids in it."""
    other = world.people["other"]
    theirs = other if whose == "other" else me
    away = whose == "elsewhere"
    values = {
        "report_id": theirs.report or other.report,
        "lending_id": theirs.lending or other.lending,
        "lending": theirs.lending or other.lending,
        "session": theirs.session or other.session,
        "invitation": theirs.invitation or "0" * 64,
        "pass_id": theirs.invitation or "0" * 64,
        "circle": world.circle_of_others if away else world.circle,
        "circle_id": world.circle_of_others if away else world.circle,
        "weave_id": world.weave_of_others if away else world.weave,
        "dreamer": world.people["member 2"].actor.dreamer,
        "role": "host",
        "passkey": "0" * 32,
        "g": world.gathering_of_others if away else world.gathering,
        "r": str(_report_of(world, me, whose)),
        "seat": _SEAT,
        "reflection": "0" * 26,
        "demand_id": "0" * 26,
        "code": world.codes["gathering of others"],
        "ticket": "0" * 36,
        "token": "a" * 32,
        "name": next(iter(assets.manifest()["files"])),
        "tag": (world.tag_of_others if away else world.people["dreamer"].tag_in_circle)
        if "circle" in path
        else world.people["dreamer"].tag,
    }
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    return path


def body_of(method: str, path: str, world: World, me: Somebody, whose: Whose) -> dict[str, Any]:
    """What httpx is told of the body: json, data, or content with its headers."""
    made = _BODIES.get((method, path))
    headers = {"idempotency-key": "a-key-of-a-test"}
    if made is None:
        if method == "GET":
            return {"headers": {}}
        if path.startswith("/api/"):
            return {"headers": headers}
        return {"data": {"once": "a-key-of-a-test"}, "headers": {}}
    held = made(world, me, whose)
    if isinstance(held, tuple):
        return {"content": held[1], "headers": {**headers, "content-type": held[0]}}
    return {"json" if path.startswith("/api/") else "data": held, "headers": headers}


def _told(world: World, me: Somebody, whose: Whose) -> dict[str, Any]:
    return {
        "kind": "dream",
        "night": "2026-11-25",
        "told_at": "2026-11-25T07:10:00+01:00",
        "zone": "Europe/Madrid",
        "text": "The lift went sideways.",
        "version": 4,
    }


def _offer(world: World, me: Somebody, whose: Whose) -> dict[str, Any]:
    other = world.people["other"]
    return {
        "report": (other if whose == "other" else me).report or other.report,
        "version": 3,
        "audience": f"circle/{world.circle_of_others}" if whose == "elsewhere" else "commons",
        "naming": "pseudonym",
        "name": "Owl",
    }


def _form_offer(world: World, me: Somebody, whose: Whose) -> dict[str, Any]:
    return {
        "version": "3",
        "audience": "commons",
        "naming": "pseudonym",
        "name": "Owl",
        "part": "whole",
        "until": "",
        "once": "a-key-of-a-test",
    }


# The guest's, who came into the gathering after its host and a dreamer or two.
_SEAT = "1"


def _report_of(world: World, me: Somebody, whose: Whose) -> int:
    """A report in the gathering that the address names: one's own, or another's who is in it."""
    if whose == "elsewhere":
        return world.people["other"].r
    others = next(one for one in world.people.values() if one is not me)
    return others.r if whose == "other" or me.actor is None else me.r


def _circle_of(world: World, whose: Whose) -> str:
    return world.circle_of_others if whose == "elsewhere" else world.circle


_JOIN = {"name": "New here", "passphrase": PASSPHRASE}
_CSV = b"date,text\n2026-11-01,The lift went up.\n"

_FILES = "multipart/form-data; boundary=b"
_PARTS = (
    b'--b\r\ncontent-disposition: form-data; name="file"; filename="d.csv"\r\n\r\n'
    + _CSV
    + b"\r\n--b--\r\n"
)

_GATHER = {
    "title": "A night",
    "begins": "2026-11-20T19:30",
    "zone": "Europe/Madrid",
    "n_expected": "12",
    "n_places": "0",
    "n_open": "1",
    "once": "a-key-of-a-test",
}


def _r_in(world: World, me: Somebody, whose: Whose) -> dict[str, str]:
    return {"r": str(_report_of(world, me, whose)), "once": "a-key-of-a-test"}


_BODIES: dict[tuple[str, str], Any] = {
    ("PUT", "/api/reports/{report_id}"): _told,
    ("PUT", "/api/reports/{report_id}/voice"): lambda *_: ("audio/ogg", VOICE),
    ("PUT", "/api/reports/{report_id}/photo"): lambda *_: ("image/png", PHOTO),
    ("POST", "/api/lendings/preview"): _offer,
    ("POST", "/api/lendings"): _offer,
    ("POST", "/api/lendings/hints"): _offer,
    ("POST", "/api/receipts/check"): lambda *_: {"schema": "dreamweave/consent-receipt/1"},
    ("POST", "/api/circles"): lambda *_: {"title": "A new one"},
    ("POST", "/api/circles/join"): lambda w, me, _: {"code": w.codes["circle of others"]},
    ("POST", "/api/join"): lambda w, *_: {**_JOIN, "code": w.codes["member"]},
    ("POST", "/api/guests"): lambda w, *_: {"code": w.codes["guest"]},
    ("POST", "/api/return"): lambda *_: {"return_key": "0000-0000-0000-0000"},
    ("POST", "/api/me/member"): lambda *_: _JOIN,
    ("PATCH", "/api/me"): lambda *_: {"shown_name": "Fox"},
    ("POST", "/api/me/passphrase"): lambda *_: {
        "new": PASSPHRASE + " again",
        "current": PASSPHRASE,
    },
    ("POST", "/api/invitations"): lambda w, me, whose: {
        "opens": "circle",
        "circle": _circle_of(w, whose),
    },
    ("POST", "/api/sessions"): lambda *_: {"name": "dreamer", "passphrase": PASSPHRASE},
    ("PATCH", "/api/sessions/{session}"): lambda *_: {"device": "telephone"},
    ("POST", "/api/step-up"): lambda *_: {"passphrase": PASSPHRASE},
    ("POST", "/api/passkeys"): lambda *_: {"passkey": {}},
    ("POST", "/api/passkeys/sign-in"): lambda *_: {"passkey": {}},
    ("POST", "/api/search"): lambda *_: {"text": "stairs"},
    ("POST", "/api/imports/preview"): lambda *_: ("text/csv", _CSV),
    ("POST", "/api/imports"): lambda *_: ("text/csv", _CSV),
    ("POST", "/import"): lambda *_: (_FILES, _PARTS),
    ("POST", "/import/keep"): lambda *_: (_FILES, _PARTS),
    ("POST", "/tell"): lambda *_: {"kind": "dream", "text": "The lift.", "once": "a-key-of-a-test"},
    ("POST", "/reports/{report_id}/edit"): lambda *_: {
        "kind": "dream",
        "text": "The lift.",
        "version": "3",
        "once": "a-key-of-a-test",
    },
    ("POST", "/reports/{report_id}/lend"): _form_offer,
    ("POST", "/reports/{report_id}/lend/again"): _form_offer,
    ("POST", "/reports/{report_id}/lend/confirm"): _form_offer,
    ("POST", "/receipts"): lambda *_: {"receipt": "{}"},
    ("POST", "/circles"): lambda *_: {"title": "A new one", "once": "a-key-of-a-test"},
    ("POST", "/circles/enter"): lambda w, *_: {"code": w.codes["circle of others"]},
    ("POST", "/join"): lambda w, *_: {**_JOIN, "code": w.codes["member"]},
    ("POST", "/guest"): lambda w, *_: {"code": w.codes["guest"]},
    ("POST", "/sign-in"): lambda *_: {"name": "dreamer", "passphrase": PASSPHRASE},
    ("POST", "/return"): lambda *_: {"return_key": "0000-0000-0000-0000"},
    ("POST", "/me"): lambda *_: {"shown_name": "Fox", "zone": "Europe/Madrid"},
    ("POST", "/me/member"): lambda *_: _JOIN,
    ("POST", "/me/passphrase"): lambda *_: {"new": PASSPHRASE + " again", "current": PASSPHRASE},
    ("POST", "/me/devices/{session}/name"): lambda *_: {"name": "telephone"},
    ("POST", "/leave"): lambda *_: {"sure": "yes", "passphrase": PASSPHRASE},
    ("POST", "/invitations"): lambda w, me, whose: {
        "opens": f"circle/{_circle_of(w, whose)}",
        "days": "7",
        "n_uses": "1",
    },
    ("POST", "/members/{dreamer}/roles"): lambda *_: {"role": "host", "change": "give"},
    ("POST", "/members/{dreamer}/door"): lambda *_: {"change": "close"},
    ("POST", "/evening"): lambda *_: {"evening_intention": "", "echo": "yes"},
    ("POST", "/search"): lambda *_: {"text": "stairs"},
    ("POST", "/look"): lambda *_: {"look": "day"},
    ("POST", "/language"): lambda *_: {"lang": "es"},
    ("POST", "/api/circles/{circle}/gatherings"): lambda w, *_: {
        "title": "A night",
        "begins_ms": w.house.ground.now_ms(),
    },
    ("POST", "/circles/{circle_id}/gather"): lambda *_: _GATHER,
    ("POST", "/api/gatherings/{g}/enter"): lambda *_: {"agreed": True},
    ("POST", "/api/gatherings/enter"): lambda w, *_: {
        "code": w.codes["gathering of others"],
        "agreed": True,
    },
    ("POST", "/api/gatherings/guests"): lambda w, *_: {
        "code": w.codes["gathering"],
        "agreed": True,
    },
    ("PUT", "/api/gatherings/{g}/listening"): lambda *_: {"listening": True},
    ("POST", "/api/gatherings/{g}/reports"): lambda *_: {"text": "The lift went sideways."},
    ("PUT", "/api/gatherings/{g}/reports/{r}/feeling"): lambda *_: {"feeling": "calm"},
    ("PUT", "/api/gatherings/{g}/reports/{r}/carries"): lambda *_: {"says": 1},
    ("PUT", "/api/gatherings/{g}/reports/{r}/answers"): lambda *_: {"stopped": True},
    ("POST", "/api/gatherings/{g}/reports/{r}/flag"): lambda *_: {"why": "It names a child."},
    ("DELETE", "/api/gatherings/{g}/reports/{r}/shown"): lambda *_: {"why": "It names a child."},
    ("POST", "/api/gatherings/{g}/floor"): lambda *_: {"do": "ask"},
    ("PUT", "/api/gatherings/{g}/lenses"): lambda *_: {"words": ["I work nights"]},
    ("PUT", "/api/gatherings/{g}/lenses/mine"): lambda *_: {"lenses": []},
    ("POST", "/api/gatherings/{g}/reflections"): lambda *_: {"r": 0, "text": "We never say it."},
    ("POST", "/api/gatherings/{g}/demands"): lambda *_: {"sentence": "Open it.", "reports": [0]},
    ("PUT", "/api/gatherings/{g}/demands/{demand_id}/lines/{r}"): lambda *_: {"given": True},
    ("PUT", "/api/gatherings/{g}/demands/{demand_id}/signature"): lambda *_: {"signed": True},
    ("POST", "/api/gatherings/{g}/draw"): lambda *_: {"closes_ms": 1},
    ("POST", "/api/gatherings/{g}/draw/application"): lambda *_: {"stratum": "access"},
    ("PUT", "/api/gatherings/{g}/draw/application/nonce"): lambda *_: {"nonce": "0" * 64},
    ("POST", "/api/gatherings/{g}/phase"): lambda *_: {"phase": "reflecting"},
    ("PUT", "/api/gatherings/{g}/hold"): lambda *_: {"yes": True},
    ("PUT", "/api/gatherings/{g}/rest"): lambda *_: {"seconds": 60},
    ("PUT", "/api/gatherings/{g}/door"): lambda *_: {"shut": True},
    ("PUT", "/api/gatherings/{g}/approval"): lambda *_: {"yes": True},
    ("PUT", "/api/gatherings/{g}/slow"): lambda *_: {"seconds": 30},
    ("POST", "/api/gatherings/{g}/open-seats"): lambda *_: {"n": 1},
    ("POST", "/api/gatherings/{g}/seats/{seat}/mute"): lambda *_: {"yes": True, "why": "Loud."},
    ("POST", "/api/gatherings/{g}/seats/{seat}/remove"): lambda *_: {"why": "Loud."},
    ("POST", "/g"): lambda w, *_: {"code": w.codes["gathering"]},
    ("POST", "/g/{code}/guest"): lambda *_: {"as": "listen", "agreed": "yes"},
    ("POST", "/g/{code}/enter"): lambda *_: {"as": "tell", "agreed": "yes"},
    ("POST", "/g/{code}/kiosk"): lambda *_: {"text": "The lift.", "once": "a-key-of-a-test"},
    ("POST", "/gatherings/{g}/enter"): lambda *_: {"as": "tell", "agreed": "yes"},
    ("POST", "/gatherings/{g}/tell"): lambda *_: {"text": "The lift.", "once": "a-key-of-a-test"},
    ("POST", "/gatherings/{g}/take-back"): lambda w, me, whose: _r_in(w, me, whose),
    ("POST", "/gatherings/{g}/feel"): lambda w, me, whose: {
        **_r_in(w, me, whose),
        "feeling": "calm",
    },
    ("POST", "/gatherings/{g}/carry"): lambda w, me, whose: {**_r_in(w, me, whose), "says": "1"},
    ("POST", "/gatherings/{g}/flag"): lambda w, me, whose: _r_in(w, me, whose),
    ("POST", "/gatherings/{g}/listen"): lambda *_: {"listening": "yes"},
    ("POST", "/gatherings/{g}/open-seats"): lambda *_: {"n": "1", "once": "a-key-of-a-test"},
    ("POST", "/gatherings/{g}/floor"): lambda *_: {"do": "ask"},
    ("POST", "/gatherings/{g}/draw"): lambda *_: {"do": "open", "hours": "1"},
    ("POST", "/gatherings/{g}/lenses"): lambda *_: {"do": "choose"},
    ("POST", "/gatherings/{g}/reflect"): lambda *_: {"do": "reflect", "r": "0", "text": "Rain."},
    ("POST", "/gatherings/{g}/host"): lambda *_: {"do": "hold", "value": "yes"},
    ("POST", "/gatherings/{g}/scribe"): lambda *_: {
        "text": "The lift.",
        "consent": "yes",
        "once": "a-key-of-a-test",
    },
}

_BODIES |= {
    ("POST", "/api/tapestries/{g}/lines/{r}"): lambda *_: {"under": "unnamed"},
    ("PUT", "/api/tapestries/{g}/published"): lambda *_: {"published": True},
    ("POST", "/tapestries"): lambda *_: {"motif": "moon"},
}

QUERIES = {
    "/api/echo": "?evening=2026-11-18",
    "/api/calendar": "?year=2026",
    "/api/gatherings/{g}/path": "?from=0&to=2",
}
