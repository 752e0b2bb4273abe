"""What may happen in a gathering: every wish of a host or of somebody there, decided.

Pure: a state, who asks and a moment in; facts out, or a refusal. What the facts
change is `deciding.gatherings`'; who speaks next is `governance.floor`'s, and
who gets in where places are few is `governance.seats`'.
"""

from __future__ import annotations

from dreamweave.deciding.gatherings import (
    BEFORE,
    CLOSED,
    CLOSING,
    REFLECTING,
    TELLING,
    Gathering,
    Seat,
    ToldHere,
)
from dreamweave.deciding.seat_draws import keeps_from
from dreamweave.model.acts import LATER
from dreamweave.model.facts import Fact, Shown
from dreamweave.model.gathering_facts import (
    Amended,
    AnswersStopped,
    ApprovalAsked,
    Carried,
    Departed,
    DoorShut,
    Entered,
    GatheringMade,
    HostHeld,
    ListeningChosen,
    Muted,
    PhaseBegun,
    Removed,
    ReportedToHost,
    Rested,
    SeatKept,
    SlowedDown,
    Told,
)
from dreamweave.model.refusals import Refusal

# One person tells so much in one gathering, and not more: beyond it one floods.
N_TOLD_MAX = 60
SLOW_S_MAX = 600
REST_S_MAX = 600
N_KEPT_OPEN_MAX = 24
PEOPLE_MAX = 100_000


def make(state: Gathering, made: GatheringMade) -> tuple[Fact, ...]:
    """A gathering is called, with its host in it."""
    if state.made is not None:
        raise Refusal("gathering.here", "That gathering is here already.")
    for holds, code, sentence in (
        (
            0 <= made.n_places <= PEOPLE_MAX,
            "places",
            f"A gathering has up to {PEOPLE_MAX:,} places, or 0 for as many as come.",
        ),
        (
            1 <= made.n_expected <= PEOPLE_MAX,
            "expected",
            f"Say how many people you expect, between 1 and {PEOPLE_MAX:,}.",
        ),
        (5 <= made.n_warps <= 48, "warps", "A picture is strung with 5 to 48 warps."),
        (
            0 <= made.n_open <= N_KEPT_OPEN_MAX and made.n_open < made.n_warps,
            "open",
            f"Up to {N_KEPT_OPEN_MAX} seats are kept open, and fewer than there are warps.",
        ),
        (
            made.ends_ms == 0 or made.begins_ms < made.ends_ms,
            "ends",
            "A gathering ends after it begins. Choose a later end, or none.",
        ),
    ):
        if not holds:
            raise Refusal(f"gathering.{code}", sentence)
    return (made, Entered(made.host, False))


def begin(state: Gathering, by: str, phase: int) -> tuple[Fact, ...]:
    """The host opens it, closes the telling, or ends it. Steps go forward only.

    Where something was told, reflecting begins with a closing, in which the
    whole is woven (`reflect` ends it); asked for again, it is woven again.
    """
    host(state, by)
    if phase == state.phase:
        return ()
    if phase not in (TELLING, REFLECTING, CLOSED) or phase < state.phase:
        raise Refusal(
            "gathering.phase", "A gathering goes on from telling to reflecting, and then it ends."
        )
    if phase == REFLECTING and state.phase == BEFORE:
        raise Refusal("gathering.phase", "Nothing was told here yet. Open the gathering first.")
    if phase == REFLECTING and state.n_lent:
        phase = CLOSING
    if phase == CLOSED and state.phase == TELLING and state.n_lent:
        raise Refusal(
            "gathering.phase", "Close the telling first: what was told is woven, then it ends."
        )
    return (PhaseBegun(phase, by),)


def reflect(state: Gathering) -> tuple[Fact, ...]:
    """The whole is woven: the reflection begins. Nothing, where the gathering has gone on."""
    if state.made is None or state.phase != CLOSING:
        return ()
    return (PhaseBegun(REFLECTING, state.made.host),)


