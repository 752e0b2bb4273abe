"""Telling in a gathering: a report is kept, lent there and told in one grant; and what its teller does with it.

What is told lies in its teller's own journal, and a copy is lent to the
gathering as words are lent to any audience: with a receipt, a tag, an end.
Answering, feeling and carrying are said of a report's number. What others are
shown is read by `gathering_words`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, cast

from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.gathering_hosting import checked_why
from dreamweave.app.gathering_rows import flag_place, name_at, yes_to_scribe
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.journals import commitment, report
from dreamweave.app.lending import NewLending, lend_felt, lend_within
from dreamweave.app.lending_ends import end_with_receipts
from dreamweave.app.road import Granting
from dreamweave.app.tellings import Telling, offered, signs_of, to_bytes, written
from dreamweave.deciding import gathering_decisions as decisions
from dreamweave.deciding import journals
from dreamweave.deciding.gatherings import REFLECTING
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import Lent, Offered, dreamer_stream
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.journal import Felt
from dreamweave.model.refusals import Refusal

__all__ = [
    "Own",
    "Telling",
    "ToldNow",
    "carry",
    "feel",
    "mine",
    "report_to_host",
    "stop_answers",
    "take_back",
    "tell",
]


@dataclass(frozen=True, slots=True)
class ToldNow:
    """What was told: its number, its lending, and whether it waits for the host."""

    r: int
    lending: str
    tag: str
    report: str
    held: bool


@dataclass(frozen=True, slots=True)
class Own:
    """A report of one's own that is lent here."""

    r: int
    tag: str
    lending: str
    report: str
    held: bool


def tell(
    ground: Ground,
    who: Actor,
    g: str,
    telling: Telling,
    *,
    scribe: Actor | None = None,
    once: str = "",
) -> ToldNow:
    """Tell something; acknowledged when it is kept, lent and told.

    `scribe` wrote it down for `who`, with their yes: who did is in the fact, and that
    they said yes is sealed under the teller's own key, in the same writing.
    """
    now_ms = ground.now_ms()
    new, report_id, salt = NewLending.drawn(ground), ground.new_id(), ground.fresh(16).hex()
    written_by = scribe.dreamer if scribe is not None else ""

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        assert state.made is not None
        journal = ground.road.journal(who.dreamer, granting)
        if telling.report is None:
            held = written(telling, report_id, salt, now_ms)
            body = held.to_bytes()
            facts = journals.keep(journal, held.id, commitment(body), version=held.version)
            granting.say(dreamer_stream(who.dreamer), facts)
            place = f"report/{held.id}"
            granting.puts += ground.vault.seal(owner_of(who.dreamer), place, body).rows
            journal = journals.fold(journal, facts)
        else:
            held = report(ground, who, telling.report)
        told = decisions.tell(
            state,
            who.dreamer,
            new.tag,
            answers=-1 if telling.answers is None else telling.answers,
            signs=signs_of(telling, held, later=state.phase == REFLECTING),
            on_open=telling.on_open,
            scribe=written_by,
            now_ms=now_ms,
        )
        name = telling.name or name_at(ground, who.dreamer, g)
        offer = offered(telling, held, state.made, name=name, now_ms=now_ms)
        lend_within(ground, granting, who, journal, held, offer, new, now_ms=now_ms)
        granting.say(gathering_stream(g), (Offered(new.tag, who.dreamer, told.held), told))
        if scribe is not None:
            require_open(scribe)
            decisions.here(state, scribe.dreamer)
            granting.puts += yes_to_scribe(ground, who.dreamer, g, len(state.told), now_ms)
        granting.answer = canonical(
            {
                "r": len(state.told),
                "lending": new.lending,
                "tag": new.tag,
                "report": held.id,
                "held": told.held,
            }
        )

    # Keyed: a plain hash of a few words would say which they were, also after they are taken back.
    asked = ("tell", g, written_by, ground.vault.mac("asked", to_bytes(telling)))
    kept = ground.road.grant(decide, once=scoped(who, once), asked=asked)
    return ToldNow(**cast("dict[str, Any]", parsed(kept.answer, "an answer")))


