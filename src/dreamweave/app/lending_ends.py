"""How lendings end: everything that must go when words are no longer lent.

One place for all the ways: taken back, expired, forgotten, left, removed. The
lent copy and its key go, the audience unpicks the tag, and every weave that
held it falls. In a gathering, what the loom read out of the words goes too.
Ending the private report, if that too goes, is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterable

from dreamweave.app.actors import owner_of
from dreamweave.app.consent import withdrawn
from dreamweave.app.gathering_rows import ending
from dreamweave.app.ground import Ground
from dreamweave.app.road import Granting
from dreamweave.deciding import audiences, journals, tapestries
from dreamweave.model.facts import Lent, WeaveFell, Why, dreamer_stream


def end_lendings(
    ground: Ground, granting: Granting, dreamer: str, lent: Iterable[Lent], why: Why
) -> None:
    """Add to `granting` what ending these lendings of one dreamer takes.

    The dreamer's own facts (`TakenBack`) are said by the caller.
    """
    by_audience: dict[str, list[str]] = {}
    for one in lent:
        by_audience.setdefault(one.audience, []).append(one.tag)
        granting.things.append((owner_of(dreamer), f"lent/{one.tag}"))
    for stream, tags in by_audience.items():
        facts = audiences.unpick(ground.road.audience(stream, granting), tags)
        granting.say(stream, facts)
        for fact in facts:
            if isinstance(fact, WeaveFell):
                granting.things.append((stream, f"weave/{fact.weave}"))
        ending(ground, granting, stream, tags)


def end_with_receipts(
    ground: Ground, granting: Granting, dreamer: str, lent: Iterable[Lent], why: Why
) -> None:
    """End lendings of somebody who stays: with the facts of their own, and a receipt for each.

    What is lent to a gathering takes along what of it is lent to its tapestry.
    """
    journal, now_ms = ground.road.journal(dreamer, granting), ground.now_ms()
    lent = tuple(lent)
    also = (one for one in tapestries.going_with(journal, lent) if one not in lent)
    lent = tuple(dict.fromkeys((*lent, *also)))
    end_lendings(ground, granting, dreamer, lent, why)
    for one in lent:
        granting.say(dreamer_stream(dreamer), journals.take_back(journal, one.lending, why))
        receipt = withdrawn(ground, dreamer, one, now_ms, why).to_bytes()
        place = f"receipt/{one.lending}/withdrawn"
        granting.puts += ground.vault.seal(owner_of(dreamer), place, receipt).rows
