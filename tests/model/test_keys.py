"""A key opens its own box and no other, and both twins of `unseal` agree on fixed vectors."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.model.keys import key_of, seal, seal_all, tag_of, unseal
from dreamweave.model.refusals import Refusal

VECTORS = json.loads(
    (Path(__file__).parents[1] / "support" / "key_vectors.json").read_text(encoding="utf-8")
)
SECRET = bytes(range(32))
keys = st.integers(0, 10**6).map(lambda i: key_of(SECRET, f"tag {i}"))


def test_fixed_vectors_hold():
    made = [
        key_of(bytes.fromhex(v["secret_hex"]), v["tag"]) == v["key"] for v in VECTORS["keys"]
    ] + [
        seal(v["key"], b64decode(v["payload_b64"]), size=v["size"]) == v["box"]
        for v in VECTORS["boxes"]
    ]

    assert all(made)
    assert [unseal(v["key"], v["box"]) for v in VECTORS["boxes"]] == [
        b64decode(v["payload_b64"]) for v in VECTORS["boxes"]
    ]
    assert [unseal(v["key"], v["box"]) for v in VECTORS["closed"]] == [None] * len(
        VECTORS["closed"]
    )


@given(keys, st.binary(max_size=200), st.integers(0, 300))
def test_a_key_opens_what_it_sealed(key, payload, size):
    assert unseal(key, seal(key, payload, size=size)) == payload


@given(keys, keys, st.binary(max_size=50))
def test_another_key_opens_nothing(key, other, payload):
    box = seal(key, payload)

    assert unseal(other, box) == (payload if other == key else None)


@given(keys, st.binary(max_size=50), st.data())
def test_a_box_with_one_bit_changed_stays_shut(key, payload, data):
    whole = bytearray(b64decode(seal(key, payload)))
    bit = data.draw(st.integers(0, 8 * len(whole) - 1))
    whole[bit // 8] ^= 1 << bit % 8

    assert unseal(key, b64encode(whole).decode()) is None


@given(st.lists(st.tuples(keys, st.binary(max_size=99)), max_size=6))
def test_boxes_of_one_page_have_one_size_and_no_order(payloads):
    boxes = seal_all(payloads)

    assert len({len(box) for box in boxes}) <= 1
    assert list(boxes) == sorted(boxes)
    assert all(any(unseal(key, box) == payload for box in boxes) for key, payload in payloads)


def test_a_key_may_be_typed_as_it_was_heard():
    key = "7Q2M-01KD-5RTA-9WHC"

    assert unseal(" 7q2m o1kd 5rta 9whc ", seal(key, b"mine")) == b"mine"
    assert unseal("7Q2MOLKD5RTA9WHC", seal(key, b"mine")) == b"mine"


@pytest.mark.parametrize("key", ["", "7Q2M", "7Q2M-01KD-5RTA-9WHU", "7Q2M-01KD-5RTA-9WHC-0"])
def test_what_is_no_key_is_refused_with_a_sentence(key):
    with pytest.raises(Refusal) as no:
        unseal(key, "")

    assert no.value.code == "key.shape"


@pytest.mark.parametrize("box", ["", "no base64 !", "AAAA", b64encode(bytes(48)).decode()])
def test_what_is_no_box_does_not_open(box):
    assert unseal("7Q2M-01KD-5RTA-9WHC", box) is None


def test_a_short_secret_is_a_mistake_of_ours():
    with pytest.raises(ValueError, match="16 bytes"):
        key_of(b"short", "tag")


def test_tags_of_a_teller_and_a_thread_have_nothing_in_common():
    assert tag_of(SECRET, "teller/1") != tag_of(SECRET, "thread/1")
    assert len(tag_of(SECRET, "teller/1")) == 12
