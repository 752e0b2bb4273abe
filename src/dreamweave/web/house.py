"""What the doors need of a house: the shape only; `dreamweave.house` builds it.

Written here so that this room knows nothing of stores, vaults and settings
files, and so that a test can hand in a small house of its own.
"""

from __future__ import annotations

from typing import Protocol

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.app.people import People
from dreamweave.app.playing import Play
from dreamweave.app.rooms import Rooms
from dreamweave.app.standing import Standing


class Sessions(Protocol):
    """Who is behind a token. Kept by `app.sessions`."""

    def actor_of_token(self, token: str) -> Actor | None:
        """The actor, as of now: roles, suspension and leaving count at once. None: nobody."""
        ...


class WebSettings(Protocol):
    """The settings that the doors read. All are plain values."""

    @property
    def address(self) -> str:
        """The public address ("https://dreams.example"), or "" where there is none."""
        ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """Further names this node answers to, without ports."""
        ...

    @property
    def trusted_proxies(self) -> tuple[str, ...]:
        """Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed."""
        ...

    @property
    def title(self) -> str: ...

    @property
    def contact(self) -> str: ...

    @property
    def words(self) -> str:
        """What pages call things: "ours" or "plain"."""
        ...

    @property
    def n_streams_max(self) -> int: ...

    @property
    def transcriber(self) -> str:
        """The program that writes down what a voice says, or "" where there is none."""
        ...

    @property
    def transcriber_model(self) -> str: ...


class House(Protocol):
    """A house with its ground, its people, its sessions and its settings."""

    @property
    def ground(self) -> Ground: ...

    @property
    def sessions(self) -> Sessions: ...

    @property
    def people(self) -> People: ...

    @property
    def rooms(self) -> Rooms:
        """Gatherings as their screens are shown them."""
        ...

    @property
    def play(self) -> Play | None:
        """What plays itself here, on a node that is a demonstration."""
        ...

    @property
    def settings(self) -> WebSettings: ...

    def standing(self) -> Standing:
        """How the node stands, for its keeper."""
        ...

    def broke(self) -> None:
        """The store failed: the node has to be started again."""
        ...
