"""A node with people in it: one of every role, each with a report, a lending and a Circle, and others.

Made once and copied, because a test of every role at every door needs some
thousand fresh nodes. Everything goes through the house's own functions; only
the weaver is a stand-in, which weaves nothing.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from functools import cache

from makers_ground import Clock, PaperVault, a_report
from makers_web import SmallHouse, SmallSettings

from dreamweave.app import (
    circles,
    gatherings,
    invitations,
    journals,
    lending,
    roles,
    telling,
    weaving_lent,
)
from dreamweave.app.actors import Actor
from dreamweave.app.coming_in import CameIn, come_as_guest, join
from dreamweave.app.gatherings import About
from dreamweave.app.ground import Ground, ground
from dreamweave.app.hashing import Hashing
from dreamweave.app.leaving import leave
from dreamweave.app.lending import Offer
from dreamweave.app.me import change_own
from dreamweave.app.people import People, open_people
from dreamweave.app.setup import setup_code
from dreamweave.app.telling import Telling
from dreamweave.app.weave_worker import send
from dreamweave.model.facts import COMMONS, circle_stream
from dreamweave.store.memory import MemoryStore

ROLES = ("nobody", "guest", "dreamer", "host", "steward", "keeper", "suspended", "left")
PASSPHRASE = "seven stairs down into the sea"
# One grey pixel.
PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55"
    "0000000a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)
VOICE = b"OggS" + bytes(40)


def paper_weaver(_: bytes) -> bytes:
    """A weave with nothing in it."""
    out = io.BytesIO()
    send(out, {"root": b"0" * 64, "page": b"<!doctype html><p>woven", "text": b"woven",
               "knots": b"[]", "keys": b"{}"})  # fmt: skip
    return out.getvalue()


@dataclass
class Somebody:
    """Whoever holds a role, and what is theirs."""

    actor: Actor
    token: str
    report: str = ""
    lending: str = ""
    tag: str = ""
    tag_in_circle: str = ""
    invitation: str = ""
    session: str = ""
    r: int = 0  # what they told in the gathering


@dataclass
class World:
    """A node, who is on it, and what there is of others'."""

    house: SmallHouse
    people: dict[str, Somebody]
    circle: str = ""  # everybody's
    weave: str = ""
    circle_of_others: str = ""
    weave_of_others: str = ""
    tag_of_others: str = ""
    gathering: str = ""  # of everybody's Circle, and everybody is in it
    gathering_of_others: str = ""
    codes: dict[str, str] = field(default_factory=dict)


class Chance:
    """Bytes that go on from where they were when a world is copied."""

    def __init__(self, n: int = 0) -> None:
        self.n = n

    def __call__(self, size: int) -> bytes:
        import hashlib

        self.n += 1
        return hashlib.shake_256(self.n.to_bytes(8, "big")).digest(size)


def _ground(store: MemoryStore, clock: Clock, chance: Chance) -> Ground:
    import random

    return ground(store, PaperVault(store), now_ms=clock, rng=random.Random(5), fresh=chance)


# The least that Argon2 may cost; made once, since it hashes something at its beginning.
_HASHING = cache(lambda: Hashing(19_456, 2, 1, fresh=Chance(10**9)))


def _people(on: Ground) -> People:
    return open_people(on, address="http://localhost:8282", hashing=_HASHING())


