"""Pages of the reference that are made from the code are as the code makes them."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

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
    } <= set(words)
    assert all(line.count("|") == 3 for line in page.splitlines() if line.startswith("|"))
