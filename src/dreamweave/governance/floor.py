"""The floor: whose turn it is to speak, and who is next.

A frozen value; every step gives a new one, and the same steps give the same
floor anywhere. Moments are milliseconds that are handed in. Whoever spoke least
is next, for so long at most; who was crowded out brings credit to the next
gathering. What was said, by whom and on which screen is not known here: people
are seats, which the caller numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from dreamweave.governance.draws import order_key
from dreamweave.governance.speakers import (
    NOBODY,
    FloorRules,
    Speaker,
    credits_of,
    next_seat,
    queue_of,
    quiet_seat,
)
from dreamweave.governance.turns import Turn
from dreamweave.model.refusals import Refusal


@dataclass(frozen=True, slots=True)
class FloorSeen:
    """What everybody may see of the floor. Whether anyone was invited is not in it."""

    holder: int
    since_ms: int
    queue: tuple[int, ...]
    is_held: bool
    rest_until_ms: int
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class Floor:
    """The floor of one gathering, or of one table of it.

    `ran_ms` is how long the turn had run at `mark_ms`, holding and resting left out.
    """

    seed: str
    speakers: Mapping[int, Speaker]
    rules: FloorRules
    turns: tuple[Turn, ...] = ()
    favoured: frozenset[int] = frozenset()
    holder: int = NOBODY
    asking: tuple[int, ...] = ()
    since_ms: int = 0
    ran_ms: int = 0
    mark_ms: int = 0
    n_given: int = 0
    is_held: bool = False
    rest_until_ms: int = 0
    invited: int = field(default=NOBODY, repr=False)
    invited_at_ms: int = field(default=0, repr=False)

    @classmethod
    def opened(
        cls,
        seats: Iterable[int],
        seed: str,
        now_ms: int,
        *,
        rules: FloorRules | None = None,
        carried: Mapping[int, int] | None = None,
    ) -> Floor:
        """A floor at the beginning of a gathering.

        Args:
            seats: Who may speak; who only listens is not among them.
            carried: Seat to credit in milliseconds, as `credits` of an earlier
                gathering gave it. More than the cap is cut to it.
        """
        rules = rules or FloorRules()
        had = carried or {}
        speakers = {seat: Speaker(credit_ms=_capped(had.get(seat, 0), rules)) for seat in seats}
        # The first invitation waits as long as any other: people need time to begin by themselves.
        return cls(seed, speakers, rules, mark_ms=now_ms, invited_at_ms=now_ms)

    # -------------------------------------------------------------- who is here

    def enter(self, seat: int, credit_ms: int = 0) -> Floor:
        """Somebody may speak from now on. Who comes back finds what they had, and brings nothing twice."""
        was = self.speakers.get(seat)
        if was is None:
            return self._with(seat, Speaker(credit_ms=_capped(credit_ms, self.rules)))
        return self._with(seat, replace(was, is_here=True))

    def leave(self, seat: int, now_ms: int) -> Floor:
        """Somebody goes, or only listens from now on; a turn of theirs ends."""
        if seat not in self.speakers:
            return self
        floor = self.end(now_ms) if self.holder == seat else self
        gone = replace(floor.speakers[seat], since_turn=None, is_here=False)
        return floor._with(seat, gone)._uninvited(seat)

    def favour(self, seats: Collection[int]) -> Floor:
        """Whose people the weave is about to overlook: among those who spoke alike, they are first."""
        return replace(self, favoured=frozenset(seats))

    # -------------------------------------------------------------- asking

    def ask(self, seat: int) -> Floor:
        """Step forward. Asking twice is asking once; whoever speaks may ask for another turn."""
        speaker = self._of(seat)
        if speaker.since_turn is not None:
            return self
        return self._with(seat, replace(speaker, since_turn=self.n_given))._uninvited(seat)

    def withdraw(self, seat: int) -> Floor:
        """Step back; it is as if they had not asked."""
        return self._with(seat, replace(self._of(seat), since_turn=None))

    def pass_(self, seat: int, now_ms: int) -> Floor:
        """Let one's turn go by, as a choice that is seen: they count as having had a first turn.

        Whoever has the floor gives it up; whoever asked or was invited passes
        beforehand. They are not invited again in this gathering.

        Raises:
            Refusal: there is nothing to let go by.
        """
        speaker = self._of(seat)
        if self.holder == seat:
            floor = self._ended(now_ms, passed=True)
        elif speaker.since_turn is not None or self.invited == seat:
            turn = Turn(seat, (), max(now_ms, self.mark_ms), 0, passed=True)
            floor = replace(self.withdraw(seat), turns=(*self.turns, turn))
        else:
            raise Refusal("floor.pass", "There is nothing to pass: it is not your turn.")
        speaker = replace(floor.speakers[seat], had_first=True, leave_be=True)
        return floor._with(seat, speaker)._uninvited(seat)

    # -------------------------------------------------------------- turns

    def give(self, now_ms: int) -> Floor:
        """Give the floor to whoever is next, ending a turn whose time is up. Call it as often as you like.

        Nothing happens while a turn runs, while it is held or rests, or when nobody asks.
        """
        floor = self._at(now_ms)
        if floor.holder != NOBODY and floor.ran_ms >= floor.rules.turn_ms_max:
            floor = floor._ended(now_ms, passed=False)
        seat = floor.next_seat()
        if floor.holder != NOBODY or floor._is_quiet() or seat == NOBODY:
            return floor
        speaker = floor.speakers[seat]
        return replace(
            floor._with(
                seat,
                replace(speaker, n_turns=speaker.n_turns + 1, had_first=True, since_turn=None),
            ),
            holder=seat,
            asking=tuple(queue_of(floor.speakers)),
            since_ms=floor.mark_ms,
            ran_ms=0,
            n_given=floor.n_given + 1,
        )

    def end(self, now_ms: int) -> Floor:
        """The one who speaks has finished. Where nobody speaks, nothing ends."""
        return self if self.holder == NOBODY else self._ended(now_ms, passed=False)

    def next_seat(self) -> int:
        """Who would be given the floor now (`governance.speakers` says why); NOBODY when nobody asks."""
        return next_seat(self.speakers, self.favoured, self.rules, self._hash)

    def left_ms(self, now_ms: int) -> int:
        """How much of the running turn is left, for a clock on a screen; 0 where nobody speaks."""
        return 0 if self.holder == NOBODY else self.rules.turn_ms_max - self._at(now_ms).ran_ms

    # -------------------------------------------------------------- quiet

    def hold(self, is_held: bool, now_ms: int) -> Floor:
        """The host holds the floor, or lets it go on. A turn stands still and loses nothing."""
        return replace(self._at(now_ms), is_held=is_held)

    def rest(self, until_ms: int, now_ms: int) -> Floor:
        """Nobody speaks until then; 0 ends it. A turn stands still and loses nothing."""
        return replace(self._at(now_ms), rest_until_ms=until_ms)

    # -------------------------------------------------------------- inviting

    def invite(self, now_ms: int) -> Floor:
        """Invite one quiet person, whom `invited` then names; they alone should hear of it.

        One in `invite_gap_ms`, none while it is held or rests; `governance.speakers`
        says who.
        """
        floor = self._at(now_ms)
        if floor._is_quiet() or floor.mark_ms - floor.invited_at_ms < floor.rules.invite_gap_ms:
            return floor
        seat = quiet_seat(floor.speakers, floor.holder, floor._hash)
        if seat == NOBODY:
            return floor
        one = floor.speakers[seat]
        return replace(
            floor._with(seat, replace(one, n_invited=one.n_invited + 1)),
            invited=seat,
            invited_at_ms=floor.mark_ms,
        )

    def decline(self, seat: int) -> Floor:
        """Say no to an invitation. Nobody sees it, and it is not asked again in this gathering."""
        speaker = self._of(seat)
        if self.invited != seat:
            return self
        return self._with(seat, replace(speaker, leave_be=True))._uninvited(seat)

    # -------------------------------------------------------------- what is known of it

    def seen(self) -> FloorSeen:
        """What everybody may see."""
        return FloorSeen(
            self.holder,
            self.since_ms if self.holder != NOBODY else 0,
            tuple(queue_of(self.speakers)),
            self.is_held,
            self.rest_until_ms,
            self.turns,
        )

    def credits(self) -> dict[int, int]:
        """Seat to credit in milliseconds for the next gathering, when this one ends now."""
        return credits_of(self.speakers, self.n_given, self.rules)

    # -------------------------------------------------------------- how it is done

    def _of(self, seat: int) -> Speaker:
        speaker = self.speakers.get(seat)
        if speaker is None or not speaker.is_here:
            raise Refusal("floor.seat", "Only somebody who has a voice here can have the floor.")
        return speaker

    def _with(self, seat: int, speaker: Speaker) -> Floor:
        return replace(self, speakers={**self.speakers, seat: speaker})

    def _uninvited(self, seat: int) -> Floor:
        return replace(self, invited=NOBODY) if self.invited == seat else self

    def _hash(self, seat: int) -> bytes:
        return order_key(self.seed, f"floor {self.n_given}", str(seat))

    def _is_quiet(self) -> bool:
        return self.is_held or self.mark_ms < self.rest_until_ms

    def _at(self, now_ms: int) -> Floor:
        """The same floor at a later moment. A clock that was set back stands still."""
        now_ms = max(now_ms, self.mark_ms)
        ran_ms = self.ran_ms
        if self.holder != NOBODY and not self.is_held:
            ran_ms += max(0, now_ms - max(self.mark_ms, self.rest_until_ms))
        # Past its time a turn runs no further, however late somebody looks.
        return replace(self, ran_ms=min(ran_ms, self.rules.turn_ms_max), mark_ms=now_ms)

    def _ended(self, now_ms: int, *, passed: bool) -> Floor:
        floor = self._at(now_ms)
        seat, speaker = floor.holder, floor.speakers[floor.holder]
        turn = Turn(seat, floor.asking, floor.since_ms, floor.ran_ms, passed=passed)
        return replace(
            floor._with(seat, replace(speaker, spoken_ms=speaker.spoken_ms + floor.ran_ms)),
            turns=(*floor.turns, turn),
            holder=NOBODY,
            asking=(),
            ran_ms=0,
        )


def _capped(credit_ms: int, rules: FloorRules) -> int:
    return max(0, min(credit_ms, rules.credit_ms_max))
