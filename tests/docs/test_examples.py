"""What the documentation says to type is typed here, against a real node and in a real shell.

A block under `<!-- run -->` is run; the blocks of one page in one shell, in
their order, in an empty folder. What a page says around them is not read.
"""

from __future__ import annotations

import json
import re
import subprocess
import zipfile
from pathlib import Path

from running_node import environment, node_apart

DOCS = Path(__file__).parents[2] / "docs"
RUN = re.compile(r"<!-- run -->\n```(sh|python)\n(.*?)```", re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    return RUN.findall((DOCS / page).read_text(encoding="utf-8"))


def typed(page: str, folder: Path, **names: str) -> subprocess.CompletedProcess[str]:
    lines = "\n".join(text for kind, text in blocks(page) if kind == "sh")
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", lines],
        cwd=folder, env=environment() | names, capture_output=True, text=True, timeout=60,
    )  # fmt: skip


def test_every_page_with_something_to_run_is_run_here():
    pages = {
        p.relative_to(DOCS).as_posix() for p in DOCS.rglob("*.md") if RUN.search(p.read_text())
    }

    assert pages == {"reference/api.md"}


def test_the_api_does_what_its_page_says(tmp_path):
    here = tmp_path / "here"
    here.mkdir()
    with node_apart(tmp_path) as node:
        done = typed("reference/api.md", here, NODE=node.url, CODE=node.setup_code())
        assert node.stop() == 0

    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(p.name for p in here.iterdir()) == [
        "codes.json",
        "frames",
        "jar",
        "journal.zip",
        "lending.json",
        "openapi.json",
        "receipt.json",
    ]
    paths = json.loads((here / "openapi.json").read_text())["paths"]
    doors = {re.sub(r"/?\{.*", "", path) for path in paths} | {"/api/openapi.json"}
    named = re.findall(
        r"(?:\$NODE|(?:GET|POST) )(/api/[a-z/.-]+)", (DOCS / "reference/api.md").read_text()
    )
    assert {path.rstrip("/") for path in named} <= doors
    assert '"holds":true' in done.stdout
    assert done.stdout.count("The sea came up the stairs.") == 4  # listed, found, previewed, shown
    with zipfile.ZipFile(here / "journal.zip") as archive:
        reports = json.loads(archive.read("journal.json"))["reports"]
    assert [report["text"] for report in reports] == ["The sea came up the stairs."]
    assert (tmp_path / "log").read_text() == ""


def test_an_example_that_fails_is_seen(tmp_path):
    with node_apart(tmp_path) as node:
        done = typed("reference/api.md", tmp_path, NODE=node.url, CODE="WRONG-C0DES")

    assert done.returncode != 0
