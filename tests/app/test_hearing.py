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


def test_acts_and_words_are_numbered_together_and_words_carry_no_number():
    heard = Hearing()
    heard.say_acts("gathering/x", [["phase", 1]])
    heard.say_words("gathering/x", {"reports": [{"r": 0}]}, frozenset({0}))

    assert heard.after("gathering/x", 0) == (
        Frame(1, b'{"acts":[["phase",1]],"n":1}', "acts"),
        Frame(2, b'{"reports":[{"r":0}]}', "words"),
    )


def test_words_that_are_taken_back_are_in_no_frame_any_more_and_nobody_falls_behind_by_it():
    heard = Hearing()
    heard.say_words("gathering/x", {"reports": [{"r": 0}, {"r": 1}]}, frozenset({0, 1}))
    heard.say_words("gathering/x", {"reports": [{"r": 2}]}, frozenset({2}))
    heard.say_words("gathering/x", {"reports": [{"r": 1}]}, frozenset({1}))

    assert heard.hush("gathering/x", frozenset({1, 7})) == 2

    assert heard.after("gathering/x", 0) == (Frame(2, b'{"reports":[{"r":2}]}', "words"),)
    assert heard.after("gathering/x", 2) == ()
    assert heard.at("gathering/x") == 3
    assert heard.hush("gathering/x", frozenset({1})) == 0
    assert heard.hush("gathering/none", frozenset({1})) == 0


def test_a_gatherings_screens_hear_no_tags_of_lendings():
    heard = Hearing()

    heard.say("gathering/x", "unpicked", ("tag",))

    assert heard.after("gathering/x", 0) == ()


def test_what_is_let_go_of_is_read_afresh_by_whoever_had_not_heard_it():
    heard = Hearing()
    heard.say("commons", "shown", ("a",))
    heard.say("commons", "shown", ("b",))

    heard.let_go("commons")
    heard.let_go("none")

    assert (heard.after("commons", 1), heard.after("commons", 2)) == (None, ())
    heard.say("commons", "shown", ("c",))
    assert heard.after("commons", 1) is None
    assert [frame.n for frame in heard.after("commons", 2)] == [3]
