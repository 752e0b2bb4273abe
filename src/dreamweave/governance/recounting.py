"""Recounting: draw a recorded lottery again, and say of every part whether it agrees.

Everything is reckoned afresh from what was published before the draw; nothing
that the record says of its own outcome is believed. Whether the checkpoint was
cosigned, the list is the one that was published and every nonce that was
revealed is there, no record can show by itself: for that there are the ledger,
the list's hash, and whoever looks for their own nonce.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import zip_longest

from dreamweave.governance.listings import fair_chances, listing_sha256
from dreamweave.governance.records import DrawRecord, seated_by
from dreamweave.governance.seeds import sealed_nonce, sealed_secret, seed_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was reckoned again: what, whether it agrees, and a sentence."""

    what: str
    agrees: bool
    sentence: str


def recount(made: DrawRecord, published_sha256: str | None = None) -> Iterator[Finding]:
    """Everything about a draw that can be reckoned again, in the order in which it happened.

    Args:
        published_sha256: The hash of the list as it was published before the
            draw, if the asker has it from elsewhere.

    Yields:
        "published" (only where asked), "list", "chances", "secret", "nonces",
        "seed", then "seat" for every seat.

    Cost: a draw anew, and a hash for each applicant; 5,000 of 100,000 took 1.7 s
        (bench/seats.py, with the date).
    """
    listing = made.listing
    sha256 = listing_sha256(listing)
    if published_sha256 is not None:
        yield _finding("published", sha256 == published_sha256, "This is the list of that hash")
    yield _finding("list", sha256 == made.listing_sha256, "The list has the hash that is recorded")
    had = fair_chances(listing)
    wrong = [
        row.tag
        for row, chance in zip(listing.applicants, had, strict=True)
        if str(chance) != row.chance
    ]
    yield _counted(
        "chances", wrong, len(had), "chances are as their weights and the strata give them"
    )
    if made.secret is None:
        said = "The node kept its secret back, and a later checkpoint stands in its place"
        yield Finding("secret", True, f"{said}.")
    else:
        opened = sealed_secret(listing.draw, made.secret) == listing.sealed_secret
        yield _finding("secret", opened, "The secret is the one that was sealed beforehand")
    sealed = {row.tag: row.sealed_nonce for row in listing.applicants}
    false = [
        one.tag
        for one in made.nonces
        if sealed_nonce(listing.draw, one.tag, one.nonce) != sealed[one.tag]
    ]
    yield _counted("nonces", false, len(made.nonces), "nonces are those that were sealed")
    nonces = sealed | {one.tag: one.nonce for one in made.nonces}
    seed = seed_of(
        listing.draw,
        listing_sha256=sha256,
        nonces=list(nonces.items()),
        checkpoint=made.checkpoint,
        secret=made.secret,
        later_checkpoint=made.later_checkpoint,
    )
    yield _finding("seed", seed == made.seed, "The seed is the hash of all of that")
    by_tag = dict(zip(sealed, had, strict=True))
    again = seated_by(listing, had, seed)
    for i, (ours, theirs) in enumerate(zip_longest(again, made.seated), start=1):
        if ours == theirs:
            sentence = f"seat {i}: {ours}, whose chance was {percent(by_tag[ours])}."
        else:
            sentence = f"seat {i}: recorded for {theirs or 'nobody'}, drawn for {ours or 'nobody'}."
        yield Finding("seat", ours == theirs, sentence)


def percent(chance: Fraction) -> str:
    """A chance as people say it: "34 %". Never a rounded 0 or 100, which would be another claim."""
    if chance == 1:
        return "100 %"
    whole = (200 * chance.numerator + chance.denominator) // (2 * chance.denominator)
    return "under 1 %" if whole < 1 else "over 99 %" if whole > 99 else f"{whole} %"


def _finding(what: str, agrees: bool, claim: str) -> Finding:
    return Finding(
        what, agrees, f"{claim}." if agrees else f"Not so: {claim[0].lower()}{claim[1:]}."
    )


def _counted(what: str, wrong: list[str], n: int, claim: str) -> Finding:
    if not wrong:
        return Finding(what, True, f"All {n:,} {claim}.")
    named = ", ".join(wrong[:3]) + (", ..." if len(wrong) > 3 else "")
    return Finding(what, False, f"{len(wrong):,} of {n:,} are not so ({named}): {claim}.")
