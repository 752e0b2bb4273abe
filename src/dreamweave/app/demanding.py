"""Demanding: what people ask for, out of what was told and woven.

A demand is a sentence, the lines whose tellers gave them to it, and the hands
of those who stand behind it, counted and not named. A line that is taken back
is gone from it at once. It can be exported, and waits until there is an
Assembly to take it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from dreamweave.app import gathering_words
from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.gathering_rows import opened
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.reflecting import drop_within, read_by, sealed_own, worded
from dreamweave.app.road import Granting
from dreamweave.deciding import reflections as deciding
from dreamweave.model.canonical import canonical
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal

SENTENCE_CHARS_MAX = 400


@dataclass(frozen=True, slots=True)
class Demanded:
    """A demand as it stands: `lines` are given and still lent, `n_waiting` not given (yet)."""

    id: str
    sentence: str = field(repr=False)
    lang: str
    lines: tuple[tuple[int, str], ...] = field(repr=False)
    n_waiting: int
    n_signed: int
    mine: bool
    signed: bool
    # Reports of the reader's own that it asks for, and whether they gave them.
    asks_me: tuple[tuple[int, bool], ...]


def demand(
    ground: Ground,
    who: Actor,
    g: str,
    sentence: str,
    reports: tuple[int, ...],
    *,
    lang: str = "",
    once: str = "",
) -> str:
    """Begin a demand out of some reports; its id. Each report's teller is asked for their line."""
    sentence = worded(sentence, SENTENCE_CHARS_MAX, "demand", "A demand")
    made = ground.new_id()
    body = canonical({"sentence": sentence, "lang": lang})

    def decide(granting: Granting) -> None:
        require_open(who)
        stream = gathering_stream(g)
        facts = deciding.demand(
            state_of(ground, g, granting),
            ground.road.reflections(stream, granting),
            made,
            who.dreamer,
            reports,
        )
        granting.say(stream, facts)
        granting.puts += sealed_own(ground, who, f"demand/{made}", body)
        granting.answer = made.encode()

    asked = ("demand", g, canonical(list(reports)), ground.vault.mac("asked", body))
    return ground.road.grant(decide, once=scoped(who, once), asked=asked).answer.decode()


def give_line(
    ground: Ground, who: Actor, g: str, demand: str, r: int, *, given: bool, once: str = ""
) -> None:
    """Give one's own line to a demand, or take it out of it."""

    def decide(granting: Granting) -> None:
        stream = gathering_stream(g)
        if given:
            require_open(who)
        facts = deciding.give_line(
            state_of(ground, g, granting),
            ground.road.reflections(stream, granting),
            demand,
            who.dreamer,
            r,
            given=given,
        )
        granting.say(stream, facts)

    asked = ("give a line", g, demand, str(r), str(given))
    ground.road.grant(decide, once=scoped(who, once), asked=asked)


def sign(ground: Ground, who: Actor, g: str, demand: str, *, signed: bool, once: str = "") -> None:
    """Stand behind a demand, or do so no longer. A closed door holds nobody there."""

    def decide(granting: Granting) -> None:
        if signed:
            require_open(who)
        stream = gathering_stream(g)
        facts = deciding.sign(
            state_of(ground, g, granting),
            ground.road.reflections(stream, granting),
            demand,
            who.dreamer,
            signed=signed,
        )
        granting.say(stream, facts)

    asked = ("sign", g, demand, str(signed))
    ground.road.grant(decide, once=scoped(who, once), asked=asked)


def drop_demand(ground: Ground, who: Actor, g: str, demand: str, *, once: str = "") -> None:
    """Whoever made a demand takes it back; its sentence is unreadable then."""

    def decide(state: deciding.Reflections, granting: Granting) -> None:
        granting.say(gathering_stream(g), deciding.drop_demand(state, demand, who.dreamer))
        granting.things.append((owner_of(who.dreamer), f"demand/{demand}"))

    drop_within(ground, who, g, decide, once, ("drop a demand", demand))


def demands(ground: Ground, who: Actor, g: str) -> list[Demanded]:
    """The demands of a gathering, the most signed first."""
    gathering = read_by(ground, who, g)
    held = ground.road.reflections(gathering_stream(g)).demands
    wanted = sorted({r for one in held.values() for r in one.given})
    words = {
        one["r"]: one["text"] for one in gathering_words.beside(ground, who, g, wanted)["reports"]
    }
    found = []
    for id, one in held.items():
        said = opened(ground, owner_of(one.dreamer), f"demand/{id}", "a demand")
        if not said:
            continue  # its maker is leaving at this moment
        standing = [r for r in one.asked if not gathering.told[r].gone]
        lines = tuple((r, words[r]) for r in standing if r in one.given and r in words)
        asks = tuple(
            (r, r in one.given) for r in standing if gathering.told[r].dreamer == who.dreamer
        )
        found.append(
            Demanded(
                id,
                said["sentence"],
                said["lang"],
                lines,
                len(standing) - len(lines),
                len(one.signed),
                one.dreamer == who.dreamer,
                who.dreamer in one.signed,
                asks,
            )
        )
    return sorted(found, key=lambda one: (-one.n_signed, one.id))


def exported(ground: Ground, who: Actor, g: str, demand: str) -> bytes:
    """One demand as a file: its sentence, the lines that were given, and how many stand behind it."""
    for one in demands(ground, who, g):
        if one.id == demand:
            said = {
                "schema": "dreamweave/demand/1",
                "sentence": one.sentence,
                "lang": one.lang,
                "lines": [text for _, text in one.lines],
                "n_signed": one.n_signed,
            }
            return json.dumps(said, ensure_ascii=False, indent=2).encode()
    raise Refusal("demand.unknown", "There is no such demand here, or it was taken back.")
