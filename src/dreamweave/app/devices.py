"""Devices: where somebody is signed in, what they call it, and signing out.

One's own sessions only. Signing out cuts the streams at once; those of devices
that stay signed in come again by themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dreamweave.app import accounts
from dreamweave.app.accounts import Account
from dreamweave.app.actors import Actor
from dreamweave.app.people import People
from dreamweave.app.road import Granting
from dreamweave.app.sessions import Session
from dreamweave.model.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Shown:
    """One of somebody's sessions, as it is listed for them."""

    id: str
    device: str = field(repr=False)
    begun_ms: int
    seen_ms: int
    current: bool


def sessions_of(people: People, who: Actor) -> list[Shown]:
    """Where somebody is signed in, the device seen last first."""
    called = {d.session: d.name for d in accounts.read(people.ground, who.dreamer).devices}
    return [
        Shown(s.id, called.get(s.id, ""), s.begun_ms, s.seen_ms, s.row == who.session)
        for s in people.sessions.of(who.dreamer)
    ]


def name_device(people: People, who: Actor, session: str, name: str) -> None:
    """What to call the device behind one of one's sessions."""
    _one_of_mine(people, who, session)

    def decide(granting: Granting, account: Account) -> None:
        accounts.put(people.ground, granting, who.dreamer, account.with_device(session, name))

    people.grant(who.dreamer, decide)


def sign_out(people: People, who: Actor) -> None:
    """End the session somebody came with."""
    _sign_out(people, who, lambda session: session.row == who.session)


def sign_out_one(people: People, who: Actor, session: str) -> None:
    """End one of somebody's own sessions."""
    _one_of_mine(people, who, session)
    _sign_out(people, who, lambda held: held.id == session)


def sign_out_everywhere(people: People, who: Actor) -> None:
    """End all of somebody's sessions, this one too."""
    _sign_out(people, who, lambda _: True)


def _sign_out(people: People, who: Actor, which: Callable[[Session], bool]) -> None:
    def decide(granting: Granting, _: Account) -> None:
        for session in people.sessions.of(who.dreamer):
            if which(session):
                granting.drops.append(("sessions", session.row))

    people.grant(who.dreamer, decide)
    # All of their streams: those of sessions that still hold come again by themselves.
    people.ground.hearing.cut(who.dreamer)


def _one_of_mine(people: People, who: Actor, session: str) -> Session:
    for held in people.sessions.of(who.dreamer):
        if held.id == session:
            return held
    raise Refusal("session.unknown", "There is no such session of yours.")
