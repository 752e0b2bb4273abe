"""One root holds all files, and the public one tells nobody whose threads belong together."""

from __future__ import annotations

import json
from array import array
from dataclasses import fields
from importlib.resources import files

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from makers_certificates import bundle

from dreamweave.model import certificates as c
from dreamweave.model import leaves, proofs
from dreamweave.model.canonical import canonical
from dreamweave.model.merkle import leaf_hash
from dreamweave.model.receipts import Opener, Receipt, read_receipt
from dreamweave.model.refusals import Refusal
from dreamweave.model.relations import pack, relation_of, rows_of, unpack
from dreamweave.model.weaves import VOICE, Weave


def schema(name):
    path = files("dreamweave.model") / "schema" / f"{name}.schema.json"
    return json.loads(path.read_text(encoding="utf-8"))


def test_all_files_of_one_weave_name_one_root():
    made = bundle(1)

    files_ = made.files(receipts=3)

    del files_["weave.json"]
    assert {json.loads(data)["root"] for data in files_.values()} == {made.root}


def test_the_same_weave_and_secret_have_the_same_certificates():
    assert bundle(2).certificates == bundle(2).certificates


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("certificate-1", lambda made: made.certificates.full),
        ("certificate-public-1", lambda made: made.certificates.public),
        ("receipt-1", lambda made: made.receipt(0)),
    ],
)
def test_each_file_follows_its_schema_and_nothing_else_does(name, value):
    made = bundle(3, cap=40)
    held = value(made)

    jsonschema.validate(held, schema(name))
    for changed in ({**held, "root": "short"}, {**held, "more": 1}, {**held, "header": {}}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(changed, schema(name))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("weave-1", Weave),
        ("certificate-1", proofs.Full),
        ("certificate-public-1", proofs.Public),
        ("receipt-1", Receipt),
    ],
)
def test_schemas_name_the_fields_that_the_values_have(name, kind):
    assert set(schema(name)["properties"]) == {f.name for f in fields(kind)} | {"schema"}


def test_the_public_file_holds_no_tag_no_id_no_secret_and_no_words():
    made = bundle(4)
    full, public = made.certificates.full, canonical(made.certificates.public).decode()

    private = [full["secret"]]
    private += [t["tag"] for t in full["tellers"]]
    private += [f["id"] for f in full["fragments"]]
    private += [t.tag for t in made.weave.threads]
    private += [f.text for f in made.weave.fragments]
    assert [x for x in private if x in public] == []


def test_whose_threads_belong_together_changes_nothing_public_but_closed_roots():
    made = bundle(5, threads_each=(2, 2))
    full, relation = c.read_full(canonical(made.certificates.full))

    def public_of(tellers):
        return c.make_certificate(
            made.weave,
            tellers=tellers,
            candidate=[f.candidate for f in full.fragments],
            relation=relation,
            payments=[
                (t, r.line, r.units, r.level, r.topped or 0)
                for t, row in enumerate(full.tellers)
                for r in row.account
                if r.line is not None
            ],
            chorus=[
                (t, r.chorus, r.units)
                for t, row in enumerate(full.tellers)
                for r in row.account
                if r.chorus is not None
            ],
            secret=made.secret,
            reserve=full.header.reserve,
        ).public

    records = [c.TellerRecord(t.tag, t.threads) for t in full.tellers]
    a, b = records[0], records[1]
    swapped = [
        c.TellerRecord(a.tag, (a.threads[0], b.threads[1])),
        c.TellerRecord(b.tag, (b.threads[0], a.threads[1])),
        *records[2:],
    ]
    one, other = public_of(records), public_of(swapped)

    assert one["root"] != other["root"]
    for held in (one, other):
        held["root"] = None
        for section in held["hidden"]:
            section["root"] = None
    assert one == other


def test_a_teller_stands_in_the_tree_in_the_order_of_hashes_not_of_telling():
    made = bundle(6, n=12)
    full, relation = c.read_full(canonical(made.certificates.full))
    hashes = leaves.leaves_of(full, relation)["tellers"]

    salts = bytes.fromhex(full.secret)
    told = [leaf_hash(leaves.teller_leaf(salts, row)) for row in full.tellers]

    assert hashes == sorted(told)
    assert hashes != told


