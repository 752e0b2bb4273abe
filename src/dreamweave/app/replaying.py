"""Replaying: after a restore, the facts learn what was forgotten since the back-up.

The words and their keys are gone already (`vault.restoring`). Here journals,
audiences and the node's own stream are told, so that nobody is shown a place
where words were. Run once, before the restored node serves anybody.
"""

from __future__ import annotations

from collections.abc import Collection

from dreamweave.app.ground import Ground
from dreamweave.app.leaving import part_everywhere
from dreamweave.app.lending_ends import end_lendings
from dreamweave.app.road import Granting
from dreamweave.deciding import journals
from dreamweave.model.facts import (
    NODE,
    DreamerLeft,
    Fact,
    ReportForgotten,
    TakenBack,
    dreamer_stream,
)
from dreamweave.model.keeping import Shelf

_DREAMER = "dreamer/"
_OWNED: tuple[Shelf, ...] = ("accounts", "handles", "sessions", "passes")


def replay(ground: Ground, things: Collection[str], owners: Collection[str]) -> int:
    """Say in facts that `things` ("<shelf>/<id>") and all of `owners` are gone.

    Returns how many reports, lendings and people that were.
    """
    gone, left = frozenset(things), frozenset(owners)
    n = 0
    for stream in list(ground.store.streams()):
        if stream.startswith(_DREAMER):
            dreamer = stream.removeprefix(_DREAMER)
            n += _forget(ground, dreamer, gone) if stream not in left else 0
    members = ground.road.membership().members
    for owner in sorted(left):
        dreamer = owner.removeprefix(_DREAMER)
        if owner.startswith(_DREAMER) and dreamer in members:
            _leave(ground, dreamer)
            n += 1
    return n


def _forget(ground: Ground, dreamer: str, gone: frozenset[str]) -> int:
    said: list[Fact] = []

    def decide(granting: Granting) -> None:
        said.clear()
        journal = ground.road.journal(dreamer, granting)
        reports = [r for r in journal.reports if f"words/report/{r}" in gone]
        ended = [
            lent
            for lent in journal.lendings.values()
            if lent.report in reports or f"words/lent/{lent.tag}" in gone
        ]
        end_lendings(ground, granting, dreamer, ended, "replayed")
        said.extend(TakenBack(lent.lending, "replayed") for lent in ended)
        said.extend(map(ReportForgotten, reports))
        granting.say(dreamer_stream(dreamer), said)

    journal = ground.road.journal(dreamer)
    if any(f"words/report/{r}" in gone for r in journal.reports) or any(
        f"words/lent/{lent.tag}" in gone for lent in journal.lendings.values()
    ):
        ground.road.grant(decide, freeing=True)
    return len(said)


def _leave(ground: Ground, dreamer: str) -> None:
    def decide(granting: Granting) -> None:
        journal = ground.road.journal(dreamer, granting)
        end_lendings(ground, granting, dreamer, journal.lendings.values(), "replayed")
        granting.say(dreamer_stream(dreamer), journals.leave(journal))
        part_everywhere(ground, granting, dreamer)
        granting.say(NODE, (DreamerLeft(dreamer),))
        granting.drop_owned += ((shelf, f"{_DREAMER}{dreamer}") for shelf in _OWNED)

    ground.road.grant(decide, freeing=True)
