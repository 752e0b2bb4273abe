"""The keeper's door: how the node stands. Counts, room, versions and warnings; no names, no words."""

from __future__ import annotations

from fastapi import APIRouter, Request

from dreamweave.web.asking import house_of
from dreamweave.web.declaring import door
from dreamweave.web.shapes import Told, Whole, refused

router = APIRouter(tags=["node"])


class StandingTold(Told):
    """How a node stands. Times are milliseconds since 1970; null where nothing is known."""

    version: str
    now_ms: Whole
    n_facts: Whole
    n_members: Whole
    n_guests: Whole
    n_suspended: Whole
    n_left: Whole
    n_streams: Whole
    room_bytes: Whole | None
    newest_fact_ms: Whole | None
    last_backup_ms: Whole | None
    warnings: list[str]


@door(router, "GET", "/api/keeper", scope="keeper", responses=refused(403))
def keeper(request: Request) -> StandingTold:
    """How this node stands, and what its keeper should see to."""
    standing = house_of(request).standing()
    return StandingTold(
        version=standing.version,
        now_ms=standing.now_ms,
        n_facts=standing.n_facts,
        n_members=standing.n_members,
        n_guests=standing.n_guests,
        n_suspended=standing.n_suspended,
        n_left=standing.n_left,
        n_streams=request.app.state.streams.n,
        room_bytes=standing.room_bytes,
        newest_fact_ms=standing.newest_fact_ms,
        last_backup_ms=standing.last_backup_ms,
        warnings=list(standing.warnings),
    )