@cache
def _made() -> tuple[MemoryStore, Chance, World]:
    store, chance = MemoryStore(), Chance()
    on = _ground(store, Clock(), chance)
    people = _people(on)
    house = SmallHouse(ground=on, settings=SmallSettings(), sessions=people.sessions, people=people)
    came: dict[str, CameIn] = {
        "keeper": join(people, name="Keeper", passphrase=PASSPHRASE, code=setup_code(on))
    }
    keeper = _actor(people, came["keeper"])

    def code(opens: str) -> str:
        return invitations.invite(people, keeper, opens=opens).code  # type: ignore[arg-type]

    for role in ("dreamer", "host", "steward", "suspended", "left", "other", "member 2"):
        came[role] = join(people, name=role, passphrase=PASSPHRASE, code=code("member"))
    came["guest"] = come_as_guest(people, code=code("guest"))
    for role in ("host", "steward"):
        roles.give_role(people, keeper, came[role].dreamer, role)  # type: ignore[arg-type]
    roles.give_role(people, keeper, came["other"].dreamer, "host")
    world = World(house, {r: Somebody(_actor(people, c), c.token) for r, c in came.items()})
    host, other = world.people["host"].actor, world.people["other"].actor
    world.circle = circles.make(on, host, "The seven stairs")
    world.circle_of_others = circles.make(on, other, "Somewhere else")
    for role, one in world.people.items():
        _settle(world, role, one)
    world.gathering = _gathering(on, host, world.circle)
    world.gathering_of_others = _gathering(on, other, world.circle_of_others)
    for role, one in world.people.items():
        _tell_there(world, role, one)
    house.rooms.turn()  # it is all laid
    world.codes = {
        "gathering": gatherings.code_of(on, host, world.gathering),
        "gathering of others": gatherings.code_of(on, other, world.gathering_of_others),
        "circle": invitations.invite(people, host, opens="circle", circle=world.circle).code,
        "circle of others": invitations.invite(
            people, other, opens="circle", circle=world.circle_of_others
        ).code,
        "member": code("member"),
        "guest": code("guest"),
    }
    roles.suspend(people, keeper, came["suspended"].dreamer)
    leave(people, world.people["left"].actor)
    for circle in (world.circle, world.circle_of_others):
        theirs = host if circle == world.circle else other
        made = weaving_lent.weave_lent(
            on, theirs, circle_stream(circle), title="", weaver=paper_weaver
        ).weave
        if circle == world.circle:
            world.weave = made
        else:
            world.weave_of_others = made
    return store, chance, world


def _actor(people: People, came: CameIn) -> Actor:
    found = people.sessions.actor_of_token(came.token)
    assert found
    return found


def _settle(world: World, role: str, one: Somebody) -> None:
    """A report with a voice and a photograph, lent to the commons and to a Circle."""
    on, people = world.house.ground, world.house.people
    circle = world.circle_of_others if role == "other" else world.circle
    if one.actor.dreamer not in on.road.audience(circle_stream(circle)).members:
        circles.join(on, one.actor, circle)
    report = a_report(on)
    journals.keep_report(on, one.actor, report)
    journals.keep_piece(on, one.actor, report.id, "voice", "audio/ogg", VOICE)
    journals.keep_piece(on, one.actor, report.id, "photo", "image/png", PHOTO)
    one.report = report.id
    offer = Offer(report.id, 3, COMMONS, "pseudonym", name="Fox", photo=True)
    granted = lending.lend(on, one.actor, offer)
    one.lending, one.tag = granted.lending, granted.tag
    there = lending.lend(on, one.actor, replace(offer, audience=circle_stream(circle)))
    one.tag_in_circle = there.tag
    if role == "other":
        world.tag_of_others = there.tag
    if not one.actor.guest:
        change_own(people, one.actor, {"echo": True, "lang": "en", "zone": "Europe/Madrid"})
    one.session = people.sessions.current(one.actor).id
    if role in ("host", "steward", "keeper", "other"):
        one.invitation = invitations.invite(people, one.actor, opens="guest").made.id


def _gathering(on: Ground, host: Actor, circle: str) -> str:
    """A gathering of a Circle, in which people tell."""
    g = gatherings.make(on, host, circle, About("The night of the stairs"), begins_ms=on.now_ms())
    gatherings.begin_phase(on, host, g, "telling")
    return g


def _tell_there(world: World, role: str, one: Somebody) -> None:
    """They come in, tell something and say what it felt like."""
    on = world.house.ground
    g = world.gathering_of_others if role == "other" else world.gathering
    gatherings.enter(world.house.people, one.actor, g, agreed=True)
    said = Telling(report=one.report, version=3, photo=True)
    one.r = telling.tell(on, one.actor, g, said).r


def a_world() -> World:
    """A fresh copy of the node, which nobody else will change."""
    store, chance, made = _made()
    copy = MemoryStore()
    copy._facts = list(store._facts)
    copy._streams = {name: list(facts) for name, facts in store._streams.items()}
    copy._shelves = {shelf: dict(rows) for shelf, rows in store._shelves.items()}
    copy._once = dict(store._once)
    on = _ground(copy, Clock(), Chance(chance.n))
    people = _people(on)
    house = SmallHouse(ground=on, settings=SmallSettings(), sessions=people.sessions, people=people)
    return replace(made, house=house)
