"""Seats kept open: how many invitations wait for somebody. A number, and nothing else."""

from __future__ import annotations

from starlette.requests import Request

from dreamweave.app.invitations import INVITING
from dreamweave.app.passes import passes_of
from dreamweave.web.asking import ground_of

# Counting looks at every pass of the node, and the first page is anybody's: so not each time.
COUNT_EVERY_MS = 5 * 60_000
_STATE = "dreamweave_seats"


def n_seats_open(request: Request) -> int:
    """How many seats are kept for people who are not here yet: one for each open invitation."""
    ground, state = ground_of(request), request.app.state
    now_ms = ground.now_ms()
    at_ms, n = getattr(state, _STATE, (-COUNT_EVERY_MS, 0))
    if not 0 <= now_ms - at_ms < COUNT_EVERY_MS:
        n = sum(1 for one in passes_of(ground, None, *INVITING) if one.holds_at(now_ms))
        setattr(state, _STATE, (now_ms, n))
    return int(n)
