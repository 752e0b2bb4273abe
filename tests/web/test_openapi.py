"""The OpenAPI document is whole, and no case made from it breaks a door or finds it saying otherwise.

Bounded in every run; `DREAMWEAVE_PROVE=1` tries 20,000 cases. Two planted
doors are found each time: one that breaks on a certain input, one that answers
outside its shape.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import APIRouter
from fuzzing import Fuzzed, fuzz
from makers_ground import a_report
from peopled import paper_weaver
from proving import PROVING, goal
from pydantic import BaseModel
from running_node import PASSPHRASE, NodeHere, node_here

from dreamweave.app import circles, invitations, journals, lending
from dreamweave.app.coming_in import join
from dreamweave.app.hashing import Hashing
from dreamweave.app.lending import Offer
from dreamweave.app.people import open_people
from dreamweave.app.setup import setup_code
from dreamweave.model.facts import COMMONS
from dreamweave.web.app import found, make_app
from dreamweave.web.declaring import declared, door
from dreamweave.web.openapi import openapi_of
from dreamweave.web.shapes import Asked

# Some seventy doors, two modes: more than 20,000 cases, or a few hundred in every run.
N_A_DOOR = goal(3, 190)


class Living:
    """Somebody who is always there, and things of theirs that are: made anew when a case took them."""

    def __init__(self, node: NodeHere) -> None:
        self.house = node.house
        quick = Hashing(19_456, 2, 1, fresh=self.house.ground.fresh)
        self.house.people = open_people(
            self.house.ground, address="http://localhost", hashing=quick
        )
        self.house.sessions = self.house.people.sessions
        self._keeper = self._in("A keeper", setup_code(self.house.ground))
        self._n = 0
        self._token = ""
        self._held: dict[str, str] = {}

    def _in(self, name: str, code: str) -> str:
        return join(self.house.people, name=name, passphrase=PASSPHRASE, code=code).token

    def token(self) -> str:
        if not self._token or self.house.sessions.actor_of_token(self._token) is None:
            self._n += 1
            keeper = self.house.sessions.actor_of_token(self._keeper)
            code = invitations.invite(self.house.people, keeper, opens="member").code
            self._token = self._in(f"Somebody {self._n}", code)
            me = self.house.sessions.actor_of_token(self._token)
            from dreamweave.app.roles import give_role

            for role in ("host", "steward", "keeper"):
                give_role(self.house.people, keeper, me.dreamer, role)
            self._held = {}
        return self._token

    def known(self) -> dict[str, str]:
        on, me = self.house.ground, self.house.sessions.actor_of_token(self.token())
        journal = on.road.journal(me.dreamer)
        held = self._held
        if held.get("report_id") not in journal.reports:
            report = a_report(on)
            journals.keep_report(on, me, report)
            held["report_id"] = held["body.report"] = report.id
        if held.get("lending_id") not in on.road.journal(me.dreamer).lendings:
            version = on.road.journal(me.dreamer).reports[held["report_id"]]
            offer = Offer(held["report_id"], version, COMMONS, "named", name="Fox")
            granted = lending.lend(on, me, offer)
            held["lending_id"], held["tag"] = granted.lending, granted.tag
        if (
            not held.get("circle")
            or me.dreamer not in on.road.audience(f"circle/{held['circle']}").members
        ):
            held["circle"] = circles.make(on, me, "A Circle")
        held["dreamer"], held["role"] = me.dreamer, "host"
        held["body.passphrase"] = PASSPHRASE
        return held


def fuzzed(node: NodeHere, document: dict[str, Any], n: int, **how: Any) -> Fuzzed:
    living = Living(node)
    node.server.app.state.limiter.kinds = {}
    return fuzz(
        document,
        f"http://localhost:{node.port}",
        n_a_door=n,
        token=living.token,
        known=living.known,
        skip=lambda label: label.endswith("/stream"),
        **how,
    )


@pytest.fixture
def node(tmp_path, monkeypatch):
    monkeypatch.setattr(
        "dreamweave.app.weaving_lent.run_worker", lambda asked, **_: paper_weaver(asked)
    )
    with node_here(tmp_path) as running:
        yield running


def test_no_case_breaks_a_door_or_finds_it_saying_otherwise(node, capsys):
    document = openapi_of(node.server.app)

    said = fuzzed(node, document, N_A_DOOR, seed=1 if PROVING else 0)

    with capsys.disabled():
        if PROVING:
            print(
                f"\nopenapi: {said.n_cases:,} cases, statuses {dict(sorted(said.statuses.items()))}"
            )
    assert said.wrong == {}
    assert len(said.n_of_door) == sum(
        len(doors) for path, doors in document["paths"].items() if not path.endswith("/stream")
    )
    if PROVING:
        assert said.n_cases >= 20_000


# ------------------------------------------------------------------ the alarms, rung once


class NumberAsked(Asked):
    number: int


class NumberTold(BaseModel):
    number: int


def planted() -> APIRouter:
    router = APIRouter()

    @door(router, "POST", "/api/planted/breaks", scope="public")
    def breaks(asked: NumberAsked) -> NumberTold:
        return NumberTold(number=100 // min(asked.number, 0))  # breaks on most of all numbers

    @door(router, "POST", "/api/planted/otherwise", scope="public", response_model=None,
          responses={200: {"model": NumberTold}})  # fmt: skip
    def otherwise(asked: NumberAsked) -> Any:
        return {"number": str(asked.number)}

    @door(router, "POST", "/api/planted/lax", scope="public")
    def lax() -> NumberTold:
        return NumberTold(number=1)

    return router


def test_planted_mistakes_are_found(node):
    router = planted()
    node.server.app.router.routes.extend(router.routes)
    document = openapi_of(make_app(node.house, routers=[router]))
    lax = document["paths"]["/api/planted/lax"]["post"]
    lax["requestBody"] = document["paths"]["/api/planted/breaks"]["post"]["requestBody"]

    said = fuzzed(node, document, 20)

    assert {
        ("POST /api/planted/breaks", "ServerError"),
        ("POST /api/planted/otherwise", "JsonSchemaError"),
        ("POST /api/planted/lax", "AcceptedNegativeData"),
    } <= set(said.wrong)


# ------------------------------------------------------------------ the document


def test_every_json_door_is_in_the_document_with_its_scope_and_its_shapes(node):
    document = openapi_of(node.server.app)
    doors = {
        (sorted(route.methods - {"HEAD"})[0].lower(), route.path): declared(route)
        for router in found()
        for route in router.routes
        if not declared(route).page or route.path.startswith("/api/")
    }
    doors.pop(("get", "/api/openapi.json"))

    said = {
        (method, path): op for path, ops in document["paths"].items() for method, op in ops.items()
    }
    assert set(said) == set(doors)
    assert {key: op["x-scope"] for key, op in said.items()} == {
        key: note.scope for key, note in doors.items()
    }
    for key, op in said.items():
        good = [status for status in op["responses"] if status.startswith("2")]
        assert good, key
        assert all(s == "204" or op["responses"][s].get("content") for s in good), key
        assert op["responses"]["4XX"]["content"]["application/json"], key


def test_the_document_says_where_every_reference_leads(node):
    text = json.dumps(openapi_of(node.server.app))
    schemas = json.loads(text)["components"]["schemas"]

    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in schemas