def enter(state: Gathering, dreamer: str, *, invited: bool, listening: bool) -> tuple[Fact, ...]:
    """Somebody comes in. `invited`: with a code, out of the Circle, or drawn for a seat."""
    if state.made is None:
        raise unknown()
    seat = state.seats.get(dreamer)
    if seat is not None and seat.removed:
        raise Refusal("gathering.removed", "The host asked you to leave this gathering.")
    if seat is not None and seat.here:
        return listen(state, dreamer, listening=listening)
    if state.phase == CLOSED:
        raise Refusal("gathering.over", "This gathering is over. Its tapestry is there to read.")
    if seat is None:
        if not invited and state.made.entry == "invited":
            raise unknown()
        if state.door_shut:
            raise Refusal(
                "gathering.shut", "The door is shut for now: the host lets nobody more in."
            )
    if not listening:
        _room(state, dreamer)
    return (Entered(dreamer, listening),)


def listen(state: Gathering, dreamer: str, *, listening: bool) -> tuple[Fact, ...]:
    """Somebody only listens, or does no longer."""
    if here(state, dreamer).listening == listening:
        return ()
    if not listening:
        _room(state, dreamer)
    return (ListeningChosen(dreamer, listening),)


def depart(state: Gathering, dreamer: str) -> tuple[Fact, ...]:
    """Somebody goes out; what they told stays lent until they take it back."""
    seat = state.seats.get(dreamer)
    return (Departed(dreamer),) if seat is not None and seat.here else ()


def may_tell(
    state: Gathering, dreamer: str, *, answers: int, signs: int, on_open: bool, now_ms: int
) -> None:
    """Refuse what may not be told here now."""
    seat = here(state, dreamer)
    if state.phase not in (TELLING, REFLECTING):
        why = {BEFORE: "The gathering has not begun yet.", CLOSING: "The whole is being woven."}
        raise Refusal(
            "telling.phase",
            f"{why.get(state.phase, 'It is over.')} What you want to tell can be kept in your"
            " journal.",
        )
    if state.phase == REFLECTING and not (on_open and signs & LATER):
        raise Refusal(
            "telling.later", "The telling is over. Only a seat that was kept open can still tell."
        )
    if seat.listening:
        _room(state, dreamer)  # to tell is to take a place
    if seat.muted:
        raise Refusal(
            "telling.muted", "The host asked you to listen for now. Why stands beside it."
        )
    if state.hold:
        raise Refusal(
            "telling.hold", "The host holds the gathering for a moment. Yours is not lost."
        )
    # A clock that was set back shuts nobody out: what lies ahead of now was not told lately.
    if state.slow_s and 0 <= now_ms - seat.last_ms < state.slow_s * 1000:
        raise Refusal(
            "telling.slow",
            f"Here each person tells once in {state.slow_s} seconds. Yours is not lost: send it then.",
        )
    if seat.n_told >= N_TOLD_MAX:
        raise Refusal(
            "telling.many", f"You told {N_TOLD_MAX} times in this gathering. Leave some room."
        )
    if on_open and not state.n_kept_open:
        raise Refusal("telling.open", "No seat is kept open any more. Tell in your own place.")
    if answers >= 0:
        to = report(state, answers)
        if to.dreamer == dreamer:
            raise Refusal(
                "telling.own",
                "One answers what others told, never one's own. Tell it as a new one.",
            )
        if to.stopped:
            raise Refusal("telling.stopped", "Whoever told this wants no more answers to it.")


def tell(
    state: Gathering,
    dreamer: str,
    tag: str,
    *,
    answers: int = -1,
    signs: int = 0,
    on_open: bool = False,
    scribe: str = "",
    now_ms: int,
) -> Told:
    """Somebody tells; `held` where the host looks first."""
    may_tell(state, dreamer, answers=answers, signs=signs, on_open=on_open, now_ms=now_ms)
    assert state.made is not None
    held = state.approving and dreamer != state.made.host
    to = answers if answers >= 0 else None
    return Told(tag, dreamer, to, signs, held, on_open, now_ms, scribe)


