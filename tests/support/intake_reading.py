"""For tests of intake: what was told, as plain tuples."""

from __future__ import annotations

from dreamweave.intake import Intake, read_bytes


def intake_of(name: str, content: str | bytes, **asked) -> Intake:
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return read_bytes([(name, data)], **asked)


def told(name: str, content: str | bytes, **asked) -> list[tuple[str, str]]:
    """(teller, text) of every report, in order."""
    return [(r.teller, r.text) for r in intake_of(name, content, **asked).told.reports]


def left_out(intake: Intake) -> str:
    """The sentence that counts what was left out, or nothing."""
    return next((s for s in intake.understood if s.startswith("Left out")), "")
