"""Lives of a node in which people gather: it is killed in the middle of what they do, and begun again.

After each life the node is begun on the same folder, everybody's queue is sent
to its end, and everything is compared (`circle_evening`). The loom's process is
killed alone as well, and must end with its node.
"""

from __future__ import annotations

import os
import random
import signal
import time
from contextlib import suppress
from pathlib import Path

from circle_evening import N_PEOPLE, Came, Evening
from circle_under_fire import Person, Where, asked, close_client
from running_node import PASSPHRASE, PATIENCE_S, Ear, NodeApart, node_apart

from dreamweave.model.facts import of_kept
from dreamweave.model.gathering_facts import Told, gathering_stream
from dreamweave.store.sqlite import SqliteStore

# A gathering of so many lives; then another one: nobody tells without end in one evening.
LIVES_A_GATHERING = 8


def permitted() -> bool:
    """Whether this machine says which processes a process began."""
    return Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children").exists()


def killed(
    folder: Path,
    n_lives: int,
    n_wishes: int,
    came: Came,
    *,
    seed: int = 4,
    closes: bool = False,
) -> None:
    """So many lives, each ended by `kill -9` in the middle of what people do.

    With `closes` the last life of each gathering ends while the whole is woven.
    """
    rng = random.Random(seed)
    keeper, n_evening, n_lived = "", 0, 0
    evening: Evening | None = None
    try:
        for life in range(n_lives + 1):
            is_last = life == n_lives
            with node_apart(folder) as node:
                if not keeper:
                    keeper = _keeper(node)
                if evening is not None:
                    evening.where.is_at(node.port)
                    evening.compare()
                if evening is not None and (is_last or n_lived == LIVES_A_GATHERING):
                    evening.end()
                    evening = None
                if is_last:
                    break
                if evening is None:
                    evening = Evening(came, rng)
                    evening.where.is_at(node.port)
                    evening.call(keeper, n_evening)
                    n_evening, n_lived = n_evening + 1, 0
                n_lived += 1
                if closes and (n_lived == LIVES_A_GATHERING or life == n_lives - 1):
                    evening.closes()
                    time.sleep(rng.random() * 3)
                else:
                    _people_do_things(node, evening, n_wishes)
                _kill(node, evening)
    except BaseException:
        if evening is not None:  # its people would knock at a shut door for ever
            evening.end()
        raise
    close_client()
    _compare_facts(folder, came)


def _people_do_things(node: NodeApart, evening: Evening, n_wishes: int) -> None:
    """Up to a moment in the middle of it; the loom is killed on the way."""
    rng, came = evening.rng, evening.came
    if rng.random() < 0.4:
        evening.somebody_comes()
    begun_at = evening.n_answered()
    end_at = begun_at + rng.randint(n_wishes // 3, n_wishes - 2)
    loom_at = begun_at + rng.randint(0, n_wishes)
    n_left = n_wishes
    while evening.n_answered() < end_at:
        if all(one.is_idle for one in evening.people):
            if not n_left:
                break  # some wished for what was done already
            # What was told a moment ago is answered, carried and taken back too.
            n_more = min(n_left, n_wishes // 3 + 1)
            evening.wishes(n_more)
            n_left -= n_more
        if evening.n_answered() >= loom_at and (child := _loom_of(node.process.pid)):
            os.kill(child, signal.SIGKILL)
            came.n_looms_killed += 1
            loom_at = 10**9
        time.sleep(0.002)
    time.sleep(rng.choice((0, 0.02, 0.1, 0.3, 1.0, 2.5)))  # in the middle of a frame, or of laying


def _kill(node: NodeApart, evening: Evening) -> None:
    came = evening.came
    evening.where.is_at(0)
    children = _children(node.process.pid)
    node.stop(signal.SIGKILL)
    came.n_lives += 1
    for child in children:
        _gone(child, came)


def _keeper(node: NodeApart) -> str:
    where = Where()
    where.is_at(node.port)
    said = {"name": "Keeper", "passphrase": PASSPHRASE, "code": node.setup_code()}
    answer = asked(where, "", "POST", "/api/join", json=said,
                   headers={"idempotency-key": "the-keeper-joins"})  # fmt: skip
    return answer.cookies["dreamweave"]


def _children(pid: int) -> list[int]:
    found = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            found += map(int, (task / "children").read_text().split())
    return found


def _loom_of(pid: int) -> int:
    for child in _children(pid):
        with suppress(OSError):
            if b"live_worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                return child
    return 0


def _gone(pid: int, came: Came) -> None:
    """A child ends with whoever began it."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        try:
            if b"live_worker" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                return
        except OSError:
            return
        time.sleep(0.01)
    came.odd("a loom outlived its node")


def memory_of_listeners(node: NodeApart, *, n_guests: int, n_each: int) -> tuple[int, int, int]:
    """What the server holds in memory with a fifth of the listeners, with all, and after they came anew."""
    evening = Evening(Came(), random.Random(1))
    evening.where.is_at(node.port)
    evening.call(_keeper(node), 0)
    for _ in range(n_guests - N_PEOPLE):
        evening.somebody_comes()
    guests = evening.people[1 : n_guests + 1]
    path = f"/api/gatherings/{evening.g}/stream"

    def listened(some: list[Person], n: int) -> list[Ear]:
        ears = [Ear(node.port, one.token, path) for one in some for _ in range(n)]
        assert {ear.status for ear in ears} == {200}
        for _ in range(4):
            evening.tells(evening.host)
        at, _ = evening.settle()
        for ear in ears:
            next(event for event in ear.events() if event["id"] == at)
        return ears

    few = listened(guests[: n_guests // 5], n_each)
    held_few = _memory(node)
    many = listened(guests[n_guests // 5 :], n_each)
    held_many = _memory(node)
    for ear in (*few, *many):
        ear.close()
    for _ in range(2):
        for ear in listened(guests, n_each):
            ear.close()
    held_again = _memory(node)
    evening.end()
    close_client()
    return held_few, held_many, held_again


def _memory(node: NodeApart) -> int:
    """Bytes that the server's process holds."""
    status = Path(f"/proc/{node.process.pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0]) * 1024


def _compare_facts(folder: Path, came: Came) -> None:
    """What lies in the folder: each telling once, with its offer before it."""
    store = SqliteStore(folder / "data", ballast_bytes=0, room_min_bytes=0)
    try:
        n_told = 0
        for stream in store.streams():
            if not stream.startswith(gathering_stream("")):
                continue
            tags = [
                fact.tag
                for kept in store.facts(stream=stream, limit=1_000_000)
                if isinstance(fact := of_kept(kept), Told)
            ]
            n_told += len(tags)
            came.n_doubled += len(tags) - len(set(tags))
        came.n_doubled += max(0, n_told - came.n_told)
        came.n_lost += max(0, came.n_told - n_told)
    finally:
        store.close()
