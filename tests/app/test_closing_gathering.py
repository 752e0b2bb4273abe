"""After the telling the whole is woven around what was woven live, and it falls and rises with its words."""

from __future__ import annotations

import io
import json
import threading

import pytest
from makers_gatherings import make_gathering

from dreamweave.app import closing_gathering, gatherings, telling
from dreamweave.app.closing_gathering import Closing
from dreamweave.app.weave_worker import send
from dreamweave.app.weaving_lent import key_of, part_of, weave_of
from dreamweave.deciding.gatherings import CLOSING, REFLECTING
from dreamweave.model.refusals import Refusal


class PaperWeaver:
    """Weaves what it is handed into a list of it; breaks while it is told to."""

    def __init__(self):
        self.asked = []
        self.no: BaseException | None = None
        self.meanwhile = lambda: None

    def __call__(self, asked):
        self.asked.append(json.loads(asked))
        self.meanwhile()
        if self.no is not None:
            raise self.no
        reports = self.asked[-1]["reports"]
        out = io.BytesIO()
        text = "\n".join(one["text"] for one in reports).encode()
        keys = json.dumps({one["teller"]: "key" for one in reports}).encode()
        send(out, {"root": b"0" * 64, "page": text, "text": text, "knots": b"[]", "keys": keys})
        return out.getvalue()


class Closed:
    def __init__(self):
        self.gathered = make_gathering(n_open=1)
        self.weaver, self.trouble = PaperWeaver(), []
        self.closing = self.again()
        self.ann, self.bo = self.gathered.comes(), self.gathered.comes()
        self.gathered.comes(listening=True)
        self.gathered.tells(self.ann, "The stairs of the harbour. They went down.")
        self.gathered.tells(self.bo, "A canaryword on the stairs.", answers=0)
        self.gathered.tells(self.ann, "A feather in my mother's coat.")
        self.gathered.settle()

    def again(self):
        on = self.gathered
        return Closing(
            on.ground,
            on.rooms,
            weaver=self.weaver,
            on_trouble=self.trouble.append,
            threaded=False,
        )

    def reflects(self):
        on = self.gathered
        gatherings.begin_phase(on.ground, on.host, on.g, "reflecting")

    @property
    def state(self):
        return self.gathered.state


@pytest.fixture
def closed():
    return Closed()


def test_what_was_told_is_woven_around_what_was_woven_live_and_then_people_reflect(closed):
    on = closed.gathered
    closed.reflects()
    assert closed.state.phase == CLOSING
    with pytest.raises(Refusal):
        on.tells(closed.ann, "Too late.")

    assert closed.closing.turn() == 1

    (asked,) = closed.weaver.asked
    tags = [one.tag for one in closed.state.told]
    assert asked["title"] == "The night of the stairs"
    assert [(one["id"], one["answers"]) for one in asked["reports"]] == [
        (tags[0], None),
        (tags[1], tags[0]),
        (tags[2], None),
    ]
    assert asked["live"] == [[0, 0], [2, 0]]  # what the paper loom made lines
    assert (asked["n_listening"], asked["n_open"]) == (1, 1)
    assert closed.state.phase == REFLECTING
    weave = weave_of(on.ground, closed.bo, on.topic)
    assert weave.n_tags == 3
    assert b"canaryword" in part_of(on.ground, closed.bo, on.topic, weave.weave, "text")
    assert key_of(on.ground, closed.bo, on.topic, weave.weave) == "key"
    on.settle()
    assert (on.picture().phase, on.picture().settled) == (3, 1)
    assert gatherings.gathering(on.ground, closed.bo, on.g).settled
    assert closed.closing.turn() == 0


