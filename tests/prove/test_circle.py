"""A Circle survives: its node is killed in the middle of it, and hundreds come, vanish, stall and return.

Bounded in every run; `DREAMWEAVE_PROVE=1` runs the published goals. Each suite
has its control: the same people with one defence off, which must show the harm.
"""

from __future__ import annotations

import asyncio
import itertools

import circle_evening
import circle_lives
import pytest
from circle_hall import N_OFFLINE, Came, hall
from circle_storm import storm
from circle_under_fire import Person
from proving import PROVING, goal
from running_node import Ear, node_apart

from dreamweave.app import hearing


def told(record_property, suite, came):
    record_property(suite, str(came))
    print(f"{suite}: {came}")


@pytest.fixture(autouse=True)
def no_ear_stays_open():
    yield
    while Ear.open_ones:
        Ear.open_ones.pop().close()


# ---------------------------------------------------------------- kill -9

needs_proc = pytest.mark.skipif(
    not circle_lives.permitted(), reason="the loom's process is found in /proc, which is not here"
)


@needs_proc
def test_a_gathering_survives_kill_minus_nine(tmp_path, record_property):
    n_lives, came = goal(3, 100), circle_evening.Came()

    circle_lives.killed(tmp_path, n_lives, goal(14, 16), came, closes=PROVING)

    told(record_property, "gatherings, kill -9", came)
    assert (came.harm, came.what) == (0, [])
    assert came.n_lives == n_lives
    assert came.n_acknowledged >= goal(15, 800)
    assert (
        min(
            came.n_told,
            came.n_taken_back,
            came.n_frames,
            came.n_resyncs,
            came.n_rejoined,
            came.n_frozen,
        )
        > 0
    )
    assert came.n_looms_killed >= goal(0, 20)
    assert came.n_closed >= goal(0, 10)


# It waits for what never comes, so a busy machine makes it slow: with the long proof only.
@needs_proc
@pytest.mark.skipif(not PROVING, reason="a slow control: runs with DREAMWEAVE_PROVE=1")
def test_control_sending_again_under_another_key_is_found_out(tmp_path, monkeypatch):
    came = circle_evening.Came()
    monkeypatch.setattr(Person, "key", lambda self, wish, n: f"{wish.key}-{n}")
    monkeypatch.setattr("circle_under_fire.AGAIN_ONE_IN", 1)
    monkeypatch.setattr(circle_evening, "WAIT_S", 2.0)  # it never comes to rest

    circle_lives.killed(tmp_path, 1, 8, came)

    assert came.n_lost + came.n_doubled > 0


# ---------------------------------------------------------------- a hall that comes and goes


def test_a_hall_of_pages_survives_a_storm(tmp_path, record_property):
    n_people, came = goal(300, 400), Came()

    with hall(tmp_path, n_people) as on:
        on.node.server.app.state.limiter.kinds = {}  # one machine is everybody here
        how = {"n_offline": goal(6, 60), "n_stalled": 12, "n_rounds": goal(4, 20)}
        asyncio.run(storm(on, came, **how))

    told(record_property, "a hall in a storm", came)
    assert (came.harm, came.what) == (0, set())
    assert came.n_acknowledged >= goal(6, 60) * N_OFFLINE
    assert (came.n_pages, came.n_stalled, came.n_let_go) == (n_people, 12, 12)
    assert min(came.n_sent_again, came.n_vanished, came.n_storms) > 0


def test_control_acts_that_are_lost_on_the_way_are_found_out(tmp_path, monkeypatch):
    came, acts_frame, count = Came(), hearing.acts_frame, itertools.count()
    monkeypatch.setattr(
        hearing, "acts_frame", lambda n, acts: acts_frame(n, acts if next(count) % 2 else [])
    )

    with hall(tmp_path, 12) as on:
        on.node.server.app.state.limiter.kinds = {}
        asyncio.run(storm(on, came, n_offline=2, n_stalled=0, n_rounds=1))

    assert came.n_different > 0


@needs_proc
def test_a_listener_costs_the_node_little(tmp_path, record_property):
    with node_apart(tmp_path) as node:
        few, many, again = circle_lives.memory_of_listeners(node, n_guests=60, n_each=5)

    per_listener = (many - few) / 240
    told(record_property, "memory", f"{per_listener / 1024:.0f} KiB a listener")
    # Coarse: a page of numbers each would be a few kilobytes, what was said to it a megabyte.
    assert per_listener < 128 * 1024
    assert again - many < 24 << 20
