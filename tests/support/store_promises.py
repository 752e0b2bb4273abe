"""The promises of every store, as tests that each store's own file inherits.

A test file makes a subclass and a fixture `make_store`, which gives a fresh
and empty store at every call. A store that outlives its process overrides
`reopened` as well. What a disk does to a store is not asked here.

    class TestMemory(StorePromises):
        @pytest.fixture
        def make_store(self): return MemoryStore
"""

from __future__ import annotations

import threading
from concurrent.futures import Future, wait
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from dreamweave.model.keeping import (
    BODY_BYTES_MAX,
    SHELVES,
    Kept,
    KeptFact,
    Moved,
    NewFact,
    OnceReused,
    Row,
    StoreBroken,
    Writing,
)
from dreamweave.store.checking import NAME_BYTES_MAX
from dreamweave.store.memory import MemoryStore

# Names that stores get wrong: case, NUL, combining marks, right-to-left, and two whose order
# differs between UTF-16 units and code points.
NAMES = (
    "a",
    "A",
    "a\x00b",
    "a\x00",
    "\x00",
    "a b",
    "e\u0301",
    "é",
    "ß",
    "حلم",
    "\u202eabc",
    "%",
    "a_",
    "'; drop table facts; --",
    "\uffff",
    "\U00010000",
    "🌙",
    "x" * 300,
)
names = st.sampled_from(NAMES)
owners = st.sampled_from(("", "dreamer/1", "dreamer/2", "Dreamer/1", "\x00", "🌙"))
bodies = st.one_of(st.binary(max_size=20), st.sampled_from((b"", b"\x00", b"\xff" * 5_000)))
shelves = st.sampled_from(SHELVES[:3])
new_facts = st.builds(NewFact, names, st.sampled_from(("told", "lent", "🌙\x00")), bodies)
rows = st.builds(Row, shelves, names, owners, bodies)


def several(strategy, max_size):
    return st.lists(strategy, max_size=max_size).map(tuple)


writings = st.builds(
    Writing,
    at_ms=st.integers(0, 9),
    facts=several(new_facts, 4),
    puts=several(rows, 4),
    drops=several(st.tuples(shelves, names), 3),
    drop_owned=several(st.tuples(shelves, owners), 1),
    expects=several(st.tuples(names, st.integers(0, 2)), 1),
    once=st.sampled_from(("", "", "k", "k\x00", "🌙")),
    asked=st.sampled_from((b"", b"one", b"two\x00")),
    answer=bodies,
    freeing=st.booleans(),
)

GENERAL = Writing(
    at_ms=1_700_000_000_000,
    facts=(NewFact("dreamer/1", "told", b'{"id":"r"}'),),
    puts=(Row("words", "r", "dreamer/1", b"sealed"),),
)


def answer_of(future: Future[Kept]) -> object:
    """What a keep came to: a Kept, or the name of its refusal."""
    try:
        return future.result(timeout=30)
    except (Moved, OnceReused) as no:
        return type(no).__name__


def everything(store):
    """All that a store can be asked about what it keeps."""
    return {
        "facts": list(store.facts(limit=100_000)),
        "streams": list(store.streams()),
        "rows": {shelf: list(store.rows(shelf, limit=100_000)) for shelf in SHELVES},
        "n": store.n_facts(),
    }


