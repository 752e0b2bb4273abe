"""A passkey device made of paper: real signatures, no hardware, and it lies when told to.

Answers the options of `app.passkeys` as a browser would (WebAuthn level 3
JSON). The real thing, in Chromium, is in tests/web/test_people_passkeys.py.
"""

from __future__ import annotations

import hashlib
import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

UP, UV, AT = 0x01, 0x04, 0x40


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def raw(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


class PaperAuthenticator:
    """One device with one passkey on it, once `make` was asked for."""

    def __init__(self, origin: str = "http://localhost:8282", rp_id: str = "localhost") -> None:
        self.origin, self.rp_id = origin, rp_id
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = os.urandom(32)
        self.user = b""
        self.n_used = 0
        self.flags = UP | UV

    def make(self, options: dict) -> dict:
        """What `navigator.credentials.create` answers."""
        self.user = raw(options["user"]["id"])
        numbers = self.key.public_key().public_numbers()
        cose = cbor2.dumps(
            {
                1: 2,
                3: -7,
                -1: 1,
                -2: numbers.x.to_bytes(32, "big"),
                -3: numbers.y.to_bytes(32, "big"),
            }
        )
        attested = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = self._data(AT) + attested
        client = self._client("webauthn.create", options["challenge"])
        made = {"fmt": "none", "attStmt": {}, "authData": data}
        return self._answer(
            {"clientDataJSON": b64(client), "attestationObject": b64(cbor2.dumps(made))}
        )

    def answer(self, options: dict) -> dict:
        """What `navigator.credentials.get` answers."""
        self.n_used += 1
        data = self._data(0)
        client = self._client("webauthn.get", options["challenge"])
        signed = self.key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": b64(client),
                "authenticatorData": b64(data),
                "signature": b64(signed),
                "userHandle": b64(self.user),
            }
        )

    def _data(self, more: int) -> bytes:
        head = hashlib.sha256(self.rp_id.encode()).digest()
        return head + bytes([self.flags | more]) + self.n_used.to_bytes(4, "big")

    def _client(self, what: str, challenge: str) -> bytes:
        said = {"type": what, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(said).encode()

    def _answer(self, response: dict) -> dict:
        return {
            "id": b64(self.id),
            "rawId": b64(self.id),
            "type": "public-key",
            "response": response,
            "clientExtensionResults": {},
        }
