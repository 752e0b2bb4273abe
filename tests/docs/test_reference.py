"""Pages of the reference that are made from the code are as the code makes them."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

from dreamweave.app import hearing
from dreamweave.cli import recount
from dreamweave.governance.listings import Applicant, Listing
from dreamweave.governance.records import DrawRecord
from dreamweave.model import acts

ROOT = Path(__file__).parents[2]


def test_the_table_of_proofs_is_as_its_tool_writes_it():
    spec = importlib.util.spec_from_file_location("proofs", ROOT / "tools" / "proofs.py")
    assert spec is not None
    assert spec.loader is not None
    proofs = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(proofs)
    page = (ROOT / "docs/reference/proofs.md").read_text()

    assert page == proofs.made(page, proofs.written_down())
    assert set(proofs.written_down()) <= set(proofs.SUITES)
    came = proofs.made(page, {"kill": "201 kills"})
    assert "| 201 kills |" in came
    assert proofs.made(came, {}) == proofs.made(page, {})


def test_the_page_of_the_command_names_every_verb():
    said = subprocess.run(
        [sys.executable, "-m", "dreamweave", "--help"], capture_output=True, text=True, check=True
    ).stdout
    verbs = re.findall(r"^  (\w+) {2,}\S", said, re.MULTILINE)
    page = (ROOT / "docs/reference/cli.md").read_text()

    assert len(verbs) >= 10
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == verbs


def test_the_glossary_has_each_word_once_and_every_noun_people_meet():
    page = (ROOT / "docs/glossary.md").read_text()
    heads = re.findall(r"^\| (\*\*.*?) \|", page, re.MULTILINE)
    words = [word for head in heads for word in re.findall(r"\*\*(.+?)\*\*", head)]

    assert len(words) == len(set(words))
    # Nouns of the API, as the groups of its doors and the kinds of its passes name them.
    assert {
        *("report", "fragment", "lending", "audience", "Circle", "echo", "commons", "node"),
        *("session", "passkey", "invitation", "recovery code", "return key", "setup code"),
        *("member", "journal", "naming", "receipt", "pattern", "prompt", "transcript", "weave"),
        *("refusal", "stream", "pass", "standing", "night", "feeling", "piece", "hint"),
        *("gathering", "phase", "call", "short code", "act", "frame", "words beside", "warp"),
        *("hold", "rest", "approval", "flag", "floor", "turn", "table", "credit", "draw"),
        *("chance", "stratum", "nonce", "lens", "reflection", "demand", "tapestry", "play"),
    } <= set(words)
    assert all(line.count("|") == 3 for line in page.splitlines() if line.startswith("|"))


def documented(page: str) -> list[str]:
    """The acts of the page of acts, as its table has them."""
    return re.findall(r'^\| `\["(\w+)"', page, re.MULTILINE)


def test_the_page_of_acts_names_every_act_and_no_other():
    page = (ROOT / "docs/reference/acts.md").read_text()
    said = documented(page)
    tree = ast.parse((ROOT / "src/dreamweave/model/acts.py").read_text())
    folded = [
        case.pattern.patterns[0].value.value
        for case in ast.walk(tree)
        if isinstance(case, ast.match_case) and isinstance(case.pattern, ast.MatchSequence)
    ]

    assert said == folded
    assert [*said, "dance"] == documented(page + '\n| `["dance", r]` | people dance |')
    assert f"at most {acts.FRAME_BYTES_MAX:,} bytes" in page
    assert f"only for the first {acts.SEATS_DRAWN_MAX} |" in page
    assert ", ".join(f"{p} {name}" for p, name in enumerate(acts.PHASES)) in page
    signs = (acts.DRAWING, acts.NOTED, acts.VOICE, acts.PHOTO, acts.LATER)
    said_of_signs = re.search(r"`signs` adds ([^|]+) \|", page)
    assert said_of_signs is not None
    assert tuple(map(int, re.findall(r"\d+", said_of_signs[1]))) == signs
    assert f"holds the newest {hearing.N_FRAMES_HELD} frames" in " ".join(page.split())


def test_the_words_beside_on_the_page_are_those_that_are_said():
    page = (ROOT / "docs/reference/acts.md").read_text()
    (block,) = re.findall(r"```json\n(.+?)```", page, re.DOTALL)
    (report,) = json.loads(block)["reports"]
    tree = ast.parse((ROOT / "src/dreamweave/app/gathering_words.py").read_text())
    said = [
        [key.value for key in made.keys if isinstance(key, ast.Constant)]
        for made in ast.walk(tree)
        if isinstance(made, ast.Dict) and len(made.keys) > 3
    ]

    assert said == [list(report)]


def test_the_record_of_a_draw_on_its_page_is_one_and_recounts(capsys, tmp_path):
    page = (ROOT / "docs/reference/draw-record.md").read_text()
    block = re.search(r"<!-- record -->\n```json\n(.+?)```\n\n```\n(.+?)```", page, re.DOTALL)
    assert block is not None
    record, said = block.groups()
    path = tmp_path / "draw.json"
    path.write_text(record)

    assert recount.run([str(path)]) == 0
    assert capsys.readouterr().out == said
    path.write_text(record.replace('"losses": 1', '"losses": 2'))
    assert recount.run([str(path)]) == 1


def test_the_record_of_a_draw_is_described_field_by_field():
    page = (ROOT / "docs/reference/draw-record.md").read_text()
    said = [
        name.rpartition(".")[2]
        for cell in re.findall(r"^\| (`.+?) \|", page, re.MULTILINE)
        for name in re.findall(r"`([\w.\[\]]+)`", cell)
    ]
    there = {f.name for held in (DrawRecord, Listing, Applicant) for f in fields(held)}

    assert len(said) == len(set(said))
    assert set(said) == there | {"schema"}
