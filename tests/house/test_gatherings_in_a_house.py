"""A house lets people gather: what is told is woven beside the doors, and all of it ends with the house."""

from __future__ import annotations

import threading
import time

from makers_ground import a_dreamer

from dreamweave.app import circles, gatherings
from dreamweave.app.gatherings import About
from dreamweave.app.telling import Telling, tell
from dreamweave.house import open_house
from dreamweave.model.acts import folded
from dreamweave.settings import Settings


def test_what_is_told_is_woven_beside_the_doors_and_is_there_after_a_restart(tmp_path):
    settings = Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")
    house = open_house(settings)
    ground, trouble = house.ground, []
    house.on_trouble = trouble.append
    host = a_dreamer(ground)
    circle = circles.make(ground, host, "The tide")
    g = gatherings.make(ground, host, circle, About("Stairs"), begins_ms=ground.now_ms())
    gatherings.begin_phase(ground, host, g, "telling")
    tell(ground, host, g, Telling(text="The sea came up the stairs.", lang="en"))

    until_s = time.monotonic() + 60
    while not folded(house.rooms.picture(g)[1]).told and time.monotonic() < until_s:
        time.sleep(0.05)
    before = folded(house.rooms.picture(g)[1])
    house.close()

    assert set(before.told) == {0}
    assert trouble == []
    assert not [t for t in threading.enumerate() if t.name.startswith(("gatherings", "closing"))]
    again = open_house(settings)
    assert folded(again.rooms.picture(g)[1]).told == before.told
    again.close()
