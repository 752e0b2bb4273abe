"""A recorded draw is drawn again alike, and no part of it can be changed without being found."""

from __future__ import annotations

import copy
import json
from dataclasses import replace
from fractions import Fraction as F

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.governance.listings import Listing, fair_chances, listed, listing_sha256
from dreamweave.governance.records import Nonce, decided, from_json, seated_by, to_json
from dreamweave.governance.recounting import percent, recount
from dreamweave.governance.seats import STRATA_DEFAULT, Past, Stratum
from dreamweave.governance.seeds import sealed_nonce, sealed_secret, seed_of
from dreamweave.model.refusals import Refusal

SECRET = "5e" * 32
CHECKPOINT = "example.org/ledger\n41\nroot=\n\n- cosigned\n"


def nonce(i):
    return f"{i:064x}"


def listing(n=12, n_places=5, draw="autumn") -> Listing:
    """A list of people of every kind; every third is a newcomer, one speaks another language."""
    rows = []
    for i in range(n):
        past = Past(i % 4, 0, True) if i % 3 == 0 else Past(i % 3, i % 5, False)
        stratum = "never-seated" if i % 3 == 0 else "language" if i == 1 else ""
        rows.append((f"t{i:03}", stratum, past, sealed_nonce(draw, f"t{i:03}", nonce(i))))
    return listed(
        draw,
        n_places=n_places,
        strata=STRATA_DEFAULT,
        sealed_secret=sealed_secret(draw, SECRET),
        applications=rows,
    )


def record(n=12, n_places=5, secret=SECRET, later=None):
    made = listing(n, n_places)
    revealed = {f"t{i:03}": nonce(i) for i in range(n) if i % 4}
    return decided(
        made, nonces=revealed, checkpoint=CHECKPOINT, secret=secret, later_checkpoint=later
    )


def test_a_draw_agrees_with_itself_seat_by_seat():
    made = from_json(to_json(record()), "draw.json")

    found = list(recount(made, listing_sha256(made.listing)))

    assert [one.what for one in found] == [
        *("published", "list", "chances", "secret", "nonces", "seed"),
        *["seat"] * 5,
    ]
    assert all(one.agrees for one in found)
    assert found[-1].sentence.startswith(f"seat 5: {made.seated[4]}, whose chance was ")


@given(st.integers(1, 25), st.integers(1, 30))
@settings(max_examples=40)
def test_draws_of_any_size_have_their_size_and_agree(n, n_places):
    made = record(n, n_places)

    assert len(made.seated) == min(n, n_places)
    assert all(one.agrees for one in recount(made))
    assert from_json(to_json(made), "draw.json") == made


def test_a_list_is_the_same_in_whatever_order_people_applied():
    made = listing()
    rows = [
        (r.tag, r.stratum, Past(r.losses, r.seats_held, r.newcomer), r.sealed_nonce)
        for r in reversed(made.applicants)
    ]

    again = listed(
        "autumn",
        n_places=5,
        strata=STRATA_DEFAULT,
        sealed_secret=made.sealed_secret,
        applications=rows,
    )

    assert again == made
    assert [row.chance for row in made.applicants] == [str(c) for c in fair_chances(made)]


def test_a_secret_kept_back_is_replaced_by_a_later_checkpoint_and_seen():
    made = from_json(to_json(record(secret=None, later="example.org/ledger\n42\n")), "draw.json")

    found = {one.what: one for one in recount(made)}

    assert all(one.agrees for one in found.values())
    assert "kept its secret back" in found["secret"].sentence
    assert made.seed != record().seed


def test_a_nonce_that_was_not_revealed_still_counts_as_its_commitment():
    whole = listing()
    every = {f"t{i:03}": nonce(i) for i in range(12)}
    made = decided(whole, nonces=every, checkpoint=CHECKPOINT, secret=SECRET)
    without = decided(whole, nonces={}, checkpoint=CHECKPOINT, secret=SECRET)

    assert made.seed != without.seed
    assert len(without.seated) == 5
    assert all(one.agrees for one in recount(without))


@pytest.mark.parametrize(
    ("nonces", "secret", "code"),
    [
        ({"t001": nonce(2)}, SECRET, "draw.nonce"),
        ({"t001": "no hex"}, SECRET, "draw.nonce"),
        ({"nobody": nonce(1)}, SECRET, "draw.nonce"),
        ({}, "5f" * 32, "draw.secret"),
        ({}, "", "draw.secret"),
    ],
)
def test_what_does_not_open_what_was_sealed_is_refused(nonces, secret, code):
    with pytest.raises(Refusal) as no:
        decided(listing(), nonces=nonces, checkpoint=CHECKPOINT, secret=secret)

    assert no.value.code == code


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ([], "nobody applied"),
        ([("t", "", Past(0, 0, False), "0a" * 32)] * 2, "in the order of their tags"),
        ([("Ann Lee", "", Past(0, 0, False), "0a" * 32)], "letters and digits"),
        ([("t", "elsewhere", Past(0, 0, False), "0a" * 32)], "a known stratum"),
        ([("t", "", Past(0, 0, True), "0a" * 32)], "those who never had a seat"),
        ([("t", "never-seated", Past(0, 0, False), "0a" * 32)], "those who never had a seat"),
        ([("t", "", Past(0, 0, False), "")], "64 hex digits"),
    ],
)
def test_a_list_that_does_not_fit_is_refused_with_a_sentence(rows, sentence):
    with pytest.raises(Refusal) as no:
        listed(
            "autumn",
            n_places=1,
            strata=STRATA_DEFAULT,
            sealed_secret="0a" * 32,
            applications=rows,
        )

    assert sentence in no.value.sentence


