"""What is taken back in a Circle is gone from every page, with hundreds of them listening.

Each control is the same hall with one defence off, which must show the harm.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from circle_hall import Came, hall
from circle_storm import taken_back
from makers_gatherings import make_gathering
from paper_loom import PaperLoom
from proving import goal

from dreamweave.app import gathering_words
from dreamweave.app.hearing import Hearing
from dreamweave.app.road import Road
from dreamweave.app.rooms import Rooms
from dreamweave.model.acts import Picture


def back(folder, n_people, n_tellers):
    came = Came()
    with hall(folder, n_people) as on:
        on.node.server.app.state.limiter.kinds = {}  # one machine is everybody here
        asyncio.run(taken_back(on, came, n_tellers=n_tellers, n_rejoining=goal(8, 40)))
    return came


def test_what_is_taken_back_is_gone_from_everybody_and_from_every_way_to_rejoin(
    tmp_path, record_property
):
    n_people, n_tellers = goal(300, 400), goal(12, 60)
    came = back(tmp_path, n_people, n_tellers)

    record_property("taking back in a hall", str(came))
    print(f"taking back in a hall: {came}")
    assert (came.harm, came.what) == (0, set())
    assert (came.n_pages, came.n_taken_back) == (n_people, n_tellers)
    assert came.n_acknowledged >= 3 * n_tellers
    assert min(came.n_rejoined, came.n_sent_again) > 0


def kept_after_gone(picture, act, whole=Picture.apply):
    """The fold, but what is gone stays in the picture."""
    if act[0] == "gone":
        picture.gone.add(act[1])
    else:
        whole(picture, act)


@pytest.mark.parametrize(
    ("defence", "harm"), [("hush", "n_left"), ("keys", "n_doubled"), ("gone", "n_left")]
)
def test_the_proof_fails_where_a_defence_is_off(defence, harm, tmp_path, monkeypatch):
    if defence == "hush":
        monkeypatch.setattr(Hearing, "hush", lambda *_: 0)
    elif defence == "keys":
        grant = Road.grant
        monkeypatch.setattr(Road, "grant", lambda self, decide, **how: grant(
            self, decide, **{**how, "once": ""}
        ))  # fmt: skip
    else:
        monkeypatch.setattr(Picture, "apply", kept_after_gone)

    came = back(tmp_path, 12, 6)

    assert getattr(came, harm) > 0


class Forgetful(PaperLoom):
    """After the node was away it finds no name for what people share."""

    def begin(self, made, n_open, picture, told, said, names):
        answer = super().begin(made, n_open, picture, told, said, names)
        return replace(answer, names=tuple((m, "", "") for m in names))


def test_a_name_that_the_loom_does_not_find_again_is_taken_from_every_page():
    before = make_gathering()
    for _ in range(2):
        before.tells(before.comes(), "The lantern is lit.")
    before.settle()
    shown = gathering_words.beside(before.ground, before.host, before.g)["motifs"]
    assert [one["name"] for one in shown] == ["lantern"]

    # The node is back, and its pages have read all of it before the loom did.
    after = before.reopened()
    after.rooms = Rooms(
        after.ground, Forgetful(), on_trouble=after.trouble.append, now_s=after.clock_s,
        threaded=False,
    )  # fmt: skip
    at, _ = after.rooms.picture(after.g)
    after.settle()

    said = [json.loads(frame.data).get("motifs", ()) for frame in after.frames(at)]
    assert {(one["m"], one["name"]) for some in said for one in some} == {(shown[0]["m"], None)}
    assert gathering_words.beside(after.ground, after.host, after.g)["motifs"] == []
