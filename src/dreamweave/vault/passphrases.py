"""Passphrases: a root key that lies nowhere, made anew from what somebody types.

Argon2id with a salt of its own; how it was asked to work is written beside the
salt, so that the figures may grow. The passphrase itself is never kept.
"""

from __future__ import annotations

import unicodedata
from typing import Any, cast

from argon2.low_level import Type, hash_secret_raw

from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.refusals import Refusal
from dreamweave.vault.boxes import KEY_BYTES

# RFC 9106's second recommendation: for machines that have no 2 GiB to spare.
MEMORY_KIB = 64 * 1024
PASSES = 3
LANES = 4
SALT_BYTES = 16
CHARS_MIN = 12


def new_recipe(salt: bytes) -> bytes:
    """What has to be written down beside the passphrase: salt and figures, nothing secret."""
    return canonical(
        {
            "kind": "argon2id",
            "lanes": LANES,
            "memory_kib": MEMORY_KIB,
            "passes": PASSES,
            "salt": salt.hex(),
        }
    )


def check_passphrase(passphrase: str) -> None:
    """Refuse one that could be guessed by trying."""
    if len(passphrase.strip()) < CHARS_MIN:
        raise Refusal(
            "keys.passphrase.short",
            f"A passphrase for the keys has {CHARS_MIN} characters or more. Four or five words"
            " that do not belong together are good.",
        )


def root_of(passphrase: str, recipe: bytes) -> bytes:
    """The root key that `passphrase` makes. The same letters typed on another keyboard give it too."""
    said = cast(dict[str, Any], parsed(recipe, "the passphrase's recipe"))
    try:
        salt = bytes.fromhex(said["salt"])
        memory, passes, lanes = said["memory_kib"], said["passes"], said["lanes"]
        # A recipe that asks for less than ours was not written by us.
        sound = (
            said["kind"] == "argon2id"
            and len(salt) >= SALT_BYTES
            and MEMORY_KIB <= memory <= 1 << 22
            and PASSES <= passes <= 100
            and LANES <= lanes <= 64
        )
    except (KeyError, TypeError, ValueError):
        sound = False
    if not sound:
        raise Refusal(
            "keys.recipe",
            "The recipe of the passphrase in the keys folder is damaged. Put back the file"
            " passphrase.json from where you keep a copy of the keys folder.",
        )
    return hash_secret_raw(
        secret=unicodedata.normalize("NFC", passphrase).encode("utf-8"),
        salt=salt,
        time_cost=passes,
        memory_cost=memory,
        parallelism=lanes,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )
