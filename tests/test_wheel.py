"""The built wheel, installed alone in an empty environment, weaves a file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
pytestmark = pytest.mark.wheel


@pytest.fixture(scope="module")
def uv():
    beside = Path(sys.executable).parent / "uv"
    found = str(beside) if beside.exists() else shutil.which("uv")
    if not found:
        pytest.skip("uv is not here: make test brings it")
    return found


@pytest.fixture(scope="module")
def wheel(uv, tmp_path_factory):
    out = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [
            uv,
            "build",
            "--wheel",
            "--no-build-isolation",
            "--python",
            sys.executable,
            "-q",
            "-o",
            out,
            ROOT,
        ],
        check=True,
        cwd=ROOT,
    )
    (built,) = out.glob("*.whl")
    return built


def test_the_wheel_carries_the_front_end_the_sample_and_both_licences(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    assert {
        "dreamweave/dreamscape/static/page.js",
        "dreamweave/dreamscape/static/page.css",
        "dreamweave/sample/metropolis-arcana.jsonl",
        "dreamweave/verifier/verify_weave.py",
        "dreamweave/verifier/LICENSE",
        "dreamweave/py.typed",
    } <= names
    assert not [n for n in names if "node_modules" in n or n.startswith("tests")]
    assert any(n.endswith(".dist-info/licenses/LICENSE") for n in names)


def test_installed_alone_it_weaves_a_file_and_its_verifier_agrees(wheel, uv, tmp_path):
    venv = tmp_path / "venv"
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "VIRTUAL_ENV"))}
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    python = venv / "bin" / "python"
    subprocess.run([uv, "pip", "install", "-q", "--python", python, wheel], check=True, env=clean)
    told = tmp_path / "told.csv"
    told.write_text(
        "name,dream\n"
        "Ann Canary,The sea came up the stairs of our house and asked for tea.\n"
        "Bo Canary,I climbed the stairs and there was only water above.\n"
        "Cy Canary,A bird sat on the tram and paid with a feather.\n",
        encoding="utf-8",
    )

    out = tmp_path / "out"
    ran = subprocess.run(
        [venv / "bin" / "dreamweave", "weave", told, "--out", out, "--seed", "7"],
        capture_output=True,
        text=True,
        env=clean,
        cwd=tmp_path,
    )

    assert ran.returncode == 0, ran.stderr
    root = json.loads((out / "certificate.json").read_text(encoding="utf-8"))["root"]
    assert root in ran.stdout
    alone = subprocess.run(
        [sys.executable, "-I", out / "verify_weave.py", out, "--root", root],
        capture_output=True,
        text=True,
        env=clean,
    )
    assert alone.returncode == 0, alone.stdout + alone.stderr
    page = (out / "dreamscape.html").read_text(encoding="utf-8")
    assert "Canary" not in page
    assert "woff2" in page
