"""Seats kept open: how many invitations wait for somebody. A number, and nothing else."""

from __future__ import annotations

from starlette.requests import Request


def n_seats_open(request: Request) -> int:
    """How many seats are kept for people who are not here yet."""
    return 0
