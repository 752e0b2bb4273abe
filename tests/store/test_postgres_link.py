"""Addresses are understood or refused, and nothing of a password is ever said."""

from __future__ import annotations

import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from threading import Barrier

import psycopg
import pytest
from real_postgres import postgres

from dreamweave.model.keeping import NewFact, Row, StoreBroken, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.postgres import PostgresStore
from dreamweave.store.postgres_link import N_READERS, Address, told

SECRET = "swordfish"


def everything_said(url):
    """All that an opening that failed would put before anybody, tracebacks included."""
    with pytest.raises((Refusal, StoreBroken)) as raised:
        PostgresStore(url).close()
    no = raised.value
    return "".join([*traceback.format_exception_only(no), str(no), repr(no), str(no.__cause__)])


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://me:{SECRET}@@host/db",
        f"postgresql://me:x@{SECRET}@localhost/db",
        f"postgresql://me:x/{SECRET}@localhost/db",
        f"postgresql://me:x?{SECRET}@localhost/db",
        f"postgresql://me:x#{SECRET}@localhost/db",
        f"postgresql://me:%zz{SECRET}@localhost/db",
        f"postgresql://me:{SECRET}@localhost:port/db",
        f"postgresql://me@localhost/db?{SECRET}=1",
        f"postgresql://me:{SECRET}@localhost:1/db",
        f"postgresql://me:{SECRET}@/db?host=/nowhere/at/all",
        f"postgresql://me@/db?host=/nowhere/at/all&password={SECRET}",
        f"host=/nowhere/at/all password={SECRET}",
        f"{SECRET}",
    ],
)
def test_an_address_that_leads_nowhere_is_refused_without_saying_any_of_it(url):
    said = everything_said(url)

    assert SECRET not in said
    assert "nowhere" not in said
    assert SECRET not in repr(Address({"password": SECRET}))


def test_a_store_is_shown_without_its_password():
    url = postgres().new_database().replace("postgres@", f"postgres:{SECRET}@")

    with closing(PostgresStore(url)) as store:
        assert SECRET not in repr(store) + repr(store._address)


@pytest.mark.parametrize(
    ("url", "hint"),
    [
        ("postgresql://me@localhost:1/db", "Nothing listens at that host and port."),
        ("postgresql://me@/db?host=/nowhere/at/all", "Nothing listens at that socket."),
        ("postgresql://me@a..b/db", "Is the server running, and the address right?"),
    ],
)
def test_who_cannot_get_in_is_told_what_to_look_at(url, hint):
    assert hint in everything_said(url)


def test_a_database_or_user_that_is_not_there_is_said_so():
    for url in (postgres().url("nothing"), postgres().url().replace("postgres@", "nobody@")):
        assert "There is no such database or user" in everything_said(url)


def test_a_database_in_another_encoding_is_refused_with_what_to_do():
    with psycopg.connect(postgres().url(), autocommit=True) as link:
        link.execute("CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0")

    assert "createdb --encoding=UTF8" in everything_said(postgres().url("latin"))


def test_an_error_of_the_database_is_told_by_its_number_and_quotes_nothing():
    url = postgres().new_database()
    with closing(PostgresStore(url)) as store:
        with psycopg.connect(url, autocommit=True) as link:
            link.execute("ALTER TABLE dreamweave.words ADD CHECK (length(body) < 5)")
        writing = Writing(1, puts=(Row("words", "r", "", b"what was dreamt"),))

        with pytest.raises(StoreBroken) as raised:
            store.keep(writing).result(30)

        said = "".join(traceback.format_exception(raised.value))
        assert str(raised.value) == "The database failed (SQLSTATE 23514)."
        assert "dreamt" not in said
        assert b"dreamt".hex() not in said


def test_what_has_no_number_is_a_lost_connection():
    assert str(told(psycopg.OperationalError(SECRET))) == "The connection to the database was lost."


def test_more_readers_than_links_take_turns():
    with closing(PostgresStore(postgres().new_database())) as store:
        store.keep(Writing(1, (NewFact("a", "told", b""),))).result(30)
        together = Barrier(4 * N_READERS)

        def read(_):
            together.wait(30)
            return [store.n_facts() for _ in range(20)]

        with ThreadPoolExecutor(4 * N_READERS) as hands:
            seen = list(hands.map(read, range(4 * N_READERS)))

        assert seen == [[1] * 20] * (4 * N_READERS)
        with store._readers.lend() as link:
            query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            assert link.execute(query).fetchone()[0] <= N_READERS + 1


def test_a_closed_store_reads_nothing_more_and_leaves_no_link_behind():
    url = postgres().new_database()
    store = PostgresStore(url)
    store.n_facts()
    store.close()

    with pytest.raises(StoreBroken, match="closed"):
        store.n_facts()
    with psycopg.connect(postgres().url(), autocommit=True) as link:
        query = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'dreamweave'"
        name = url.partition("@/")[2].partition("?")[0]
        for _ in range(200):  # a backend takes a moment to leave
            n = link.execute(query + " AND datname = %s", (name,)).fetchone()[0]
            if n == 0:
                break
            link.execute("SELECT pg_sleep(0.05)")
        assert n == 0
