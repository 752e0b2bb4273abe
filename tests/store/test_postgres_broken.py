"""What was acknowledged survives: a killed server, a cut wire, a full disk. On a real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import wait
from contextlib import contextmanager

import psycopg
import pytest
from cut_wire import Wire
from real_postgres import RealPostgres, postgres

from dreamweave.model.keeping import Kept, NewFact, Row, StoreBroken, StoreFull, Writing
from dreamweave.store import postgres_link
from dreamweave.store.postgres import PostgresStore
from dreamweave.store.postgres_schema import LOCK_WRITING, LOCKS
from dreamweave.store.postgres_writing import LOST, Writer


def told(i, **more):
    return Writing(i, (NewFact("dreamer/1", "told", b"%d" % i),), once=f"k{i}", **more)


@contextmanager
def opened(url, **how):
    store = PostgresStore(url, **how)
    try:
        yield store
    finally:
        store.close()


@contextmanager
def holding_everybody_up(url):
    """Nobody may write meanwhile: what is asked is one batch afterwards."""
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("SELECT pg_advisory_lock(%s, %s)", (LOCKS, LOCK_WRITING))
        yield
        link.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCKS, LOCK_WRITING))


def n_transactions(url):
    with psycopg.connect(url) as link:
        query = "SELECT count(DISTINCT xmin::text) FROM dreamweave.facts"
        return link.execute(query).fetchone()[0]


# ---------------------------------------------------------------- the server dies


@pytest.fixture(scope="module")
def mortal():
    """A server to be killed, whose log is not written by the way but only where COMMIT asks."""
    server = RealPostgres(settings={"wal_writer_delay": "10s"})
    yield server
    server.stop()


def n_after_kill(server, n):
    """How many of `n` acknowledged facts are there after kill -9 of the whole server."""
    url = server.new_database()
    PostgresStore(url).close()
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("CHECKPOINT")  # the tables are there, whatever comes
    with opened(url) as store:
        for i in range(n):
            assert store.keep(told(i)).result(timeout=30).last_seq == i + 1
        server.kill()
        server.start()
        return store.n_facts()


def test_what_was_acknowledged_survives_kill_9_of_the_server(mortal):
    assert n_after_kill(mortal, 40) == 40


def test_with_a_commit_that_does_not_wait_it_would_be_lost(mortal, monkeypatch):
    def hasty(link):
        link.execute("SET synchronous_commit = off")

    monkeypatch.setattr(postgres_link, "_check", hasty)

    assert n_after_kill(mortal, 40) < 40


def test_a_killed_server_that_is_back_is_written_to_and_read_from_again(mortal):
    with opened(mortal.new_database()) as store:
        store.keep(told(0)).result(timeout=30)
        assert store.n_facts() == 1
        mortal.kill()
        with pytest.raises(StoreBroken, match="did not let us in"):
            store.keep(told(1)).result(timeout=30)
        with pytest.raises(StoreBroken):
            store.n_facts()
        mortal.start()

        assert store.n_facts() == 1
        assert store.keep(told(1)).result(timeout=30) == Kept(2, 2, b"", replayed=False)
        with store._readers.lend(), store._readers.lend(), store._readers.lend():
            pass  # three links lie idle now
        mortal.kill()
        mortal.start()
        # They died while nobody looked: nobody who writes or reads now has to know.
        assert store.keep(told(2)).result(timeout=30) == Kept(3, 3, b"", replayed=False)
        assert [fact.body for fact in store.facts()] == [b"0", b"1", b"2"]


def test_a_commit_that_does_not_wait_is_made_to_wait_and_a_stricter_one_stays():
    said = []
    for level in ("off", "local", "remote_write", "on", "remote_apply"):
        url = postgres().new_database()
        with psycopg.connect(url, autocommit=True) as link:
            name = link.info.dbname
            link.execute(f"ALTER DATABASE {name} SET synchronous_commit = {level}")
        with opened(url) as store, store._readers.lend() as link:
            said.append(link.execute("SHOW synchronous_commit").fetchone()[0])

    assert said == ["on", "on", "on", "on", "remote_apply"]


# ---------------------------------------------------------------- the wire is cut at COMMIT


@pytest.fixture
def wire():
    made = Wire(postgres().folder)
    yield made
    made.close()


def over(wire):
    return postgres().new_database().replace(str(postgres().folder), wire.folder)


def test_a_commit_whose_answer_was_lost_is_asked_about(wire):
    with opened(over(wire)) as store:
        store.keep(told(0)).result(timeout=30)
        wire.lose = "answer"

        kept = store.keep(told(1, answer=b"201")).result(timeout=30)

        assert kept == Kept(2, 2, b"201", replayed=False)
        assert store.n_facts() == 2


def test_a_commit_that_never_arrived_is_made_again_and_kept_once(wire):
    with opened(over(wire)) as store:
        store.keep(told(0)).result(timeout=30)
        wire.lose = "request"

        assert store.keep(told(1)).result(timeout=30) == Kept(2, 2, b"", replayed=False)
        assert [fact.body for fact in store.facts()] == [b"0", b"1"]


def test_without_asking_one_could_not_tell(wire, monkeypatch):
    monkeypatch.setattr(Writer, "_was_kept", lambda *_: None)
    with opened(over(wire)) as store:
        store.keep(told(0)).result(timeout=30)
        wire.lose = "answer"

        with pytest.raises(StoreBroken, match="cannot be asked"):
            store.keep(told(1)).result(timeout=30)
        assert store.n_facts() == 2  # it was kept after all


def test_where_it_cannot_be_asked_the_key_tells_at_the_next_try(wire):
    with opened(over(wire)) as store:
        store.keep(told(0)).result(timeout=30)
        wire.lose, wire.cuts_for_good = "answer", True
        with pytest.raises(StoreBroken) as said:
            store.keep(told(1, answer=b"201")).result(timeout=30)
        wire.is_cut = False

        again = store.keep(told(1, answer=b"other")).result(timeout=30)

        assert (str(said.value), again) == (LOST, Kept(2, 2, b"201", replayed=True))
        assert store.n_facts() == 2


# ---------------------------------------------------------------- the database says no


def fill_the_disk(url):
    """From now on a row of more than 1,000 bytes finds no room: the error of a full disk, on cue."""
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("""
            CREATE FUNCTION dreamweave.no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF length(new.body) > 1000 THEN
                    RAISE EXCEPTION 'no space: %', new.body USING ERRCODE = 'disk_full';
                END IF;
                RETURN new;
            END $$;
            CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON dreamweave.words
                FOR EACH ROW EXECUTE FUNCTION dreamweave.no_room();
        """)


def test_a_full_disk_refuses_what_has_no_room_and_nothing_of_it_is_kept():
    url = postgres().new_database()
    with opened(url) as store:
        store.keep(Writing(1, puts=(Row("words", "old", "me", b"x" * 5_000),))).result(timeout=30)
        fill_the_disk(url)
        big = told(
            1, puts=(Row("words", "small", "me", b""), Row("words", "big", "me", b"x" * 5000))
        )

        with pytest.raises(StoreFull) as said:
            store.keep(big).result(timeout=30)

        assert str(said.value) == "The disk of the database is full."
        assert (store.n_facts(), [row.id for row in store.rows("words")]) == (0, ["old"])
        # What makes room goes on working, and so does the key of what was refused.
        store.keep(Writing(2, drops=(("words", "old"),), freeing=True)).result(timeout=30)
        assert store.keep(told(1)).result(timeout=30) == Kept(1, 1, b"", replayed=False)
        assert list(store.rows("words")) == []


def test_one_writing_that_is_refused_takes_no_other_down_with_it():
    url = postgres().new_database()
    with opened(url) as store:
        fill_the_disk(url)
        with holding_everybody_up(url):
            futures = [
                store.keep(told(i, puts=(Row("words", f"r{i}", "", b"x" * (5000 * (i == 4))),)))
                for i in range(8)
            ]
        wait(futures, timeout=30)

        assert [type(f.exception()) for f in futures] == [
            StoreFull if i == 4 else type(None) for i in range(8)
        ]
        assert [f.body for f in store.facts()] == [b"0", b"1", b"2", b"3", b"5", b"6", b"7"]
        assert [f.seq for f in store.facts()] == list(range(1, 8))


def test_many_who_wait_are_kept_by_one_commit():
    url = postgres().new_database()
    with opened(url) as store:
        with holding_everybody_up(url):
            futures = [store.keep(told(i)) for i in range(600)]
        seqs = [future.result(timeout=30).first_seq for future in futures]

        assert seqs == list(range(1, 601))
        # The first may have gone alone; the rest filled three batches of at most 256.
        assert n_transactions(url) in (3, 4)
