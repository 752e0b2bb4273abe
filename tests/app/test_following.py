"""Following gatherings: whatever is kept of one is looked at, and nothing runs where there is none."""

from __future__ import annotations

import threading
import time

import pytest
from makers_gatherings import make_gathering
from makers_ground import make_ground

from dreamweave.app.following import Following
from dreamweave.app.gathering_rows import gathering_of

NAME = "followed in a test"


def running():
    return [one for one in threading.enumerate() if one.name == NAME]


def until(holds):
    for _ in range(500):
        if holds():
            return True
        time.sleep(0.01)
    return False


@pytest.fixture
def here():
    return make_gathering()


def test_what_is_kept_while_it_sleeps_wakes_it(here):
    looked = []
    following = Following(
        here.ground,
        gathering_of,
        lambda: looked.extend(following.news()),  # and sleeps until it is woken
        name=NAME,
        threaded=True,
    )
    following.begin()
    assert until(lambda: looked == [here.g])
    time.sleep(0.05)  # it has gone to sleep

    here.comes()

    assert until(lambda: len(looked) > 1)
    following.close()
    following.close()
    assert running() == []
    n_looked = len(looked)
    here.comes()
    assert len(looked) == n_looked


def test_where_there_is_no_gathering_there_is_no_thread():
    following = Following(make_ground(), gathering_of, lambda: None, name=NAME, threaded=True)

    following.begin()

    assert running() == []
    following.close()


def test_without_a_thread_whoever_made_it_asks_for_the_news(here):
    following = Following(here.ground, gathering_of, lambda: None, name=NAME, threaded=False)

    following.begin()

    assert running() == []
    assert following.news() == [here.g]
    assert following.news() == []
    following.close()
