"""The record of a draw: what was published before it, what was revealed after, and who was drawn.

Canonical JSON under "dreamweave/draw/1". What is read here is well formed and
fits together; whether it is true is `governance.recounting`'s question. Reading
and writing disks is somebody else's work.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from dreamweave.governance.draws import drawn
from dreamweave.governance.listings import (
    SCHEMA,
    Listing,
    ascending,
    check,
    claims_of_listing,
    fair_chances,
    listing_sha256,
)
from dreamweave.governance.seeds import HEX_32, sealed_nonce, sealed_secret, seed_of
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.refusals import Refusal
from dreamweave.model.wire import plain, record

# A checkpoint has a few lines, and one more for each that cosigns.
CHECKPOINT_CHARS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Nonce:
    """What one applicant revealed."""

    tag: str
    nonce: str


@dataclass(frozen=True, slots=True)
class DrawRecord:
    """A whole draw. `secret` is None where the node kept it back, and then `later_checkpoint` is there.

    `seated` are the tags that were drawn, in the order of the line.
    """

    listing: Listing
    listing_sha256: str
    nonces: tuple[Nonce, ...]
    checkpoint: str
    secret: str | None
    later_checkpoint: str | None
    seed: str
    seated: tuple[str, ...]


def decided(
    listing: Listing,
    *,
    nonces: Mapping[str, str],
    checkpoint: str,
    secret: str | None,
    later_checkpoint: str | None = None,
) -> DrawRecord:
    """Draw, and put everything that shows it into one record.

    Args:
        nonces: Tag to nonce, of those who revealed theirs.
        secret: The node's; None where it was kept back, and then `later_checkpoint` is needed.

    Raises:
        Refusal: a nonce or the secret is not what was sealed, or something does not fit.
    """
    draw, by_tag = listing.draw, {row.tag: row for row in listing.applicants}
    for tag, nonce in nonces.items():
        sealed = by_tag[tag].sealed_nonce if tag in by_tag else ""
        if not HEX_32.fullmatch(nonce) or sealed_nonce(draw, tag, nonce) != sealed:
            raise Refusal(
                "draw.nonce", "That nonce is not the one this application was sealed with."
            )
    if secret is not None and (
        not HEX_32.fullmatch(secret) or sealed_secret(draw, secret) != listing.sealed_secret
    ):
        raise Refusal("draw.secret", "That secret is not the one that was sealed for this draw.")
    sha256 = listing_sha256(listing)
    seed = seed_of(
        draw,
        listing_sha256=sha256,
        nonces=[(row.tag, nonces.get(row.tag, row.sealed_nonce)) for row in listing.applicants],
        checkpoint=checkpoint,
        secret=secret,
        later_checkpoint=later_checkpoint,
    )
    made = DrawRecord(
        listing,
        sha256,
        tuple(Nonce(tag, nonces[tag]) for tag in sorted(nonces)),
        checkpoint,
        secret,
        later_checkpoint,
        seed,
        seated_by(listing, fair_chances(listing), seed),
    )
    check(_claims(made))
    return made


def seated_by(listing: Listing, had: Sequence[Fraction], seed: str) -> tuple[str, ...]:
    """The tags that this seed seats, with these chances."""
    tags = [row.tag for row in listing.applicants]
    place = {stratum.name: i for i, stratum in enumerate(listing.strata)}
    cells = [place.get(row.stratum, len(place)) for row in listing.applicants]
    return tuple(tags[i] for i in drawn(seed, tags, cells, had))


def to_json(made: DrawRecord) -> bytes:
    return canonical({"schema": SCHEMA, **plain(made)})


def from_json(data: bytes, what: str) -> DrawRecord:
    """The record in `data`; `what` names the file in a refusal.

    Raises:
        Refusal: with a code under "draw." or "json.", and a sentence that says where.
    """
    value = parsed(data, what)
    if not isinstance(value, dict) or value.pop("schema", None) != SCHEMA:
        raise Refusal("draw.schema", f"{what} is no record of a draw as {SCHEMA} has it.")
    made = record(DrawRecord, value, what, "draw.shape")
    check(_claims(made))
    return made


# ------------------------------------------------------------------ what holds across fields


def _claims(made: DrawRecord) -> Iterable[tuple[bool, str]]:
    yield from claims_of_listing(made.listing)
    tags = {row.tag for row in made.listing.applicants}
    revealed = [one.tag for one in made.nonces]
    yield (
        ascending(revealed) and tags.issuperset(revealed),
        "nonces belong to applicants, each once, in the order of their tags",
    )
    hexes = [made.listing_sha256, made.seed, *(one.nonce for one in made.nonces)]
    hexes += [made.secret] if made.secret is not None else []
    yield all(map(HEX_32.fullmatch, hexes)), "hashes, nonces and secrets are 64 hex digits"
    yield (
        (made.secret is None) != (made.later_checkpoint is None),
        "it has the node's secret or, in its place, a later checkpoint",
    )
    for text in (made.checkpoint, made.later_checkpoint):
        yield (
            text is None or 0 < len(text) <= CHECKPOINT_CHARS_MAX,
            f"a checkpoint's text has 1 to {CHECKPOINT_CHARS_MAX:,} characters",
        )
    yield (
        len(set(made.seated)) == len(made.seated) and tags.issuperset(made.seated),
        "seats go to applicants, one each",
    )