def test_where_it_fails_the_gathering_waits_and_its_host_has_it_tried_again(closed):
    on = closed.gathered
    closed.weaver.no = Refusal("weave.broken", "Something failed. Nothing was lost.")
    closed.reflects()

    assert closed.closing.turn() == 0
    on.comes(listening=True)
    assert closed.closing.turn() == 0
    assert (closed.state.phase, len(closed.weaver.asked)) == (CLOSING, 1)
    closed.weaver.no = ZeroDivisionError()
    closed.reflects()
    assert closed.closing.turn() == 0
    assert [type(no) for no in closed.trouble] == [ZeroDivisionError]
    closed.weaver.no = None
    closed.reflects()
    assert closed.closing.turn() == 1
    assert closed.state.phase == REFLECTING


def test_what_is_taken_back_makes_the_whole_fall_and_it_is_woven_again_without(closed):
    on = closed.gathered
    closed.reflects()
    closed.closing.turn()
    first = weave_of(on.ground, closed.bo, on.topic)

    telling.take_back(on.ground, closed.bo, on.g, 1)

    assert weave_of(on.ground, closed.bo, on.topic) is None
    with pytest.raises(Refusal):
        part_of(on.ground, closed.bo, on.topic, first.weave, "text")
    on.settle()
    assert on.picture().settled == 0
    assert closed.closing.turn() == 1
    second = weave_of(on.ground, closed.bo, on.topic)
    assert b"canaryword" not in part_of(on.ground, closed.bo, on.topic, second.weave, "text")
    on.settle()
    assert (on.picture().settled, on.picture().phase) == (2, 3)
    assert on.picture() == on.afresh()


def test_what_is_taken_back_while_it_is_woven_is_not_in_it(closed):
    on = closed.gathered
    closed.reflects()

    def once():
        closed.weaver.meanwhile = lambda: None
        telling.take_back(on.ground, closed.bo, on.g, 1)

    closed.weaver.meanwhile = once
    assert closed.closing.turn() == 1

    weave = weave_of(on.ground, closed.bo, on.topic)
    assert b"canaryword" not in part_of(on.ground, closed.bo, on.topic, weave.weave, "text")
    assert len(closed.weaver.asked) == 2
    assert closed.weaver.asked[1]["live"] == [[0, 0], [1, 0]]


def test_where_everything_was_taken_back_there_is_nothing_to_wait_for(closed):
    on = closed.gathered
    closed.reflects()
    for who in (closed.ann, closed.bo):
        for one in telling.mine(on.ground, who, on.g):
            telling.take_back(on.ground, who, on.g, one.r)

    assert closed.closing.turn() == 1
    assert (closed.state.phase, closed.state.weaves) == (REFLECTING, [])


def test_a_host_may_end_it_without_a_whole(closed):
    on = closed.gathered
    closed.weaver.no = Refusal("weave.broken", "Something failed. Nothing was lost.")
    closed.reflects()
    closed.closing.turn()

    gatherings.begin_phase(on.ground, on.host, on.g, "closed")

    assert closed.state.phase == 4
    assert closed.closing.turn() == 0


def test_a_closing_that_a_restart_cut_short_is_done_by_itself(closed):
    closed.reflects()
    closed.closing.close()

    back = closed.again()
    assert back.turn() == 0
    back.begin()

    assert back.turn() == 1
    assert closed.state.phase == REFLECTING


def test_the_thread_closes_by_itself_and_ends_with_the_house(closed):
    closed.closing.close()
    done = threading.Event()
    on = closed.gathered
    live = Closing(on.ground, on.rooms, weaver=closed.weaver, on_trouble=closed.trouble.append)
    stop = on.ground.road.on_kept(
        lambda _: done.set() if closed.state.phase == REFLECTING else None
    )

    closed.reflects()

    assert done.wait(20)
    stop()
    live.close()
    live.close()


def test_nobody_weaves_but_the_house(closed):
    from dreamweave.app.weaving_lent import weave_lent

    on = closed.gathered
    with pytest.raises(Refusal) as no:
        weave_lent(on.ground, closed.ann, on.topic, title="Mine", weaver=closed.weaver)

    assert no.value.code == "weave.host"
    assert closing_gathering.gathering_of("circle/x") is None
