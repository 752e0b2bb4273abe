"""The files for deploying are read as those who run them read them.

systemd's own checker reads the unit where there is one. No container engine
and no Caddy are asked for: their files are read for what must stand in them.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from dataclasses import fields
from pathlib import Path

import pytest

from dreamweave.cli.checks import files
from dreamweave.settings import ENV, Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
NAMES = {ENV + f.name.upper() for f in fields(Settings)}


def unit() -> dict[str, list[str]]:
    held: dict[str, list[str]] = defaultdict(list)
    for line in (DEPLOY / "dreamweave.service").read_text().splitlines():
        if line and not line.startswith(("#", "[")):
            name, _, value = line.partition("=")
            held[name].append(value)
    return held


def steps() -> list[tuple[str, str]]:
    text = (DEPLOY / "Containerfile").read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split(" ", 1)[0], line.split(" ", 1)[1]) for line in whole.splitlines()]


def test_the_unit_gives_the_node_two_folders_and_nothing_else():
    held = unit()

    assert held["User"] == ["dreamweave"]
    assert held["StateDirectory"] == ["dreamweave dreamweave-keys"]
    assert held["StateDirectoryMode"] == ["0700"]
    assert held["ProtectSystem"] == ["strict"]
    assert held["CapabilityBoundingSet"] == [""]
    for name in ("NoNewPrivileges", "PrivateTmp", "ProtectHome", "MemoryDenyWriteExecute"):
        assert held[name] == ["yes"]
    # What a weave's process needs to leave the network.
    assert held["RestrictNamespaces"] == ["user net"]
    assert held["LimitCORE"] == ["0"]


def test_the_unit_allows_as_many_connections_as_the_doctor_asks_for(monkeypatch):
    resource = pytest.importorskip("resource")
    allowed = int(unit()["LimitNOFILE"][0])
    monkeypatch.setattr(resource, "getrlimit", lambda _: (allowed, allowed))

    assert [finding.state for finding in files(Settings())] == ["ok"]


@pytest.mark.parametrize("name", ["dreamweave.service", "Containerfile"])
def test_every_setting_that_is_named_is_one(name):
    named = set(re.findall(rf"{ENV}[A-Z_]+", (DEPLOY / name).read_text()))

    assert {f"{ENV}DATA_DIR", f"{ENV}KEYS_DIR"} <= named <= NAMES


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze here")
def test_systemd_reads_the_unit_without_a_complaint(tmp_path):
    def verify(text: str) -> str:
        # Where nothing is installed yet, its program is another one that is there.
        path = tmp_path / "dreamweave.service"
        path.write_text(text.replace("/opt/dreamweave/bin/dreamweave", "/bin/true"))
        done = subprocess.run(
            ["systemd-analyze", "verify", "--man=no", path], capture_output=True, text=True
        )
        return "".join(line for line in done.stderr.splitlines(True) if path.name in line)

    text = (DEPLOY / "dreamweave.service").read_text()
    assert verify(text) == ""
    assert "ProtectSystm" in verify(text.replace("ProtectSystem", "ProtectSystm"))


def test_the_container_runs_as_nobody_special_with_two_volumes_and_looks_after_itself():
    held = steps()
    last = held[max(i for i, (what, _) in enumerate(held) if what == "FROM") :]
    said = dict(last)

    assert said["FROM"] == "python:3.12-slim"
    assert said["USER"] == "dreamweave"
    assert said["VOLUME"] == '["/data", "/keys"]'
    assert said["CMD"] == '["dreamweave", "serve"]'
    assert "/health" in said["HEALTHCHECK"]
    order = [what for what, _ in last]
    assert order.index("USER") > order.index("RUN")  # folders are made before rights are dropped
    assert {what for what, _ in held} <= {
        *("FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE"),
        *("STOPSIGNAL", "HEALTHCHECK", "CMD"),
    }


def test_the_container_is_made_of_files_that_are_there():
    for what, rest in steps():
        if what == "COPY" and not rest.startswith("--from"):
            for source in rest.split()[:-1]:
                assert (DEPLOY.parent / source).exists(), source


def test_the_proxy_leads_to_the_node_and_writes_no_log():
    text = (DEPLOY / "Caddyfile").read_text()
    lines = [line.strip() for line in text.splitlines() if not line.strip().startswith("#")]

    assert [line for line in lines if line] == [
        "dreams.example {",
        f"reverse_proxy 127.0.0.1:{Settings().port}",
        "}",
    ]
