"""What a lottery for places keeps: where it lies, the list that is made of it, and its record.

Applications lie under the keys of those who applied and go with them; the
secret, the list and the record lie under the gathering's. The list holds tags
and no ids. Who may do what is `seat_draws`'.

    draw/{g}/secret, /list, /record      what the node is bound by, what it published
    applied/{g}/{dreamer}                somebody's tag, stratum, nonce and commitment
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from dreamweave.app.actors import owner_of
from dreamweave.app.gathering_rows import opened
from dreamweave.app.ground import Ground
from dreamweave.app.paging import facts_of
from dreamweave.deciding.gatherings import Gathering
from dreamweave.deciding.seat_draws import SeatDraw
from dreamweave.governance import listings, records
from dreamweave.governance.credit import Application, past_of
from dreamweave.governance.seats import NEVER_SEATED, STRATA_DEFAULT, Past, stratum_of
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import CircleJoined, CircleMade, circle_stream, of_kept
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.seat_facts import SeatsDrawn
from dreamweave.model.wire import plain, record

DAY_MS = 86_400_000


def secret_place(g: str) -> str:
    return f"draw/{g}/secret"


def list_place(g: str) -> str:
    return f"draw/{g}/list"


def record_place(g: str) -> str:
    return f"draw/{g}/record"


def applied_place(g: str, dreamer: str) -> str:
    return f"applied/{g}/{dreamer}"


# ------------------------------------------------------------------ looking


def listing_of(ground: Ground, g: str) -> listings.Listing | None:
    """The list that was published, if there is one."""
    body = body_at(ground, g, list_place(g))
    return listing_in(body) if body else None


def record_of(ground: Ground, g: str) -> records.DrawRecord | None:
    """The record of the draw, if it was made."""
    body = body_at(ground, g, record_place(g))
    return records.from_json(body, "the record of a draw") if body else None


def chance_of(listing: listings.Listing, tag: str) -> Fraction | None:
    """The chance that stands in the list for a tag."""
    return next((Fraction(row.chance) for row in listing.applicants if row.tag == tag), None)


def checkpoint_of(held: SeatDraw) -> str:
    """What stands in for a signed checkpoint until there is a ledger: no more than anybody saw."""
    return (
        f"dreamweave/draw/{held.draw}\nlist {held.listing_sha256}\nday {held.listed_ms // DAY_MS}\n"
    )


def applied(ground: Ground, g: str, dreamer: str) -> dict[str, Any]:
    place = applied_place(g, dreamer)
    return opened(ground, owner_of(dreamer), place, "an application")


def applications(ground: Ground, g: str, held: SeatDraw) -> Iterable[tuple[str, dict[str, Any]]]:
    """Dreamer and application, of those who are still on the node."""
    for dreamer in held.applied:
        said = applied(ground, g, dreamer)
        if said:
            yield dreamer, said


def body_at(ground: Ground, g: str, place: str) -> bytes:
    row = ground.store.row("words", place)
    if row is None or row.owner != gathering_stream(g):
        return b""
    return ground.vault.open(row) or b""


# ------------------------------------------------------------------ the list


def list_made(ground: Ground, state: Gathering, held: SeatDraw, now_ms: int) -> bytes:
    """The list as it is published; empty where nobody is on it."""
    assert state.made is not None
    said = dict(applications(ground, state.made.gathering, held))
    if not said:
        return b""
    pasts = _pasts(ground, state.made.circle, said, now_ms // DAY_MS)
    rows = []
    for dreamer, one in said.items():
        past = pasts[dreamer]
        fits = {one["stratum"], NEVER_SEATED if past.newcomer else ""} - {""}
        rows.append((one["tag"], stratum_of(fits, STRATA_DEFAULT), past, one["sealed"]))
    listing = listings.listed(
        held.draw,
        n_places=held.n_places,
        strata=STRATA_DEFAULT,
        sealed_secret=held.sealed_secret,
        applications=rows,
    )
    return canonical({"schema": listings.SCHEMA, **plain(listing)})


def _pasts(ground: Ground, circle: str, people: Iterable[str], today: int) -> dict[str, Past]:
    """What the draws of a Circle so far count for these people.

    Cost: reads all facts of the Circle, once for each list.
    """
    joined = dict.fromkeys(people, today)  # whoever is not in the Circle is as new as can be
    history: dict[str, list[Application]] = {one: [] for one in joined}
    for kept in facts_of(ground.store, circle_stream(circle)):
        fact = of_kept(kept)
        if isinstance(fact, CircleJoined | CircleMade):
            who = fact.dreamer if isinstance(fact, CircleJoined) else fact.host
            if who in joined:
                joined[who] = min(joined[who], kept.at_ms // DAY_MS)
        elif isinstance(fact, SeatsDrawn):
            day = min(fact.day, today)
            for who in history.keys() & set(fact.seated):
                history[who].append(Application(day, "seated", True))
            for who in history.keys() & set(fact.waiting):
                history[who].append(Application(day, "lost", True))
    return {one: past_of(history[one], joined_day=joined[one], today=today) for one in history}


def listing_in(body: bytes) -> listings.Listing:
    value = parsed(body, "a list")
    assert isinstance(value, dict)
    value.pop("schema", None)
    return record(listings.Listing, value, "a list", "draw.shape")
