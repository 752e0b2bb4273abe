"""The erasure ledger: which things were forgotten and when, as a chain that cannot be cut unseen.

One line for each turning of the epoch: ids and times, nobody's words. Every
line holds the hash of the one before. It lies in the store, and a copy beside
the back-ups is only ever added to; a restore reads it so that nothing forgotten
comes back. Cutting off its end leaves a sound chain: that is why the back-ups
remember how long it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from dreamweave.model.canonical import canonical, parsed, sha256_hex
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import plain, record

START = "0" * 64
# A line is a row of the store too, so one with very many ids becomes several.
IDS_BYTES_MAX = 256 << 10


@dataclass(frozen=True, slots=True)
class Erasure:
    """One line. `things` are "<shelf>/<id>"; keys made before `epoch` of what stands here are gone."""

    n: int
    at_ms: int
    epoch: int
    things: tuple[str, ...]
    owners: tuple[str, ...]
    prev: str

    def line(self) -> bytes:
        return canonical(plain(self))


class Ledger:
    """A chain that is added to. `lines` are canonical JSON without their ends of line."""

    def __init__(self, lines: Iterable[bytes] = ()) -> None:
        self.lines = list(lines)
        self.erasures = list(read_chain(self.lines))

    @property
    def head(self) -> str:
        return sha256_hex(self.lines[-1]) if self.lines else START

    def next(
        self, *, at_ms: int, epoch: int, things: Sequence[str], owners: Sequence[str]
    ) -> list[Erasure]:
        """The lines that say so; they are not in the ledger until `add`."""
        made: list[Erasure] = []
        prev = self.head
        for some_things, some_owners in in_parts(things, owners):
            n = len(self.lines) + len(made) + 1
            made.append(Erasure(n, at_ms, epoch, some_things, some_owners, prev))
            prev = sha256_hex(made[-1].line())
        return made

    def add(self, erasures: Iterable[Erasure]) -> None:
        for one in erasures:
            self.lines.append(one.line())
            self.erasures.append(one)


def read_chain(lines: Iterable[bytes]) -> Iterator[Erasure]:
    """The erasures in `lines`. Refuses a chain that has a gap, a change or another beginning."""
    prev = START
    for n, line in enumerate(lines, 1):
        one = record(
            Erasure, parsed(line, "the erasure ledger"), "the erasure ledger", "ledger.shape"
        )
        if one.n != n or one.prev != prev or one.line() != line:
            raise Refusal(
                "ledger.broken",
                f"The erasure ledger was changed at line {n}: it no longer follows from the line"
                " before. Use the copy that lies beside the newest key back-up.",
            )
        prev = sha256_hex(line)
        yield one


def in_parts(
    things: Sequence[str], owners: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Both lists cut alike into parts that fit into a row; nothing at all gives no part."""
    room, some_things, some_owners = IDS_BYTES_MAX, list[str](), list[str]()
    for into, ids in ((some_owners, owners), (some_things, things)):
        for id in ids:
            if room <= 0:
                yield tuple(some_things), tuple(some_owners)
                some_things.clear()
                some_owners.clear()
                room = IDS_BYTES_MAX
            into.append(id)
            room -= len(id.encode()) + 3
    if some_things or some_owners:
        yield tuple(some_things), tuple(some_owners)
