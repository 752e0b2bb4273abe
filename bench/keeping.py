"""Keeping reports: how many a second, what a node weighs, and finding among ten thousand.

    python -m bench.keeping [--peers PYTHON]

Everything goes over HTTP, as from a browser, to servers on this machine, each
alone while it is asked. Ours seals every report under a key of its own and
answers after the disk has it. What the peers do is said beside their figures.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.journal_peers import Peer, memory_mib, radicale, tiddlywiki
from bench.load import Answers, Ask, ask_all
from bench.node import Node, a_report, new_id, node
from bench.saying import asked, figure, peers, progress, spread, table

TEXT = "The stairs went down into the sea, and somebody I knew was holding a lamp there. " * 5
N_ALONE, N_AT_ONCE, N_REPORTS = 300, 3_000, 10_000
# Invented words, drawn with a seed: what is searched for stands in one report of a hundred.
WORDS = [
    "stairs",
    "sea",
    "lamp",
    "door",
    "river",
    "train",
    "mother",
    "street",
    "window",
    "bird",
    "snow",
    "bread",
    "clock",
    "garden",
    "boat",
    "market",
    "mirror",
    "mountain",
    "letter",
    "dog",
    "rain",
    "bridge",
    "teacher",
    "cellar",
    "apple",
    "wind",
    "island",
    "tower",
]


def fine(status: int) -> bool:
    return 200 <= status < 300


def many(held: list[Iterator[Ask]]) -> Iterator[Ask]:
    for asks in itertools.cycle(held):
        yield next(asks)


def kept(name: str, port: int, asks: Iterator[Ask], n: int, at_once: int) -> Answers:
    progress(f"{name}: {n} reports, {at_once} at once")
    ask_all(port, asks, max(at_once, 20), at_once, fine)  # warm
    return ask_all(port, asks, n, at_once, fine)


def invented(i: int) -> str:
    draw = random.Random(i)
    words = [draw.choice(WORDS) for _ in range(70)]
    if i % 100 == 0:
        words[30] = "lighthouse"
    return " ".join(words) + "."


def search_ours(here: Node, n_runs: int) -> list[float]:
    body = json.dumps({"text": "lighthouse"}).encode()
    headers = here.headers("x" * 16)
    asks = itertools.repeat(Ask("POST", "/api/search", headers, body))
    return list(ask_all(here.port, asks, n_runs, 1, fine).took_s)


def search_radicale(peer: Peer, n_runs: int) -> list[float]:
    body = (
        b'<?xml version="1.0"?><C:calendar-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav">'
        b'<prop><getetag/></prop><C:filter><C:comp-filter name="VCALENDAR">'
        b'<C:comp-filter name="VJOURNAL"><C:prop-filter name="DESCRIPTION">'
        b"<C:text-match>lighthouse</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter>"
        b"</C:filter></C:calendar-query>"
    )
    headers = (
        ("Content-Type", "application/xml"),
        ("Depth", "1"),
        ("Authorization", "Basic YW5uOg=="),
    )
    asks = itertools.repeat(Ask("REPORT", "/ann/journal/", headers, body))
    return list(ask_all(peer.port, asks, n_runs, 1, fine).took_s)


def fill_radicale(peer: Peer) -> None:
    """Ten thousand journals put where Radicale keeps its own."""
    [place] = peer.data.glob("collection-root/ann/journal")
    for i in range(N_REPORTS):
        (place / f"bench-{i}.ics").write_text(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VJOURNAL\r\n"
            f"UID:bench-{i}\r\nDTSTAMP:20261125T071000Z\r\nDTSTART:20261125T071000Z\r\n"
            f"SUMMARY:A night\r\nDESCRIPTION:{invented(i)}\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n",
            encoding="utf-8",
        )


def row(name: str, alone: Answers, crowd: Answers | None, note: str) -> list[str]:
    return [
        name,
        figure(alone.a_second),
        f"{figure(alone.quantile(0.5) * 1e3)} / {figure(alone.quantile(0.99) * 1e3)}",
        figure(crowd.a_second) if crowd else "-",
        f"{figure(crowd.quantile(0.5) * 1e3)} / {figure(crowd.quantile(0.99) * 1e3)}"
        if crowd
        else "-",
        note,
    ]


def main(argv: list[str] | None = None) -> None:
    ask = argparse.ArgumentParser(prog="python -m bench.keeping", description=__doc__)
    ask.add_argument("--peers", help="a Python that has radicale")
    python = peers(ask.parse_args(argv).peers)
    rows, memory, found = [], [], []

    with tempfile.TemporaryDirectory() as folder, node(Path(folder)) as here:
        idle = memory_mib(here.pid)
        hundred = [person.asks(TEXT) for person in here.guests(100)]
        ours_alone = kept("ours", here.port, many(hundred), N_ALONE, 1)
        ours = kept("ours", here.port, many(hundred), N_AT_ONCE, 100)
        rows.append(row("**dreamweave**", ours_alone, ours, "sealed; after fsync"))
        first_page_s = here.first_page_s
    with tempfile.TemporaryDirectory() as folder, node(Path(folder)) as here:
        progress(f"ours: {N_REPORTS} reports of one person")
        numbers = itertools.count()

        def filling() -> Iterator[Ask]:
            for i in numbers:
                yield Ask(
                    "PUT", f"/api/reports/{new_id()}", here.headers(new_id()), a_report(invented(i))
                )

        ask_all(here.port, filling(), N_REPORTS, 8, fine)
        full = memory_mib(here.pid)
        [cold] = search_ours(here, 1)
        warm = search_ours(here, 30)
        searched = memory_mib(here.pid)
        memory.append(["**dreamweave**", figure(idle), figure(full), figure(searched)])
        found.append(["**dreamweave**", figure(cold * 1e3), spread(warm, 1e3), "opened in memory"])

    ratios = []
    if python:
        with tempfile.TemporaryDirectory() as folder, radicale(python, Path(folder)) as peer:
            idle_peer = memory_mib(peer.pid)
            alone = kept(peer.name, peer.port, peer.asks(TEXT), N_ALONE, 1)
            crowd = kept(peer.name, peer.port, peer.asks(TEXT), 200, 8)
            rows.append(
                row(peer.name, alone, crowd, "plain text; after fsync; 8 at once, its own limit")
            )
            ratios.append(
                (peer.name, ours_alone.a_second / alone.a_second, ours.a_second / crowd.a_second)
            )
            progress(f"{peer.name}: {N_REPORTS} journals")
            fill_radicale(peer)
            [cold_peer] = search_radicale(peer, 1)
            warm_peer = search_radicale(peer, 2)
            memory.append([peer.name, figure(idle_peer), "-", figure(memory_mib(peer.pid))])
            found.append(
                [peer.name, figure(cold_peer * 1e3), spread(warm_peer, 1e3), "CalDAV text-match"]
            )
        with tempfile.TemporaryDirectory() as folder, tiddlywiki(Path(folder)) as peer:
            idle_peer = memory_mib(peer.pid)
            alone = kept(peer.name, peer.port, peer.asks(TEXT), N_ALONE, 1)
            crowd = kept(peer.name, peer.port, peer.asks(TEXT), 1_000, 100)
            rows.append(row(peer.name, alone, crowd, "plain text; **before** it is on the disk"))
            ratios.append(
                (peer.name, ours_alone.a_second / alone.a_second, ours.a_second / crowd.a_second)
            )
            memory.append([peer.name, figure(idle_peer), "-", "-"])

    print(
        "Why these two: Radicale keeps journals by the open standard (VJOURNAL), TiddlyWiki is the"
        " notes server most people host from npm; both install with one command and need no"
        " database. A report is 405 characters. One person at a time, and a hundred people at once."
    )
    table(
        [
            "",
            "kept a second, one at a time",
            "ms, median / p99",
            "a second, 100 at once",
            "ms, median / p99",
            "answers",
        ],
        rows,
    )
    for name, one, crowd_ratio in ratios:
        print(
            f"Beside {name}: {figure(one)} times as many alone, {figure(crowd_ratio)} times in a crowd."
        )
    table(["memory, MiB (PSS)", "idle", "10,000 reports", "after searching them"], memory)
    table(["search over 10,000 private reports", "first, ms", "then, ms", "how"], found)
    asked("First run to first page", "at most 3 s", f"{figure(first_page_s)} s", first_page_s <= 3)
    asked("Idle memory of a node", "under 150 MB", f"{figure(idle)} MiB", idle < 143)


if __name__ == "__main__":
    main()
