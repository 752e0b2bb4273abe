"""dreamweave demo --out: the sample, again and again, and a page opened where one can be."""

from __future__ import annotations

import webbrowser

import pytest

from dreamweave.cli import main
from dreamweave.cli.demo_still import SEED, has_screen, opened


def test_it_weaves_the_sample_and_may_replace_itself(here, loom, capsys):
    for _ in range(2):
        assert main(["demo", "--out", "demo", "--no-open"]) == 0

    said = capsys.readouterr().out
    asked = loom.asked[1]
    assert len({r.teller for r in asked["told"].reports}) == 24
    assert (asked["seed"], asked["invented"], asked["names"]) == (SEED, True, True)
    assert asked["title"] == "The Tide Came Up the Stairs"
    assert (here / "demo" / "text.md").read_bytes() == b"2"
    assert "Open demo/dreamscape.html in a browser" in said
    assert "Did everybody agree" not in said
    assert said.endswith("Everybody in it is invented.\n")


def test_it_never_replaces_a_weaving_of_real_people(told, loom, capsys):
    main(["weave", "evening.csv", "--out", "demo"])

    assert main(["demo", "--out", "demo", "--no-open"]) == 2
    assert "--force" in capsys.readouterr().err


@pytest.mark.parametrize("there", [True, False])
def test_it_opens_the_page_or_says_where_it_lies(here, loom, there, monkeypatch, capsys):
    pages = []
    monkeypatch.setattr("dreamweave.cli.demo_still.has_screen", lambda: there)
    monkeypatch.setattr(webbrowser, "open", lambda url: pages.append(url) or True)

    assert main(["demo", "--out", "demo"]) == 0

    assert len(pages) == there
    assert ("No browser could be opened" in capsys.readouterr().out) != there


@pytest.mark.parametrize("error", [webbrowser.Error("none"), OSError("gone"), False])
def test_a_browser_that_fails_is_no_failure(here, monkeypatch, error):
    def fails(url):
        if error:
            raise error
        return False

    monkeypatch.setattr(webbrowser, "open", fails)

    assert opened(here / "x.html", look_for=lambda: True) is False


def test_without_a_screen_no_browser_is_looked_for(monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)

    assert not has_screen()
    monkeypatch.setenv("DISPLAY", ":0")
    assert has_screen()
