"""What is packed comes out the same, and never when anything of it is missing or changed."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.model.keeping import SHELVES, KeptFact, Row
from dreamweave.model.refusals import Refusal
from dreamweave.vault.packing import (
    MAGIC,
    Record,
    Unpacker,
    of_fact,
    of_row,
    packed,
    reading,
    to_fact,
    to_row,
)

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
rows = st.builds(Row, st.sampled_from(SHELVES), texts, texts, st.binary(max_size=3_000))
whole = st.integers(0, 2**53 - 1)
facts = st.builds(KeptFact, whole, texts, whole, texts, whole, st.binary(max_size=300))


def unpacked(data: bytes, piece: int = 7) -> list[Record]:
    found: list[Record] = []
    unpacker = Unpacker(found.append)
    for at in range(0, len(data), piece):
        unpacker.write(data[at : at + piece])
    unpacker.finish()
    return found


@given(st.lists(rows | facts, max_size=8), st.integers(1, 5_000))
def test_everything_comes_out_as_it_went_in(things, piece):
    records = [of_row(x) if isinstance(x, Row) else of_fact(x) for x in things]

    found = unpacked(b"".join(packed(records)), piece)

    assert [to_row(r) if r.kind == b"R" else to_fact(r) for r in found] == things


@given(st.lists(rows, max_size=4), st.lists(st.integers(1, 400), min_size=1))
def test_it_is_read_in_pieces_of_any_size(things, sizes):
    data = b"".join(packed(map(of_row, things)))
    read = reading(packed(map(of_row, things)))

    pieces = []
    while True:
        piece = read(sizes[len(pieces) % len(sizes)])
        if not piece:
            break
        pieces.append(piece)

    assert b"".join(pieces) == data
    assert [len(p) for p in pieces[:-1]] == [sizes[i % len(sizes)] for i in range(len(pieces) - 1)]
    assert reading(packed(map(of_row, things)))(-1) == data


THINGS = [of_row(Row("words", f"report/{i}", "dreamer/1", bytes(40))) for i in range(3)]


def test_a_stream_that_was_cut_anywhere_is_refused():
    data = b"".join(packed(THINGS))

    for n in range(len(data)):
        with pytest.raises(Refusal) as no:
            unpacked(data[:n])
        assert no.value.code == "restore.damaged"


def test_a_record_that_was_left_out_doubled_or_changed_is_refused():
    whole = zlib.decompress(b"".join(packed(THINGS)))
    size = len(whole) - len(zlib.decompress(b"".join(packed(THINGS[:2]))))
    first = whole[len(MAGIC) : len(MAGIC) + size]

    for harmed in (
        whole.replace(first, b"", 1),
        whole.replace(first, first * 2, 1),
        whole.replace(b"report/1", b"report/7"),
        whole.replace(MAGIC, b"another thing's file\n"),
        whole + first,
        whole + b"x",
    ):
        with pytest.raises(Refusal) as no:
            unpacked(zlib.compress(harmed))
        assert no.value.code == "restore.damaged"
    assert len(unpacked(zlib.compress(whole))) == 3  # and unharmed it is fine


def test_what_follows_the_compressed_stream_is_refused():
    with pytest.raises(Refusal):
        unpacked(b"".join(packed(THINGS)) + b"and more")


@pytest.mark.parametrize(
    "sizes", [b"\xff\xff\xff\xff\x00\x00\x00\x00", b"\x00\x00\x00\x02\xff\xff\xff\xff"]
)
def test_a_record_that_claims_to_be_huge_is_refused_before_it_is_read(sizes):
    with pytest.raises(Refusal):
        unpacked(zlib.compress(MAGIC + b"R" + sizes + b"{}"))


@pytest.mark.parametrize(
    "head",
    [
        {"shelf": "nowhere", "id": "a", "owner": ""},
        {"shelf": "words", "id": 1, "owner": ""},
        {"shelf": "words", "id": "a"},
    ],
)
def test_a_row_that_is_none_is_refused(head):
    with pytest.raises(Refusal):
        to_row(Record(b"R", head))


def test_a_fact_that_is_none_is_refused():
    with pytest.raises(Refusal):
        to_fact(Record(b"F", {"seq": True, "stream": "a", "n": 1, "kind": "b", "at_ms": 0}))
