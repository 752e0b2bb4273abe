"""Ten thousand private reports on a real disk: brought in, opened, searched, seen. No index.

    python -m bench.searching [N]

The real store and vault in a folder of its own; nothing is left behind. Cold is
the first search after a start (everything is opened and folded), warm is every
one after it. Reports are made of a small vocabulary, 100 to 250 words each.
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from dreamweave.app.actors import Actor
from dreamweave.app.calendar import year_of
from dreamweave.app.ground import ground
from dreamweave.app.import_reading import Options
from dreamweave.app.importing import keep_all
from dreamweave.app.patterns import patterns_of
from dreamweave.app.searching import search
from dreamweave.deciding import membership
from dreamweave.model.facts import NODE
from dreamweave.store.sqlite import SqliteStore
from dreamweave.vault import open_vault

ASKED = ("lantern", "stairs sea", '"the old bridge"', "kind:dream grandmother", "nosuchword", "ste")
NOUNS = """lantern stairs sea bridge grandmother window train snow dog house mirror river school key
boat forest letter door tower garden bird fire rain road table clock coat bread song"""
FILLING = "the a old I was with and then it came up down through my very again slowly"


def reports(n: int) -> bytes:
    """A journal of `n` reports as a file to import."""
    chance = random.Random(5)
    nouns, filling = NOUNS.split(), FILLING.split()
    rare = [f"word{i}" for i in range(4_000)]
    held = []
    for i in range(n):
        words = []
        for _ in range(chance.randint(100, 250)):
            kind = chance.random()
            pool = filling if kind < 0.6 else nouns if kind < 0.8 else rare
            words.append(chance.choice(pool))
        held.append({"date": f"{2000 + i // 360}-{1 + i // 30 % 12:02}-{1 + i % 28:02}",
                     "text": " ".join(words) + f" {i}."})  # fmt: skip
    return json.dumps(held).encode()


def measure(n: int) -> dict[str, float | int]:
    """The figures for `n` reports, in milliseconds and megabytes."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        store = SqliteStore(place / "data")
        vault = open_vault(store, place / "keys", data_dir=place / "data")
        node = ground(store, vault, now_ms=lambda: int(time.time() * 1000))
        who = Actor(node.new_id(), guest=False)

        def come_in(granting):  # type: ignore[no-untyped-def]
            state = node.road.membership(granting)
            granting.say(NODE, membership.join(state, who.dreamer, guest=False))
            granting.puts += vault.new_owner(f"dreamer/{who.dreamer}")

        node.road.grant(come_in)
        data = reports(n)
        start = time.perf_counter()
        kept = keep_all(node, who, [("journal.json", data)], Options(zone="UTC"))
        found: dict[str, float | int] = {
            "reports": kept.n_kept,
            "import_s": round(time.perf_counter() - start, 1),
            "words_mb": round(len(data) / 1e6, 1),
        }
        node.opened.let_go(who.dreamer)
        start = time.perf_counter()
        search(node, who, ASKED[0])
        found["cold_ms"] = round(1000 * (time.perf_counter() - start))
        found["counted_mb"] = round(node.opened.n_bytes / 1e6)
        for asked in ASKED:
            took = []
            for _ in range(7):
                start = time.perf_counter()
                search(node, who, asked)
                took.append(1000 * (time.perf_counter() - start))
            found[f"warm_ms {asked}"] = round(median(took), 1)
        for name, see in (
            ("calendar_ms", lambda: year_of(node, who, 2010)),
            ("patterns_first_ms", lambda: patterns_of(node, who)),
            ("patterns_again_ms", lambda: patterns_of(node, who)),
        ):
            start = time.perf_counter()
            see()
            found[name] = round(1000 * (time.perf_counter() - start))
        store.close()
        vault.close()
    found["process_mb"] = round(_rss_mb())
    found["numpy_in_process"] = int("numpy" in sys.modules)
    return found


def _rss_mb() -> float:
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmRSS"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    for name, value in measure(int(sys.argv[1]) if sys.argv[1:] else 10_000).items():
        print(f"{name:40} {value}")
