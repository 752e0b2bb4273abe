"""Journals: what one dreamer keeps and has lent. The state of a dreamer's stream.

Knows ids, versions and for whom; never a word. Whether an audience may be lent
to is the audience's to say (`deciding.audiences`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from dreamweave.model.facts import Fact, Lent, ReportForgotten, ReportKept, TakenBack, Why
from dreamweave.model.refusals import Refusal

N_LENDINGS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Journal:
    """A dreamer's reports (id -> version), forgotten ones, and lendings that hold."""

    reports: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    forgotten: frozenset[str] = frozenset()
    lendings: Mapping[str, Lent] = field(default_factory=lambda: MappingProxyType({}))
    n_taken_back: int = 0

    def lent_of(self, report: str) -> tuple[Lent, ...]:
        """The lendings of one report that hold."""
        return tuple(lent for lent in self.lendings.values() if lent.report == report)


def fold(state: Journal, facts: Iterable[Fact]) -> Journal:
    """The state after `facts`. Facts of other streams change nothing."""
    reports, lendings = dict(state.reports), dict(state.lendings)
    forgotten, n_taken_back = set(state.forgotten), state.n_taken_back
    for fact in facts:
        match fact:
            case ReportKept(report, version):
                reports[report] = version
            case ReportForgotten(report):
                reports.pop(report, None)
                forgotten.add(report)
            case Lent():
                lendings[fact.lending] = fact
            case TakenBack(lending):
                n_taken_back += lendings.pop(lending, None) is not None
    return Journal(
        MappingProxyType(reports), frozenset(forgotten), MappingProxyType(lendings), n_taken_back
    )


def keep(state: Journal, report: str, commitment: str, *, version: int) -> tuple[Fact, ...]:
    """Keep a report, or the next version of one.

    `version` is the one the writer saw, plus one: somebody who amended an
    older one is told, and nothing is overwritten unseen.
    """
    if report in state.forgotten:
        raise Refusal("report.forgotten", "That report was forgotten. Keep this as a new one.")
    held = state.reports.get(report, 0)
    if version != held + 1:
        raise Refusal(
            "report.changed",
            "This report was changed on another device meanwhile. Open it again, then save."
            if held
            else "There is no such report of yours to amend.",
        )
    return (ReportKept(report, version, commitment),)


def forget(state: Journal, report: str) -> tuple[Fact, ...]:
    """Forget a report: every lending of it ends, then it is gone."""
    if report not in state.reports:
        raise unknown_report()
    ended = tuple(TakenBack(lent.lending, "forgotten") for lent in state.lent_of(report))
    return (*ended, ReportForgotten(report))


def lend(state: Journal, lent: Lent, *, now_ms: int) -> tuple[Fact, ...]:
    """Lend words of a report."""
    if lent.report not in state.reports:
        raise unknown_report()
    if lent.lending in state.lendings:
        raise Refusal("lending.twice", "This is lent already.")
    if lent.until_ms and lent.until_ms <= now_ms:
        raise Refusal("lending.until", "That time has passed. Choose a later one, or none.")
    if len(state.lendings) >= N_LENDINGS_MAX:
        raise Refusal(
            "lending.many",
            f"You lend {N_LENDINGS_MAX:,} pieces already. Take some back before lending more.",
        )
    return (lent,)


def held(state: Journal, lending: str) -> Lent:
    """A lending that holds."""
    if lending not in state.lendings:
        raise Refusal("lending.unknown", "There is no such lending of yours that still holds.")
    return state.lendings[lending]


def take_back(state: Journal, lending: str, why: Why) -> tuple[Fact, ...]:
    """End a lending."""
    return (TakenBack(held(state, lending).lending, why),)


def leave(state: Journal) -> tuple[Fact, ...]:
    """End every lending and forget every report."""
    ended = tuple(TakenBack(lending, "left") for lending in state.lendings)
    return (*ended, *(ReportForgotten(report) for report in state.reports))


def due(state: Journal, now_ms: int) -> tuple[Lent, ...]:
    """Lendings whose time has come."""
    return tuple(x for x in state.lendings.values() if x.until_ms and x.until_ms <= now_ms)


def unknown_report() -> Refusal:
    """The same answer for a report that never was, is gone, or is somebody else's."""
    return Refusal("report.unknown", "There is no such report of yours.")
