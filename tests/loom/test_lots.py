"""Lots: anyone with the seed draws the same, nobody can lean on it, and all are as likely."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256

import pytest

from dreamweave.loom.lots import Lot, rank_key, ranks

PINNED = [681, 212, 37, 819, 181, 276, 753, 112]
PINNED_LARGE = 663063846357622452277337089561


def test_ranks_are_the_order_of_the_hashes():
    ids = [f"fragment {i}" for i in range(50)]

    place = ranks("a seed", ids)

    hashes = [sha256(b"a seed\xffrank\xff" + i.encode()).digest() for i in ids]
    assert place.tolist() == [sorted(hashes).index(h) for h in hashes]


def test_equal_ids_keep_the_order_given():
    assert ranks("s", ["x", "x", "x"]).tolist() == [0, 1, 2]


def test_a_rank_key_needs_no_other_id():
    ids = ["b", "a", "c"]

    place = ranks("s", ids)

    keys = [rank_key("s", i) for i in ids]
    assert sorted(range(3), key=keys.__getitem__) == sorted(range(3), key=place.__getitem__)


def test_a_seed_and_an_id_cannot_be_cut_elsewhere():
    assert rank_key("ab", "c") != rank_key("a", "bc")


def test_the_same_seed_and_purpose_draw_the_same_for_ever():
    # Written down once: a weave of last year must still be drawn like this.
    lot = Lot("crescent", "lines")

    assert [lot.below(1000) for _ in range(8)] == PINNED
    assert Lot("crescent", "lines").below(10**30) == PINNED_LARGE


def test_purposes_and_seeds_do_not_share_a_stream():
    draws = {
        tuple(Lot(seed, purpose).below(10**9) for _ in range(1))
        for seed in ("a", "b", "c")
        for purpose in ("lines", "motifs")
    }

    assert len(draws) == 6


@pytest.mark.parametrize("n", [1, 2, 3, 7, 255, 256, 257, 10**9, 10**14, 2**200 + 1])
def test_draws_stay_below_their_bound(n):
    lot = Lot("seed", str(n))

    assert all(0 <= lot.below(n) < n for _ in range(200))


def test_every_number_is_as_likely():
    lot = Lot("seed", "dice")

    counts = Counter(lot.below(6) for _ in range(60_000))

    # Six standard deviations of a fair die; a fixed seed, so it never wavers.
    assert all(abs(counts[face] - 10_000) < 550 for face in range(6))


def test_what_would_favour_the_small_numbers_is_thrown_away():
    # Two bytes hold 0 to 65,535, and 65,535 is one too many for three equal shares.
    lot = Lot("seed", "thirds")
    lot._bytes = b"\xff\xff\x00\x02"

    assert lot.below(3) == 2


def test_nothing_to_draw_from_is_a_misuse():
    with pytest.raises(ValueError, match="something to draw from"):
        Lot("seed", "none").below(0)
