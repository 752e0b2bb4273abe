"""Prompts: help to recall for those who recall little, and an intention for the evening.

Each one says where it comes from and on what grounds, because much of what is
told about recall is practice and little of it was measured. Nobody is counted,
praised or reminded of a night they let pass. "Nothing this morning" is kept as
what it is, a report; how pages show all this is theirs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.app.journals import keep_report
from dreamweave.app.saying import Said, said
from dreamweave.model.journal import JournalReport
from dreamweave.model.keeping import Kept

# A study measured it; studies disagree; people who teach recall found it to help.
Grounds = Literal["measured", "mixed", "practice"]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a prompt comes from. `finding` says what was found there, no more."""

    cite: str
    grounds: Grounds
    finding: Said


REED = Source(
    "Henry Reed, Sundance Community Dream Journal 1 (2), pp. 149–155, henryreed.com",
    "practice",
    said("A teacher of dream recall tells of his students; it is not a measurement."),
)
GARFIELD = Source(
    "Patricia Garfield, interview “On Dreams and Dreaming”, health.howstuffworks.com",
    "practice",
    said("An author of books on dreams says what people found helpful; it is not a measurement."),
)
INTERFERENCE = Source(
    "Parke & Horton 2009, A re-examination of the interference hypothesis on dream recall,"
    " International Journal of Dream Research 2, doi:10.11588/ijodr.2009.2.364",
    "mixed",
    said(
        "Earlier studies (Cohen & Wolfe 1973) found that being distracted on waking costs dreams;"
        " this one, with 42 people, found that it depends on how."
    ),
)
LOGBOOK = Source(
    "Aspy, Delfabbro & Proeve 2015, Consciousness and Cognition 33, 364–374; Zadra & Robert 2012,"
    " Consciousness and Cognition 21, 1695–1702, doi:10.1016/j.concog.2012.08.011",
    "mixed",
    said(
        "People who write down every morning report more dreams than they thought they had. Whether"
        " writing brings more of them is not settled: among 358 people it did not always."
    ),
)
ATTITUDE = Source(
    "Elce et al. 2025, on 217 adults over 15 days",
    "measured",
    said(
        "People to whom dreams matter recall more of them; so do those whose thoughts wander, and"
        " those who sleep long and lightly. In winter recall was lower."
    ),
)
MACK = Source(
    "DreamBank, the series “Mack”",
    "practice",
    said("One man who almost never recalled wrote down 38 dreams in two months when he tried."),
)
DREAM_STUDIES = Source(
    "The DREAM database of dream studies, 2025: 505 people, 2,643 awakenings",
    "measured",
    said("Waking with the sense of a dream and without its content is common, and has a name."),
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One thing to try. `id` is stable."""

    id: str
    when: Literal["waking", "evening"]
    text: Said
    source: Source


PROMPTS: tuple[Prompt, ...] = (
    Prompt(
        "still",
        "waking",
        said("Lie still for a moment, just as you woke. If you have moved, move back."),
        REED,
    ),
    Prompt("eyes", "waking", said("Keep your eyes closed. The day can wait."), REED),
    Prompt(
        "first", "waking", said("Before anything else: no message, no news, no plan."), INTERFERENCE
    ),
    Prompt(
        "feeling",
        "waking",
        said("What are you feeling? Stay with it, and see whether something comes with it."),
        REED,
    ),
    Prompt(
        "scrap",
        "waking",
        said("A colour, a place, a word, half a face: the smallest scrap is enough to begin with."),
        GARFIELD,
    ),
    Prompt("backwards", "waking", said("And before that? Go backwards, scene by scene."), GARFIELD),
    Prompt(
        "turn",
        "waking",
        said("Turn slowly to another side you sleep on, and wait there for a moment."),
        GARFIELD,
    ),
    Prompt("who", "waking", said("Was anybody there? Who?"), REED),
    Prompt("where", "waking", said("Inside or outside? Dark or light?"), REED),
    Prompt(
        "gone",
        "waking",
        said("You know that there was a dream and cannot say which? That is something: keep that."),
        DREAM_STUDIES,
    ),
    Prompt(
        "later",
        "waking",
        said("Nothing yet is fine. A dream may come back in the middle of the day."),
        REED,
    ),
    Prompt(
        "intend",
        "evening",
        said("Say to yourself as you lie down: tonight I will remember a dream."),
        GARFIELD,
    ),
    Prompt(
        "ready",
        "evening",
        said("Put what you will tell with beside the bed: this page, open, or a pencil."),
        GARFIELD,
    ),
    Prompt(
        "unhurried",
        "evening",
        said("Choose a morning without an alarm, when you may wake by yourself."),
        GARFIELD,
    ),
    Prompt(
        "write",
        "evening",
        said("Whatever comes, tell it: one word is a report, and so is that there was nothing."),
        LOGBOOK,
    ),
    Prompt(
        "matter",
        "evening",
        said("Think of a dream that mattered to you once, however long ago."),
        ATTITUDE,
    ),
    Prompt(
        "try",
        "evening",
        said("If you believe that you never dream: try it for some weeks, and stop when you like."),
        MACK,
    ),
)

# What an intention may be when somebody has no words of their own for it.
INTENTIONS: tuple[Said, ...] = (
    said("Tonight I will remember a dream."),
    said("In the morning I will lie still and listen."),
    said("Whatever comes may come; whatever stays away may stay away."),
)


def prompts(when: Literal["waking", "evening"]) -> tuple[Prompt, ...]:
    """What to try, in the order to try it."""
    return tuple(prompt for prompt in PROMPTS if prompt.when == when)


def invites(days: Iterable[int], weekday: int) -> bool:
    """Whether this evening is one of those on which a person wants an invitation.

    Args:
        days: the evenings they chose, Monday 0 to Sunday 6. None chosen: none come.
        weekday: this evening, where they are.
    """
    return weekday in set(days)


def nothing_this_morning(
    ground: Ground,
    who: Actor,
    *,
    id: str,
    night: str,
    told_at: str,
    zone: str,
    kept_out: str = "",
    once: str = "",
) -> Kept:
    """Keep that there was nothing: a report like every other, to amend, to find and to forget.

    `kept_out` is what kept somebody out, in their own words; asked separately
    and never required.
    """
    report = JournalReport(
        id=id, kind="none", night=night, told_at=told_at, zone=zone, kept_out=kept_out
    )
    return keep_report(ground, who, report, once=once)
