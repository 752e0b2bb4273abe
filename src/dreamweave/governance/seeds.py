"""Seeds: chance for a draw that nobody could choose, neither whoever moves first nor last.

In this order:

1. The node seals a secret: it publishes a commitment before anybody applies.
2. Whoever applies seals a nonce of their own in the same way.
3. The list closes, with everybody's chance, and its hash is published.
4. Nonces are revealed. One that is not counts as its commitment: a phone that
   was switched off loses nobody their chance.
5. A checkpoint of the ledger, with the list's hash and the nonces in it, is
   cosigned.
6. The node reveals its secret, and the seed is the hash of all of it.

Whoever reveals or keeps back a nonce does so before there is a checkpoint, who
cosigns does not know the secret, and the node knew no nonce when it sealed its
secret and no signature when it took the nonces. What is left, said plainly:

* The node can keep its secret back. Then the next checkpoint takes its place,
  once, and the record shows it for good; so it can trade one result that it saw
  for one that nobody saw.
* A node that nobody cosigns writes its checkpoints alone, and could try many.
  So could one together with all of its cosigners.

This file draws nothing and checks no signature (the ledger does).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from dreamweave.model.canonical import canonical, sha256_hex

# A secret and a nonce are 32 random bytes, written as hex; so is every commitment and hash.
HEX_32 = re.compile(r"[0-9a-f]{64}")

_SCHEME = "dreamweave/draw/1"


def sealed_secret(draw: str, secret: str) -> str:
    """The commitment to the node's secret for this draw and no other."""
    return _hash("secret", draw, _hex(secret))


def sealed_nonce(draw: str, tag: str, nonce: str) -> str:
    """The commitment to an applicant's nonce. It names their tag, so that nobody can copy it."""
    return _hash("nonce", draw, tag, _hex(nonce))


def seed_of(
    draw: str,
    *,
    listing_sha256: str,
    nonces: Sequence[tuple[str, str]],
    checkpoint: str,
    secret: str | None,
    later_checkpoint: str | None = None,
) -> str:
    """The seed of a draw.

    Args:
        draw: Which draw this is.
        listing_sha256: The hash of the list that was published (it holds the
            commitment to the secret).
        nonces: (tag, nonce or, where it was not revealed, commitment) of every applicant.
        checkpoint: The text of the signed checkpoint after the nonces.
        secret: What the node revealed; None where it did not in time.
        later_checkpoint: The text of the next checkpoint, in place of the secret.

    Raises:
        ValueError: both or neither of `secret` and `later_checkpoint`.
    """
    if (secret is None) == (later_checkpoint is None):
        raise ValueError("a seed is made of a secret or, in its place, of a later checkpoint")
    last = ["secret", _hex(secret)] if secret is not None else ["later", later_checkpoint]
    return _hash("seed", draw, listing_sha256, sorted(map(list, nonces)), checkpoint, last)


def _hash(*parts: object) -> str:
    # Canonical JSON sets the parts apart, whatever characters they hold.
    return sha256_hex(canonical([_SCHEME, *parts]))


def _hex(text: str) -> str:
    # The message holds the length alone: what came may be a secret.
    if not HEX_32.fullmatch(text):
        raise ValueError(f"32 bytes in lower-case hex were wanted, got {len(text)} characters")
    return text