def amend(state: Gathering, dreamer: str, r: int) -> tuple[Fact, ...]:
    """The teller of a report says a feeling, or takes one back; held or shown, while people tell."""
    told = own(state, dreamer, r)
    if state.phase != TELLING:
        raise Refusal(
            "feel.phase",
            "The whole is woven with what was said while people told. What should not stand can"
            " be taken back.",
        )
    # Nobody but the host and its teller knows of what is held.
    return () if told.held else (Amended(r),)


def carry(state: Gathering, dreamer: str, r: int, says: int) -> tuple[Fact, ...]:
    """Somebody says that a report carries them (1), or does not (-1); 0 unsays it."""
    here(state, dreamer)
    if state.phase not in (TELLING, REFLECTING):
        raise Refusal("carry.phase", "One says what carries while people tell or reflect.")
    if says not in (-1, 0, 1):
        raise Refusal("carry.says", "One says 1 (this carries me), -1 (it does not) or 0.")
    if report(state, r).dreamer == dreamer:
        raise Refusal("carry.own", "Your own words carry you already.")
    if state.carried.get(r, {}).get(dreamer, 0) == says:
        return ()
    return (Carried(r, dreamer, None if says == 0 else says > 0),)


def stop_answers(state: Gathering, dreamer: str, r: int, *, stopped: bool) -> tuple[Fact, ...]:
    """The teller of a report stops answers to it, or the host does, or opens them again."""
    told = report(state, r)
    if dreamer != told.dreamer:
        host(state, dreamer)
    return () if told.stopped == stopped else (AnswersStopped(r, stopped),)


def report_to_host(state: Gathering, dreamer: str, r: int) -> tuple[Fact, ...]:
    """Somebody asks the host to look."""
    here(state, dreamer)
    report(state, r)
    if dreamer in state.reported.get(r, ()):
        return ()
    return (ReportedToHost(r, dreamer),)


# ------------------------------------------------------------------ the host's


def release(state: Gathering, by: str, r: int) -> tuple[Fact, ...]:
    """The host shows a report that waited."""
    host(state, by)
    told = lent(state, r)
    return (Shown((told.tag,)),) if told.held else ()


def drop(state: Gathering, by: str, r: int) -> ToldHere:
    """The host takes a report out, shown or waiting; whose lending has to end."""
    host(state, by)
    return lent(state, r)


def keep_seat(state: Gathering, by: str, n: int) -> tuple[Fact, ...]:
    """One more seat is kept open, or one is let go."""
    host(state, by)
    if n not in (1, -1):
        raise Refusal("seat.n", "Seats are kept open, or let go, one by one.")
    if not 0 <= state.n_kept_open + n <= N_KEPT_OPEN_MAX:
        raise Refusal("seat.many", f"Between none and {N_KEPT_OPEN_MAX} seats are kept open.")
    return (SeatKept(by, n > 0),)


def hold(state: Gathering, by: str, *, yes: bool) -> tuple[Fact, ...]:
    host(state, by)
    return () if state.hold == yes else (HostHeld(yes, by),)


def rest(state: Gathering, by: str, *, seconds: int, now_ms: int) -> tuple[Fact, ...]:
    """Plain night for a while; 0 ends it."""
    host(state, by)
    if not 0 <= seconds <= REST_S_MAX:
        raise Refusal("gathering.rest", f"A rest lasts up to {REST_S_MAX} seconds.")
    return (Rested(now_ms + seconds * 1000 if seconds else 0, by),)


def shut(state: Gathering, by: str, *, yes: bool) -> tuple[Fact, ...]:
    host(state, by)
    return () if state.door_shut == yes else (DoorShut(yes, by),)


def approve(state: Gathering, by: str, *, yes: bool) -> tuple[Fact, ...]:
    host(state, by)
    return () if state.approving == yes else (ApprovalAsked(yes, by),)


