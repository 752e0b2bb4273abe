"""Reflecting and demanding: one's own words, gone with what they hang on, and with whoever wrote them."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
from attacking_vault import Attacker
from makers_gatherings import make_gathering
from makers_ground import a_dreamer, make_ground
from reflecting_by_hand import reflecting

from dreamweave.app import demanding, gatherings, telling
from dreamweave.app import reflecting as app
from dreamweave.app.exporting import export
from dreamweave.app.leaving import leave
from dreamweave.model.refusals import Refusal
from dreamweave.store.sqlite import SqliteStore


@pytest.fixture
def here():
    return make_gathering()


def no(do, *args, **how):
    with pytest.raises(Refusal) as refusal:
        do(*args, **how)
    return refusal.value.code


def test_a_reflection_stands_beside_a_report_in_its_writers_own_words(here):
    ann, bo = here.comes(), here.comes()
    r = here.tells(ann, "The stairs went down into the sea.").r
    reflecting(here)

    id = app.reflect(here.ground, bo, here.g, r, "  We never talk of the flood. ", lang="en")

    (seen,) = app.reflections(here.ground, ann, here.g)
    assert (seen.id, seen.r, seen.text, seen.name, seen.mine) == (
        id,
        r,
        "We never talk of the flood.",
        "",
        False,
    )
    assert app.reflections(here.ground, bo, here.g)[0].mine


def test_a_reflection_goes_with_the_report_it_hangs_on(here):
    ann, bo = here.comes(), here.comes()
    r = here.tells(ann, "The stairs went down into the sea.").r
    reflecting(here)
    app.reflect(here.ground, bo, here.g, r, "We never talk of the flood.")

    telling.take_back(here.ground, ann, here.g, r)

    assert app.reflections(here.ground, bo, here.g) == []
    assert app.reflections(here.ground, ann, here.g) == []


def test_taking_a_reflection_back_destroys_it_even_from_outside(here):
    ann, bo = here.comes(), here.comes()
    r = here.tells(ann, "The stairs.").r
    reflecting(here)
    id = app.reflect(here.ground, bo, here.g, r, "We never talk of the flood.")
    assert no(app.drop_reflection, here.ground, ann, here.g, id) == "reflection.unknown"
    gatherings.depart(here.ground, bo, here.g)

    app.drop_reflection(here.ground, replace(bo, suspended=True), here.g, id)

    assert app.reflections(here.ground, ann, here.g) == []
    assert here.ground.store.row("words", f"reflection/{id}") is None


def test_a_line_of_a_demand_is_given_by_whoever_told_it_and_gone_when_taken_back(here):
    ann, bo = here.comes(), here.comes()
    told = [here.tells(who, text).r for who, text in ((ann, "Water."), (bo, "A closed school."))]
    reflecting(here)
    d = demanding.demand(here.ground, ann, here.g, "Open the school.", tuple(told))
    (seen,) = demanding.demands(here.ground, bo, here.g)
    assert (seen.sentence, seen.lines, seen.n_waiting, seen.n_signed) == (
        "Open the school.",
        ((told[0], "Water."),),
        1,
        1,
    )
    assert seen.asks_me == ((told[1], False),)

    demanding.give_line(here.ground, bo, here.g, d, told[1], given=True)
    demanding.sign(here.ground, bo, here.g, d, signed=True)
    said = json.loads(demanding.exported(here.ground, here.host, here.g, d))
    assert said == {
        "schema": "dreamweave/demand/1",
        "sentence": "Open the school.",
        "lang": "",
        "lines": ["Water.", "A closed school."],
        "n_signed": 2,
    }

    telling.take_back(here.ground, bo, here.g, told[1])

    (seen,) = demanding.demands(here.ground, ann, here.g)
    assert (seen.lines, seen.n_waiting, seen.n_signed) == (((told[0], "Water."),), 0, 2)
    assert b'school.",' in demanding.exported(here.ground, ann, here.g, d)
    assert b"A closed" not in demanding.exported(here.ground, ann, here.g, d)


def test_a_line_that_was_not_given_is_in_no_list_and_no_export(here):
    ann, bo = here.comes(), here.comes()
    r = here.tells(bo, "A closed school.").r
    reflecting(here)
    d = demanding.demand(here.ground, ann, here.g, "Open it.", (r,))

    for who in (ann, here.host):
        assert demanding.demands(here.ground, who, here.g)[0].lines == ()
    assert b"closed" not in demanding.exported(here.ground, ann, here.g, d)


def test_taking_a_demand_back_destroys_its_sentence(here):
    ann = here.comes()
    r = here.tells(ann, "Water.").r
    reflecting(here)
    d = demanding.demand(here.ground, ann, here.g, "Open the school.", (r,))

    demanding.drop_demand(here.ground, ann, here.g, d)

    assert demanding.demands(here.ground, ann, here.g) == []
    assert here.ground.store.row("words", f"demand/{d}") is None
    assert no(demanding.exported, here.ground, ann, here.g, d) == "demand.unknown"


def test_nobody_from_outside_reads_or_writes_and_nobody_writes_too_much(here):
    ann = here.comes()
    r = here.tells(ann, "Water.").r
    stranger = a_dreamer(here.ground)
    assert no(app.reflect, here.ground, ann, here.g, r, "Early.") == "reflection.early"
    reflecting(here)

    for look in (app.reflections, demanding.demands):
        assert no(look, here.ground, stranger, here.g) == "gathering.unknown"
        assert no(look, here.ground, replace(ann, suspended=True), here.g) == "gathering.unknown"
        assert no(look, here.ground, ann, "no gathering") == "gathering.unknown"
    assert no(app.reflect, here.ground, stranger, here.g, r, "Hello.") == "gathering.unknown"
    assert no(app.reflect, here.ground, ann, here.g, r, " ") == "reflection.text"
    assert no(app.reflect, here.ground, ann, here.g, r, "a" * 2_001) == "reflection.text"
    assert no(demanding.demand, here.ground, ann, here.g, "a" * 401, (r,)) == "demand.text"
    closed = replace(ann, suspended=True)
    assert no(app.reflect, here.ground, closed, here.g, r, "Hello.") == "dreamer.suspended"


def test_the_same_key_keeps_one_reflection(here):
    ann = here.comes()
    r = here.tells(ann, "Water.").r
    reflecting(here)

    ids = {app.reflect(here.ground, ann, here.g, r, "Rain.", once="a-key-once") for _ in range(2)}

    assert len(ids) == 1
    assert len(app.reflections(here.ground, ann, here.g)) == 1


def test_nothing_anybody_wrote_stands_in_a_fact(here):
    ann = here.comes()
    r = here.tells(ann, "Water.").r
    reflecting(here)
    app.reflect(here.ground, ann, here.g, r, "canaryreflection", name="canaryname")
    demanding.demand(here.ground, ann, here.g, "canarydemand", (r,))

    facts = here.ground.store.facts(stream=None, after=0, limit=10_000)

    assert not any(b"canary" in kept.body for kept in facts)


def test_whoever_leaves_takes_reflections_demands_and_their_hand_with_them(here):
    ann, bo = here.comes(), here.comes()
    r = here.tells(bo, "Water.").r
    reflecting(here)
    app.reflect(here.ground, ann, here.g, r, "We never talk of the flood.")
    demanding.demand(here.ground, ann, here.g, "Open the school.", (r,))
    theirs = demanding.demand(here.ground, bo, here.g, "Mend the pump.", (r,))
    demanding.sign(here.ground, ann, here.g, theirs, signed=True)

    leave(here.people, replace(ann, stepped_up=True))

    assert app.reflections(here.ground, bo, here.g) == []
    (left,) = demanding.demands(here.ground, bo, here.g)
    assert (left.id, left.n_signed) == (theirs, 1)


def test_what_somebody_wrote_goes_with_them_in_their_export(here):
    ann = here.comes()
    r = here.tells(ann, "Water.").r
    reflecting(here)
    app.reflect(here.ground, ann, here.g, r, "Rain.", lang="en")
    demanding.demand(here.ground, ann, here.g, "Open it.", (r,))

    data = b"".join(export(here.ground, replace(ann, stepped_up=True)))

    said = json.loads(zipfile.ZipFile(io.BytesIO(data)).read("gatherings.json"))
    assert said["reflections"] == [{"lang": "en", "name": "", "text": "Rain."}]
    assert said["demands"] == [{"lang": "", "sentence": "Open it."}]


def test_with_every_byte_in_hand_nothing_is_left_of_whoever_left(tmp_path):
    """Canaries, a real vault and a real store."""
    (tmp_path / "data").mkdir()
    store = SqliteStore(tmp_path / "data" / "node.db")
    here = make_gathering(make_ground(store, real_vault_in=tmp_path))
    ann, bo = here.comes(), here.comes()
    r = here.tells(bo, "Water.").r
    reflecting(here)
    app.reflect(here.ground, ann, here.g, r, "canaryreflection", name="canaryname")
    demanding.demand(here.ground, ann, here.g, "canarydemand", (r,))
    app.reflect(here.ground, bo, here.g, r, "canarystays")
    before = Attacker().take_keys(tmp_path / "keys").take_store(store)
    after = Attacker().take_store(store)

    leave(here.people, replace(ann, stepped_up=True))

    after.take_store(store).take_keys(tmp_path / "keys")
    store.close()
    # The positive control: all of it was to be read before.
    canaries = [b"canaryreflection", b"canaryname", b"canarydemand"]
    was, still = b"\0".join(before.opened()), b"\0".join(after.opened())
    assert all(canary in was for canary in canaries)
    assert not any(canary in still for canary in canaries)
    assert b"canarystays" in still
    files = b"\0".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert b"canary" not in files
