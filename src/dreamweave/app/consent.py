"""Consent receipts: what was agreed to, when, and the proof that this node agreed to it.

Fields after ISO/IEC TS 27560 (record, subject, processing, parties, notice,
event). A receipt holds no words, only a salted commitment to them, and the
node's Ed25519 signature over the rest. Checking needs the node's public key
and nothing else. Sealing and keeping receipts is `lending`'s.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from typing import Any, cast

from dreamweave.app.ground import Ground
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import Lent, Why
from dreamweave.model.refusals import Refusal

SCHEMA = "dreamweave/consent-receipt/1"

# What each audience is for, in the words of the standard's "purpose".
PURPOSES = {
    "circle": "shown to the members of this Circle and woven with their words",
    "gathering": "shown to those who are at this gathering and woven with their words",
    "tapestry": "shown to everybody on this node in the published tapestry of this gathering",
    "commons": "shown to everybody on this node and woven with their words",
    "research": "read and counted by this node's stewards for research",
    "echo": "shown to somebody who had nothing, to answer",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A signed receipt; `said` is what is signed, as canonical JSON values."""

    said: dict[str, Any]
    signature: bytes

    def to_bytes(self) -> bytes:
        sealed = base64.b64encode(self.signature).decode()
        return canonical({**self.said, "signature": sealed})

    @staticmethod
    def from_bytes(data: bytes) -> Receipt:
        said = cast(dict[str, Any], parsed(data, "this receipt"))
        signature = base64.b64decode(said.pop("signature", ""), validate=True)
        return Receipt(said, signature)

    @staticmethod
    def brought(data: bytes) -> Receipt:
        """A receipt that somebody brings to be checked; refuses what is none."""
        try:
            found = Receipt.from_bytes(data)
        except (ValueError, TypeError, AttributeError):
            raise Refusal("receipt.shape", "This is not a receipt of lending.") from None
        if found.said.get("schema") != SCHEMA:
            raise Refusal("receipt.shape", "This is not a receipt of lending that we can read.")
        return found


def holds(ground: Ground, receipt: Receipt) -> bool:
    """Whether this node signed it, and nothing in it was changed since.

    Ed25519 signs the same bytes the same way, so to sign again is to check.
    """
    return hmac.compare_digest(ground.vault.sign(canonical(receipt.said)), receipt.signature)


def given(ground: Ground, dreamer: str, lent: Lent, now_ms: int) -> Receipt:
    """The receipt of a lending."""
    return _signed(ground, dreamer, lent, now_ms, {"event": "given"})


def withdrawn(ground: Ground, dreamer: str, lent: Lent, now_ms: int, why: Why) -> Receipt:
    """The receipt of taking back: what held before, and that it holds no more."""
    return _signed(ground, dreamer, lent, now_ms, {"event": "withdrawn", "why": why})


def _signed(
    ground: Ground, dreamer: str, lent: Lent, now_ms: int, event: dict[str, str]
) -> Receipt:
    kind = lent.audience.partition("/")[0]
    # The subject is named by something that this receipt alone knows: two receipts
    # of one person, side by side, do not tell that they are one person's.
    subject = ground.vault.mac("receipt/subject", f"{dreamer}/{lent.lending}".encode()).hex()[:32]
    said = {
        "schema": SCHEMA,
        "record": {"id": lent.lending, "issued_at_ms": now_ms},
        "subject": {"pseudonym": subject},
        "processing": {
            "purpose": PURPOSES[kind],
            "audience": lent.audience,
            "attribution": lent.naming,
            "tag": lent.tag,
            "commitment": lent.commitment,
            "until_ms": lent.until_ms,
            "processors": [],
            "training": False,
            "sale": False,
        },
        "parties": {"controller_key": base64.b64encode(ground.vault.public_key()).decode()},
        "notice": {"terms": "dreamweave/terms/1", "lawful_basis": "explicit consent"},
        "event": event,
    }
    return Receipt(said, ground.vault.sign(canonical(said)))
