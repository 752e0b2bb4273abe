"""Standing: how a node stands, for its keeper. Counts, room and warnings; no names, no words.

What is measured is handed in by the house; that a figure is a reason to worry
is decided here, once, for the keeper's page, its door and `dreamweave doctor`.
"""

from __future__ import annotations

from dataclasses import dataclass

from dreamweave.app.ground import Ground
from dreamweave.model.keeping import KeptFact

# Under the first, a keeper should look for a larger disk; under the second it is urgent.
ROOM_BYTES_LOW = 500 << 20
ROOM_BYTES_URGENT = 200 << 20
# A clock that is further behind what it wrote itself is not trusted.
CLOCK_MS_MAX = 5 * 60_000


@dataclass(frozen=True, slots=True)
class Standing:
    """How a node stands. Times are milliseconds since 1970; None where nothing is known."""

    version: str
    now_ms: int
    n_facts: int
    n_members: int
    n_guests: int
    n_suspended: int
    n_left: int
    room_bytes: int | None
    newest_fact_ms: int | None
    last_backup_ms: int | None
    warnings: tuple[str, ...] = ()


def standing(
    ground: Ground, *, version: str, last_backup_ms: int | None, warning: str | None
) -> Standing:
    """How the node stands now. `warning` is what `backing_up` has to say."""
    members = ground.road.membership()
    n_facts = ground.store.n_facts()
    newest = _newest(ground, n_facts)
    now_ms, room = ground.now_ms(), ground.store.room_bytes()
    warnings = [
        sentence
        for sentence in (warning, room_warning(room), clock_warning(now_ms, newest))
        if sentence
    ]
    return Standing(
        version=version,
        now_ms=now_ms,
        n_facts=n_facts,
        n_members=sum(not m.guest for m in members.members.values()),
        n_guests=sum(m.guest for m in members.members.values()),
        n_suspended=sum(m.suspended for m in members.members.values()),
        n_left=members.n_left,
        room_bytes=room,
        newest_fact_ms=newest,
        last_backup_ms=last_backup_ms,
        warnings=tuple(warnings),
    )


def room_warning(room_bytes: int | None) -> str | None:
    """What to say of the room that is left on the disk."""
    if room_bytes is None or room_bytes >= ROOM_BYTES_LOW:
        return None
    left = f"{room_bytes >> 20:,} MB"
    if room_bytes >= ROOM_BYTES_URGENT:
        return f"Only {left} are free on the disk that holds what is kept. Make room there."
    return (
        f"Only {left} are free on the disk that holds what is kept: soon nothing new can be kept."
        " Taking back and forgetting will still work. Make room there now."
    )


def clock_warning(now_ms: int, newest_fact_ms: int | None) -> str | None:
    """What to say of a clock that is behind what the node wrote itself."""
    if newest_fact_ms is None or newest_fact_ms <= now_ms + CLOCK_MS_MAX:
        return None
    return (
        "This machine's clock is behind: the newest that was kept is from the future. Lendings end"
        " by the clock, so set it (timedatectl set-ntp true), then start the node again."
    )


def _newest(ground: Ground, n_facts: int) -> int | None:
    last: tuple[KeptFact, ...] = tuple(ground.store.facts(after=max(0, n_facts - 1), limit=1))
    return last[0].at_ms if n_facts and last else None
