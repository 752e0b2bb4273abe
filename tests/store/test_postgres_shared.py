"""Several nodes over one database: counted without gaps, decided without doubles."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from concurrent.futures import wait
from contextlib import ExitStack, closing
from itertools import count

import psycopg
import pytest
from real_postgres import postgres

from dreamweave.model.keeping import (
    Kept,
    Moved,
    NewFact,
    OnceReused,
    Row,
    StoreBroken,
    StoreNewer,
    Writing,
)
from dreamweave.model.refusals import Refusal
from dreamweave.store import postgres_attempt, postgres_schema, postgres_scrubbing
from dreamweave.store.postgres import PostgresStore
from dreamweave.store.postgres_batch import Batch

N_PROCESSES, N_EACH = 3, 60

# A node of its own: writes what everybody writes, what it alone writes, and counts under a race.
NODE = """
import json, sys
from dreamweave.model.keeping import Moved, NewFact, Writing
from dreamweave.store.postgres import PostgresStore
url, me, n_each = sys.argv[1], sys.argv[2], int(sys.argv[3])
store = PostgresStore(url)
print("ready", flush=True)
sys.stdin.readline()
asked = [
    (store.keep(Writing(i, (NewFact("all", "told", me.encode()),), once=f"shared {i}")),
     store.keep(Writing(i, (NewFact(me, "told", b"%d" % i), NewFact("all", "told", b"")))))
    for i in range(n_each)
]
n_raced = 0
while n_raced < 10:
    n = store.n_facts("race")
    try:
        store.keep(Writing(0, (NewFact("race", "told", b""),), expects=(("race", n),))).result(60)
        n_raced += 1
    except Moved:
        pass
