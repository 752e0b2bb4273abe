"""Progress: one line where somebody watches, a few where nobody does, none when quiet."""

from __future__ import annotations

import io

from dreamweave.cli.progress import Progress


class Screen(io.StringIO):
    def __init__(self, watched: bool) -> None:
        super().__init__()
        self.watched = watched

    def isatty(self) -> bool:
        return self.watched


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def steps(progress, clock):
    for done in range(101):
        progress("read", done, 100)
        clock.now += 0.25


def test_a_watched_line_is_written_over_and_cleared():
    screen, clock = Screen(watched=True), Clock()

    with Progress(stream=screen, clock=clock) as progress:
        steps(progress, clock)

    shown = screen.getvalue().split("\r")
    assert "\n" not in screen.getvalue()
    assert shown[1].startswith("Reading [........................] 0/100")
    assert any("############............] 50/100" in line for line in shown)
    assert shown[-2].strip() == ""
    assert shown[-1] == ""


def test_where_nobody_watches_a_line_comes_every_few_seconds():
    screen, clock = Screen(watched=False), Clock()

    with Progress(stream=screen, clock=clock) as progress:
        steps(progress, clock)

    assert screen.getvalue().splitlines() == [
        "Reading: 20 of 100.",
        "Reading: 40 of 100.",
        "Reading: 60 of 100.",
        "Reading: 80 of 100.",
        "Reading: 100 of 100.",
    ]


def test_quiet_is_quiet():
    screen = Screen(watched=True)

    with Progress(quiet=True, stream=screen) as progress:
        progress("read", 1, 2)

    assert screen.getvalue() == ""


def test_a_stream_that_is_gone_stops_nobody():
    screen = Screen(watched=True)
    progress = Progress(stream=screen)
    screen.close()

    progress("read", 1, 2)
    progress("read", 2, 2)


def test_odd_numbers_do_not_break_the_bar():
    screen = Screen(watched=True)

    with Progress(stream=screen) as progress:
        progress("something new", 5, 0)
        progress("cut", 9, 3)

    assert "Something new" in screen.getvalue()
