"""A Circle survives: its node is killed in the middle of it, and hundreds come, vanish, stall and return.

Bounded in every run; `DREAMWEAVE_PROVE=1` runs the published goals. Each suite
has its control: the same people with one defence off, which must show the harm.
"""

from __future__ import annotations

import circle_lives
import pytest
from circle_under_fire import Person
from proving import goal
from running_node import Ear


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
    n_lives, came = goal(3, 100), circle_lives.Came()

    circle_lives.killed(tmp_path, n_lives, goal(14, 16), came)

    told(record_property, "gatherings, kill -9", came)
    assert (came.harm, came.what) == (0, [])
    assert came.n_lives == n_lives
    assert came.n_acknowledged >= goal(20, 1_000)
    assert min(came.n_told, came.n_frames, came.n_resyncs, came.n_rejoined, came.n_frozen) > 0
    assert came.n_looms_killed >= goal(0, 20)


@needs_proc
def test_control_sending_again_under_another_key_is_found_out(tmp_path, monkeypatch):
    came = circle_lives.Came()
    monkeypatch.setattr(Person, "key", lambda self, wish, n: f"{wish.key}-{n}")
    monkeypatch.setattr("circle_under_fire.AGAIN_ONE_IN", 1)
    monkeypatch.setattr(circle_lives, "WAIT_S", 2.0)  # it never comes to rest

    circle_lives.killed(tmp_path, 1, 8, came)

    assert came.n_lost + came.n_doubled > 0
