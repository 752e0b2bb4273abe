"""The list of a draw: what is published before it, with everybody's chance.

Nobody's name is in it: a tag is random, made for this one draw, and known to
whom it stands for. Who was drawn, and from which seed, is `governance.records`'.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from dreamweave.governance.seats import (
    COUNT_MAX,
    NEVER_SEATED,
    RESERVED_THOUSANDTHS_MAX,
    Past,
    Stratum,
    chances,
)
from dreamweave.governance.seeds import HEX_32
from dreamweave.model.canonical import canonical, sha256_hex
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import plain

SCHEMA = "dreamweave/draw/1"

PLACES_MAX = 1_000_000
STRATA_MAX = 8

_TAG = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass(frozen=True, slots=True)
class Applicant:
    """One applicant as the list has them. `sealed_nonce` is the commitment they applied with."""

    tag: str
    stratum: str
    losses: int
    seats_held: int
    newcomer: bool
    sealed_nonce: str
    chance: str


@dataclass(frozen=True, slots=True)
class Listing:
    """What is published before the draw. Applicants stand in the order of their tags."""

    draw: str
    n_places: int
    strata: tuple[Stratum, ...]
    sealed_secret: str
    applicants: tuple[Applicant, ...]


def listed(
    draw: str,
    *,
    n_places: int,
    strata: Sequence[Stratum],
    sealed_secret: str,
    applications: Iterable[tuple[str, str, Past, str]],
) -> Listing:
    """The list of a draw with everybody's chance.

    Args:
        applications: (tag, stratum, past, sealed nonce) of every applicant, in any order.

    Raises:
        Refusal: a tag twice, no applicant, or whatever else no list can have.
    """
    bare = Listing(
        draw,
        n_places,
        tuple(strata),
        sealed_secret,
        tuple(
            Applicant(
                tag,
                stratum,
                past.losses,
                past.seats_held,
                past.newcomer,
                sealed,
                chance="",
            )
            for tag, stratum, past, sealed in sorted(applications, key=lambda row: row[0])
        ),
    )
    check(claims_of_listing(bare))
    rows = zip(bare.applicants, fair_chances(bare), strict=True)
    return replace(bare, applicants=tuple(replace(row, chance=str(chance)) for row, chance in rows))


def fair_chances(listing: Listing) -> tuple[Fraction, ...]:
    """Everybody's chance, as their past and the charter's strata give it, whatever is recorded."""
    return chances(
        [Past(row.losses, row.seats_held, row.newcomer) for row in listing.applicants],
        [row.stratum for row in listing.applicants],
        listing.n_places,
        listing.strata,
    )


def listing_sha256(listing: Listing) -> str:
    """The hash that goes into the ledger before the draw."""
    return sha256_hex(canonical({"schema": SCHEMA, **plain(listing)}))


def check(claims: Iterable[tuple[bool, str]]) -> None:
    """Refuse what does not hold; each claim has the sentence that says what would."""
    for holds, sentence in claims:
        if not holds:
            raise Refusal("draw.fits", f"This draw does not fit together: {sentence}.")


def claims_of_listing(listing: Listing) -> Iterable[tuple[bool, str]]:
    """What holds of every list, chances left out: each with whether it does."""
    rows, names = listing.applicants, [stratum.name for stratum in listing.strata]
    yield bool(_TAG.fullmatch(listing.draw)), "a draw is called by 1 to 64 letters and digits"
    yield 1 <= listing.n_places <= PLACES_MAX, f"there are 1 to {PLACES_MAX:,} places"
    yield bool(rows), "nobody applied"
    shares = [stratum.share_thousandths for stratum in listing.strata]
    yield (
        (
            len(names) <= STRATA_MAX
            and len(names) == len(set(names))
            and all(map(_TAG.fullmatch, names))
            and min(shares, default=0) >= 0
            and sum(shares) <= RESERVED_THOUSANDTHS_MAX
        ),
        f"at most {STRATA_MAX} strata have names of their own, and half of the places at most",
    )
    yield all(_TAG.fullmatch(row.tag) for row in rows), "a tag has 1 to 64 letters and digits"
    yield ascending([row.tag for row in rows]), "applicants stand in the order of their tags"
    known = {"", *names}
    yield all(row.stratum in known for row in rows), "an applicant stands in a known stratum"
    # A newcomer may stand in a stratum before the one for newcomers, and in none after it.
    before = set(names[: names.index(NEVER_SEATED)]) if NEVER_SEATED in names else known
    yield (
        all(
            row.newcomer
            if row.stratum == NEVER_SEATED
            else not row.newcomer or row.stratum in before
            for row in rows
        ),
        "those who never had a seat stand in the stratum for them, and nobody else does",
    )
    yield (
        all(
            row.losses <= COUNT_MAX
            and row.seats_held <= COUNT_MAX
            and not (row.newcomer and row.seats_held)
            for row in rows
        ),
        f"losses and seats are at most {COUNT_MAX:,}, and a newcomer had no seat",
    )
    sealed = [listing.sealed_secret, *(row.sealed_nonce for row in rows)]
    yield all(map(HEX_32.fullmatch, sealed)), "commitments are 64 hex digits"


def ascending(tags: Sequence[str]) -> bool:
    return all(a < b for a, b in pairwise(tags))