first = [shared.result(60) for shared, _ in asked]
own = [mine.result(60).first_seq for _, mine in asked]
print(json.dumps([sum(not kept.replayed for kept in first), [k.first_seq for k in first], own]))
store.close()
"""


@pytest.fixture
def url():
    return postgres().new_database()


@pytest.fixture
def two(url):
    """Two stores on one database."""
    with closing(PostgresStore(url)) as one, closing(PostgresStore(url)) as other:
        yield one, other


def test_processes_count_together_and_keep_one_key_once(url):
    with ExitStack() as stack:
        nodes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", NODE, url, f"node/{i}", str(N_EACH)],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for i in range(N_PROCESSES)
        ]
        for node in nodes:
            assert node.stdout.readline() == "ready\n"
        for node in nodes:
            node.stdin.write("\n")
            node.stdin.flush()
        said = [json.loads(node.stdout.readline()) for node in nodes]

    store = stack.enter_context(closing(PostgresStore(url)))
    facts = list(store.facts(limit=10_000))
    store.close()
    assert [f.seq for f in facts] == list(range(1, len(facts) + 1))
    for stream, n in {"all": N_EACH * (N_PROCESSES + 1), "race": 10 * N_PROCESSES}.items():
        assert [f.n for f in facts if f.stream == stream] == list(range(1, n + 1))
    # Every shared key was kept by one of them, and the others were given its answer.
    assert sum(n_first for n_first, _, _ in said) == N_EACH
    assert len({tuple(seqs) for _, seqs, _ in said}) == 1
    for i, (_, _, own) in enumerate(said):
        assert [facts[seq - 1].stream for seq in own] == [f"node/{i}"] * N_EACH
        assert [f.body for f in facts if f.stream == f"node/{i}"] == [
            b"%d" % j for j in range(N_EACH)
        ]


def race(stores, n):
    """Every store writes `n` facts to one stream at the same time; what came of it."""
    futures = [
        store.keep(Writing(i, (NewFact("all", "told", b""),))) for i in range(n) for store in stores
    ]
    wait(futures, timeout=60)
    return [type(future.exception()) for future in futures]


def test_two_stores_in_one_process_count_together(two):
    assert race(two, 100) == [type(None)] * 200
    assert [f.n for f in two[0].facts()] == list(range(1, 201))


def test_without_the_lock_they_would_get_in_each_others_way(two, monkeypatch):
    has_looked, may_go_on = threading.Event(), threading.Event()
    plainly = Batch.statements

    def slowly(batch):
        has_looked.set()
        may_go_on.wait(60)
        yield from plainly(batch)

    monkeypatch.setattr(Batch, "statements", slowly)
    futures = []
    for store, lock in zip(two, (1001, 1002), strict=True):
        has_looked.clear()
        monkeypatch.setattr(postgres_attempt, "LOCK_WRITING", lock)  # one that nobody shares
        futures.append(store.keep(Writing(1, (NewFact("all", "told", b""),))))
        assert has_looked.wait(60)
    may_go_on.set()

    # Both counted from the same: the tables let no double in, so that one of them fails.
    outcomes = [isinstance(future.exception(60), StoreBroken) for future in futures]
    assert sorted(outcomes) == [False, True]
    assert two[0].n_facts() == 1


def test_what_one_store_kept_the_other_reads_and_answers(two):
    one, other = two
    writing = Writing(1, (NewFact("a", "told", b"x"),), once="k", asked=b"h", answer=b"201")
    one.keep(writing).result(30)

    assert other.keep(writing).result(30) == Kept(1, 1, b"201", replayed=True)
    assert other.answered("k", b"h") == Kept(1, 1, b"201", replayed=True)
    with pytest.raises(OnceReused):
        other.keep(Writing(1, once="k", asked=b"i")).result(30)
    with pytest.raises(Moved):
        other.keep(Writing(1, (NewFact("a", "told", b""),), expects=(("a", 0),))).result(30)
    assert other.n_facts("a") == 1


def test_scrubbing_at_once_and_under_writing_harms_nobody(two):
    stop = threading.Event()
    kept = []

    def write():
        for i in count():
            if stop.is_set():
                return
            row = Row("keys", "k", "", b"%d" % i)
            kept.append(two[0].keep(Writing(i, puts=(row,))).result(60))

    writing = threading.Thread(target=write)
    scrubbing = [threading.Thread(target=store.scrub) for store in two]
    for thread in (writing, *scrubbing):
        thread.start()
    for thread in scrubbing:
        thread.join()
    stop.set()
    writing.join()

    assert two[1].row("keys", "k") == Row("keys", "k", "", b"%d" % (len(kept) - 1))


# ---------------------------------------------------------------- alone


def test_whoever_must_be_alone_is_refused_while_somebody_is_in(url):
    with closing(PostgresStore(url)), pytest.raises(Refusal) as said:
        PostgresStore(url, alone=True)
    assert said.value.code == "store.taken"

    with closing(PostgresStore(url, alone=True)):
        for alone in (False, True):
            with pytest.raises(Refusal, match=r"^store\.taken"):
                PostgresStore(url, alone=alone)
    PostgresStore(url).close()


# ---------------------------------------------------------------- what is scrubbed


def bytes_in(database, canary):
    """Whether the server's files for this database hold `canary` (its log of writing aside)."""
    with psycopg.connect(database, autocommit=True) as link:
        link.execute("CHECKPOINT")
        query = "SELECT oid FROM pg_database WHERE datname = current_database()"
        folder = postgres().data / "base" / str(link.execute(query).fetchone()[0])
    return any(canary in path.read_bytes() for path in folder.iterdir())


CANARY = b"canary in a cage of glass"
CAGES = [
    Row(shelf, f"{i}", "", CANARY * n)
    for shelf in ("words", "keys")
    for i, n in enumerate((1, 100, 4_000))
]
BESIDE = Row("words", "beside", "", b"somebody else's" + bytes(100_000))
FREED = Writing(2, drops=tuple((row.shelf, row.id) for row in CAGES))