def take_back(ground: Ground, who: Actor, g: str, r: int, *, once: str = "") -> None:
    """Take a report of one's own back. Returns when nobody can read it; a closed door holds nobody."""

    def decide(granting: Granting) -> None:
        told = decisions.own(state_of(ground, g, granting), who.dreamer, r)
        lent = _lending_of(ground, granting, who, told.tag)
        end_with_receipts(ground, granting, who.dreamer, (lent,), "asked")

    asked = ("take back here", g, str(r))
    ground.road.grant(decide, once=scoped(who, once), asked=asked, freeing=True)


def feel(
    ground: Ground,
    who: Actor,
    g: str,
    r: int,
    feeling: Felt | None,
    intensity: int | None = None,
    *,
    once: str = "",
) -> None:
    """Say what a report of one's own felt like, or take that back: in the journal and beside the words."""
    now_ms, salt = ground.now_ms(), ground.fresh(16).hex()

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        granting.say(gathering_stream(g), decisions.amend(state, who.dreamer, r))
        lent = _lending_of(ground, granting, who, state.told[r].tag)
        before = report(ground, who, lent.report)
        after = replace(
            before, feeling=feeling, intensity=intensity, version=before.version + 1, salt=salt
        )
        body = after.to_bytes()
        journal = ground.road.journal(who.dreamer, granting)
        facts = journals.keep(journal, after.id, commitment(body), version=after.version)
        granting.say(dreamer_stream(who.dreamer), facts)
        place = f"report/{after.id}"
        granting.puts += ground.vault.seal(owner_of(who.dreamer), place, body).rows
        lend_felt(
            ground,
            granting,
            who,
            lent.lending,
            feeling=feeling,
            intensity=intensity,
            now_ms=now_ms,
        )

    said = ground.vault.mac("asked", canonical([g, r, feeling, intensity]))
    ground.road.grant(decide, once=scoped(who, once), asked=("feel", said))


def carry(ground: Ground, who: Actor, g: str, r: int, says: int, *, once: str = "") -> None:
    """Say that a report carries oneself (1), or does not (-1), or unsay it (0)."""

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        granting.say(gathering_stream(g), decisions.carry(state, who.dreamer, r, says))

    ground.road.grant(decide, once=scoped(who, once), asked=("carry", g, str(r), str(says)))


def stop_answers(
    ground: Ground, who: Actor, g: str, r: int, *, stopped: bool, once: str = ""
) -> None:
    """The teller of a report wants no more answers to it, or the host stops them; or opens them again."""

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        facts = decisions.stop_answers(state, who.dreamer, r, stopped=stopped)
        granting.say(gathering_stream(g), facts)

    asked = ("stop answers", g, str(r), str(stopped))
    ground.road.grant(decide, once=scoped(who, once), asked=asked)


def report_to_host(ground: Ground, who: Actor, g: str, r: int, why: str, *, once: str = "") -> None:
    """Ask the host to look at a report. Why lies sealed for the host, and goes with who said it."""
    why = checked_why(why)

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        granting.say(gathering_stream(g), decisions.report_to_host(state, who.dreamer, r))
        place, body = flag_place(g, r, who.dreamer), canonical({"why": why})
        granting.puts += ground.vault.seal(owner_of(who.dreamer), place, body).rows

    asked = ("flag", g, str(r), ground.vault.mac("asked", why.encode()))
    ground.road.grant(decide, once=scoped(who, once), asked=asked)


def mine(ground: Ground, who: Actor, g: str) -> list[Own]:
    """What the actor told here that is lent now, in the order it was told; also from outside."""
    state = state_of(ground, g)
    lent = {one.tag: one for one in ground.road.journal(who.dreamer).lendings.values()}
    return [
        Own(r, told.tag, lent[told.tag].lending, lent[told.tag].report, told.held)
        for r, told in enumerate(state.told)
        if told.dreamer == who.dreamer and not told.gone and told.tag in lent
    ]


# ------------------------------------------------------------------ within


def _lending_of(ground: Ground, granting: Granting, who: Actor, tag: str) -> Lent:
    for lent in ground.road.journal(who.dreamer, granting).lendings.values():
        if lent.tag == tag:
            return lent
    raise Refusal("lending.unknown", "There is no such lending of yours that still holds.")
