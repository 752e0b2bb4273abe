"""Gatherings: one meeting of a Circle. The list of all that can be done with one.

Each verb takes the ground (or the people) and who asks, and is acknowledged
once it is kept; `once` is an idempotency key. This file holds nothing itself,
so that whoever uses gatherings needs to know one name and not six.

Telling and taking back are `telling`'s; what screens are shown while it
happens, `rooms`'; weaving the whole at the end, `closing_gathering`'s.
"""

from dreamweave.app.gathering_about import About
from dreamweave.app.gathering_calling import make
from dreamweave.app.gathering_entering import depart, enter, enter_as_guest, listen
from dreamweave.app.gathering_hosting import (
    Flag,
    SeatSeen,
    approve,
    begin_phase,
    drop,
    flags_of,
    hold,
    keep_seat,
    mute,
    release,
    remove,
    rest,
    seats_of,
    shut,
    slow,
)
from dreamweave.app.gathering_seeing import (
    Call,
    Seen,
    call,
    code_of,
    find_code,
    gathering,
    gatherings,
    open_now,
)

__all__ = [
    "About",
    "Call",
    "Flag",
    "SeatSeen",
    "Seen",
    "approve",
    "begin_phase",
    "call",
    "code_of",
    "depart",
    "drop",
    "enter",
    "enter_as_guest",
    "find_code",
    "flags_of",
    "gathering",
    "gatherings",
    "hold",
    "keep_seat",
    "listen",
    "make",
    "mute",
    "open_now",
    "release",
    "remove",
    "rest",
    "seats_of",
    "shut",
    "slow",
]
