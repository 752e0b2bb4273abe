"""What is searched, woven and imported leaves no word on a disk: every file is read afterwards.

The real store and the real vault, and everything they wrote: database, log,
keys, whatever lies in the folders.
"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app.circles import join, make
from dreamweave.app.import_reading import Options
from dreamweave.app.importing import keep_all, preview
from dreamweave.app.journals import keep_report
from dreamweave.app.lending import Offer, lend, take_back
from dreamweave.app.patterns import patterns_of
from dreamweave.app.searching import search
from dreamweave.app.weave_worker import send
from dreamweave.app.weaving_lent import part_of, weave_lent, weave_of
from dreamweave.store.sqlite import SqliteStore

CANARY = "zyxwviolet"


@pytest.fixture
def node(tmp_path):
    """A ground on a real disk, and its folder."""
    store = SqliteStore(tmp_path / "data", ballast_bytes=0)
    ground = make_ground(store, real_vault_in=tmp_path)
    yield ground, tmp_path
    store.close()
    ground.vault.close()


def told_on(folder, word=CANARY):
    """The files under `folder` in which a word stands, in any usual writing."""
    forms = [word.encode(), word.upper().encode(), word.encode("utf-16-le"), word[::-1].encode()]
    return [
        p.name
        for p in sorted(folder.rglob("*"))
        if p.is_file() and any(form in p.read_bytes() for form in forms)
    ]


def test_after_searching_no_file_holds_a_word(node):
    ground, folder = node
    who = a_dreamer(ground)
    for i in range(30):
        told = a_report(ground, f"A {CANARY} bird, {i}.", night=f"2026-01-{i + 1:02}")
        keep_report(ground, who, replace(told, tags=(CANARY,)))

    assert search(ground, who, CANARY).n == 30
    assert search(ground, who, f'tag:{CANARY} "{CANARY} bird"').n == 30
    assert patterns_of(ground, who).images[0].word == CANARY

    assert len(list(folder.rglob("*"))) > 3
    assert told_on(folder) == []


def test_the_alarm_rings_for_a_word_that_is_written_down(node):
    ground, folder = node
    from dreamweave.model.keeping import Row, Writing

    ground.store.keep(
        Writing(1, puts=(Row("words", "index/x", "", f"an index of {CANARY}".encode()),))
    ).result()

    assert told_on(folder) != []


def test_an_import_is_looked_at_in_memory_and_kept_sealed(node):
    ground, folder = node
    who = a_dreamer(ground)
    notes = f"2021-03-04: A {CANARY} bird.\n".encode()

    preview(ground, who, [("n.txt", notes)], Options(zone="UTC"))
    assert told_on(folder) == []
    assert keep_all(ground, who, [("n.txt", notes)], Options(zone="UTC")).n_kept == 1
    assert told_on(folder) == []
    assert search(ground, who, CANARY).n == 1


def test_a_weave_that_fell_leaves_nothing_that_its_old_keys_could_open(node):
    ground, folder = node
    host = a_dreamer(ground)
    circle = make(ground, host, "The tide")
    stream = f"circle/{circle}"
    other = a_dreamer(ground)
    join(ground, other, circle)
    lent = []
    for who, text in ((host, "A lamp."), (other, f"A {CANARY} bird.")):
        report = a_report(ground, text)
        keep_report(ground, who, report)
        lent.append(lend(ground, who, Offer(report.id, 1, stream, "named", name="X")))

    def weaver(asked):
        import io

        text = "\n".join(r["text"] for r in json.loads(asked)["reports"]).encode()
        out = io.BytesIO()
        send(out, {"page": text * 50_000, "text": text, "knots": b'{"knots":[],"n_threads":2}',
                   "keys": b"{}", "root": b"r"})  # fmt: skip
        return out.getvalue()

    weave = weave_lent(ground, host, stream, title="The tide", weaver=weaver)
    page = [r for r in ground.store.rows("words", limit=999) if r.id.startswith("weave/")]
    keys = [r for r in ground.store.rows("keys", limit=999) if "/weave/" in r.id]
    assert CANARY.encode() in part_of(ground, host, stream, weave.weave, "page")
    assert told_on(folder) == []

    take_back(ground, other, lent[1].lending)

    assert weave_of(ground, host, stream) is None
    # Somebody kept a copy of the sealed page and of its wrapped key: they open nothing now.
    from dreamweave.model.keeping import Writing

    ground.store.keep(Writing(2, puts=(*page, *keys))).result()
    for row in page:
        assert _opened(ground, row) is None
    again = weave_lent(ground, other, stream, title="The tide", weaver=weaver)
    assert part_of(ground, host, stream, again.weave, "text") == b"A lamp."
    assert told_on(folder) == []


def _opened(ground, row):
    try:
        return ground.vault.open(row)
    except ValueError:
        return None
