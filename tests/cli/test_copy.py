"""dreamweave copy: from a folder to a database and back, and what it says and never says."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from contextlib import closing, contextmanager
from dataclasses import replace

import psycopg
import pytest
from real_postgres import postgres

from dreamweave.cli import main
from dreamweave.model.keeping import NewFact, Row, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.copying import measure
from dreamweave.store.opening import Place
from dreamweave.store.postgres import PostgresStore
from dreamweave.store.sqlite import SqliteStore
from dreamweave.vault import open_vault

SECRET = "sw%40rdfish"

# Copies, and waits in the middle until somebody ends it.
HALTING = """
import sys
from dreamweave.store import copying
copying.LOAD_THINGS_MAX = 20
plainly = copying._loads
def halting(things):
    for i, load in enumerate(plainly(things)):
        if i == 3:
            print("half", flush=True)
            sys.stdin.readline()
        yield load
copying._loads = halting
from dreamweave.cli import main
sys.exit(main(["copy", "--from", sys.argv[1], "--to", sys.argv[2]]))
"""


@pytest.fixture
def node(here):
    """A data folder of a node that kept something."""
    draw = random.Random(3)
    with closing(SqliteStore(here / "node")) as store:
        for i in range(60):
            writing = Writing(
                at_ms=i,
                facts=(NewFact(f"dreamer/{i % 7}", "told", b"%d" % i),),
                puts=(Row("words", f"r{i}", f"dreamer/{i % 7}", draw.randbytes(900)),),
                once=f"k{i}",
                asked=draw.randbytes(32),
            )
            store.keep(writing).result(60)
    return "node"


@pytest.fixture
def database():
    return postgres().new_database().replace("postgres@", f"postgres:{SECRET}@")


def measured(place):
    with closing(Place.of(str(place)).open(alone=True)) as store:
        return measure(store)


def test_there_and_back_again(node, database, here, capsys):
    before = measured(node)

    assert main(["copy", "--from", node, "--to", database]) == 0
    there = capsys.readouterr()
    assert main(["copy", "--from", database, "--to", "again"]) == 0
    back = capsys.readouterr()

    assert measured(node) == measured(database) == measured("again") == before
    for said in (there.out, back.out):
        assert f"all of it {180:>33,}  sha256 {before.sha256}" in said
        assert f"sealed words {60:>30,}  sha256 " in said
        assert "The keys folder is apart and was not copied" in said
    assert "Everything in the folder node was copied to the database test_" in there.out
    for said in (there.out, there.err, back.out, back.err):
        assert SECRET not in said
        assert "sw@rdfish" not in said
        assert "postgres:" not in said


def test_whoever_serves_from_the_copy_opens_its_words_with_the_same_keys(database, here):
    with opened("node", here / "keys") as (store, vault):
        who = vault.public_key()
        with vault.sealing():
            rows = vault.new_owner("dreamer/1")
            rows += vault.seal("dreamer/1", "r", b"what was dreamt").rows
            store.keep(Writing(1, puts=rows)).result(60)

    assert main(["copy", "--from", "node", "--to", database]) == 0

    with opened(database, here / "keys") as (store, vault):
        assert vault.public_key() == who
        assert vault.open(store.row("words", "r")) == b"what was dreamt"
    with pytest.raises(Refusal), opened(database, here / "other keys"):
        pass


@contextmanager
def opened(place, keys):
    """A store as a node opens it, with its vault."""
    with (
        closing(Place.of(place).open()) as store,
        closing(open_vault(store, keys, data_dir=None)) as vault,
    ):
        yield store, vault


@pytest.mark.parametrize("way", ["from", "to"])
def test_a_folder_that_a_node_serves_from_is_refused(way, node, database, here, capsys):
    with closing(SqliteStore(here / "served")):
        ends = ["served", database] if way == "from" else [node, "served"]
        assert main(["copy", "--from", ends[0], "--to", ends[1]]) == 2

    assert "Another dreamweave is using this data folder" in capsys.readouterr().err


@pytest.mark.parametrize("way", ["from", "to"])
def test_a_database_that_a_node_serves_from_is_refused(way, node, database, capsys):
    with closing(Place.of(database).open()):
        ends = [database, "new"] if way == "from" else [node, database]
        assert main(["copy", "--from", ends[0], "--to", ends[1]]) == 2

    assert "Somebody else is in this database" in capsys.readouterr().err


def test_nobody_serves_from_a_database_while_it_is_copied(database):
    with (
        closing(Place.of(database).open(alone=True)),
        pytest.raises(Refusal, match=r"^store\.taken"),
    ):
        Place.of(database).open()


def test_a_place_that_holds_something_is_refused(node, here, capsys):
    with closing(SqliteStore(here / "other")) as store:
        store.keep(Writing(1, (NewFact("a", "told", b""),))).result(60)
    before = measured("other")

    assert main(["copy", "--from", node, "--to", "other"]) == 2
    assert "it stays as it is. Copy to an empty one" in capsys.readouterr().err
    assert measured("other") == before


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("node", "./node", "--from and --to are the same place."),
        ("nowhere", "new", "There is no node in nowhere"),
        ("node", f"postgresq://me:{SECRET}@localhost/db", "neither a folder nor a database"),
        ("node", f"postgresql://me:{SECRET}@localhost:1/db", "Nothing listens at that host"),
        ("node", f"postgresql://me:x@{SECRET}@localhost/db", "There is one @ too many"),
        ("node", "", "A place is a data folder or"),
    ],
)
def test_a_place_that_cannot_be_is_refused_in_a_sentence(source, target, said, node, here, capsys):
    assert main(["copy", "--from", source, "--to", target]) == 2

    told = capsys.readouterr()
    assert said in told.err
    assert "rdfish" not in told.out + told.err
    assert sorted(path.name for path in here.iterdir()) == ["node"]


def test_both_ends_are_asked_for(capsys):
    assert main(["copy", "--from", "node"]) == 2
    assert "--to" in capsys.readouterr().err


def test_without_the_driver_it_is_said_what_to_install(node, database, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "dreamweave.store.postgres_link", None)

    assert main(["copy", "--from", node, "--to", database]) == 2
    assert "pip install 'dreamweave[postgres]'" in capsys.readouterr().err


def test_a_copy_that_differs_is_said_to_and_cannot_be_served_from(
    node, database, monkeypatch, capsys
):
    plainly = PostgresStore.import_all

    def spoiling(store, load):
        rows = [replace(row, body=b"\x00" + row.body[1:]) for row in load.rows]
        plainly(store, replace(load, rows=rows))

    monkeypatch.setattr(PostgresStore, "import_all", spoiling)
    assert main(["copy", "--from", node, "--to", database]) == 1
    assert "sealed words differ. Nobody can serve from the copy." in capsys.readouterr().err
    with pytest.raises(Refusal, match=r"^copy\.unfinished"):
        Place.of(database).open()

    monkeypatch.setattr(PostgresStore, "import_all", plainly)
    assert main(["copy", "--from", node, "--to", database]) == 0
    Place.of(database).open().close()


def test_stopped_by_hand_it_says_how_to_go_on(node, database, monkeypatch, capsys):
    def stopped(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(PostgresStore, "import_all", stopped)

    assert main(["copy", "--from", node, "--to", database]) == 130
    assert "The same command starts it over" in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["folder", "database"])
def test_killed_in_the_middle_it_is_unfinished_and_starts_over(kind, node, database, here, capsys):
    target = "new" if kind == "folder" else database
    before = measured(node)
    with subprocess.Popen(
        [sys.executable, "-c", HALTING, node, target],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as copying:
        assert copying.stdout.readline() == "half\n"
        os.kill(copying.pid, signal.SIGKILL)
    wait_until_nobody_is_in(database)

    half = measured(target)
    assert 0 < half.n < before.n
    with pytest.raises(Refusal, match="begun and not finished"):
        Place.of(target).open()
    assert measured(node) == before
    wait_until_nobody_is_in(database)

    assert main(["copy", "--from", node, "--to", target]) == 0
    wait_until_nobody_is_in(database)
    assert measured(target) == before
    wait_until_nobody_is_in(database)
    Place.of(target).open().close()


def wait_until_nobody_is_in(url):
    """A server takes a moment to notice that somebody was killed."""
    name = url.partition("@/")[2].partition("?")[0]
    with psycopg.connect(postgres().url(), autocommit=True) as link:
        query = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s"
        for _ in range(200):
            if link.execute(query, (name,)).fetchone() == (0,):
                return
            link.execute("SELECT pg_sleep(0.05)")
    raise AssertionError("somebody is still in the database")
