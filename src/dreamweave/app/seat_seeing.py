"""A lottery for places as somebody sees it: where it stands, their own chance, and its picture.

Reads only. The picture is the line in which everybody stands, as wide as their
chance is, with the marks one place apart; after the draw it is the very line
that was drawn from. Millionths are for drawing; the chance itself is exact.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from dreamweave.app.actors import Actor
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.seat_draws import OwnApplication, draw_of
from dreamweave.app.seat_rows import listing_of, record_of
from dreamweave.deciding.seat_decisions import SEEN_MS
from dreamweave.deciding.seat_draws import SeatDraw
from dreamweave.governance.draws import below, grain, lined_up
from dreamweave.governance.listings import Listing
from dreamweave.governance.records import DrawRecord
from dreamweave.governance.recounting import percent

Standing = Literal["none", "open", "closing", "listed", "drawn"]

# More than a screen can tell apart.
N_STRETCHES_MAX = 400
WHOLE = 1_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """One applicant's part of the line, in millionths of it."""

    start: int
    width: int
    is_mine: bool
    is_seated: bool


@dataclass(frozen=True, slots=True)
class DrawSeen:
    """A draw as one person sees it. `chance` is exact ("17/50"), `chance_said` how people say it.

    `is_seated` is None before the draw. `marks` are where places fell along the line.
    """

    standing: Standing
    is_host: bool
    draw: str = ""
    n_places: int = 0
    n_applied: int = 0
    closes_ms: int = 0
    may_draw_ms: int = 0
    sealed_secret: str = ""
    listing_sha256: str = ""
    own: OwnApplication | None = None
    chance: str = ""
    chance_said: str = ""
    is_seated: bool | None = None
    n_seated: int = 0
    stretches: tuple[Stretch, ...] = ()
    marks: tuple[int, ...] = ()


def draw_seen(ground: Ground, who: Actor, g: str) -> DrawSeen:
    """The draw of a gathering, for whoever may come or did apply."""
    held, own = draw_of(ground, who, g)
    made = state_of(ground, g).made
    assert made is not None
    is_host = made.host == who.dreamer
    if held is None:
        return DrawSeen("none", is_host)
    listing, record = listing_of(ground, g), record_of(ground, g)
    tag = own.tag if own is not None else ""
    chance = (
        next((row.chance for row in listing.applicants if row.tag == tag), "") if listing else ""
    )
    stretches, marks = _picture(listing, record, tag) if listing else ((), ())
    return DrawSeen(
        _standing(held, ground.now_ms()),
        is_host,
        held.draw,
        held.n_places,
        len(listing.applicants) if listing else len(held.applied),
        held.closes_ms,
        held.listed_ms + SEEN_MS if held.listed_ms else 0,
        held.sealed_secret,
        held.listing_sha256,
        own,
        chance,
        percent(Fraction(chance)) if chance else "",
        None if held.drawn is None else who.dreamer in held.drawn,
        len(held.drawn or ()),
        stretches,
        marks,
    )


def _standing(held: SeatDraw, now_ms: int) -> Standing:
    if held.drawn is not None:
        return "drawn"
    if held.listing_sha256:
        return "listed"
    return "open" if now_ms < held.closes_ms else "closing"


def _picture(
    listing: Listing, record: DrawRecord | None, tag: str
) -> tuple[tuple[Stretch, ...], tuple[int, ...]]:
    rows = listing.applicants
    if len(rows) > N_STRETCHES_MAX:
        return (), ()
    chances = [Fraction(row.chance) for row in rows]
    whole, seated = sum(chances, Fraction(0)), set(record.seated) if record else set()
    order = list(range(len(rows)))
    marks: tuple[int, ...] = ()
    if record is not None:
        place = {stratum.name: i for i, stratum in enumerate(listing.strata)}
        cells = [place.get(row.stratum, len(place)) for row in rows]
        order = lined_up(record.seed, [row.tag for row in rows], cells)
        parts = grain(chances)
        first = Fraction(below(record.seed, "start", parts), parts)
        marks = tuple(_millionths((first + k) / whole) for k in range(int(whole)))
    found, at = [], Fraction(0)
    for i in order:
        start, end = _millionths(at / whole), _millionths((at + chances[i]) / whole)
        found.append(Stretch(start, end - start, rows[i].tag == tag, rows[i].tag in seated))
        at += chances[i]
    return tuple(found), marks


def _millionths(part: Fraction) -> int:
    return WHOLE * part.numerator // part.denominator
