"""Credit: what somebody's past applications count for in the next lottery.

Days are whole numbers, counted from any day one likes. Nothing here knows whose
history it reads, and nothing can be gained by asking twice: one account has one
application in a gathering, which the caller sees to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from dreamweave.governance.seats import COUNT_MAX, Past

# Twelve months. A loss so long ago says little of who waits now.
CREDIT_DAYS = 365
# How long an account has to be there before never having had a seat counts double.
WAITING_DAYS = 30

Outcome = Literal["seated", "lost", "withdrawn"]


@dataclass(frozen=True, slots=True)
class Application:
    """One application and how it ended. `confirmed`: they said shortly before that they would come."""

    day: int
    outcome: Outcome
    confirmed: bool


def past_of(
    history: Iterable[Application],
    *,
    joined_day: int,
    today: int,
    waiting_days: int = WAITING_DAYS,
    credit_days: int = CREDIT_DAYS,
) -> Past:
    """What counts of a history today.

    Losses count back to the last seat. Only a confirmed one counts: whoever
    applies everywhere and means to go nowhere gathers nothing. One that is not
    confirmed, or was withdrawn, neither counts nor interrupts. A loss lapses
    after `credit_days`; a seat does not, or a year's pause would buy a better
    place than coming. A seat counts whether or not they came, since nobody else
    could have it.

    A new account is a newcomer only after `waiting_days`, which keeps both the
    double weight and the reserved places from being had by registering again.
    Registering again does still shed the seats one has held; what an account
    costs to get is not decided here.

    Raises:
        ValueError: an application, or the joining, lies after today.
    """
    told = sorted(history, key=lambda application: application.day)
    if joined_day > today or (told and told[-1].day > today):
        raise ValueError(f"a history ends today at the latest, which is {today}")
    seats_held = sum(application.outcome == "seated" for application in told)
    losses = 0
    for application in reversed(told):
        if application.outcome == "seated" or today - application.day >= credit_days:
            break
        losses += application.outcome == "lost" and application.confirmed
    return Past(
        losses=min(losses, COUNT_MAX),
        seats_held=min(seats_held, COUNT_MAX),
        newcomer=not seats_held and today - joined_day >= waiting_days,
    )
