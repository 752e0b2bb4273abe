"""Leaves: how every row of a certificate is salted and hashed, up to the one root.

A salt keeps a closed leaf from being guessed; public leaves need none. This
file decides no question of fairness and reads no file.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256

from dreamweave.model.canonical import canonical
from dreamweave.model.merkle import leaf_hash, tree_root
from dreamweave.model.proofs import SECTIONS, FragmentRow, Full, Lending, Public, Section, TellerRow
from dreamweave.model.relations import Relation, little_endian
from dreamweave.model.wire import plain

# Candidates a leaf of the relation: few enough that an arbiter can open some, many
# enough that fifty thousand of them make fifty leaves.
CANDIDATES_A_LEAF = 1024

SALT_BYTES = 16


def derived_secret(secret: bytes) -> bytes:
    """What makes the salts. One step away from the secret that makes people's keys."""
    if len(secret) < 16:
        raise ValueError(f"a secret is 16 bytes or more, got {len(secret)}")
    return hmac.digest(secret, b"dreamweave/certificate/1/salts", sha256)


def salt_of(salts: bytes, name: str) -> bytes:
    return hmac.digest(salts, b"salt\x00" + name.encode(), sha256)[:SALT_BYTES]


def absent_mark(salts: bytes, what: str) -> str:
    """What is kept of an id that was taken back: nothing that can be read or compared."""
    return hmac.digest(salts, b"absent\x00" + what.encode(), sha256).hex()


def lending_mark(salt: bytes, lending: Lending) -> bytes:
    """The salted commitment to a lending record."""
    return sha256(b"\x02" + salt + canonical(plain(lending))).digest()


def fragment_leaf(salts: bytes, i: int, row: FragmentRow, text_hash: bytes, lent: Lending) -> bytes:
    mark = lending_mark(salt_of(salts, f"lending/{i}"), lent)
    said = {"i": i, **plain(row), "text_sha256": text_hash.hex(), "lending": mark.hex()}
    return salt_of(salts, f"fragments/{i}") + canonical(said)


def teller_leaf(salts: bytes, row: TellerRow) -> bytes:
    return salt_of(salts, f"tellers/{row.tag}") + canonical(plain(row))


def leaves_of(full: Full, relation: Relation) -> dict[str, list[bytes]]:
    """The leaf hashes of every section. Tellers stand in the order of their hashes, which tells nothing."""
    salts = bytes.fromhex(full.secret)
    hashes = full.text_sha256
    absent = salt_of(salts, "absent") + canonical(list(full.absent))
    return {
        **public_leaves(full),
        "fragments": [
            leaf_hash(
                fragment_leaf(
                    salts, i, row, hashes[32 * i : 32 * i + 32], full.lendings[row.thread_i]
                )
            )
            for i, row in enumerate(full.fragments)
        ],
        "tellers": sorted(leaf_hash(teller_leaf(salts, row)) for row in full.tellers),
        "relation": [leaf_hash(leaf) for leaf in _relation_leaves(salts, relation)],
        "absent": [leaf_hash(absent)],
    }


def public_leaves(held: Full | Public) -> dict[str, list[bytes]]:
    """The leaf hashes that either certificate can make. Public leaves need no salt."""
    return {
        "header": [leaf_hash(canonical(plain(held.header)))],
        **{
            name: [leaf_hash(canonical({"i": i, **plain(row)})) for i, row in enumerate(rows)]
            for name, rows in (
                ("lines", held.lines),
                ("chorus", held.chorus),
                ("closest", held.closest),
            )
        },
    }


def closed(leaves: Mapping[str, Sequence[bytes]]) -> tuple[Section, ...]:
    """Sections with their roots, in the order of `SECTIONS`."""
    return tuple(
        Section(name, len(leaves[name]), tree_root(leaves[name]).hex())
        for name in SECTIONS
        if name in leaves
    )


def root_of(sections: Sequence[Section]) -> str:
    """The one root, over the closed sections."""
    return tree_root([leaf_hash(canonical(plain(section))) for section in sections]).hex()


def _relation_leaves(salts: bytes, relation: Relation) -> Iterable[bytes]:
    starts, step = relation.starts(), relation.n_levels
    for begin in range(0, relation.n_candidates, CANDIDATES_A_LEAF):
        end = min(begin + CANDIDATES_A_LEAF, relation.n_candidates)
        yield b"".join(
            (
                salt_of(salts, f"relation/{begin // CANDIDATES_A_LEAF}"),
                little_endian(relation.first[begin:end]),
                little_endian(relation.counts[begin * step : end * step]),
                little_endian(relation.tellers[starts[begin] : starts[end]]),
            )
        )
