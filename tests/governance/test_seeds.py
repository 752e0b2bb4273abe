"""A seed holds every part of what it is made of, and a commitment opens with one secret only."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from dreamweave.governance.seeds import sealed_nonce, sealed_secret, seed_of

A, B = "0a" * 32, "0b" * 32
MADE_OF = {
    "draw": "autumn",
    "listing_sha256": A,
    "nonces": [("t1", A), ("t2", B)],
    "checkpoint": "example.org/ledger\n12\nroot\n",
    "secret": B,
}


def test_a_commitment_is_for_one_draw_one_tag_and_one_secret():
    made = [
        sealed_secret("autumn", A),
        sealed_secret("autumn", B),
        sealed_secret("spring", A),
        sealed_nonce("autumn", "t1", A),
        sealed_nonce("autumn", "t2", A),
        sealed_nonce("spring", "t1", A),
        sealed_nonce("autumn", "t1", B),
    ]

    assert len(set(made)) == len(made)
    assert sealed_secret("autumn", A) == made[0]


def test_a_seed_can_be_made_with_nothing_of_ours():
    parts = ["dreamweave/draw/1", "seed", "autumn", A, [["t1", A], ["t2", B]]]
    parts += [MADE_OF["checkpoint"], ["secret", B]]
    text = json.dumps(parts, separators=(",", ":"), ensure_ascii=False)

    assert seed_of(**MADE_OF) == sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        {"draw": "spring"},
        {"listing_sha256": B},
        {"nonces": [("t1", B), ("t2", B)]},
        {"nonces": [("t1", A)]},
        {"nonces": [("t1", A), ("t3", B)]},
        {"checkpoint": "example.org/ledger\n13\nroot\n"},
        {"secret": A},
        {"secret": None, "later_checkpoint": B},
    ],
)
def test_every_part_changes_the_seed(other):
    assert seed_of(**{**MADE_OF, **other}) != seed_of(**MADE_OF)


def test_the_order_in_which_nonces_came_does_not():
    assert seed_of(**{**MADE_OF, "nonces": [("t2", B), ("t1", A)]}) == seed_of(**MADE_OF)


def test_a_seed_needs_a_secret_or_what_takes_its_place():
    with pytest.raises(ValueError, match="a secret or, in its place, of a later checkpoint"):
        seed_of(**{**MADE_OF, "secret": None})
    with pytest.raises(ValueError, match="a secret or, in its place, of a later checkpoint"):
        seed_of(**MADE_OF, later_checkpoint="x")


def test_a_secret_of_another_form_is_not_named_in_what_is_said():
    with pytest.raises(ValueError, match="got 6 characters") as said:
        sealed_secret("autumn", "hunter")

    assert "hunter" not in str(said.value)
