"""Every sentence that a script says is in the catalogue, and none is there for nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

SOURCES = Path(__file__).resolve().parents[2] / "front/src/node"


def test_keys_in_the_scripts_and_keys_in_the_catalogue_are_the_same():
    said = set(json.loads((SOURCES / "strings.json").read_text(encoding="utf-8")))
    code = "".join(p.read_text(encoding="utf-8") for p in sorted(SOURCES.glob("*.ts")))
    groups = "|".join(sorted({key.partition(".")[0] for key in said}))
    used = set(re.findall(rf'"((?:{groups})\.[a-z_]+)"', code))
    used |= {f"state.{name}" for name in re.findall(r'why = .*"(full)" : "(none)"', code)[0]}
    used -= {"report.changed", "report.forgotten", "report.unknown", "device.key"}

    assert used == said