def slow(state: Gathering, by: str, *, seconds: int) -> tuple[Fact, ...]:
    host(state, by)
    if not 0 <= seconds <= SLOW_S_MAX:
        raise Refusal("gathering.slow", f"Between two tellings lie 0 to {SLOW_S_MAX} seconds.")
    return () if state.slow_s == seconds else (SlowedDown(seconds, by),)


def mute(state: Gathering, by: str, dreamer: str, *, yes: bool) -> tuple[Fact, ...]:
    host(state, by)
    _not_the_host(state, dreamer)
    return () if _seat(state, dreamer).muted == yes else (Muted(dreamer, yes, by),)


def remove(state: Gathering, by: str, dreamer: str) -> tuple[Fact, ...]:
    """Somebody is shown out. What they told stays theirs, to take back."""
    host(state, by)
    _not_the_host(state, dreamer)
    return () if _seat(state, dreamer).removed else (Removed(dreamer, by),)


# ------------------------------------------------------------------ looking


def host(state: Gathering, by: str) -> None:
    """Refuse whoever does not host this gathering."""
    if state.made is None or by not in state.seats:
        raise unknown()
    if by != state.made.host:
        raise Refusal("gathering.host", "Only the host of this gathering does that.")


def here(state: Gathering, dreamer: str) -> Seat:
    """The seat of somebody who is here; refuses everybody else as if there were no gathering."""
    seat = state.seats.get(dreamer)
    if seat is None or seat.removed or not seat.here:
        raise unknown()
    return seat


def lent(state: Gathering, r: int) -> ToldHere:
    """A report that is still lent here, shown or waiting."""
    if not 0 <= r < len(state.told) or state.told[r].gone:
        raise Refusal("telling.unknown", "There is no such report here, or it was taken back.")
    return state.told[r]


def report(state: Gathering, r: int) -> ToldHere:
    """A report that is shown here."""
    if lent(state, r).held:
        raise Refusal("telling.unknown", "There is no such report here, or it was taken back.")
    return state.told[r]


def own(state: Gathering, dreamer: str, r: int) -> ToldHere:
    """A report of the dreamer's own that is still lent here."""
    told = lent(state, r)
    if told.dreamer != dreamer:
        raise Refusal("telling.unknown", "There is no such report here, or it was taken back.")
    return told


def dreamer_at(state: Gathering, seat_i: int) -> str:
    """Whose seat that is."""
    for dreamer, seat in state.seats.items():
        if seat.i == seat_i:
            return dreamer
    raise Refusal("gathering.nobody", "There is nobody of that kind here.")


def unknown() -> Refusal:
    """The same answer for a gathering that never was and one that is not open to the asker."""
    return Refusal("gathering.unknown", "There is no such gathering that you are in.")


def _room(state: Gathering, dreamer: str) -> None:
    """Refuse one more who tells where places are few and taken, or drawn for others. Whoever
    listens takes none."""
    assert state.made is not None
    if not state.made.n_places:
        return
    n_free = state.made.n_places - (state.n_here - state.n_listening)
    if n_free <= 0:
        raise Refusal(
            "gathering.full",
            "Every place is taken. You can listen, or put your name down for a seat.",
        )
    if dreamer != state.made.host and keeps_from(state.draw, dreamer, _with_a_voice(state), n_free):
        raise Refusal(
            "gathering.drawn",
            "Places here are drawn by lot. You can listen, and put your name down for one.",
        )


def _with_a_voice(state: Gathering) -> set[str]:
    return {one for one, seat in state.seats.items() if seat.here and not seat.listening}


def _seat(state: Gathering, dreamer: str) -> Seat:
    if dreamer not in state.seats:
        raise Refusal("gathering.nobody", "There is nobody of that kind here.")
    return state.seats[dreamer]


def _not_the_host(state: Gathering, dreamer: str) -> None:
    if state.made is not None and dreamer == state.made.host:
        raise Refusal("gathering.host_self", "That is you. End the gathering instead.")