def test_what_was_dropped_is_gone_from_the_tables_files_after_scrubbing(url, monkeypatch):
    with closing(PostgresStore(url)) as store:
        store.keep(Writing(1, puts=(*CAGES, BESIDE))).result(30)
        assert bytes_in(url, CANARY)

        store.keep(FREED).result(30)
        # Vacuuming alone marks the room as free and leaves the words in it.
        with monkeypatch.context() as only_vacuumed:
            only_vacuumed.setattr(postgres_scrubbing, "REWRITE_BYTES_MAX", -1)
            store.scrub()
        assert bytes_in(url, CANARY)

        store.scrub()

        assert not bytes_in(url, CANARY)
        assert list(store.rows("words")) == [BESIDE]


@pytest.mark.parametrize("looked_at", ["facts", "words"])
def test_scrubbing_waits_for_whoever_may_still_see_what_was_dropped(
    two, url, looked_at, monkeypatch
):
    monkeypatch.setattr(postgres_scrubbing, "SCRUB_S", 0.2)
    one, other = two
    one.keep(Writing(1, puts=(*CAGES, BESIDE))).result(30)
    with other.snapshot() as then:
        _ = then.n_facts() if looked_at == "facts" else then.rows("words", limit=1)
        one.keep(FREED).result(30)

        with pytest.raises(TimeoutError, match="reading the database for too long"):
            one.scrub()
        # Nobody else had to wait behind it, and the snapshot is whole.
        assert list(one.rows("words")) == [BESIDE]
        assert [row.id for row in then.rows("words")] == ["0", "1", "2", "beside"]

    one.scrub()

    assert not bytes_in(url, CANARY)


def test_scrubbing_without_waiting_would_write_along_what_a_snapshot_still_sees(
    two, url, monkeypatch
):
    monkeypatch.setattr(postgres_scrubbing, "_wait_for_lookers", lambda *_: None)
    one, other = two
    one.keep(Writing(1, puts=(*CAGES, BESIDE))).result(30)
    with other.snapshot() as then:
        assert then.n_facts() == 0  # it looked at something else, and sees this all the same
        one.keep(FREED).result(30)
        one.scrub()

    assert bytes_in(url, CANARY)


# ---------------------------------------------------------------- versions


def version_of(url):
    with psycopg.connect(url) as link:
        return link.execute("SELECT version FROM dreamweave.schema").fetchone()[0]


def test_a_database_of_a_newer_dreamweave_is_refused_and_left_as_it_is(url):
    with closing(PostgresStore(url)) as store:
        store.keep(Writing(1, (NewFact("a", "told", b""),))).result(30)
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("UPDATE dreamweave.schema SET version = 99")

    with pytest.raises(StoreNewer, match="schema 99; this one knows up to 1"):
        PostgresStore(url)

    with psycopg.connect(url) as link:
        assert link.execute("SELECT count(*) FROM dreamweave.facts").fetchone()[0] == 1


def test_a_step_that_fails_changes_nothing_and_the_next_run_goes_on(url):
    PostgresStore(url).close()
    first = postgres_schema.MIGRATIONS
    second = "ALTER TABLE dreamweave.facts ADD COLUMN more int"
    torn = "ALTER TABLE dreamweave.facts DROP COLUMN more; SELECT 1 / 0"
    with psycopg.connect(url, autocommit=True) as link:
        with pytest.raises(psycopg.errors.DivisionByZero):
            postgres_schema.migrate(link, (*first, second, torn))
        assert version_of(url) == 2
        link.execute("SELECT more FROM dreamweave.facts")

        third = "ALTER TABLE dreamweave.facts RENAME COLUMN more TO most"
        postgres_schema.migrate(link, (*first, second, third))

        assert version_of(url) == 3
        link.execute("SELECT most FROM dreamweave.facts")


def test_many_who_open_a_new_database_at_once_make_its_tables_once(url):
    opened, wrong = [], []

    def hand():
        try:
            opened.append(PostgresStore(url))
        except BaseException as no:
            wrong.append(no)

    hands = [threading.Thread(target=hand) for _ in range(6)]
    for each in hands:
        each.start()
    for each in hands:
        each.join()
    for store in opened:
        store.close()

    assert (len(opened), wrong, version_of(url)) == (6, [], len(postgres_schema.MIGRATIONS))