def test_another_secret_hides_the_same_rows_behind_other_hashes():
    made = bundle(7)
    full, relation = c.read_full(canonical(made.certificates.full))
    other = {**made.certificates.full, "secret": "ab" * 32}
    full_other, _ = c.read_full(canonical(other))

    one, two = leaves.leaves_of(full, relation), leaves.leaves_of(full_other, relation)

    assert {name for name in proofs.SECTIONS if one[name] != two[name]} == set(proofs.HIDDEN)
    assert not set(one["fragments"]) & set(two["fragments"])


def test_the_files_hold_a_secret_that_is_not_the_one_behind_peoples_keys():
    made = bundle(8)

    assert made.certificates.full["secret"] == leaves.derived_secret(made.secret).hex()
    assert made.secret.hex() not in canonical(made.certificates.full).decode()


def test_a_receipt_opens_its_holders_rows_and_nobody_elses():
    made = bundle(9)
    full, relation = c.read_full(canonical(made.certificates.full))
    opener = Opener(full, relation)

    for t, row in enumerate(full.tellers):
        receipt = opener.receipt(row.tag)
        text = canonical(receipt).decode()

        mine = [i for i, f in enumerate(full.fragments) if f.thread_i in row.threads]
        assert [f["i"] for f in receipt["fragments"]] == mine
        assert sum(r["units"] for r in receipt["teller"]["row"]["account"]) == VOICE
        assert [x.tag for i, x in enumerate(full.tellers) if i != t and x.tag in text] == []
        assert read_receipt(canonical(receipt)).root == made.root


def test_a_tag_that_is_not_there_has_no_receipt():
    full, relation = c.read_full(canonical(bundle(10).certificates.full))

    with pytest.raises(Refusal) as no:
        Opener(full, relation).receipt("nobody")

    assert no.value.code == "receipt.tag"


def test_what_was_taken_back_leaves_no_trace_that_can_be_read_or_looked_up():
    made = bundle(11, taken_back=["F0RG0TTEN"])
    text = canonical(made.certificates.full).decode()

    assert "F0RG0TTEN" not in text
    assert made.certificates.full["absent"] == [
        leaves.absent_mark(leaves.derived_secret(made.secret), "F0RG0TTEN")
    ]


def test_parts_that_do_not_fit_each_other_are_a_mistake_of_ours():
    made = bundle(12)

    with pytest.raises(ValueError, match="one candidate a fragment"):
        c.make_certificate(
            made.weave,
            tellers=[],
            candidate=[],
            relation=made.receipt and c.read_full(canonical(made.certificates.full))[1],
            payments=[],
            chorus=[],
            secret=made.secret,
        )


@given(st.lists(st.integers(0, 2**31 - 1), max_size=60))
def test_packed_numbers_come_back(numbers):
    assert unpack(pack(rows_of(numbers)), len(numbers), 2**31, "x") == array("I", numbers)


@given(st.lists(st.integers(0, 99), min_size=1), st.integers(-1, 1))
def test_packed_numbers_are_refused_when_too_many_too_few_or_too_large(numbers, more):
    packed = pack(rows_of(numbers))
    if more:
        with pytest.raises(Refusal):
            unpack(packed, len(numbers) + more, 100, "x")
    with pytest.raises(Refusal):
        unpack(packed, len(numbers), max(numbers), "x")


def test_a_relation_is_rows_by_level():
    teller, level = array("i", [2, 0, 1, 3]), bytes([0, 1, 1, 0])

    relation = relation_of([5, 8], [0, 3, 4], teller.tobytes(), level, 2)

    assert relation.counts.tolist() == [1, 2, 1, 0]
    assert relation.starts() == [0, 3, 4]


@pytest.mark.parametrize(
    ("start", "level"),
    [([0, 3, 3], b"\0\1\1\0"), ([0, 3, 4], b"\1\0\1\0"), ([0, 3, 4], b"\0\1\7\0")],
)
def test_a_relation_that_is_not_sorted_or_sized_is_a_mistake_of_ours(start, level):
    with pytest.raises(ValueError, match=r"sizes|ascend|below"):
        relation_of([5, 8], start, array("i", [2, 0, 1, 3]).tobytes(), level, 2)


def test_amounts_are_rounded_halves_up():
    assert [proofs.rounded(x, 10) for x in (0, 4, 5, 14, 15, 16)] == [0, 0, 10, 10, 20, 20]
    assert proofs.rounded(12345, 1) == 12345
