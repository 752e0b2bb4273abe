"""All of one store arrives in another, or it is said that it did not."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing
from dataclasses import replace
from hashlib import sha256

import psycopg
import pytest
from real_postgres import postgres
from store_promises import NAMES, everything

from dreamweave.model.keeping import (
    SHELVES,
    Kept,
    NewFact,
    Row,
    Shelf,
    StoreBroken,
    Writing,
)
from dreamweave.model.refusals import Refusal
from dreamweave.store import copying
from dreamweave.store.copying import Measure, Part, copy, measure, refuse_unfinished
from dreamweave.store.memory import MemoryStore
from dreamweave.store.moving import Load
from dreamweave.store.postgres import PostgresStore
from dreamweave.store.sqlite import SqliteStore


def fill(store, n=300):
    """A store with something of everything, strange names and large bodies among them."""
    draw = random.Random(7)
    writings = [
        Writing(
            at_ms=i,
            facts=tuple(
                NewFact(draw.choice(NAMES), draw.choice(NAMES), draw.randbytes(draw.randrange(40)))
                for _ in range(draw.randrange(4))
            ),
            puts=tuple(
                Row(shelf, f"{draw.choice(NAMES)}{i}", draw.choice(NAMES), draw.randbytes(i))
                for shelf in draw.sample(SHELVES, 2)
            ),
            once=f"{draw.choice(NAMES)}{i}" if i % 3 else "",
            asked=draw.randbytes(32),
            answer=draw.randbytes(i % 50),
        )
        for i in range(n)
    ]
    writings.append(Writing(n, puts=(Row("words", "voice", "", draw.randbytes(1 << 20)),)))
    for future in [store.keep(writing) for writing in writings]:
        future.result(60)
    return store


def all_of(store):
    return {**everything(store), "once": list(store.export_once(limit=100_000))}


def dumped(path):
    """Every row of every table of an SQLite file, read without us."""
    with closing(sqlite3.connect(path)) as db:
        db.text_factory = bytes
        tables = [
            name for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        ]
        return {
            name: db.execute(f"SELECT * FROM {name.decode()} ORDER BY 1").fetchall()
            for name in sorted(tables)
        }


@pytest.fixture
def a_database():
    store = PostgresStore(postgres().new_database(), alone=True)
    yield store
    store.close()


@pytest.fixture
def filled():
    return fill(MemoryStore(), n=60)


# ---------------------------------------------------------------- there and back


def test_from_sqlite_to_postgres_and_back_every_byte_is_the_same(tmp_path, a_database):
    with closing(fill(SqliteStore(tmp_path / "one"))) as first:
        there = copy(first, a_database)
        before = all_of(first)
        assert all_of(a_database) == before
    with closing(SqliteStore(tmp_path / "two")) as last:
        back = copy(a_database, last)
        assert all_of(last) == before

    assert (there.is_same, back.is_same, there.source) == (True, True, back.target)
    one, two = (dumped(tmp_path / name / "node.sqlite") for name in ("one", "two"))
    assert one == two
    assert len(one[b"facts"]) > 300


def test_what_was_copied_goes_on_where_the_other_stopped(filled, a_database):
    n, known = filled.n_facts(), filled.export_once(limit=1)[0]

    copy(filled, a_database)

    more = a_database.keep(
        Writing(1, (NewFact("a", "told", b""),), expects=(("a", filled.n_facts("a")),))
    )
    again = a_database.keep(Writing(1, once=known.once, asked=known.asked))
    assert more.result(30) == Kept(n + 1, n + 1, b"", replayed=False)
    assert again.result(30) == Kept(known.first_seq, known.last_seq, known.answer, replayed=True)


def test_it_is_copied_in_pieces_and_progress_is_told(filled, a_database, monkeypatch):
    monkeypatch.setattr(copying, "LOAD_BYTES_MAX", 2_000)
    monkeypatch.setattr(copying, "LOAD_THINGS_MAX", 50)
    told = []

    compared = copy(filled, a_database, lambda *step: told.append(step))

    n = compared.source.n
    copied = [done for step, done, of in told if (step, of) == ("copy", n)]
    assert compared.is_same
    assert len(copied) > 5
    assert copied == sorted(copied)
    assert copied[-1] == n
    assert {step for step, _, _ in told} == {"measure", "copy", "compare"}


# ---------------------------------------------------------------- the proof


class Lossy(MemoryStore):
    """A store on a disk that changes one thing of what it is given."""

    def __init__(self, spoil):
        super().__init__()
        self.spoil = spoil

    def import_all(self, load):
        super().import_all(self.spoil(load))


def flipped(data):
    return bytes([data[0] ^ 1]) + data[1:]


def spoiled_row(shelf: Shelf, **change):
    def spoil(load: Load) -> Load:
        rows = list(load.rows)
        for i, row in enumerate(rows):
            if row.shelf == shelf and row.body:
                rows[i] = replace(row, **{k: v(row) for k, v in change.items()})
                break
        return replace(load, rows=rows)

    return spoil


SPOILED = {
    "words": spoiled_row("words", body=lambda row: flipped(row.body)),
    "keys": spoiled_row("keys", owner=lambda row: row.owner + "x"),
    "settings": spoiled_row("settings", id=lambda row: row.id + "x"),
    "facts": lambda load: replace(
        load, facts=[replace(f, at_ms=f.at_ms + (f.seq == 3)) for f in load.facts]
    ),
    "once": lambda load: replace(load, once=load.once[1:]),
}


@pytest.mark.parametrize("part", SPOILED)
def test_whatever_is_not_the_same_is_found_and_the_copy_stays_marked(part, filled):
    target = Lossy(SPOILED[part])

    compared = copy(filled, target)

    assert (compared.is_same, compared.differing) == (False, (part,))
    with pytest.raises(Refusal, match=r"^copy\.unfinished"):
        refuse_unfinished(target)


def test_one_bit_in_the_database_is_found(filled, a_database):
    assert copy(filled, a_database).is_same
    query = (
        "UPDATE dreamweave.words SET body = set_bit(body, 77, 1 - get_bit(body, 77))"
        " WHERE id = (SELECT id FROM dreamweave.words WHERE length(body) > 20 LIMIT 1)"
    )
    with psycopg.connect(**a_database._address.parameters) as link:
        assert link.execute(query).rowcount == 1

    before, after = measure(filled), measure(a_database)

    assert [b.name for b, a in zip(before.parts, after.parts, strict=True) if b != a] == ["words"]
    assert before.sha256 != after.sha256


def test_the_measure_is_what_it_is_said_to_be():
    store = MemoryStore()
    store.keep(Writing(5, (NewFact("s", "k", b"body"),))).result()

    # Every field of every thing, its length in eight bytes before it.
    told = b"".join(len(f).to_bytes(8, "big") + f for f in (b"1", b"s", b"1", b"k", b"5", b"body"))
    nothing = sha256(b"").hexdigest()
    expected = Measure(
        (
            Part("facts", 1, sha256(told).hexdigest()),
            *(Part(shelf, 0, nothing) for shelf in SHELVES),
            Part("once", 0, nothing),
        )
    )
    lines = "".join(f"{p.name} {p.n} {p.sha256}\n" for p in expected.parts)
    assert measure(store) == expected
    assert expected.sha256 == sha256(lines.encode()).hexdigest()


# ---------------------------------------------------------------- refused, broken off


def test_a_place_that_holds_anything_is_refused_and_stays_as_it_is(filled):
    for writing in (
        Writing(1, (NewFact("a", "told", b""),)),
        Writing(1, puts=(Row("passes", "p", "", b""),)),
        Writing(1, once="k"),
    ):
        target = MemoryStore()
        target.keep(writing).result()
        before = all_of(target)

        with pytest.raises(Refusal, match=r"^copy\.target"):
            copy(filled, target)
        assert all_of(target) == before


def test_nothing_is_not_copied():
    with pytest.raises(Refusal, match=r"^copy\.nothing"):
        copy(MemoryStore(), MemoryStore())


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def breakable(request, tmp_path):
    """A store that a copy to is broken off, and a way to open it again."""
    match request.param:
        case "memory":
            kept = MemoryStore()
            yield lambda: kept
        case "sqlite":
            yield lambda: SqliteStore(tmp_path / "target")
        case "postgres":
            url = postgres().new_database()
            yield lambda: PostgresStore(url, alone=True)


def test_a_copy_that_was_broken_off_says_so_and_is_started_over(filled, breakable, monkeypatch):
    monkeypatch.setattr(copying, "LOAD_THINGS_MAX", 50)

    def break_off(step, done, of):
        if step == "copy" and done > of // 2:
            raise KeyboardInterrupt

    target = breakable()
    with pytest.raises(KeyboardInterrupt):
        copy(filled, target, break_off)
    if not isinstance(target, MemoryStore):
        target.close()
        target = breakable()

    assert target.n_facts() > 0
    with pytest.raises(Refusal, match="begun and not finished"):
        refuse_unfinished(target)
    with pytest.raises(Refusal, match=r"^copy\.source"):
        copy(target, MemoryStore())
    assert copy(filled, target).is_same
    refuse_unfinished(target)
    assert all_of(target) == all_of(filled)
    target.close()


def test_a_load_is_put_in_whole_or_not_at_all(filled, breakable):
    target = breakable()
    if isinstance(target, MemoryStore):
        return  # a dictionary has nothing to break in the middle
    facts = filled.facts(limit=3)
    rows = list(filled.rows("words", limit=3))

    with pytest.raises(StoreBroken):
        target.import_all(Load(facts, [*rows, rows[0]]))

    assert (target.n_facts(), list(target.rows("words"))) == (0, [])
    target.close()
