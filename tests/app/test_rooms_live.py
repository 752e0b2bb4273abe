"""The invented Circle tells on a node: with the real loom, in processes of their own."""

from __future__ import annotations

import json
import re
import time
from importlib import resources

from makers_gatherings import heard_in, make_gathering

from dreamweave.app import gatherings, telling
from dreamweave.app.closing_gathering import Closing
from dreamweave.app.gathering_words import beside
from dreamweave.app.live_loom import LiveLoom
from dreamweave.app.rooms import Rooms
from dreamweave.app.weaving_lent import part_of, weave_of
from dreamweave.model.acts import FRAME_BYTES_MAX, folded

N_TOLD = 24


def told_in_metropolis():
    sample = resources.files("dreamweave.sample") / "metropolis-arcana.jsonl"
    rows = map(json.loads, sample.read_text(encoding="utf-8").splitlines())
    return [row for row in rows if row.get("text", "").strip()][:N_TOLD]


def with_a_loom(gathered):
    gathered.rooms.close()
    gathered.rooms = Rooms(
        gathered.ground, LiveLoom(), on_trouble=gathered.trouble.append, threaded=False
    )
    return gathered


def settled(gathered):
    """Frames are a quarter of a second apart by a real clock; wait for the last one."""
    until_s = time.monotonic() + 120
    while gathered.rooms.turn() < 1:
        assert time.monotonic() < until_s
        time.sleep(0.02)
    return gathered.picture()


def test_the_invented_circle_tells_and_is_woven_and_a_restart_moves_nothing():
    gathered = with_a_loom(make_gathering(n_expected=16, n_open=2))
    ground, g = gathered.ground, gathered.g
    at, acts = gathered.rooms.picture(g)
    people, numbers = {}, {}
    for row in told_in_metropolis():
        who = people.setdefault(row["teller"], None) or gathered.comes()
        people[row["teller"]] = who
        answers = numbers.get(row.get("answers"))
        numbers[row["id"]] = gathered.tells(
            who, row["text"], lang=row["lang"], kind=row["kind"], answers=answers
        ).r

    before = settled(gathered)

    assert gathered.trouble == []
    assert before == gathered.afresh() == heard_in(gathered.frames(at), folded(acts))
    assert set(before.told) == set(range(N_TOLD))
    assert before.knots
    assert before.woven
    assert before.fair is not None
    assert all(len(f.data) <= FRAME_BYTES_MAX for f in gathered.frames() if f.kind == "acts")
    words = beside(ground, gathered.host, g)
    for one in words["reports"]:
        cut = "".join(one["text"][a:b] for a, b in one["cuts"])
        assert re.sub(r"\s", "", cut) == re.sub(r"\s", "", one["text"])
    for motif in words["motifs"]:
        # A name is somebody's own word.
        assert any(motif["name"].casefold() in one["text"].casefold() for one in words["reports"])
    steps = gathered.rooms.path(g, 0, N_TOLD - 1)
    assert (steps[0][0], steps[-1][0]) == (0, N_TOLD - 1)

    again = with_a_loom(gathered)
    teller = people[told_in_metropolis()[3]["teller"]]
    again.rooms.picture(g)
    telling.take_back(ground, teller, g, 3)
    after = settled(again)

    assert again.trouble == []
    assert after == again.afresh()
    assert after.told == {r: told for r, told in before.told.items() if r != 3}
    assert after.lanes[:-1] == before.lanes[: len(after.lanes) - 1]

    closing = Closing(ground, again.rooms, on_trouble=again.trouble.append, threaded=False)
    gatherings.begin_phase(ground, gathered.host, g, "reflecting")
    live = [(r, i) for r, held in again.rooms.woven(g).items() for i in sorted(held)]
    assert closing.turn() == 1

    weave = weave_of(ground, gathered.host, again.topic)
    assert weave.n_tags == N_TOLD - 1
    text = part_of(ground, gathered.host, again.topic, weave.weave, "text").decode()
    one_line = re.sub(r"[\s\\>*_]", "", text)
    cuts = {one["r"]: one for one in words["reports"]}
    for r, i in live:
        a, b = cuts[r]["cuts"][i]
        line = re.sub(r"[\s\\>*_]", "", cuts[r]["text"][a:b])
        assert line in one_line
    assert settled(again).settled == 1
    again.rooms.close()
