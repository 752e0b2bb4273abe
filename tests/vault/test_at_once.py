"""Many people at once, telling, amending, forgetting, leaving and coming back: nobody loses a word.

Each thread knows what it told under its own ids. Owners are shared, so that
first keys, changed keys and turnings of others come between all the time.
"""

from __future__ import annotations

import random
import threading

import pytest
from attacking_vault import Attacker
from makers_vault import Place
from proving import goal

from dreamweave.model.keeping import Moved, Writing
from dreamweave.store.sqlite import SqliteStore

N_THREADS = 4
N_STEPS = goal(100, 1_500)


class Person:
    """One thread: what it told, and what it did so far."""

    def __init__(self, place: Place, n: int) -> None:
        self.place, self.n = place, n
        self.rng = random.Random(n)
        self.told: dict[tuple[str, str], bytes] = {}
        self.gone: set[bytes] = set()
        self.count = 0

    def plain(self) -> bytes:
        self.count += 1
        return b"canary %d %d" % (self.n, self.count)

    def owner(self) -> str:
        # Circles are everybody's and come into being anew; a dreamer is this thread's alone.
        return self.rng.choice([f"circle/{self.rng.randrange(40)}", f"dreamer/{self.n}"])

    def put(self, owner: str, id: str, plain: bytes, then) -> None:
        """Seal, and hand the rows on; again where keys changed meanwhile, as the road does."""
        while True:
            with self.place.vault.sealing():
                rows = self.place.vault.new_owner(owner)
                rows += self.place.vault.seal(owner, id, plain).rows
                if then is None:
                    self.place.store.keep(Writing(1, puts=rows)).result()
            try:
                if then is not None:
                    then(rows)
                return
            except Moved:
                continue

    def step(self) -> None:
        owner = self.owner()
        known = [thing for thing in self.told if thing[0] == owner]
        what = self.rng.random()
        if what < 0.45 or not known:
            thing = self.rng.choice(known) if known and what < 0.15 else (owner, self.fresh(owner))
            plain = self.plain()
            self.put(*thing, plain, None)
            self.told[thing] = plain
        elif what < 0.7:
            thing = self.rng.choice(known)
            row = self.place.store.row("words", thing[1])
            assert self.place.vault.open(row) == self.told[thing]
        elif what < 0.85:
            thing = self.rng.choice(known)
            self.place.forget([thing])
            self.gone.add(self.told.pop(thing))
        elif what < 0.97 or owner.startswith("circle"):
            thing, other = self.rng.choice(known), self.owner()
            new, plain = (other, self.fresh(other)), self.plain()
            self.put(*new, plain, lambda rows: self.place.forget([thing], puts=rows))
            self.gone.add(self.told.pop(thing))
            self.told[new] = plain
        else:
            self.place.forget(owners=[owner])
            for thing in known:
                self.gone.add(self.told.pop(thing))

    def fresh(self, owner: str) -> str:
        return f"{owner}/{self.n}/{self.count}"


@pytest.mark.parametrize("where", ["memory", "sqlite"])
def test_nobody_loses_a_word_and_nothing_forgotten_is_left(tmp_path, where):
    small = {"ballast_bytes": 1 << 20, "room_min_bytes": 1 << 20}
    place = Place(tmp_path, (lambda d: SqliteStore(d, **small)) if where == "sqlite" else None)
    people = [Person(place, n) for n in range(N_THREADS)]
    went_wrong: list[BaseException] = []
    attacker = Attacker()

    def live(person):
        try:
            for _ in range(N_STEPS):
                person.step()
        except BaseException as no:
            went_wrong.append(no)
            raise

    threads = [threading.Thread(target=live, args=(person,)) for person in people]
    for thread in threads:
        thread.start()
    for _ in range(20):
        attacker.take_store(place.store)
        threads[0].join(0.05)
    for thread in threads:
        thread.join()

    assert went_wrong == []
    expected = {id: plain for p in people for (_, id), plain in p.told.items()}
    assert place.told() == expected
    place.reopen()
    assert place.told() == expected
    opened = attacker.take_store(place.store).take_keys(place.keys).opened()
    assert opened & set().union(*(p.gone for p in people)) == set()
    assert set(expected.values()) <= opened
    assert sum(len(p.gone) for p in people) > N_STEPS // 4
    place.close()
