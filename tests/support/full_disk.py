"""Lives of a node whose disk fills up, on a real small disk (see `small_disk`).

    full_disk.py DISK FIRST_SEED N_SEEDS BALLAST_BYTES

In each, somebody else fills the disk while people write; then, with no byte
left, one takes words back and another leaves. Prints what came of it as JSON:
how much was acknowledged, what of that was lost, which freeing wishes failed.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import apsw

from dreamweave.model.keeping import NewFact, Row, StoreFull, Writing
from dreamweave.store.engine import Tuning
from dreamweave.store.sqlite import SqliteStore

KIB, MIB = 1 << 10, 1 << 20


@dataclass
class Came:
    """What came of some lives."""

    n_lives: int = 0
    n_acknowledged: int = 0
    n_lost: int = 0
    n_full: int = 0  # writings that were told there is no room
    n_freeing: int = 0
    n_freeing_failed: int = 0
    n_scrubs_failed: int = 0
    n_restarts_when_full: int = 0
    n_could_not_open: int = 0
    n_left_in_files: int = 0  # dropped bodies that are still in some file
    n_recovered: int = 0  # lives in which writing worked at once when there was room again


class Life:
    def __init__(self, folder: Path, seed: int, ballast_bytes: int, came: Came) -> None:
        self.folder, self.came = folder, came
        self.rng = random.Random(seed)
        self.filler = folder.parent / "somebody-elses"
        self.how = {
            "ballast_bytes": ballast_bytes,
            "room_min_bytes": self.rng.choice((0, MIB)),
            # The log may grow to what the ballast holds, as by default.
            "tuning": Tuning(log_pages=256, log_pages_max=512),
        }
        self.store = SqliteStore(folder, **self.how)
        self.held: dict[str, bytes] = {}
        self.n_made = 0
        self.gone: set[bytes] = set()

    def live(self) -> None:
        rng = self.rng
        for _ in range(40):
            self.tell("dreamer/quiet", rng.randint(100, 3_000))
        for _ in range(rng.randint(4, 30)):  # a voice, longer than all ballast
            self.tell("dreamer/loud", 200_000)
        if rng.random() < 0.5:
            self.store.scrub()
        self.fill(leave=rng.randrange(3 * MIB))
        while self.tell("dreamer/quiet", 20_000):
            pass
        self.fill(leave=0)
        self.take_one_back()
        if rng.random() < 0.5:
            self.came.n_restarts_when_full += 1
            self.store.close()
            (self.folder / "node.sqlite-shm").unlink(missing_ok=True)  # a cache; must be made again
            self.fill(leave=0)
            self.restart()
        self.fill(leave=0)  # somebody eats what the first one freed
        self.take_one_back()
        self.leave("dreamer/loud")
        self.filler.unlink()
        self.came.n_recovered += self.tell("dreamer/quiet", 20_000)
        self.store.close()
        self.look()

    def restart(self) -> None:
        try:
            self.store = SqliteStore(self.folder, **self.how)
        except StoreFull:
            self.came.n_could_not_open += 1
            self.filler.unlink()
            self.store = SqliteStore(self.folder, **self.how)

    def tell(self, owner: str, size: int) -> bool:
        self.n_made += 1
        name = f"r{self.n_made}"
        body = b"CANARY%08d" % self.n_made + self.rng.randbytes(size)
        writing = Writing(
            self.n_made,
            (NewFact(owner, "told", name.encode()),),
            (Row("words", name, owner, body), Row("keys", name, owner, self.rng.randbytes(72))),
            once=name,
        )
        try:
            self.store.keep(writing).result(60)
        except StoreFull:
            self.came.n_full += 1
            return False
        self.came.n_acknowledged += 1
        self.held[name] = body
        return True

    def take_one_back(self) -> None:
        """As the vault does: one goes, and the keys of everybody else are wrapped anew."""
        name = self.rng.choice([n for n in self.held if len(self.held[n]) < 100_000])
        keys = [
            Row("keys", n, "dreamer/quiet", self.rng.randbytes(72)) for n in self.held if n != name
        ]
        drops = (("words", name), ("keys", name))
        fact = NewFact("dreamer/quiet", "taken-back", name.encode())
        self.free(Writing(1, (fact,), tuple(keys), drops=drops, freeing=True), [name])

    def leave(self, owner: str) -> None:
        owned = [row.id for row in self.store.rows("words", owner=owner)]
        writing = Writing(
            1,
            (NewFact(owner, "left", b""),),
            drop_owned=(("words", owner), ("keys", owner)),
            freeing=True,
        )
        self.free(writing, owned)

    def free(self, writing: Writing, names: list[str]) -> None:
        self.came.n_freeing += 1
        try:
            self.store.keep(writing).result(60)
        except StoreFull:
            self.came.n_freeing_failed += 1
            return
        self.came.n_acknowledged += 1
        self.gone |= {self.held.pop(name)[:14] for name in names}
        try:
            self.store.scrub()
        except StoreFull:
            self.came.n_scrubs_failed += 1

    def fill(self, leave: int) -> None:
        """Somebody else's file takes all room but `leave` bytes."""
        with open(self.filler, "ab", buffering=0) as file:
            while (room := shutil.disk_usage(self.filler).free - leave) > 0:
                try:
                    file.write(bytes(min(room, MIB)))
                except OSError:
                    break

    def look(self) -> None:
        """Compare what a restart finds with what was acknowledged."""
        store = SqliteStore(self.folder, **self.how)
        found = {row.id: row.body for row in store.rows("words", limit=100_000)}
        self.came.n_lost += sum(found.get(name) != body for name, body in self.held.items())
        self.came.n_lost += sum(name not in self.held for name in found)
        store.close()
        in_files = b"".join(path.read_bytes() for path in self.folder.iterdir())
        self.came.n_left_in_files += len(self.gone & set(re.findall(rb"CANARY\d{8}", in_files)))
        db = apsw.Connection(str(self.folder / "node.sqlite"))
        if db.pragma("integrity_check") != "ok":
            self.came.n_lost += 1_000_000
        db.close()


def main() -> None:
    disk, first_seed, n_seeds, ballast_bytes = Path(sys.argv[1]), *map(int, sys.argv[2:5])
    came = Came()
    for seed in range(first_seed, first_seed + n_seeds):
        Life(disk / "node", seed, ballast_bytes, came).live()
        came.n_lives += 1
        shutil.rmtree(disk / "node")
    print(json.dumps(asdict(came)))


if __name__ == "__main__":
    main()
