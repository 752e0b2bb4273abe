"""Told, amended, forgotten, left and opened again in any order: what is lent to nobody is as in a dict.

And at the end an attacker who kept every row there ever was, and has all keys
of now, reads exactly what is there now.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from attacking_vault import Attacker
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from makers_vault import Place
from proving import goal

from dreamweave.model.keeping import Moved, Row, Writing
from dreamweave.vault.names import GENERATION

owners = st.sampled_from(["dreamer/1", "dreamer/2", "circle/1"])
ids = st.sampled_from(["a", "a/voice/0", "a/voice/1", "ab", "b", "b/c"])


class AnyOrder(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.place = Place(self.folder)
        self.told: dict[tuple[str, str], bytes] = {}
        self.n = 0
        self.attacker = Attacker()
        self.backed_up = False
        # What was amended away is beyond reach once its owner's key changes, and not before.
        self.amended: dict[tuple[str, str], set[bytes]] = {}

    def fresh(self) -> bytes:
        self.n += 1
        return b"canary %d" % self.n

    @staticmethod
    def named(owner, id):
        return f"{owner}/{id}"  # ids are unique on a shelf, whoever owns them

    def say(self, owner, id):
        if (owner, id) in self.told:
            self.amended.setdefault((owner, id), set()).add(self.told[owner, id])
        self.told[owner, id] = self.fresh()
        return self.told[owner, id]

    def unsay(self, owner, id):
        gone = [k for k in self.told if k[0] == owner and (k[1] + "/").startswith(id + "/")]
        for held in gone:
            del self.told[held]
            self.amended.pop(held, None)
        if gone and not self.backed_up:
            self.amended = {k: v for k, v in self.amended.items() if k[0] != owner}

    @rule(owner=owners, id=ids)
    def tell(self, owner, id):
        self.place.tell(owner, self.named(owner, id), self.say(owner, id))

    @rule(owner=owners, id=ids)
    def forget(self, owner, id):
        self.see()
        self.place.forget([(owner, self.named(owner, id))])
        self.unsay(owner, id)

    @rule(owner=owners, id=ids, other=owners)
    @precondition(lambda self: any(o == "dreamer/1" for o, _ in self.told))
    def forget_and_say_so(self, owner, id, other):
        self.see()
        with self.place.vault.sealing():
            puts = self.place.vault.new_owner(other)
            plain = self.say(other, "note")
            puts += self.place.vault.seal(other, self.named(other, "note"), plain).rows
        self.place.forget([(owner, self.named(owner, id))], puts=puts)
        self.unsay(owner, id)

    @rule(owner=owners, id=ids)
    def forget_in_vain(self, owner, id):
        try:
            self.place.forget([(owner, self.named(owner, id))], expects=(("nobody", 1),))
        except Moved:
            pass
        else:
            raise AssertionError("nothing may be kept")

    @rule(owner=owners)
    def leave(self, owner):
        self.see()
        self.place.forget(owners=[owner])
        self.told = {k: v for k, v in self.told.items() if k[0] != owner}
        self.amended = {k: v for k, v in self.amended.items() if k[0] != owner}

    @rule()
    def reopen(self):
        self.place.reopen()

    @rule()
    def back_up(self):
        """From now on amended things keep the key of before, for the back-up that holds them so."""
        put = Row("settings", GENERATION, "", self.n.to_bytes(8, "big"))
        self.place.store.keep(Writing(1, puts=(put,))).result()
        self.backed_up = True

    def see(self):
        self.attacker.take_store(self.place.store)

    @invariant()
    def what_was_told_opens_and_nothing_else_is_there(self):
        rows = self.place.store.rows("words", limit=1_000)
        opened = self.place.vault.open_all(rows)
        read = {(row.owner, row.id): plain for row, plain in zip(rows, opened, strict=True)}
        assert read == {(o, self.named(o, id)): plain for (o, id), plain in self.told.items()}

    def teardown(self):
        self.see()
        # A turning of the epoch, so that even the last amendment is behind one.
        self.place.tell("dreamer/last", "last", b"last")
        self.place.forget(owners=["dreamer/last"])
        self.see()
        opened = self.attacker.take_keys(self.place.keys).opened()
        self.place.close()
        shutil.rmtree(self.folder)
        words = {plain for plain in opened if len(plain) != 64}  # and the node's own secrets
        wanted = set(self.told.values())
        assert wanted <= words <= wanted.union(*self.amended.values())


def test_any_order():
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=goal(25, 1_000),
            stateful_step_count=goal(25, 60),
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
