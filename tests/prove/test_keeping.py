"""What was acknowledged survives: killed processes, cut power, full and failing disks.

Each suite has its control: the same lives with one defence off, which must show
the harm. Bounded in every run; `DREAMWEAVE_PROVE=1` runs the published goals.
"""

from __future__ import annotations

import random
import shutil

import killing
import lives_cut_short
import lives_with_errors
import pytest
import small_disk
from proving import goal

from dreamweave.store.engine import Tuning

MIB = 1 << 20


def told(record_property, suite, came):
    record_property(suite, str(came))
    print(f"{suite}: {came}")


# ---------------------------------------------------------------- kill -9


def killed(folder, n_kills, n_acks, mode="sound"):
    """A node that is killed so often, compared now and then and at the end."""
    came, rng = killing.Came(), random.Random(n_kills)
    for i in range(n_kills):
        killing.kill_once(folder, rng, n_acks, came, mode)
        if i % 10 == 9 and mode == "sound":
            killing.compare(folder, came)
    killing.compare(folder, came)
    return came


def test_what_was_acknowledged_survives_kill_minus_nine(tmp_path, record_property):
    n_kills = goal(8, 200)
    came = killed(tmp_path, n_kills, n_acks=goal(60, 250))

    told(record_property, "kill -9", came)
    assert (came.n_kills, came.n_lost, came.n_doubled, came.n_strange) == (n_kills, 0, 0, 0)
    assert came.n_acknowledged >= goal(200, 40_000)


def test_control_answering_before_the_commit_is_found_out(tmp_path):
    assert killed(tmp_path, 4, n_acks=40, mode="hasty").n_lost > 0


def test_control_sending_again_without_keys_is_found_out(tmp_path):
    assert killed(tmp_path, 2, n_acks=40, mode="keyless").n_doubled > 0


# ---------------------------------------------------------------- power cuts


def cut(tmp_path, n_cuts, synchronous):
    came = lives_cut_short.Came()
    for seed in range(n_cuts):
        folder = tmp_path / str(seed)
        folder.mkdir()
        lives_cut_short.live_until_cut(folder, seed, synchronous, came)
        shutil.rmtree(folder)
    return came


def test_what_was_acknowledged_survives_power_cuts(tmp_path, record_property):
    n_cuts = goal(20, 400)
    came = cut(tmp_path, n_cuts, Tuning().synchronous)  # as a node is opened

    told(record_property, "power cuts, FULL", came)
    assert (came.n_cuts, came.n_lost, came.n_half_kept, came.n_ruined) == (n_cuts, 0, 0, 0)
    assert came.n_cuts_in_copying > 0


@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_control_with_fewer_syncs_power_cuts_lose(tmp_path, record_property, synchronous):
    came = cut(tmp_path, goal(15, 100), synchronous)

    told(record_property, f"power cuts, {synchronous}", came)
    assert came.n_lost > 0


# ---------------------------------------------------------------- full and failing disks


needs_small_disk = pytest.mark.skipif(
    not small_disk.permitted(),
    reason="a small disk needs `unshare -rm` and a tmpfs, not permitted here",
)


def on_full_disk(tmp_path, n_lives, ballast_bytes):
    given = (0, n_lives, ballast_bytes)
    return small_disk.on_small_disk(tmp_path / "disk", 24 * MIB, "full_disk.py", *given)


@needs_small_disk
def test_on_a_full_disk_nothing_is_lost_and_taking_back_always_works(tmp_path, record_property):
    n_lives = goal(6, 50)
    came = on_full_disk(tmp_path, n_lives, 2 * MIB)

    told(record_property, "full disks (real)", came)
    harm = ("n_lost", "n_freeing_failed", "n_scrubs_failed", "n_could_not_open", "n_left_in_files")
    assert {name: came[name] for name in harm} == dict.fromkeys(harm, 0)
    assert (came["n_lives"], came["n_full"], came["n_recovered"]) == (n_lives, n_lives, n_lives)
    assert came["n_freeing"] == 3 * n_lives
    assert came["n_restarts_when_full"] > 0


@needs_small_disk
def test_control_without_ballast_taking_back_fails_on_a_full_disk(tmp_path, record_property):
    came = on_full_disk(tmp_path, goal(3, 50), 0)

    told(record_property, "full disks without ballast", came)
    assert came["n_freeing_failed"] > 0
    assert came["n_could_not_open"] > 0
    assert came["n_lost"] == 0


def test_what_was_acknowledged_survives_errors_of_the_disk(tmp_path, record_property):
    n_lives, came = goal(20, 50), lives_with_errors.Came()
    for seed in range(n_lives):
        lives_with_errors.live_with_errors(tmp_path / str(seed), seed, came)

    told(record_property, "errors of the disk", came)
    assert (came.n_lives, came.n_lost, came.n_strange) == (n_lives, 0, 0)
    assert min(came.n_broken, came.n_went_on, came.n_refused, came.n_unknown) > 0
