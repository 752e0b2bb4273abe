"""Facts of the floor of a gathering: everything of which who spoke when can be folded again.

On the gathering's stream, where people speak in turn. People are seats, moments
are milliseconds. How much each person spoke follows from them; what they said
stands nowhere here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Voice:
    """A seat that may speak, and the credit it brings from the gathering before."""

    seat: int
    credit_ms: int


@dataclass(frozen=True, slots=True)
class FloorJoined:
    """These may speak from now on. Whoever came at once is seated at once."""

    voices: tuple[Voice, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class FloorLeft:
    """These went, or only listen from now on."""

    seats: tuple[int, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class FloorAsked:
    seat: int


@dataclass(frozen=True, slots=True)
class FloorWithdrawn:
    seat: int


@dataclass(frozen=True, slots=True)
class FloorPassed:
    seat: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class FloorGiven:
    """The floor of a table was looked after: a turn whose time was up ended, whoever is next has it."""

    table: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class FloorEnded:
    """Whoever had the floor of a table has finished."""

    table: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class FloorInvited:
    """One quiet person at a table was invited. Who it is follows, and is told to them alone."""

    table: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class FloorDeclined:
    seat: int


@dataclass(frozen=True, slots=True)
class FloorFavoured:
    """Whose people the live weave is about to overlook: first among those who spoke alike."""

    seats: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class FloorHeld:
    """Turns stand still from then on, or go on."""

    yes: bool
    at_ms: int


@dataclass(frozen=True, slots=True)
class FloorRested:
    """Nobody speaks until then; 0 ends it."""

    until_ms: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class FloorClosed:
    """The telling is over: turns end, and what people are owed goes to the Circle's next gathering."""

    at_ms: int


FloorFact = (
    FloorJoined
    | FloorLeft
    | FloorAsked
    | FloorWithdrawn
    | FloorPassed
    | FloorGiven
    | FloorEnded
    | FloorInvited
    | FloorDeclined
    | FloorFavoured
    | FloorHeld
    | FloorRested
    | FloorClosed
)
