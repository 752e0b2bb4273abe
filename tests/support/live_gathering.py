"""A gathering that goes on, on a node that runs: for tests of its page in a browser.

The node, its facts, its words and the page are the real ones; the rooms are
small (`small_rooms`). `Going.tells` tells as anybody would, `Going.doors` are
the JSON doors as the page calls them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, Request
from node_in_browser import Node
from small_rooms import SmallRooms
from starlette.responses import JSONResponse, Response, StreamingResponse

from dreamweave.app import circles, gatherings, telling
from dreamweave.app.gatherings import About
from dreamweave.app.telling import Telling
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.web.asking import actor_of, ground_of, json_body, once_of
from dreamweave.web.declaring import door

TITLE = "The Night the Sea Came Up the Street"
# Told in this order by people who take turns. Made up for this; nobody's.
LINES: tuple[tuple[str, str | None, int | None], ...] = (
    ("The house is made of paper and it breathes.", "calm", 2),
    ("Every door in our house opens onto the same small room. I knock all the same.", "fear", 2),
    ("The sea comes up the street politely. It is in the kitchen and nobody minds.", "wonder", 3),
    ("Somebody has sewn a door into the hem of my coat.", "tenderness", 2),
    ("I ride the night train with a bread under each arm.", "joy", 2),
    ("The stairs are counting me.", None, None),
    ("My teeth are a row of bells. I ring them at the sea.", "fear", 3),
    ("The train stops where there is only forest.", "longing", 2),
    ("I shout and the mirror takes minutes of the meeting.", "anger", 3),
    ("A bird has my grandmother's way of clearing its throat.", "tenderness", 3),
    ("The moon asks for its bowl back.", "wonder", 1),
    ("We carry the stairs down to the sea to wash them.", "calm", 1),
    ("In the forest it is snowing upward.", "wonder", 2),
    ("There is a bird folded in the letter. It is not for me.", "sorrow", 2),
    ("I look in the mirror and the house looks back.", "longing", 3),
    ("The moon is a bowl and it is our turn to carry it.", "wonder", 3),
)


@dataclass
class Going:
    """A gathering: its node, its rooms, its host and who else is in it."""

    node: Node
    rooms: SmallRooms
    g: str
    host: Any
    host_token: str
    people: list[tuple[Any, str]] = field(default_factory=list)
    doors: Any = None

    @property
    def ground(self) -> Any:
        return self.node.house.ground

    def tells(self, who: Any, text: str, **more: Any) -> int:
        said = Telling(text=text, lang=more.pop("lang", "en"), **more)
        return telling.tell(self.ground, who, self.g, said, once=self.ground.new_id()).r

    def tell_all(self, lines: Any = LINES) -> None:
        everybody = [self.host, *(who for who, _ in self.people)]
        for k, (text, feeling, intensity) in enumerate(lines):
            who = everybody[k % len(everybody)]
            self.tells(who, text, feeling=feeling, intensity=intensity)


def going(node: Node, *, n_people: int = 2, begun: bool = True, **how: Any) -> Going:
    """A gathering on a node that does not listen yet."""
    ground = node.house.ground
    rooms = node.house.rooms = SmallRooms(ground)
    host, token = node.somebody()
    circle = circles.make(ground, host, "A street", "", "en", once="once-circle-1")
    settings = {"n_expected": 24, "n_open": 4, "begins_ms": ground.now_ms() + 60_000, **how}
    about = settings.pop("about", About(TITLE, missing="The people who clean this building."))
    g = gatherings.make(ground, host, circle, about, once="once-gathering-1", **settings)
    held = Going(node, rooms, g, host, token)
    code = gatherings.code_of(ground, host, g)
    people = node.house.people
    for k in range(n_people):
        came, _ = gatherings.enter_as_guest(people, code, agreed=True, once=f"once-enter-{k:04d}")
        held.people.append((people.sessions.actor_of_token(came.token), came.token))
    if begun:
        gatherings.begin_phase(ground, host, g, "telling", once="once-begin-1")
    held.doors = doors(held)
    node.start(held.doors)
    return held


def doors(held: Going) -> APIRouter:
    """The doors that the page knocks at."""
    router = APIRouter()
    at = f"/api/gatherings/{held.g}"
    rooms, g = held.rooms, held.g

    def asked(request: Request) -> dict[str, Any]:
        return json_body(request)

    def who_in(request: Request) -> tuple[Any, Any]:
        return ground_of(request), actor_of(request)

    @door(router, "GET", at + "/picture", scope="dreamer", response_model=None)
    def picture(request: Request) -> Response:
        n, acts = rooms.picture(g)
        return JSONResponse({"at": f"{request.app.state.streams.boot}-{n}", "acts": acts})

    @door(router, "GET", at + "/words", scope="dreamer", response_model=None)
    def words(request: Request) -> Response:
        some = request.query_params.get("r", "")
        return JSONResponse(rooms.words(g, [int(r) for r in some.split(",")] if some else None))

    @door(router, "GET", at + "/mine", scope="dreamer", response_model=None)
    def mine(request: Request) -> Response:
        own = telling.mine(*who_in(request), g)
        return JSONResponse({"mine": [{"r": one.r, "held": one.held} for one in own]})

    @door(router, "GET", at + "/path", scope="dreamer", response_model=None)
    def path(request: Request) -> Response:
        a, b = (int(request.query_params[name]) for name in ("from", "to"))
        return JSONResponse({"steps": rooms.path(g, a, b)})

    @door(router, "POST", at + "/reports", scope="dreamer", response_model=None)
    def tell(request: Request) -> Response:
        told = telling.tell(
            *who_in(request), g, Telling(**_given(asked(request))), once=once_of(request)
        )
        return JSONResponse({"r": told.r, "held": told.held}, status_code=201)

    @door(router, "DELETE", at + "/reports/{r}", scope="dreamer", response_model=None)
    def take_back(request: Request, r: int) -> Response:
        telling.take_back(*who_in(request), g, r, once=once_of(request))
        return JSONResponse({"r": r})

    @door(router, "PUT", at + "/reports/{r}/carries", scope="dreamer", response_model=None)
    def carry(request: Request, r: int) -> Response:
        telling.carry(*who_in(request), g, r, asked(request)["says"], once=once_of(request))
        return JSONResponse({"r": r})

    @door(router, "PUT", at + "/reports/{r}/feeling", scope="dreamer", response_model=None)
    def feel(request: Request, r: int) -> Response:
        said = asked(request)
        ground, who = who_in(request)
        telling.feel(ground, who, g, r, said["feeling"], said["intensity"], once=once_of(request))
        beside = rooms.words(g, [r])
        ground.hearing.say_words(gathering_stream(g), beside, frozenset([r]))
        return JSONResponse({"r": r})

    @door(router, "GET", at + "/stream", scope="dreamer", response_model=None)
    async def stream(request: Request) -> Response:
        hearing, boot = ground_of(request).hearing, request.app.state.streams.boot
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        topic = gathering_stream(g)

        async def told() -> Any:
            was, _, n = after.partition("-")
            at = int(n) if was == boot else hearing.at(topic)
            what = "here" if was in ("", boot) else "resync"
            yield f"retry: 200\nevent: {what}\nid: {boot}-{at}\ndata: {{}}\n\n"
            while True:
                for frame in hearing.after(topic, at) or ():
                    at = frame.n
                    yield f"event: {frame.kind}\nid: {boot}-{at}\ndata: {frame.data.decode()}\n\n"
                await asyncio.sleep(0.03)

        return StreamingResponse(told(), media_type="text/event-stream")

    return router


def _given(said: dict[str, Any]) -> dict[str, Any]:
    """What a page sends, as a telling is made."""
    held = {name: value for name, value in said.items() if name in Telling.__dataclass_fields__}
    held.pop("version", None)
    return held
