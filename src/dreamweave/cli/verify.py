"""dreamweave verify: say, clause by clause, whether a weave is what its certificates say.

Reads files and prints sentences; what is checked is `loom.proving`'s business.
Names the stand-alone verifier at the end, so that nobody has to take ours.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from dreamweave.cli.saying import Parser, say
from dreamweave.loom.proving import CLAUSES, Finding, verify
from dreamweave.model.refusals import Refusal

NAMES = ("weave.json", "certificate.json", "certificate.public.json")
FILE_BYTES_MAX = 2 * 10**9

# A relation of fewer candidates is found again before anybody looks up.
_PROGRESS_FROM = 5_000

_MARKS = {"holds": "+", "fails": "!", "unchecked": "?"}


def parser() -> Parser:
    made = Parser(
        prog="dreamweave verify",
        description="Check that a weave is fair and made of lent words only.",
    )
    made.add_argument("path", type=Path, metavar="PATH", help="an output folder, or one file of it")
    made.add_argument("--root", metavar="HASH", help="the root that weaving printed")
    return made


def run(argv: Sequence[str]) -> int:
    """Check what is at a path. Returns 0 when nothing fails, 1 when something does.

    Raises:
        Refusal: a file is not what it should be.
    """
    asked = parser().parse_args(list(argv))
    found = verify(files_at(asked.path), asked.root, progress=_progress)
    say(spoken(found))
    return 1 if any(finding.verdict == "fails" for finding in found) else 0


def files_at(path: Path) -> dict[str, bytes]:
    """The files of a weave at `path`, a folder or one of them, as {name: bytes}."""
    wanted = [path]
    try:
        inside = sorted(path.iterdir()) if path.is_dir() else None
    except OSError as no:
        raise Refusal("verify.unreadable", f"{path} cannot be read: {no.strerror}.") from None
    if inside is not None:
        wanted = [
            file
            for file in inside
            if file.name in NAMES or (file.name.startswith("receipt") and file.suffix == ".json")
        ]
        if not wanted:
            raise Refusal(
                "verify.nothing", f"{path} holds no weave.json, no certificate and no receipt."
            )
    files = {}
    for file in wanted:
        try:
            # Something endless (a device, a pipe) must not be read to its end.
            if file.exists() and not file.is_file():
                raise Refusal("verify.unreadable", f"{file} is no file.")
            with file.open("rb") as opened:
                data = opened.read(FILE_BYTES_MAX + 1)
            if len(data) > FILE_BYTES_MAX:
                raise Refusal("verify.size", f"{file} is too large to be one of ours.")
            files[file.name] = data
        except OSError as no:
            why = no.strerror or "no reason given"
            raise Refusal("verify.unreadable", f"{file} cannot be read: {why}.") from None
    return files


def spoken(found: Sequence[Finding]) -> str:
    """The findings in words: a clause a paragraph, the verdict beside its name."""
    lines = []
    for finding in found:
        lines.append(f"{finding.clause:6} {CLAUSES[finding.clause]:24} {finding.verdict.upper()}")
        lines += [f"   {_MARKS[kind]} {sentence}" for kind, sentence in finding.said]
    failed = [finding.clause for finding in found if finding.verdict == "fails"]
    lines.append("")
    lines.append(f"Fails: {', '.join(failed)}." if failed else "Nothing fails.")
    lines.append("verify_weave.py, one file without libraries, checks the same without us.")
    return "\n".join(lines)


def _progress(done: int, of: int) -> None:
    if of >= _PROGRESS_FROM and sys.stderr.isatty():
        end = "\n" if done == of else ""
        print(
            f"\rfinding again who is carried by what: {100 * done // of} %",
            end=end,
            file=sys.stderr,
        )
