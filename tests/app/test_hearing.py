"""Frames are numbered, shared, held for a while, and hold ids only."""

from __future__ import annotations

from dreamweave.app.hearing import N_FRAMES_HELD, Frame, Hearing


def test_a_listener_reads_what_came_since():
    heard = Hearing()
    heard.say("commons", "shown", ("a",))
    heard.say("commons", "unpicked", ("a",))

    assert heard.after("commons", 0) == (
        Frame(1, b'{"n":1,"shown":["a"]}'),
        Frame(2, b'{"n":2,"unpicked":["a"]}'),
    )
    assert heard.after("commons", 1) == (Frame(2, b'{"n":2,"unpicked":["a"]}'),)
    assert heard.after("commons", 2) == ()
    assert heard.after("circle/x", 0) == ()


def test_who_fell_too_far_behind_reads_afresh():
    heard = Hearing()
    for i in range(N_FRAMES_HELD + 2):
        heard.say("commons", "shown", (str(i),))

    assert heard.after("commons", 0) is None
    assert heard.after("commons", 1) is None
    assert len(heard.after("commons", 2)) == N_FRAMES_HELD


def test_a_number_from_before_a_restart_reads_afresh():
    assert Hearing().after("commons", 0) == ()
    heard = Hearing()
    heard.say("commons", "shown", ("a",))

    assert heard.after("commons", 5) is None


def test_listeners_are_woken_until_they_stop():
    heard, woken = Hearing(), []
    stop = heard.listen("commons", lambda: woken.append(heard.at("commons")))

    heard.say("commons", "shown", ("a",))
    heard.say("other", "shown", ("b",))
    stop()
    heard.say("commons", "shown", ("c",))

    assert woken == [1]


def test_a_dreamers_streams_are_cut_by_whoever_holds_them():
    heard, cut = Hearing(), []
    heard.on_cut(cut.append)

    heard.cut("ann")

    assert cut == ["ann"]
