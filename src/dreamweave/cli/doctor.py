"""dreamweave doctor: look a node over, and say what to do.

Works while the node is serving and while it is not, and changes nothing. What
is looked at stands in `checks`; this file shows it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from dreamweave.cli.checks import Finding, everything
from dreamweave.cli.saying import Parser, say
from dreamweave.settings import read_settings

DONE, NOT_WELL = 0, 1


def parser() -> argparse.ArgumentParser:
    made = Parser(
        prog="dreamweave doctor",
        description="Look a node over: SQLite, disk, keys, clock, back-ups, https, and whether what"
        " happens reaches people as it happens. Says what to do. Ends with 1 where something must"
        " be done before people rely on the node.",
    )
    made.add_argument("--data", dest="data_dir", metavar="DIR", help="the folder of what is kept")
    made.add_argument("--keys", dest="keys_dir", metavar="DIR", help="the folder of the keys")
    made.add_argument("--store", metavar="URL", help="the PostgreSQL database that is kept in")
    made.add_argument("--address", metavar="URL", help="what people type: tried from outside")
    made.add_argument("--json", action="store_true", help="for programs")
    return made


def run(argv: Sequence[str]) -> int:
    """Look; returns 1 where something failed."""
    asked = vars(parser().parse_args(list(argv)))
    for_programs = asked.pop("json")
    settings = read_settings(asked)
    found = []
    for finding in everything(settings):
        found.append(finding)
        if not for_programs:
            tell(finding)
    failed = any(finding.state == "fail" for finding in found)
    if for_programs:
        print(json.dumps({"ok": not failed, "findings": [asdict(f) for f in found]}, indent=1))
    else:
        say(_summary(found))
    return NOT_WELL if failed else DONE


def tell(finding: Finding) -> None:
    say(f"{finding.state:4}  {finding.sentence}")
    if finding.do:
        say(f"      {finding.do}")


def _summary(found: Sequence[Finding]) -> str:
    n_fail = sum(f.state == "fail" for f in found)
    n_warn = sum(f.state == "warn" for f in found)
    if n_fail:
        return "\nSee to what failed before anybody relies on this node."
    return "\nWell enough; see to the warnings." if n_warn else "\nAll is well."