class StorePromises:
    # How far the comparison with the plain twin goes.
    n_examples = 25
    n_steps = 25

    def reopened(self, store):
        """The same store after a restart; stores without one are handed back."""
        return store

    # ------------------------------------------------------------ one writing

    def test_a_new_store_is_empty(self, make_store):
        store = make_store()

        assert everything(store) == everything(MemoryStore())
        assert store.row("words", "nothing") is None

    def test_a_writing_is_kept_whole(self, make_store):
        store = make_store()

        kept = store.keep(GENERAL).result()

        assert kept == Kept(1, 1, b"", replayed=False)
        assert store.row("words", "r") == Row("words", "r", "dreamer/1", b"sealed")
        assert list(store.facts()) == [
            KeptFact(1, "dreamer/1", 1, "told", 1_700_000_000_000, b'{"id":"r"}')
        ]

    def test_drops_come_before_puts_and_puts_before_facts(self, make_store):
        store = make_store()
        store.keep(
            Writing(
                at_ms=1,
                puts=(
                    Row("words", "dropped", "one", b"1"),
                    Row("words", "dropped-and-put", "one", b"1"),
                    Row("words", "owned", "two", b"1"),
                    Row("words", "owned-and-put", "two", b"1"),
                    Row("keys", "owned", "two", b"1"),
                    Row("words", "other", "three", b"1"),
                    Row("words", "moves", "two", b"1"),
                ),
            )
        ).result()

        store.keep(
            Writing(
                at_ms=2,
                drops=(("words", "dropped"), ("words", "dropped-and-put"), ("words", "never")),
                drop_owned=(("words", "two"), ("words", "nobody")),
                puts=(
                    Row("words", "dropped-and-put", "one", b"2"),
                    Row("words", "owned-and-put", "two", b"2"),
                    Row("words", "moves", "three", b"2"),
                    Row("words", "twice", "one", b"first"),
                    Row("words", "twice", "one", b"second"),
                ),
            )
        ).result()

        assert [(r.id, r.owner, r.body) for r in store.rows("words")] == [
            ("dropped-and-put", "one", b"2"),
            ("moves", "three", b"2"),
            ("other", "three", b"1"),
            ("owned-and-put", "two", b"2"),
            ("twice", "one", b"second"),
        ]
        assert [r.id for r in store.rows("keys")] == ["owned"]
        assert [r.id for r in store.rows("words", owner="three")] == ["moves", "other"]

    def test_seq_and_n_have_no_gaps_and_come_back_in_order(self, make_store):
        store = make_store()
        for streams in (("a", "b", "a"), ("b",), (), ("c", "c")):
            store.keep(Writing(1, tuple(NewFact(s, "told", b"") for s in streams))).result()

        assert [(f.seq, f.stream, f.n) for f in store.facts()] == [
            (1, "a", 1),
            (2, "b", 1),
            (3, "a", 2),
            (4, "b", 2),
            (5, "c", 1),
            (6, "c", 2),
        ]
        assert [f.seq for f in store.facts(after=2, limit=3)] == [3, 4, 5]
        assert [(f.seq, f.n) for f in store.facts(stream="b", after=1)] == [(4, 2)]
        assert list(store.facts(limit=0)) == []
        assert [store.n_facts(s) for s in (None, "a", "b", "c", "d")] == [6, 2, 2, 2, 0]
        assert list(store.streams()) == ["a", "b", "c"]

    def test_first_and_last_seq_belong_to_the_writing(self, make_store):
        store = make_store()
        three = tuple(NewFact("a", "told", b"") for _ in range(3))

        answers = [store.keep(Writing(1, facts)).result() for facts in (three, (), three[:1])]

        assert [(k.first_seq, k.last_seq) for k in answers] == [(1, 3), (0, 0), (4, 4)]

    def test_rows_are_paged_by_code_point(self, make_store):
        store = make_store()
        store.keep(Writing(1, puts=tuple(Row("words", n, "", b"") for n in NAMES))).result()

        seen, after = [], ""
        while page := store.rows("words", after=after, limit=3):
            seen += [row.id for row in page]
            after = page[-1].id

        assert seen == sorted(NAMES)

    def test_strange_names_come_back_as_they_went(self, make_store):
        store = make_store()
        for name in NAMES:
            store.keep(
                Writing(
                    1,
                    facts=(NewFact(name, name, name.encode()),),
                    puts=(Row("keys", name, name, name.encode()),),
                    once=name,
                )
            ).result()

        assert [(f.stream, f.n, f.kind, f.body) for f in store.facts()] == [
            (name, 1, name, name.encode()) for name in NAMES
        ]
        assert list(store.streams()) == sorted(NAMES)
        for name in NAMES:
            row = Row("keys", name, name, name.encode())
            assert store.row("keys", name) == row
            assert list(store.rows("keys", owner=name)) == [row]
            assert store.keep(Writing(1, once=name)).result().replayed

    # ------------------------------------------------------------ expects, once

    def test_a_stream_that_went_on_keeps_everything_out(self, make_store):
        store = make_store()
        store.keep(GENERAL).result()
        before = everything(store)
        late = replace(
            GENERAL,
            puts=(Row("words", "late", "dreamer/1", b""),),
            drops=(("words", "r"),),
            once="late",
            expects=(("elsewhere", 0), ("dreamer/1", 0)),
        )

        assert answer_of(store.keep(late)) == "Moved"
        assert everything(store) == before
        # Nor does the store remember the key: the same wish may be decided again.
        again = replace(late, expects=(("dreamer/1", 1),))
        assert answer_of(store.keep(again)) == Kept(2, 2, b"", replayed=False)

    def test_a_stream_that_is_shorter_than_expected_keeps_everything_out(self, make_store):
        store = make_store()

        assert answer_of(store.keep(replace(GENERAL, expects=(("dreamer/1", 1),)))) == "Moved"
        assert store.n_facts() == 0

    def test_a_replay_changes_nothing_and_is_answered_as_the_first_time(self, make_store):
        store = make_store()
        first = replace(GENERAL, once="k", asked=b"h", answer=b"201", expects=(("dreamer/1", 0),))
        store.keep(first).result()
        store.keep(Writing(2, drops=(("words", "r"),))).result()
        before = everything(store)

        # Sent again with another answer and although its stream went on: the first answer counts.
        kept = store.keep(replace(first, answer=b"other", at_ms=5)).result()

        assert kept == Kept(1, 1, b"201", replayed=True)
        assert everything(store) == before

    def test_what_a_key_was_answered_can_be_asked(self, make_store):
        store = make_store()
        kept = store.keep(
            Writing(1, facts=(NewFact("a", "K", b"{}"),), once="k", asked=b"q", answer=b"yes")
        ).result()

        assert store.answered("k", b"q") == replace(kept, replayed=True)
        assert store.answered("other", b"q") is None
        with pytest.raises(OnceReused):
            store.answered("k", b"another")

    def test_a_key_with_another_request_is_refused(self, make_store):
        store = make_store()
        store.keep(replace(GENERAL, once="k", asked=b"h")).result()
        before = everything(store)

        assert answer_of(store.keep(replace(GENERAL, once="k", asked=b"i"))) == "OnceReused"
        assert everything(store) == before

    def test_a_writing_without_a_key_may_come_twice(self, make_store):
        store = make_store()

        assert [store.keep(GENERAL).result().first_seq for _ in range(2)] == [1, 2]

    def test_old_keys_are_let_go(self, make_store):
        store = make_store()
        for at_ms in (1, 2, 3):
            store.keep(Writing(at_ms, once=f"k{at_ms}", answer=b"first")).result()

        assert store.forget_once(3) == 2
        assert store.forget_once(3) == 0
        fresh = [store.keep(Writing(9, once=f"k{i}")).result().replayed for i in (1, 2, 3)]
        assert fresh == [False, False, True]

    # ------------------------------------------------------------ limits and misuse

    def test_the_largest_body_is_kept_and_one_byte_more_is_refused(self, make_store):
        store = make_store()
        most = bytes(range(256)) * (BODY_BYTES_MAX // 256)
        store.keep(Writing(1, puts=(Row("words", "r", "", most),))).result()

        for writing in (
            Writing(1, puts=(Row("words", "s", "", most + b"x"),)),
            Writing(1, facts=(NewFact("a", "told", most + b"x"),)),
            Writing(1, answer=most + b"x"),
        ):
            with pytest.raises(ValueError, match=f"holds {BODY_BYTES_MAX + 1} bytes"):
                store.keep(writing)

        assert everything(store)["rows"]["words"] == [Row("words", "r", "", most)]
        assert store.n_facts() == 0

    def test_the_longest_names_are_kept_and_one_byte_more_is_refused(self, make_store):
        store = make_store()
        # Letters in no order: a database that squeezes its indexes gains nothing here.
        most = [
            "".join(
                chr(65 + b % 58) for i in range(40) for b in sha256(b"%d %d" % (n, i)).digest()
            )[:NAME_BYTES_MAX]
            for n in range(2)
        ] + ["\U0001f319" * (NAME_BYTES_MAX // 4)]
        for name, owner in pairwise([*most, most[0]]):
            store.keep(
                Writing(
                    1,
                    facts=(NewFact(name, name, b""),),
                    puts=(Row("words", name, owner, b""),),
                    once=name,
                )
            ).result()
            with pytest.raises(ValueError, match="longer than 1000 bytes"):
                store.keep(Writing(1, puts=(Row("words", name + "x", owner, b""),)))

        assert [row.id for row in store.rows("words")] == sorted(most)
        assert list(store.streams()) == sorted(most)

    @pytest.mark.parametrize(
        "writing",
        [
            Writing(-1),
            Writing(1 << 63),
            Writing(True),
            Writing(1, puts=(Row("attic", "r", "", b""),)),
            Writing(1, puts=(Row("words; --", "r", "", b""),)),
            Writing(1, puts=(Row("words", "", "", b""),)),
            Writing(1, puts=(Row("words", "\ud800", "", b""),)),
            Writing(1, puts=(Row("words", "r", "\udfff", b""),)),
            Writing(1, puts=(Row("words", "r", "", "text"),)),
            Writing(1, facts=(NewFact("", "told", b""),)),
            Writing(1, facts=(NewFact("a", "", b""),)),
            Writing(1, facts=(NewFact("a", "told", bytearray()),)),
            Writing(1, drops=(("attic", "r"),)),
            Writing(1, drop_owned=(("words", None),)),
            Writing(1, expects=(("a", -1),)),
            Writing(1, expects=(("a", 1.0),)),
            Writing(1, once="\ud800"),
        ],
    )
    def test_a_misused_writing_is_refused_at_once(self, make_store, writing):
        store = make_store()

        with pytest.raises(ValueError, match=r"^(a|at|an|once|how)"):
            store.keep(writing)

        assert everything(store) == everything(MemoryStore())

    def test_a_misused_question_is_refused_at_once(self, make_store):
        store = make_store()

        for ask in (
            lambda: store.row("attic", "r"),
            lambda: store.row("words", "\ud800"),
            lambda: store.rows("attic"),
            lambda: store.rows("words", limit=-1),
            lambda: store.rows("words", after="\ud800"),
            lambda: store.rows("words", owner="\ud800"),
            lambda: store.facts(after=-1),
            lambda: store.facts(limit=1.5),
            lambda: store.facts(stream="\ud800"),
            lambda: store.n_facts("\ud800"),
            lambda: store.forget_once(-1),
        ):
            with pytest.raises(ValueError, match=r"."):
                ask()

    def test_nobody_can_take_a_writing_back_once_it_was_handed_over(self, make_store):
        store = make_store()

        future = store.keep(GENERAL)

        assert not future.cancel()
        assert future.result(timeout=30).first_seq == 1

    def test_a_row_is_shown_without_its_body(self):
        assert "sealed" not in repr(GENERAL.puts[0])

    # ------------------------------------------------------------ closing, scrubbing

    def test_a_closed_store_keeps_nothing_more(self, make_store):
        store = make_store()
        store.keep(GENERAL).result()
        store.close()
        store.close()

        with pytest.raises(StoreBroken):
            store.keep(GENERAL).result(timeout=30)

    def test_scrubbing_changes_nothing_that_is_kept(self, make_store):
        store = make_store()
        store.keep(GENERAL).result()
        store.keep(Writing(1, puts=(Row("words", "big", "", b"x" * 50_000),))).result()
        store.keep(Writing(2, drops=(("words", "big"),))).result()
        before = everything(store)

        store.scrub()

        assert everything(store) == before

    def test_what_was_kept_is_there_after_a_restart(self, make_store):
        store = make_store()
        for once in ("k", "l"):
            store.keep(replace(GENERAL, once=once, answer=b"a")).result()
        before = everything(store)

        store = self.reopened(store)

        assert everything(store) == before
        assert store.keep(replace(GENERAL, once="k")).result() == Kept(1, 1, b"a", replayed=True)
        assert store.keep(GENERAL).result().first_seq == 3

    def test_a_snapshot_stays_as_it_was_while_others_write(self, make_store):
        store = make_store()
        store.keep(GENERAL).result()
        more = replace(GENERAL, puts=(Row("words", "s", "", b""),), drops=(("words", "r"),))

        with store.snapshot() as then:
            store.keep(more).result(timeout=30)
            seen = (
                [row.id for row in then.rows("words")],
                [row.id for row in then.rows("words", owner="dreamer/1")],
                then.row("words", "s"),
                [fact.seq for fact in then.facts()],
                [fact.seq for fact in then.facts(stream="dreamer/1")],
                then.n_facts(),
                then.n_facts("dreamer/1"),
            )

        assert seen == (["r"], ["r"], None, [1], [1], 1, 1)
        assert [row.id for row in store.rows("words")] == ["s"]
        assert store.n_facts("dreamer/1") == 2

    # ------------------------------------------------------------ many at once

    def test_many_hands_at_once_leave_no_gap_and_no_double(self, make_store):
        store = make_store()
        n_hands, n_each = 8, 25
        answers: dict[tuple[int, int], Kept] = {}

        def hand(i):
            for j in range(n_each):
                writing = Writing(
                    at_ms=j,
                    facts=(
                        NewFact(f"hand/{i}", "told", b"%d" % j),
                        NewFact("all", "told", b"%d %d" % (i, j)),
                    ),
                    puts=(Row("words", f"{i}-{j}", f"hand/{i}", b"%d" % j),),
                    once=f"{i}-{j}",
                )
                answers[i, j] = store.keep(writing).result(timeout=60)
                # Read your own writing: at once, and whole.
                assert store.row("words", f"{i}-{j}") is not None
                assert store.n_facts(f"hand/{i}") == j + 1

        _all_at_once([lambda i=i: hand(i) for i in range(n_hands)])

        facts = list(store.facts(limit=10_000))
        assert [f.seq for f in facts] == list(range(1, 2 * n_hands * n_each + 1))
        for i in range(n_hands):
            own = [f for f in facts if f.stream == f"hand/{i}"]
            assert [(f.n, f.body) for f in own] == [(j + 1, b"%d" % j) for j in range(n_each)]
            assert len(store.rows("words", owner=f"hand/{i}")) == n_each
        assert all(
            (facts[k.first_seq - 1].body, facts[k.last_seq - 1].body)
            == (b"%d" % j, b"%d %d" % (i, j))
            for (i, j), k in answers.items()
        )

    def test_one_key_from_many_hands_is_kept_once(self, make_store):
        store = make_store()
        writing = replace(GENERAL, once="k", asked=b"h", answer=b"a")

        futures = [store.keep(writing) for _ in range(50)]
        wait(futures, timeout=60)

        answers = [f.result() for f in futures]
        assert sorted(k.replayed for k in answers) == [False] + [True] * 49
        assert {replace(k, replayed=False) for k in answers} == {Kept(1, 1, b"a", replayed=False)}
        assert store.n_facts() == 1

    def test_of_many_that_expect_the_same_one_is_kept_and_the_others_do_not_suffer(
        self, make_store
    ):
        store = make_store()
        racing = [
            Writing(1, (NewFact("race", "told", b"%d" % i),), expects=(("race", 0),))
            for i in range(20)
        ]
        calm = [Writing(1, (NewFact("calm", "told", b"%d" % i),)) for i in range(20)]

        futures = [store.keep(w) for pair in zip(racing, calm, strict=True) for w in pair]
        answers = [answer_of(f) for f in futures]

        assert sum(a == "Moved" for a in answers[::2]) == 19
        assert "Moved" not in answers[1::2]
        assert [f.body for f in store.facts(stream="calm")] == [b"%d" % i for i in range(20)]
        assert store.n_facts("race") == 1

    def test_a_count_under_a_race_loses_nothing(self, make_store):
        store = make_store()

        def hand():
            kept = 0
            while kept < 10:
                n = store.n_facts("count")
                writing = Writing(1, (NewFact("count", "told", b""),), expects=(("count", n),))
                kept += answer_of(store.keep(writing)) != "Moved"

        _all_at_once([hand] * 4)

        assert store.n_facts("count") == 40

    def test_a_reader_never_sees_half_a_writing(self, make_store):
        store = make_store()
        stop = threading.Event()
        torn: list[object] = []

        def read():
            while not stop.is_set():
                bodies = {row.body for row in store.rows("words")}
                if len(bodies) > 1:
                    torn.append(bodies)

        def write():
            for i in range(60):
                puts = tuple(Row("words", str(j), "", b"%d" % i) for j in range(5))
                store.keep(Writing(1, puts=puts)).result(timeout=60)
            stop.set()

        _all_at_once([read, read, write])

        assert torn == []

    # ------------------------------------------------------------ as the plain twin says

    @pytest.mark.filterwarnings("ignore:Generating overly large repr")
    def test_any_order_of_wishes_is_answered_as_the_plain_store_does(self, make_store):
        promises = self

        class Twins(RuleBasedStateMachine):
            def __init__(self):
                super().__init__()
                self.plain, self.store = MemoryStore(), make_store()

            def teardown(self):
                self.store.close()

            @rule(held=st.lists(writings, min_size=1, max_size=4))
            def keep(self, held):
                futures = [self.store.keep(writing) for writing in held]
                expected = [answer_of(self.plain.keep(writing)) for writing in held]
                assert [answer_of(future) for future in futures] == expected

            @rule(shelf=shelves, owner=st.none() | owners, after=st.just("") | names)
            def rows(self, shelf, owner, after):
                asked = {"owner": owner, "after": after, "limit": 3}
                assert list(self.store.rows(shelf, **asked)) == self.plain.rows(shelf, **asked)

            @rule(shelf=shelves, name=names)
            def row(self, shelf, name):
                assert self.store.row(shelf, name) == self.plain.row(shelf, name)

            @rule(stream=st.none() | names, after=st.integers(0, 5))
            def facts(self, stream, after):
                asked = {"stream": stream, "after": after, "limit": 3}
                assert list(self.store.facts(**asked)) == self.plain.facts(**asked)
                assert self.store.n_facts(stream) == self.plain.n_facts(stream)

            @rule(before_ms=st.integers(0, 12))
            def forget_once(self, before_ms):
                assert self.store.forget_once(before_ms) == self.plain.forget_once(before_ms)

            @rule()
            def scrub(self):
                self.store.scrub()

            @rule()
            def restart(self):
                self.store = promises.reopened(self.store)

            @invariant()
            def alike(self):
                assert everything(self.store) == everything(self.plain)
                facts = self.plain.facts(limit=100_000)
                assert all(a.seq + 1 == b.seq for a, b in pairwise(facts))

        run_state_machine_as_test(
            Twins,
            settings=settings(
                max_examples=self.n_examples,
                stateful_step_count=self.n_steps,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )


def _all_at_once(hands):
    """Run each in a thread of its own; the first thing that went wrong is raised here."""
    wrong: list[BaseException] = []

    def guarded(hand):
        try:
            hand()
        except BaseException as no:
            wrong.append(no)

    threads = [threading.Thread(target=guarded, args=(hand,)) for hand in hands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if wrong:
        raise wrong[0]
