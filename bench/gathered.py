"""A gathering with people in it, made straight through the application: for benches that need one.

Everybody is a guest who came in with the short code, as they would; the host is
the node's keeper. Their tokens are what a client shows.
"""

from __future__ import annotations

from dreamweave.app import circles, gatherings
from dreamweave.app.coming_in import join
from dreamweave.app.gatherings import About
from dreamweave.app.setup import setup_code
from dreamweave.house import House


def people_in(house: House, n: int) -> tuple[str, str, list[str]]:
    """A gathering that has begun, its host's token, and those of `n` guests in it."""
    people, ground = house.people, house.ground
    came = join(
        people, name="Keeper", passphrase="seven stairs down into the sea", code=setup_code(ground)
    )
    host = people.sessions.actor_of_token(came.token)
    assert host is not None
    circle = circles.make(ground, host, "A bench")
    about = About("A gathering for measuring")
    g = gatherings.make(
        ground, host, circle, about, entry="open", n_expected=min(n, 10_000) or 1,
        begins_ms=ground.now_ms(),
    )  # fmt: skip
    gatherings.begin_phase(ground, host, g, "telling")
    code = gatherings.code_of(ground, host, g)
    tokens = []
    for _ in range(n):
        guest, _ = gatherings.enter_as_guest(people, code, listening=True, agreed=True)
        tokens.append(guest.token)
    return g, came.token, tokens
