"""Laying: the loom is asked what a room still needs, and what it answers is kept.

One `Laid` fact holds the acts of several answers; beside it are kept, sealed,
where each report was cut and what shared images are called. What the loom
knows can be lost at any moment: it is told again from the picture, the words
that are still lent and what was said of them, and nothing woven moves. A
report that the loom cannot bear is laid without it: its words are shown, its
thread lies beside the others and meets none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dreamweave.app.actors import owner_of
from dreamweave.app.gathering_rows import laid_place, motif_names, motif_rows
from dreamweave.app.gathering_words import reports_beside
from dreamweave.app.laying_by_hand import emptiest, strung_by_hand
from dreamweave.app.looms import Answer, Heard, Loom
from dreamweave.app.road import Granting
from dreamweave.app.room import Ask, Room
from dreamweave.deciding.gatherings import BEFORE, Gathering
from dreamweave.model.acts import Act, Picture, folded
from dreamweave.model.canonical import canonical
from dreamweave.model.gathering_facts import Laid
from dreamweave.model.refusals import Refusal

# Answers that are kept together: one writing to the disk for all of them.
N_TOGETHER_MAX = 16
# The closest call is looked for so often while people tell, and no oftener.
FAIR_EVERY_S = 2.0
# How long the loom is left alone after it failed, and how often a report may be the reason.
AGAIN_S, AGAIN_S_MAX = 0.5, 30.0
N_TRIES_MAX = 2
N_FAILED_MAX = 4  # so often in a row: what is told is laid without it, until it is back


@dataclass(slots=True)
class _Kept:
    """Answers that are to be kept together."""

    acts: list[Act] = field(default_factory=list)
    cuts: dict[int, Sequence[tuple[int, int]]] = field(default_factory=dict)


class Laying:
    """What one room still needs of the loom. For one thread at a time."""

    def __init__(
        self,
        room: Room,
        loom: Loom,
        *,
        now_s: Callable[[], float],
        on_trouble: Callable[[BaseException], None],
    ) -> None:
        self.room = room
        self._loom = loom
        self._now_s = now_s
        self._on_trouble = on_trouble
        self._has_begun = False
        # What shared images are called, and whether that is still to be kept.
        self._names: dict[int, tuple[str, str]] = {}
        self._names_due = False
        # When the loom may be asked again, and when anything may be tried again.
        self._again_s = self._rested_s = float("-inf")
        self._n_failed = 0
        self._n_tried: Counter[Ask] = Counter()
        self._fair_s = float("-inf")
        self._fair_due = False

    def due_s(self) -> float | None:
        """When there is something to do here; None: nothing for now."""
        room = self.room
        if room.asks:
            return self._rested_s if self._is_without else self._again_s
        # While people tell, the loom knows what was told: who takes words back waits for nobody.
        if self._names_due or self._must_string or (room.is_telling and not self._has_begun):
            return self._again_s
        if self._fair_due and room.is_telling:
            return max(self._fair_s + FAIR_EVERY_S, self._again_s)
        if self._fair_due and room.is_closing and self._has_begun:
            return self._again_s
        return None

    def work(self) -> None:
        """Ask what is to be asked, and keep what is answered."""
        due_s, now_s = self.due_s(), self._now_s()
        if due_s is None or due_s > now_s:
            return
        kept, n_asked = _Kept(), 0
        ask: Ask | None = None
        try:
            if now_s >= self._again_s:
                self._begin(kept)
            with_loom = self._has_begun
            for ask in self.room.first_asks(N_TOGETHER_MAX):
                self._answer(ask, kept)
                n_asked += 1
                if with_loom and not self._has_begun:
                    break  # it has to be told of what was laid without it
            ask = None
            self._look(kept)
            self._keep(kept)
        except Exception as trouble:
            self._on_trouble(trouble)
            self._lose(ask)
            return
        self.room.asked(n_asked)
        if self._has_begun:
            self._n_failed = 0

    def path(self, a: int, b: int) -> list[tuple[int, int]]:
        """From one report to another, fragment by fragment."""
        if self._now_s() < self._again_s:
            raise Refusal("loom.away", "The way cannot be looked for at this moment. Try again.")
        try:
            kept = _Kept()
            self._begin(kept)
            self._keep(kept)
            return [(r, i) for r, i in self._loom.path(self.room.g, a, b)]
        except Refusal:
            raise
        except Exception:
            self._lose(None)
            raise

    def end(self) -> None:
        """The loom need not know this gathering any more."""
        if self._has_begun:
            self._has_begun = False
            self._loom.end(self.room.g)

    # -------------------------------------------------------------- asking

    def _begin(self, kept: _Kept) -> None:
        """Have the loom know what is woven so far, if it does not."""
        room = self.room
        if self._has_begun and self._loom.knows(room.g):
            return
        self._has_begun = False  # it may be lost with another gathering's
        with room.lock:
            state, picture = room.state.copy(), room.whole()
            known = {one.r: one for one in self._heard(state, picture.told, cut=True)}
            room.known = set(known)
        assert state.made is not None
        self._names = dict(motif_names(room.ground, room.g))
        said = [
            (r, state.seats[who].i, says)
            for r in sorted(known)
            for who, says in state.carried.get(r, {}).items()
        ]
        # Numbers whose names were taken back are not given to other images.
        numbers = {knot.motif: ("", "") for knot in picture.knots.values()} | self._names
        answer = self._loom.begin(
            state.made, state.n_kept_open, picture, list(known.values()), said, numbers
        )
        self._has_begun = True
        self._add(answer, kept)
        if picture.gone:
            # Words may have gone while there was no loom: what they alone tied is tied no more.
            self._add(self._loom.forget(room.g, max(picture.gone)), kept)

    def _answer(self, ask: Ask, kept: _Kept) -> None:
        """Ask one thing of the loom, or do without it where it failed too often."""
        room, g = self.room, self.room.g
        without = not self._has_begun or self._n_tried[ask] >= N_TRIES_MAX
        match ask.what:
            case "tell":
                with room.lock:
                    state = room.state
                    heard = next(iter(self._heard(state, [ask.r])), None)
                    if heard is None:
                        return  # taken back before it was laid
                    if not without:
                        room.known.add(ask.r)
                if without:
                    self._lay_by_hand(ask.r, heard, kept)
                    return
                answer = self._loom.tell(g, heard)
                kept.cuts[ask.r] = answer.cuts
                self._add(answer, kept)
            case "say" if ask.r in room.known and not without:
                self._add(self._loom.say(g, ask.r, ask.seat, ask.n), kept)
            case "keep":
                self._keep_seat(ask.n, kept, without=without)
            case "forget":
                self._names_due = True
                if not without:
                    self._add(self._loom.forget(g, ask.r), kept)
                with room.lock:
                    room.known.discard(ask.r)
            case _:
                return
        self._fair_due = True

    def _heard(
        self, state: Gathering, reports: Iterable[int], *, cut: bool = False
    ) -> Iterator[Heard]:
        """Reports as the loom is told them; with `cut` those that it cut before, and no others."""
        assert state.made is not None
        for one in reports_beside(self.room.ground, state, sorted(reports)):
            if cut and not one["cuts"]:
                continue  # without words, or more than the loom could bear
            told = state.told[one["r"]]
            seat = state.seats[told.dreamer].i
            yield Heard(
                one["r"],
                seat,
                one["text"],
                one["lang"],
                told.answers,
                told.signs,
                told.on_open,
                seat if state.made.named else None,
            )

    def _add(self, answer: Answer, kept: _Kept) -> None:
        # That something is gone is a fact already, and was said when it was taken back.
        kept.acts += (act for act in answer.acts if act[0] != "gone")
        for m, name, lang in answer.names:
            self._names_due = True
            if name:
                self._names[m] = (name, lang)
            else:
                self._names.pop(m, None)

    def _look(self, kept: _Kept) -> None:
        """The closest call, not too often."""
        now_s = self._now_s()
        room = self.room
        is_due = room.is_closing or (room.is_telling and now_s >= self._fair_s + FAIR_EVERY_S)
        if not (self._fair_due and is_due and self._has_begun):
            return
        self._fair_due, self._fair_s = False, now_s
        fair = self._loom.fair(room.g)
        if fair is not None and fair != room.fair:
            kept.acts.append(["fair", *fair])

    def _lose(self, ask: Ask | None) -> None:
        """The loom failed: what it knew here is lost, and it is left alone for a while."""
        self._has_begun = False
        self.room.known = set()
        self._n_failed += 1
        pause_s = min(AGAIN_S_MAX, AGAIN_S * 2 ** min(self._n_failed - 1, 10))
        self._again_s = self._now_s() + pause_s
        self._rested_s = self._now_s() + AGAIN_S
        if ask is not None:
            self._n_tried[ask] += 1

    # -------------------------------------------------------------- without the loom

    @property
    def _must_string(self) -> bool:
        """Whether the gathering was opened and has no warps yet."""
        return self.room.state.phase != BEFORE and not self.room.is_strung

    @property
    def _is_without(self) -> bool:
        """Whether the loom failed so often that nobody waits for it any more."""
        return self._n_failed >= N_FAILED_MAX

    def _keep_seat(self, n: int, kept: _Kept, *, without: bool) -> None:
        """A seat more is kept open, or one less: a warp for it."""
        if not self.room.is_strung:
            return  # strung with as many as are kept open by then
        if not without:
            self._add(self._loom.keep(self.room.g, n), kept)
            return
        picture = self._whole(kept)
        if n > 0:
            kept.acts.append(["open", emptiest(picture), 1])
        elif picture.open:
            kept.acts.append(["open", max(picture.open), 0])

    def _whole(self, kept: _Kept) -> Picture:
        return folded(kept.acts, self.room.whole())

    def _lay_by_hand(self, r: int, heard: Heard, kept: _Kept) -> None:
        """A thread for a report that the loom does not bear, or while there is no loom."""
        state = self.room.state
        assert state.made is not None
        picture = self._whole(kept)
        if not picture.n_warps:
            strung = strung_by_hand(state.made.n_warps, state.n_kept_open)
            kept.acts += strung
            folded(strung, picture)
        mine = [
            told.warp
            for other, told in picture.told.items()
            if heard.thread is not None and state.told[other].dreamer == state.told[r].dreamer
        ]
        warp = mine[0] if mine else emptiest(picture)
        newest = len(picture.lanes) - 1
        kept.acts.append(["told", r, warp, newest, heard.answers, heard.signs])
        if heard.on_open and picture.open:
            kept.acts.append(["open", min(picture.open), 0])
        kept.cuts[r] = ()
        # What the loom knows of this picture is not all of it any more.
        self._has_begun = False

    # -------------------------------------------------------------- keeping

    def _keep(self, kept: _Kept) -> None:
        names_due = self._names_due and self._has_begun
        if not (kept.acts or kept.cuts or names_due):
            return
        room = self.room
        ground, stream = room.ground, room.topic
        put_names = False

        def decide(granting: Granting) -> None:
            nonlocal put_names
            state = ground.road.gathering(stream, granting)
            # A name may be out of words that were taken back since: it is kept once they are forgotten.
            put_names = names_due and not any(state.told[r].gone for r in room.known)
            if kept.acts:
                granting.say(stream, (Laid(canonical(kept.acts).decode()),))
            for r, cuts in kept.cuts.items():
                told = state.told[r]
                if not told.gone:
                    place, body = laid_place(told.tag), canonical({"cuts": [list(c) for c in cuts]})
                    granting.puts += ground.vault.seal(owner_of(told.dreamer), place, body).rows
            if put_names:
                granting.puts += motif_rows(ground, room.g, self._names)

        ground.road.grant(decide)
        if put_names:
            self._names_due = False
            room.names_changed()
