"""The clock of gatherings runs in a house: a turn ends by itself, also one from before a restart."""

from __future__ import annotations

import threading

from makers_ground import Clock, a_dreamer
from running_node import until

from dreamweave.app import circles, gatherings
from dreamweave.app.flooring import wish
from dreamweave.app.gatherings import About
from dreamweave.governance.speakers import FloorRules
from dreamweave.house import open_house
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.settings import Settings

TURN_MS = FloorRules().turn_ms_max


def n_turns(house, g):
    floors = house.ground.road.gathering(gathering_stream(g)).floors
    return len(floors.by_table[0].turns) if floors is not None else 0


def test_a_turn_ends_by_itself_and_one_from_before_a_restart_too(tmp_path):
    settings = Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")
    clock = Clock()
    house = open_house(settings, now_ms=clock)
    ground = house.ground
    house.start_sweeping()
    host = a_dreamer(ground)
    circle = circles.make(ground, host, "The tide")
    g = gatherings.make(
        ground, host, circle, About("Stairs"), floor="turns", begins_ms=ground.now_ms()
    )
    gatherings.begin_phase(ground, host, g, "telling")
    wish(ground, host, g, "ask")
    clock.pass_ms(TURN_MS)
    until(lambda: n_turns(house, g) == 1, "the turn ends")
    wish(ground, host, g, "ask")
    house.close()

    clock.pass_ms(TURN_MS)
    again = open_house(settings, now_ms=clock)
    again.start_sweeping()
    until(lambda: n_turns(again, g) == 2, "the turn of before ends")
    again.close()

    assert not [t for t in threading.enumerate() if t.name == "clock of gatherings"]
