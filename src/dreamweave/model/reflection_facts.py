"""Facts of the second half of a gathering: reflections, and demands that grow out of them.

On the stream of the gathering, beside its weave and apart from it. What
somebody says a passage means, and the sentence of a demand, are words and lie
sealed under their writer's own key; here are ids and who.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReflectionKept:
    """Somebody said what a report means for the life they share."""

    reflection: str
    dreamer: str
    r: int


@dataclass(frozen=True, slots=True)
class ReflectionDropped:
    reflection: str


@dataclass(frozen=True, slots=True)
class DemandMade:
    """Somebody asks for something to change, out of these reports."""

    demand: str
    dreamer: str
    reports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class LineGiven:
    """The teller of report `r` gives it to a demand, or takes it out of it again."""

    demand: str
    r: int
    dreamer: str
    given: bool


@dataclass(frozen=True, slots=True)
class DemandSigned:
    """Somebody stands behind a demand, or does no longer."""

    demand: str
    dreamer: str
    signed: bool


@dataclass(frozen=True, slots=True)
class DemandDropped:
    demand: str


ReflectionFact = (
    ReflectionKept | ReflectionDropped | DemandMade | LineGiven | DemandSigned | DemandDropped
)
