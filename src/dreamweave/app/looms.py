"""Looms: what a gathering asks of the loom while people tell, and what it answers.

The shape only; `live_loom` keeps it, with a process of its own. Words go in,
numbers and the names of shared images come out; places, knots and lines are
acts (`model.acts`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dreamweave.app.gathering_rows import Names
from dreamweave.model.acts import Act, Picture
from dreamweave.model.gathering_facts import GatheringMade


@dataclass(frozen=True, slots=True)
class Answer:
    """What the loom made of something: acts; the report's cuts; names that are new, or gone ("")."""

    acts: Sequence[Act] = ()
    cuts: Sequence[tuple[int, int]] = ()
    names: Sequence[tuple[int, str, str]] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Heard:
    """A report as the loom is told it. `thread`: the warp's owner where a thread is a dreamer."""

    r: int
    teller: int
    text: str = field(repr=False)
    lang: str | None
    answers: int
    signs: int
    on_open: bool
    thread: int | None


class Loom(Protocol):
    """The loom at work on open gatherings, in a process of its own.

    Each call raises whatever went wrong; then everything it knew may be lost, of
    other gatherings too, and `begin` has it know one again.
    """

    def knows(self, g: str) -> bool: ...

    def begin(
        self,
        made: GatheringMade,
        n_open: int,
        picture: Picture,
        told: Sequence[Heard],
        said: Sequence[tuple[int, int, int]],
        names: Names,
    ) -> Answer: ...

    def tell(self, g: str, heard: Heard) -> Answer: ...

    def say(self, g: str, r: int, seat: int, says: int) -> Answer: ...

    def forget(self, g: str, r: int) -> Answer:
        """It may never have heard of it; what is tied without a reason is tied no more."""
        ...

    def keep(self, g: str, n: int) -> Answer: ...

    def fair(self, g: str) -> tuple[int, int, int, int, int, int] | None: ...

    def path(self, g: str, a: int, b: int) -> Sequence[tuple[int, int]]: ...

    def end(self, g: str) -> None: ...

    def close(self) -> None: ...
