"""People for tests: a node with a keeper, members and guests, and actors as sessions see them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from makers_ground import make_ground

from dreamweave.app.actors import Actor
from dreamweave.app.coming_in import come_as_guest, join
from dreamweave.app.ground import Ground
from dreamweave.app.hashing import Hashing
from dreamweave.app.invitations import invite
from dreamweave.app.people import CameIn, People, open_people
from dreamweave.app.setup import setup_code

PASSPHRASE = "lamp sea stairs tram"
ADDRESS = "http://localhost:8282"


def make_people(
    ground: Ground | None = None, *, real_vault_in: Path | None = None, address: str = ADDRESS
) -> People:
    """People over a ground, hashing as little as is allowed: a test signs in often."""
    ground = ground or make_ground(real_vault_in=real_vault_in)
    return open_people(ground, address=address, hashing=Hashing(19_456, 2, 1, fresh=ground.fresh))


def actor(people: People, came: CameIn | str) -> Actor:
    """Who comes with a token, as of now."""
    token = came if isinstance(came, str) else came.token
    found = people.sessions.actor_of_token(token)
    assert found is not None, "this token opens nothing"
    return found


@dataclass
class Node:
    """A node with a keeper; ask it for others."""

    people: People
    keeper: CameIn

    @property
    def who(self) -> Actor:
        """The keeper, as of now."""
        return actor(self.people, self.keeper)

    def code(self, opens: str = "member", **how) -> str:
        return invite(self.people, self.who, opens=opens, **how).code

    def member(self, name: str = "Bo", **how) -> CameIn:
        return join(self.people, name=name, passphrase=PASSPHRASE, code=self.code(), **how)

    def guest(self, **how) -> CameIn:
        return come_as_guest(self.people, code=self.code("guest"), **how)


def make_node(people: People | None = None, *, name: str = "Ana", **how) -> Node:
    """A node whose first member set it up."""
    people = people or make_people(**how)
    code = setup_code(people.ground)
    return Node(people, join(people, name=name, passphrase=PASSPHRASE, code=code))
