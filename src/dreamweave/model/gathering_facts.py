"""Facts of a gathering: one meeting of a Circle, from its making to its end.

On the stream `gathering/{id}`, beside the facts of any audience (`Offered`,
`Shown`, `Unpicked`, `Woven`, `WeaveFell`). Ids, numbers and choices of its host;
what it is called and everything anybody told lies sealed elsewhere. The floor
and the lottery for seats have facts of their own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# How people meet: each tells and others answer with images (social dreaming
# matrix), one dream is gone into ("if it were my dream"), or as they like.
Method = Literal["matrix", "appreciation", "free"]
METHODS: tuple[Method, ...] = ("matrix", "appreciation", "free")

# Whether whoever has a say tells at any time, or those who step forward, in turn.
FloorRule = Literal["free", "turns"]
FLOORS: tuple[FloorRule, ...] = ("free", "turns")
Entry = Literal["open", "invited"]
ENTRIES: tuple[Entry, ...] = ("open", "invited")
# What happens to the words after the closing: they stay lent to the gathering, or end by themselves.
Afterwards = Literal["kept", "forgotten"]
AFTERWARDS: tuple[Afterwards, ...] = ("kept", "forgotten")


def gathering_stream(gathering: str) -> str:
    return f"gathering/{gathering}"


@dataclass(frozen=True, slots=True)
class GatheringMade:
    """A gathering of `circle` is called. `named`: a thread is a dreamer and bears a name; otherwise
    a thread is a report, and nothing links two of one person. `n_places` 0 is without limit."""

    gathering: str
    circle: str
    host: str
    method: Method
    named: bool
    floor: FloorRule
    entry: Entry
    n_places: int
    n_expected: int
    n_warps: int
    n_open: int
    begins_ms: int
    ends_ms: int
    afterwards: Afterwards
    seed: str


@dataclass(frozen=True, slots=True)
class PhaseBegun:
    """1 telling, 2 closing, 3 reflecting, 4 closed (`model.acts.PHASES`).

    2 said once more: the host has the whole woven again after that failed.
    """

    phase: int
    by: str


@dataclass(frozen=True, slots=True)
class Entered:
    dreamer: str
    listening: bool


@dataclass(frozen=True, slots=True)
class ListeningChosen:
    """Somebody only listens, or does no longer. A choice like any other."""

    dreamer: str
    listening: bool


@dataclass(frozen=True, slots=True)
class Departed:
    """Somebody went out of a gathering; what they lent ends separately."""

    dreamer: str


@dataclass(frozen=True, slots=True)
class Told:
    """The next report of the gathering, lent under `tag` (an `Offered` stands before it).

    `answers` is another report's number; `signs` as in `model.acts`. A `held` one
    waits for the host. `on_open`: told for a seat that was kept open. `scribe` wrote it
    down for its teller, or is empty.
    """

    tag: str
    dreamer: str
    answers: int | None
    signs: int
    held: bool
    on_open: bool
    at_ms: int
    scribe: str = ""


@dataclass(frozen=True, slots=True)
class Laid:
    """What the loom made of what was told: acts (`model.acts`), as canonical JSON."""

    acts: str


@dataclass(frozen=True, slots=True)
class Amended:
    """What stands beside report `r` is another by now: its teller said a feeling, or took one back."""

    r: int


@dataclass(frozen=True, slots=True)
class Carried:
    """Somebody said of report `r`: this carries me, or this does not; or took that back (None)."""

    r: int
    dreamer: str
    carries: bool | None


@dataclass(frozen=True, slots=True)
class AnswersStopped:
    """The teller of report `r` wants no (more) answers to it, or does again."""

    r: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class SeatKept:
    """One more seat is kept open for somebody who is not here; or one is let go."""

    by: str
    more: bool


@dataclass(frozen=True, slots=True)
class HostHeld:
    """Nobody tells for now, or they do again."""

    yes: bool
    by: str


@dataclass(frozen=True, slots=True)
class Rested:
    """Plain night for everybody until then; 0 ends it."""

    until_ms: int
    by: str


@dataclass(frozen=True, slots=True)
class DoorShut:
    shut: bool
    by: str


@dataclass(frozen=True, slots=True)
class ApprovalAsked:
    """From now on what is told waits for the host's yes, or does no longer."""

    yes: bool
    by: str


@dataclass(frozen=True, slots=True)
class SlowedDown:
    """So long between two tellings of one person; 0 is as they like."""

    seconds: int
    by: str


@dataclass(frozen=True, slots=True)
class Muted:
    """Somebody may listen and not tell, or tell again. Why is sealed and shown to them."""

    dreamer: str
    yes: bool
    by: str


@dataclass(frozen=True, slots=True)
class Removed:
    """Somebody is shown out of a gathering and does not come back."""

    dreamer: str
    by: str


@dataclass(frozen=True, slots=True)
class ReportedToHost:
    """Somebody asks the host to look at report `r`."""

    r: int
    dreamer: str


GatheringFact = (
    GatheringMade
    | PhaseBegun
    | Entered
    | ListeningChosen
    | Departed
    | Told
    | Laid
    | Amended
    | Carried
    | AnswersStopped
    | SeatKept
    | HostHeld
    | Rested
    | DoorShut
    | ApprovalAsked
    | SlowedDown
    | Muted
    | Removed
    | ReportedToHost
)
