"""Facts of a tapestry: the finished weave of a gathering, on its way to everybody on the node.

On the stream `tapestry/{gathering}`, beside the facts of any audience: what is
lent to the published tapestry is lent there, apart from what was lent to the
gathering. Ids and choices; no words.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# On what terms a line may be read once it is published, the widest first. Each ends with the
# lending: there is none among them that cannot be taken back, and there will be none.
Licence = Literal["quote", "read"]
LICENCES: tuple[Licence, ...] = ("quote", "read")

_TAPESTRY = "tapestry/"


def tapestry_stream(gathering: str) -> str:
    return f"{_TAPESTRY}{gathering}"


def tapestry_of(stream: str) -> str | None:
    """The gathering whose published tapestry this is the stream of, if it is one's."""
    return stream.removeprefix(_TAPESTRY) if stream.startswith(_TAPESTRY) else None


@dataclass(frozen=True, slots=True)
class TapestryBegun:
    """From now on lines may be lent to it. `host` is the gathering's, who publishes it or does not."""

    gathering: str
    host: str


@dataclass(frozen=True, slots=True)
class LicenceChosen:
    """The widest terms on which somebody's lines there may be read."""

    dreamer: str
    licence: Licence


@dataclass(frozen=True, slots=True)
class TapestryPublished:
    """Everybody on the node may read it now."""

    by: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class TapestryWithdrawn:
    by: str


TapestryFact = TapestryBegun | LicenceChosen | TapestryPublished | TapestryWithdrawn
