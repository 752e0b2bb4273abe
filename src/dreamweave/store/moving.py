"""Moving: what a store can do beyond keeping, so that all of it can go to another store.

Only `copying` and its tests ask for this. Nothing is decided or renumbered: facts
keep their `seq`, idempotency keys their age.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from dreamweave.model.keeping import KeptFact, Row, Store


@dataclass(frozen=True, slots=True)
class OnceKept:
    """An idempotency key with everything a store remembers of it."""

    once: str
    asked: bytes = field(repr=False)
    answer: bytes = field(repr=False)
    first_seq: int
    last_seq: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Load:
    """What is moved at once."""

    facts: Sequence[KeptFact] = ()
    rows: Sequence[Row] = ()
    once: Sequence[OnceKept] = ()


class Movable(Store, Protocol):
    """A store that can be copied from and to."""

    def export_once(self, *, after: str = "", limit: int = 1000) -> Sequence[OnceKept]:
        """Idempotency keys in ascending order (by code point), greater than `after` only."""
        ...

    def import_all(self, load: Load) -> None:
        """Put `load` in as it is, whole or not at all. None of it may be there yet.

        Raises what the future of `keep` raises.
        """
        ...

    def clear(self) -> None:
        """Forget everything, facts and idempotency keys as well."""
        ...
