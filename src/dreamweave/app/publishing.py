"""Publishing a tapestry: its tellers lend lines to it, its host shows it, and it goes when they go.

What was lent to a gathering is not lent to everybody: each line is lent to the
published tapestry by whoever told it, with a receipt of its own. Unnamed lines
wait there for company like anywhere else. Taking a line back ends it here too,
and what was made of it falls and is woven again without.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.gathering_about import about_of
from dreamweave.app.gathering_rows import opened
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.journals import report
from dreamweave.app.lending import Granted, Offer, lend, take_back
from dreamweave.app.road import Granting
from dreamweave.app.tapestries import reads_inside
from dreamweave.app.weaving_lent import Gathered, Weaver, WovenLent, weave_lent
from dreamweave.deciding import gathering_decisions
from dreamweave.deciding import tapestries as deciding
from dreamweave.model.facts import Lent, WeaveFell
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal
from dreamweave.model.tapestry_facts import Licence, tapestry_stream

TERMS = "dreamweave/tapestry-terms/1"

# How a line stands in the published tapestry: by itself, or under the name it was told under.
Under = Literal["unnamed", "named"]


@dataclass(frozen=True, slots=True)
class OwnLine:
    """A report of one's own, and whether it is lent to the published tapestry.

    `name` is what it was told under, if anything. `waits`: it is lent unnamed, and
    too few have lent beside it yet.
    """

    r: int
    text: str = field(repr=False)
    lang: str
    name: str = field(repr=False)
    lent: bool
    named: bool
    waits: bool


def own_lines(ground: Ground, who: Actor, g: str) -> list[OwnLine]:
    """What the actor told in a gathering that is lent now, in the order it was told; also from outside."""
    state = state_of(ground, g)
    waiting = ground.road.audience(tapestry_stream(g)).waiting
    found = []
    for r, told in enumerate(state.told):
        if told.dreamer != who.dreamer or told.gone or told.held:
            continue
        words = _words(ground, who, told.tag)
        if not words:
            continue  # taken back while this was read
        there = _lent_there(ground, who, g, told.tag)
        found.append(
            OwnLine(
                r,
                words["text"],
                words.get("lang") or "",
                words.get("name") or "",
                there is not None,
                there is not None and there.naming != "unnamed",
                there is not None and there.tag in waiting,
            )
        )
    return found


def lend_line(
    ground: Ground,
    who: Actor,
    g: str,
    r: int,
    *,
    under: Under = "unnamed",
    licence: str = "read",
    once: str = "",
) -> Granted:
    """Lend a line of one's own to the published tapestry, as it was told: these words, and no later ones.

    Args:
        licence: the widest terms on which the actor's lines there may be read.

    Raises:
        Refusal: it is not theirs, is there already, or words are not published here.
    """
    stream = tapestry_stream(g)

    def choose(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        gathering_decisions.own(state, who.dreamer, r)
        held = ground.road.tapestry(stream, granting)
        granting.say(stream, deciding.begin(held, state))
        granting.say(stream, deciding.choose(held, who.dreamer, licence))

    if not reads_inside(ground, who, g):
        raise deciding.unknown()
    told = gathering_decisions.own(state_of(ground, g), who.dreamer, r)
    lent, words = _lent_here(ground, who, g, told.tag), _words(ground, who, told.tag)
    held = report(ground, who, lent.report)
    name = words.get("name") or ""
    if under == "named" and not name:
        raise Refusal("tapestry.name", "This line was told without a name, so it has none here.")
    offer = Offer(
        lent.report,
        held.version,
        stream,
        "pseudonym" if under == "named" else "unnamed",
        _span_in(held.text, words["text"]),
        name if under == "named" else "",
        note=words.get("note") or "",
    )
    ground.road.grant(choose)
    return lend(ground, who, offer, once=once)


def take_line_out(ground: Ground, who: Actor, g: str, r: int, *, once: str = "") -> None:
    """Take a line out of the published tapestry; it stays lent to the gathering. Nobody is held."""
    told = gathering_decisions.own(state_of(ground, g), who.dreamer, r)
    lent = _lent_there(ground, who, g, told.tag)
    if lent is None:
        raise Refusal("lending.unknown", "There is no such lending of yours that still holds.")
    take_back(ground, who, lent.lending, once=once)


def publish(
    ground: Ground, who: Actor, g: str, *, once: str = "", weaver: Weaver | None = None
) -> WovenLent:
    """Weave what is lent to a tapestry, and show it to everybody on the node.

    Raises:
        Refusal: it is not theirs to publish, or nothing is lent to it that can be shown.
    """
    stream, now_ms = tapestry_stream(g), ground.now_ms()

    def begin(granting: Granting) -> None:
        require_open(who)
        held = ground.road.tapestry(stream, granting)
        begun = deciding.begin(held, state_of(ground, g, granting))
        # Whoever may not publish it is refused before anything is woven.
        deciding.publish(deciding.fold(held, begun), who.dreamer, now_ms=now_ms)
        granting.say(stream, begun)

    def then(granting: Granting) -> None:
        held = ground.road.tapestry(stream, granting)
        granting.say(stream, deciding.publish(held, who.dreamer, now_ms=now_ms))

    if not reads_inside(ground, who, g):
        raise deciding.unknown()
    ground.road.grant(begin)
    return _woven(ground, who, g, then=then, once=once, weaver=weaver)


def weave_again(ground: Ground, g: str, *, weaver: Weaver | None = None) -> WovenLent:
    """Weave a published tapestry that fell once more, without what was taken back."""
    host = ground.road.tapestry(tapestry_stream(g)).host
    return _woven(ground, Actor(host, guest=False), g, then=lambda _: None, once="", weaver=weaver)


def is_to_be_woven_again(ground: Ground, g: str) -> bool:
    """Whether a tapestry is published, fell, and holds words that are still lent."""
    audience = ground.road.audience(tapestry_stream(g))
    return audience.published and not audience.weaves and bool(audience.shown)


def withdraw(ground: Ground, who: Actor, g: str, *, once: str = "") -> None:
    """Show a tapestry to nobody any more. Returns when nothing that was made of it can be read."""
    stream = tapestry_stream(g)

    def decide(granting: Granting) -> None:
        held = ground.road.tapestry(stream, granting)
        facts = deciding.withdraw(held, who.dreamer, steward=who.has("steward"))
        granting.say(stream, facts)
        for weave in ground.road.audience(stream, granting).weaves:
            granting.say(stream, (WeaveFell(weave),))
            granting.things.append((stream, f"weave/{weave}"))

    ground.road.grant(decide, once=scoped(who, once), asked=("withdraw", g), freeing=True)


def terms(g: str, licence: Licence) -> dict[str, Any]:
    """The terms of a published tapestry, for programs. There is no field for a price."""
    return {
        "schema": TERMS,
        "tapestry": g,
        "licence": licence,
        "read_on_this_node": True,
        "quote_on_this_node": licence == "quote",
        "copy_elsewhere": False,
        "sale": False,
        "advertising": False,
        "training": False,
        "revocable": True,
        "ends": "with every line that is taken back, and when its host withdraws it",
    }


# ------------------------------------------------------------------ within


def _woven(
    ground: Ground,
    host: Actor,
    g: str,
    *,
    then: Callable[[Granting], None],
    once: str,
    weaver: Weaver | None,
) -> WovenLent:
    try:
        return weave_lent(
            ground,
            host,
            tapestry_stream(g),
            title=about_of(ground, g).title,
            once=once,
            weaver=weaver,
            gathered=lambda: _gathered(ground, g),
            then=then,
        )
    except Refusal as no:
        if no.code != "weave.nothing":
            raise
        raise Refusal(
            "tapestry.empty",
            "Nothing is lent to this tapestry that can be shown yet: lines of its tellers, or"
            f" unnamed ones of {ground.limits.crowd_min} people.",
        ) from None


def _gathered(ground: Ground, g: str) -> Gathered:
    """What the published weave knows of the gathering: which of its lines answer each other, and counts."""
    state = state_of(ground, g)
    there: dict[int, str] = {}
    for r, told in enumerate(state.told):
        lent = None if told.gone else _lent_there(ground, Actor(told.dreamer, False), g, told.tag)
        if lent is not None:
            there[r] = lent.tag
    return Gathered(
        answers={
            tag: there[state.told[r].answers]
            for r, tag in there.items()
            if state.told[r].answers in there
        },
        n_listening=state.n_listening,
        n_open=state.n_kept_open,
    )


def _lent_here(ground: Ground, who: Actor, g: str, tag: str) -> Lent:
    for one in ground.road.journal(who.dreamer).lendings.values():
        if one.tag == tag and one.audience == gathering_stream(g):
            return one
    raise Refusal("lending.unknown", "There is no such lending of yours that still holds.")


def _lent_there(ground: Ground, who: Actor, g: str, tag: str) -> Lent | None:
    """The lending to the tapestry of what was lent to its gathering under `tag`, if there is one."""
    journal = ground.road.journal(who.dreamer)
    here = next((one for one in journal.lendings.values() if one.tag == tag), None)
    if here is None:
        return None
    return next(
        (one for one in journal.lent_of(here.report) if one.audience == tapestry_stream(g)), None
    )


def _words(ground: Ground, who: Actor, tag: str) -> dict[str, Any]:
    held = opened(ground, owner_of(who.dreamer), f"lent/{tag}", "lent words")
    return dict(held.get("words", {}))


def _span_in(text: str, lent: str) -> tuple[int, int] | None:
    """Where words that were lent stand in a report; None where they are all of it."""
    if text.strip() == lent:
        return None
    at = text.find(lent)
    if at < 0:
        raise Refusal(
            "tapestry.changed",
            "This report was changed since it was told. Tell it as it is now, or lend it to the"
            " commons from your journal.",
        )
    return at, at + len(lent)
