"""Facts: what happened, kept for good, without anybody's words.

A fact holds ids, roles and salted commitments. Kind, feeling, night and words
of a report lie sealed elsewhere, so that after forgetting the facts say only
that something was kept and is gone. A new kind of fact is one class here, one
line in a fold, and nothing in a store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.floor_facts import FloorFact
from dreamweave.model.gathering_facts import GatheringFact
from dreamweave.model.keeping import KeptFact, NewFact
from dreamweave.model.reflection_facts import ReflectionFact
from dreamweave.model.seat_facts import SeatFact, SeatsDrawn
from dreamweave.model.tapestry_facts import TapestryFact
from dreamweave.model.wire import plain, record

Role = Literal["dreamer", "host", "steward", "keeper"]
ROLES: tuple[Role, ...] = ("dreamer", "host", "steward", "keeper")

Naming = Literal["named", "pseudonym", "unnamed"]
NAMINGS: tuple[Naming, ...] = ("named", "pseudonym", "unnamed")

# Why a lending ended: asked for, its time came, its report was forgotten, its
# lender left, somebody caring for the place removed it, or a restore replayed it.
Why = Literal["asked", "expired", "forgotten", "left", "removed", "replayed"]

NODE = "node"
COMMONS = "commons"
RESEARCH = "research"


def dreamer_stream(dreamer: str) -> str:
    return f"dreamer/{dreamer}"


def circle_stream(circle: str) -> str:
    return f"circle/{circle}"


# ------------------------------------------------------------------ the node's own stream


@dataclass(frozen=True, slots=True)
class DreamerJoined:
    """Somebody came in. A guest gave no data and has no way to sign in."""

    dreamer: str
    guest: bool


@dataclass(frozen=True, slots=True)
class GuestBecameMember:
    dreamer: str


@dataclass(frozen=True, slots=True)
class RoleGiven:
    dreamer: str
    role: Role
    by: str


@dataclass(frozen=True, slots=True)
class RoleTaken:
    dreamer: str
    role: Role
    by: str


@dataclass(frozen=True, slots=True)
class DreamerSuspended:
    """A steward closed the door to somebody; their words stay theirs, to take or to forget."""

    dreamer: str
    by: str


@dataclass(frozen=True, slots=True)
class DreamerReadmitted:
    dreamer: str
    by: str


@dataclass(frozen=True, slots=True)
class DreamerLeft:
    dreamer: str


# ------------------------------------------------------------------ a dreamer's stream


@dataclass(frozen=True, slots=True)
class ReportKept:
    """A report was kept, or kept anew (an amendment has the next version)."""

    report: str
    version: int
    commitment: str


@dataclass(frozen=True, slots=True)
class ReportForgotten:
    report: str


@dataclass(frozen=True, slots=True)
class Lent:
    """Words of `report` were lent. `tag` is what the audience sees; `until_ms` 0 is for good."""

    lending: str
    report: str
    audience: str
    tag: str
    naming: Naming
    until_ms: int
    commitment: str


@dataclass(frozen=True, slots=True)
class TakenBack:
    lending: str
    why: Why


# ------------------------------------------------------------------ an audience's stream
# (a Circle, the commons, research)


@dataclass(frozen=True, slots=True)
class CircleMade:
    circle: str
    host: str


@dataclass(frozen=True, slots=True)
class CircleJoined:
    dreamer: str


@dataclass(frozen=True, slots=True)
class CircleParted:
    dreamer: str


@dataclass(frozen=True, slots=True)
class Offered:
    """Words were lent here. Unnamed ones wait until enough people have lent (`Shown`)."""

    tag: str
    lender: str
    unnamed: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """These unnamed words are shown from now on, released together, in an order that tells nothing."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unpicked:
    """These words are no longer lent here; every picture and list goes without them."""

    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Woven:
    """A weave was made of these words; it falls with any of them."""

    weave: str
    tags: tuple[str, ...]
    root: str


@dataclass(frozen=True, slots=True)
class WeaveFell:
    """A weave was destroyed because words in it were taken back."""

    weave: str


@dataclass(frozen=True, slots=True)
class ReadForResearch:
    """A steward read or exported what is lent to research: how many pieces, and who."""

    by: str
    n: int


Fact = (
    DreamerJoined
    | GuestBecameMember
    | RoleGiven
    | RoleTaken
    | DreamerSuspended
    | DreamerReadmitted
    | DreamerLeft
    | ReportKept
    | ReportForgotten
    | Lent
    | TakenBack
    | CircleMade
    | CircleJoined
    | CircleParted
    | Offered
    | Shown
    | Unpicked
    | Woven
    | WeaveFell
    | ReadForResearch
    | GatheringFact
    | FloorFact
    | SeatFact
    | SeatsDrawn
    | ReflectionFact
    | TapestryFact
)
KINDS_OF_FACT: dict[str, type[Any]] = {kind.__name__: kind for kind in Fact.__args__}


def to_new(stream: str, fact: Fact) -> NewFact:
    """A fact as a store keeps it."""
    return NewFact(stream, type(fact).__name__, canonical(plain(fact)))


def of_kept(kept: KeptFact) -> Fact:
    """The fact that was kept. Raises ValueError for a kind this software does not know."""
    kind = KINDS_OF_FACT.get(kept.kind)
    if kind is None:
        raise ValueError(f"fact {kept.seq} is of a kind this software does not know")
    return cast(Fact, record(kind, parsed(kept.body, "a fact"), "a fact", "fact.shape"))
