"""dreamweave demo: a node plays the invented Circle, lets a visitor in, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import httpx
import pytest
from running_node import node_here

from dreamweave.app.play_script import evening
from dreamweave.app.playing import Play
from dreamweave.cli import main
from dreamweave.model.refusals import Refusal


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with node_here(tmp_path_factory.mktemp("node")) as held:
        yield held


@contextmanager
def playing(folder, *flags):
    """A demonstration that runs with its folders in `folder`, and its address."""
    command = [sys.executable, "-m", "dreamweave", "demo", "--no-open", "--port", "0", *flags]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
    )
    try:
        said = process.stdout.readline()
        yield process, re.search(r"http://\S+(?=/demo)", said)[0]
    finally:
        process.kill()
        process.communicate()


def until(holds, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.1)
    raise AssertionError("it never came")


def test_a_visitor_is_let_in_and_steers_the_play_and_nothing_is_left(tmp_path):
    with playing(tmp_path, "--speed", "16") as (process, address):
        assert len(list(tmp_path.glob("dreamweave-demo-*"))) == 1
        # As a browser does it: what changes something says where it comes from.
        like = {"base_url": address, "headers": {"origin": address}}
        with httpx.Client(**like, follow_redirects=True, timeout=30) as visitor:
            page = visitor.get("/demo")
            assert page.status_code == 200
            assert page.url.path.startswith("/gatherings/")
            assert "The Tide Came Up the Stairs" in page.text
            now = until(lambda: (m := visitor.get("/api/demo").json())["at_s"] > 12 and m)
            assert now["gathering"] == page.url.path.rpartition("/")[2]
            api = f"/api{page.url.path}"
            until(lambda: len(visitor.get(f"{api}/words").json()["reports"]) >= 2)

            assert not visitor.post("/api/demo", json={"do": "pause"}).json()["is_playing"]
            held = visitor.get("/api/demo").json()["at_s"]
            time.sleep(0.5)
            assert visitor.get("/api/demo").json()["at_s"] == held
            assert visitor.post("/api/demo", json={"do": "slower"}).json()["speed"] == 8
            assert visitor.post("/api/demo", json={"do": "dance"}).status_code == 422

            again = visitor.post("/api/demo", json={"do": "again"}).json()
            assert again["gathering"] != now["gathering"]
            assert (again["n"], again["is_playing"]) == (2, True)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert process.stderr.read() == ""
        assert "Nothing of it was kept." in process.stdout.read()
    assert list(tmp_path.glob("dreamweave-demo-*")) == []


def test_on_a_node_that_plays_nothing_these_doors_are_not_there(node):
    with node.client(node.keeper()[1]) as somebody:
        for answer in (somebody.get("/demo"), somebody.get("/api/demo")):
            assert answer.status_code == 404


@pytest.mark.parametrize(
    ("flags", "sentence"),
    [
        (["--speed", "0"], "The play runs at 0.25 to 16 times."),
        (["--png"], "go with --out DIR"),
        (["--port", "99999"], "port"),
    ],
)
def test_nonsense_gets_a_sentence(flags, sentence, capsys):
    assert main(["demo", "--no-open", *flags]) == 2
    assert sentence in capsys.readouterr().err


def test_every_cue_of_the_evening_has_its_person_and_its_report():
    script = evening()
    here = {"Lyra Quill"}
    told = set()
    for cue in script.cues:
        if cue.do in ("enter", "listen"):
            here.add(cue.who)
        assert cue.who in here, cue
        if cue.do == "tell":
            row = script.reports[cue.report]
            assert row["teller"] == cue.who
            assert row.get("answers") is None or row["answers"] in told, cue
            told.add(cue.report)
        elif cue.report:
            assert cue.report in told
            if cue.do == "carry":
                assert script.reports[cue.report]["teller"] != cue.who
    assert told == set(script.reports)
    assert [cue.at_s for cue in script.cues] == sorted(cue.at_s for cue in script.cues)
    assert 90 <= script.length_s <= 150


def test_a_pace_out_of_bounds_is_refused(node):
    with pytest.raises(Refusal):
        Play(node.house.people).pace(100)