@pytest.mark.parametrize(
    "strata",
    [
        [Stratum("a", 501)],
        [Stratum("a", 10), Stratum("a", 10)],
        [Stratum("", 10)],
        [Stratum(f"s{i}", 1) for i in range(9)],
    ],
)
def test_strata_that_no_charter_can_have_are_refused(strata):
    with pytest.raises(Refusal, match="strata have names of their own"):
        listed(
            "autumn",
            n_places=1,
            strata=strata,
            sealed_secret="0a" * 32,
            applications=[("t", "", Past(0, 0, False), "0a" * 32)],
        )


# ------------------------------------------------------------------ tampering


def leaves(value, way=()):
    """Every place in plain JSON that holds something, and the way to it."""
    if isinstance(value, dict):
        for key in value:
            yield (*way, key)
            yield from leaves(value[key], (*way, key))
    elif isinstance(value, list):
        for i in range(len(value)):
            yield (*way, i)
            yield from leaves(value[i], (*way, i))


def at(value, way):
    for step in way:
        value = value[step]
    return value


def others(value):
    """What might stand there instead."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, max(0, value - 1), 0, 999)
    elif isinstance(value, str):
        yield from ("", value + "0", value[::-1], "access", "1/2", "0a" * 32)
        if value:
            yield ("1" if value[0] != "1" else "2") + value[1:]
    elif isinstance(value, list):
        yield from (value[1:], value[:-1], value[::-1], value + value[:1])


def is_found(value):
    """Whether a file is refused, or a recount does not agree."""
    try:
        made = from_json(json.dumps(value).encode(), "draw.json")
        return not all(one.agrees for one in recount(made))
    except Refusal:
        return True


@pytest.mark.parametrize("kind", ["revealed", "kept back"])
def test_every_tampering_of_every_field_is_found(kind):
    made = record() if kind == "revealed" else record(secret=None, later="later\n")
    whole = json.loads(to_json(made))
    assert not is_found(whole)

    tried = 0
    for way in leaves(whole):
        for other in others(at(whole, way)):
            if other == at(whole, way):
                continue
            changed = copy.deepcopy(whole)
            at(changed, way[:-1])[way[-1]] = other
            assert is_found(changed), (way, other)
            tried += 1
        changed = copy.deepcopy(whole)
        del at(changed, way[:-1])[way[-1]]
        assert is_found(changed), way
        tried += 1
    assert tried > 700


def test_two_applicants_cannot_change_places():
    whole = json.loads(to_json(record()))
    rows = whole["listing"]["applicants"]
    for field in ("losses", "seats_held", "sealed_nonce", "chance"):
        changed = copy.deepcopy(whole)
        one, two = changed["listing"]["applicants"][1:3]
        one[field], two[field] = two[field], one[field]
        assert rows[1][field] == rows[2][field] or is_found(changed)


def test_a_list_made_up_afterwards_agrees_with_itself_but_not_with_what_was_published():
    real, forged = record(), record(n=13)

    assert all(one.agrees for one in recount(forged))
    found = list(recount(forged, listing_sha256(real.listing)))
    assert [one.what for one in found if not one.agrees] == ["published"]
    assert found[0].sentence == "Not so: this is the list of that hash."


@pytest.mark.parametrize("which", ["nonces", "secret"])
def test_a_nonce_or_secret_chosen_afterwards_is_found_though_the_seed_was_made_of_it(which):
    made = record()
    if which == "nonces":
        changed = replace(made, nonces=(Nonce("t001", nonce(77)), *made.nonces[1:]))
    else:
        changed = replace(made, secret=nonce(77))
    revealed = {one.tag: one.nonce for one in changed.nonces}
    seed = seed_of(
        "autumn",
        listing_sha256=made.listing_sha256,
        nonces=[(r.tag, revealed.get(r.tag, r.sealed_nonce)) for r in made.listing.applicants],
        checkpoint=CHECKPOINT,
        secret=changed.secret,
    )
    seated = seated_by(made.listing, fair_chances(made.listing), seed)

    found = list(recount(replace(changed, seed=seed, seated=seated)))

    assert [one.what for one in found if not one.agrees] == [which]


def test_what_does_not_agree_is_named():
    whole = json.loads(to_json(record()))
    first, second, *rest = whole["seated"]
    whole["seated"] = [second, first, *rest]
    whole["listing"]["applicants"][0]["chance"] = "1/99"

    found = {one.what: one for one in recount(from_json(json.dumps(whole).encode(), "draw.json"))}

    assert found["chances"].sentence.startswith("1 of 12 are not so (t000): ")
    assert not found["seed"].agrees


def test_a_seat_too_many_and_one_too_few_are_named():
    made = record()
    whole = json.loads(to_json(made))
    left_out = next(r["tag"] for r in whole["listing"]["applicants"] if r["tag"] not in made.seated)

    whole["seated"] = [*made.seated, left_out]
    more = [one.sentence for one in recount(from_json(json.dumps(whole).encode(), "x"))]
    whole["seated"] = list(made.seated[:-1])
    fewer = [one.sentence for one in recount(from_json(json.dumps(whole).encode(), "x"))]

    assert more[-1] == f"seat 6: recorded for {left_out}, drawn for nobody."
    assert fewer[-1] == f"seat 5: recorded for nobody, drawn for {made.seated[-1]}."


def test_a_chance_is_said_without_making_it_certain():
    said = [percent(c) for c in (F(1), F(999, 1000), F(1, 3), F(1, 200), F(1, 201))]

    assert said == ["100 %", "over 99 %", "33 %", "1 %", "under 1 %"]
