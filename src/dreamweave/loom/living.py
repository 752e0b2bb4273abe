"""Living: a gathering's meaning while it goes on; words come in and numbers go out.

Every telling is cut, read, carried, banked and met with what others said, and
touches only its own neighbourhood; every taking back takes words and vectors out
of everything here. Where anything is drawn, what is kept, who may speak and how
people are called is not known here: reports and tellers are the caller's numbers.

Nothing is asked of a clock or of chance, so the same tellings in the same order
give the same answers. Whoever holds a `Living` may lose it: `resume` makes it
again from the words still lent and from what was said of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from dreamweave.loom.banking import Bank, NewFragment
from dreamweave.loom.carriers import NOT, Carriers, Change
from dreamweave.loom.carrying import same_text
from dreamweave.loom.gathering import SCENE, cosines_to
from dreamweave.loom.grouping import Bytes, dots, is_near, squares
from dreamweave.loom.heard import Forgot, Heard, Meet, ToldAgain
from dreamweave.loom.languages import language_of
from dreamweave.loom.live_claims import Claims
from dreamweave.loom.live_motifs import LiveMotifs, Named
from dreamweave.loom.reading import Reader, default_reader
from dreamweave.loom.shares import price
from dreamweave.loom.telling import cut_in
from dreamweave.loom.watching import Fair, Watch
from dreamweave.loom.weaving import default_lines
from dreamweave.loom.widest import widest

__all__ = ["Fair", "Forgot", "Heard", "Living", "Meet", "ToldAgain"]

# Of a motif that half a hall shares, so many reports are listed, the newest.
REPORTS_MAX = 64

# A fragment that says nothing others say looks at so many of those that lie near.
CLOSE_MAX = 16

# How many fragments there will be is not known when the price is set.
_MANY = 10**9


@dataclass(frozen=True, slots=True)
class _Told:
    """A report here: whose, and the candidate of each of its fragments."""

    teller: int
    candidates: tuple[int, ...]
    answers: int | None


class Living:
    """The live weave, the live motifs and the live account of one gathering.

    Args:
        seed: public; settles ties.
        n_expected: people expected. They set what a line costs, for the whole
            evening: the first line's price must not hang on who comes later.
        reader: the packaged one when left out.

    Cost: at 10,000 made-up people and 50,000 fragments one telling of five took 20 ms
        of CPU without reading (p99 38 ms), a taking back 24 ms, a way half a second;
        at 1,000 people 6 ms (p99 11 ms). With four times as much to do as cores, 25 ms
        (p99 56 ms) and 31 ms. 25 November 2026, two cores, bench/living.py. Reading a
        report adds 10 to 60 ms.
    Check: tests/loom/test_living.py, with a slow twin in tests/support/naive_living.py.
    """

    def __init__(self, *, seed: str, n_expected: int, reader: Reader | None = None) -> None:
        if n_expected < 1:
            raise ValueError(f"a gathering expects somebody, got n_expected = {n_expected}")
        self._reader = reader or default_reader()
        # People pay at these radii and no other, so nothing wider is looked at live.
        radii = tuple(self._reader.radii[: self._reader.n_paying])
        k = default_lines(n_expected, _MANY)
        self._bank = Bank(seed=seed, cost=price(n_expected, k), radii=radii, n_paying=len(radii))
        self._carriers = Carriers(radii, self._reader.dims)
        self._motifs = LiveMotifs(self._reader)
        self._claims = Claims()
        self._watch = Watch(self._bank)
        self._told: dict[int, _Told] = {}
        self._number: dict[int, int] = {}  # teller -> the bank's number, while they have words here
        self._held: dict[int, dict[tuple[int, int], None]] = {}  # candidate -> its fragments
        self._candidate: dict[str, int] = {}  # words as merged -> candidate
        self._words: dict[int, str] = {}  # and back

    # --- what happens -----------------------------------------------------------------

    def tell(
        self, r: int, teller: int, text: str, lang: str | None, *, answers: int | None = None
    ) -> Heard:
        """A report is told.

        Args:
            r: its number, never given before.
            teller: whose; any whole number.
            lang: as its teller said; found from the letters where nobody did.
            answers: the report it answers; that one's fragments carry this teller from now on.

        Returns:
            What came of it. A text without words is heard, and nothing comes of it.

        Raises:
            ValueError: that number was given before.
        """
        if r in self._told:
            raise ValueError(f"report {r} was told already")
        cuts = cut_in(text, lang or language_of(text), said=lang is not None)
        if not cuts:
            self._told[r] = _Told(teller, (), None)
            return Heard()
        texts, langs = [text[a:b] for a, b, _ in cuts], [spoken for _, _, spoken in cuts]
        rows = self._reader.read(texts, langs)

        joins = teller not in self._number
        number = self._number.setdefault(teller, len(self._bank.own))
        new, again, changes = self._take_in(r, number, texts, rows)
        carried: dict[int, int] = {}
        for change in changes:
            carried |= self._noted(change, number)
        near = {change.candidate: self._close(change, teller) for change in changes}
        candidates = tuple(self._candidate[same_text(piece)] for piece in texts)
        for i, candidate in enumerate(candidates):
            self._held[candidate][r, i] = None
        self._told[r] = _Told(teller, candidates, answers)
        if answers is not None:
            self._claims.answer(r, teller, answers)
        spoken_of = [answers, *(self._claims.of(teller) if joins else ())]
        for candidate in self._candidates_of(spoken_of):
            carried |= self._noted(self._claim(candidate, teller), number)
        lines = self._bank.tell(
            number,
            new,
            carried=[(c, level) for c, level in carried.items() if level != NOT],
            again=again,
        )
        close = [near[candidate] for candidate in candidates]
        named = self._motifs.tell(r, teller, texts, langs, rows, close)
        return Heard(
            cuts=tuple((a, b) for a, b, _ in cuts),
            langs=tuple(langs),
            meets=tuple(Meet(m, _newest(one.reports, r)) for m, one in self._motifs.met(r)),
            woven=self._fragments(lines),
            motifs=_last_names(named),
        )

    def say(self, r: int, teller: int, carries: bool | None) -> Forgot:
        """Somebody says that a report carries them, that it does not, or unsays it.

        Of who told nothing (yet) it is kept, and counts once they tell.
        """
        told = self._told.get(r)
        if told is None:
            return Forgot()
        self._claims.say(r, teller, carries)
        return Forgot(woven=self._fragments(self._reclaim(self._candidates_of([r]), [teller])))

    def forget(self, r: int) -> Forgot:
        """A report is taken back: its words, what was read of them, what was paid for them.

        What is not here is gone already, and nothing comes of it.
        """
        told = self._told.pop(r, None)
        if told is None:
            return Forgot()
        named = self._motifs.forget(r)
        if not told.candidates:
            return Forgot(motifs=_last_names(named))
        number = self._number[told.teller]
        moved: list[int] = []  # lines whose words somebody else's report says too
        for i, candidate in enumerate(told.candidates):
            held = self._held[candidate]
            if candidate in self._bank.lines and next(iter(held)) == (r, i) and len(held) > 1:
                moved.append(candidate)
            del held[r, i]
        spoke = self._claims.forget(r, told.answers)
        gone: list[int] = []
        recarried: dict[tuple[int, int], int] = {}
        for candidate in dict.fromkeys(told.candidates):
            if self._owns(number, candidate):
                continue
            gone.append(candidate)
            recarried |= self._entries(self._carriers.remove(candidate, number))
            if not self._held[candidate]:
                del self._held[candidate], self._candidate[self._words.pop(candidate)]
        here = [c for c in dict.fromkeys(told.candidates) if c in self._held]
        for candidate in here:
            for teller in spoke:
                if teller in self._number:
                    recarried |= self._entries(self._claim(candidate, teller))
        for candidate in self._candidates_of([told.answers]):
            recarried |= self._entries(self._claim(candidate, told.teller))
        lines = self._bank.forget(number, gone, recarried=_for_bank(recarried))
        if not self._bank.own[number]:
            del self._number[told.teller]
            for candidate in self._candidates_of(self._claims.of(told.teller)):
                self._entries(self._carriers.say(candidate, number, None))
        stays = [c for c in dict.fromkeys(moved) if c in self._bank.lines]
        return Forgot(woven=self._fragments([*stays, *lines]), motifs=_last_names(named))

    # --- what can be seen ------------------------------------------------------------

    @property
    def woven(self) -> tuple[tuple[int, int], ...]:
        """(report, fragment) of every line, in the order woven; of words told by several the first."""
        return self._fragments(self._bank.lines)

    @property
    def motifs(self) -> tuple[Named, ...]:
        """(number, name, language) of every motif there is."""
        return self._motifs.names

    def motifs_of(self, r: int) -> tuple[int, ...]:
        """The motifs that a report is in, those of most people first."""
        return tuple(m for m, _ in self._motifs.met(r))

    def fair(self) -> Fair:
        """How near any group is to being overlooked, if everything ended now.

        Cost: what changed since it was asked last, and one check at the primary
            radius (`checking.overlooked`).
        """
        n = len(self._number)
        k = max(default_lines(n, max(1, len(self._held))), len(self._bank.lines))
        fair, candidate = self._watch.look(n, k)
        return fair if candidate is None else fair.around(*self._standing(candidate))

    def path(self, a: int, b: int) -> tuple[tuple[int, int], ...]:
        """The widest way from one report to another, as fragments, each close to the next.

        Empty where one of them is not here, or where nothing leads from one to the other.
        """
        here, there = (np.array(self._candidates_of([r]), dtype=np.int64) for r in (a, b))
        if not len(here) or not len(there):
            return ()
        way, _ = widest(self._carriers.vectors, here, there)
        if not way:
            return ()
        first = (a, self._told[a].candidates.index(way[0]))
        if a == b:
            return (first,)
        between = [self._standing(candidate) for candidate in way[1:-1]]
        return (first, *between, (b, self._told[b].candidates.index(way[-1])))

    # --- beginning again -------------------------------------------------------------

    @classmethod
    def resume(
        cls,
        *,
        seed: str,
        n_expected: int,
        told: Iterable[ToldAgain],
        said: Iterable[tuple[int, int, bool]] = (),
        woven: Mapping[int, Iterable[int]],
        motifs: Mapping[int, str],
        reader: Reader | None = None,
    ) -> Living:
        """A gathering as it was, from the words that are still lent.

        Every line that can be one still is one afterwards: bought with what its
        people brought, or where that is not enough, paid with what they have.

        Args:
            told: reports still lent, in the order they were told.
            said: (report, teller, carries), each pair once.
            woven: report -> fragments that were lines.
            motifs: number -> name of those that were known.
        """
        living = cls(seed=seed, n_expected=n_expected, reader=reader)
        living._bank.paused = True
        for one in told:
            living.tell(one.r, one.teller, one.text, one.lang, answers=one.answers)
        for r, teller, carries in said:
            living.say(r, teller, carries)
        living._bank.keep(
            candidates[i]
            for r, held in sorted(woven.items())
            if r in living._told
            for candidates in [living._told[r].candidates]
            for i in sorted(held)
            if 0 <= i < len(candidates)
        )
        living._motifs.renumber(motifs)
        return living

    # --- inside ------------------------------------------------------------------------

    def _take_in(
        self, r: int, number: int, texts: Sequence[str], rows: Bytes
    ) -> tuple[list[NewFragment], list[int], list[Change]]:
        """Carry the fragments of a report: what is new, what others said too, and all that changed."""
        first: dict[str, int] = {}
        for i, piece in enumerate(texts):
            first.setdefault(same_text(piece), i)
        known = [self._candidate.get(words) for words in first]
        changes = self._carriers.add_all(rows[list(first.values())], number, known)
        new: list[NewFragment] = []
        again: list[int] = []
        for (words, i), before, change in zip(first.items(), known, changes, strict=True):
            candidate = change.candidate
            if before is None:
                mine = change.candidates == candidate
                who, level = change.tellers[mine], change.after[mine]
                new.append(NewFragment(f"{r}.{i}", who.tolist(), level.tolist()))
                self._candidate[words], self._words[candidate] = candidate, words
                self._held[candidate] = {}
            elif not self._owns(number, candidate):
                again.append(candidate)
        return new, again, changes

    def _candidates_of(self, reports: Iterable[int | None]) -> list[int]:
        """What the reports that are here say, each candidate once."""
        found: dict[int, None] = {}
        for r in reports:
            if r is not None and r in self._told:
                found.update(dict.fromkeys(self._told[r].candidates))
        return list(found)

    def _owns(self, number: int, candidate: int) -> bool:
        """Whether some report of theirs that is here says this."""
        return any(
            self._number.get(self._told[r].teller) == number for r, _ in self._held[candidate]
        )

    def _standing(self, candidate: int) -> tuple[int, int]:
        """The fragment that stands for a candidate: the first that is still lent."""
        return next(iter(self._held[candidate]))

    def _fragments(self, candidates: Iterable[int]) -> tuple[tuple[int, int], ...]:
        return tuple(self._standing(candidate) for candidate in candidates)

    def _close(self, change: Change, teller: int) -> list[tuple[int, int]]:
        """What others told within a scene of a new fragment, the closest first."""
        near = change.near
        if not len(near):
            return []
        vectors = self._carriers.vectors
        row = vectors[[change.candidate]]
        dot = dots(row, vectors[near])[0].astype(np.int64)
        near = near[is_near(dot, squares(row), squares(vectors[near]), SCENE)]
        near = near[np.argsort(-cosines_to(vectors[near], row[0]), kind="stable")][:CLOSE_MAX]
        others = (
            next((key for key in self._held[c] if self._told[key[0]].teller != teller), None)
            for c in near.tolist()
        )
        return [key for key in others if key is not None]

    def _claim(self, candidate: int, teller: int) -> Change:
        """Let what somebody said of a candidate's reports count, whatever counted before."""
        says = self._claims.says(teller, {r for r, _ in self._held[candidate]})
        return self._carriers.say(candidate, self._number[teller], says)

    def _reclaim(self, candidates: Sequence[int], tellers: Iterable[int]) -> list[int]:
        """What people said changed; the candidates woven by it."""
        recarried: dict[tuple[int, int], int] = {}
        for teller in tellers:
            if teller in self._number:
                for candidate in candidates:
                    recarried |= self._entries(self._claim(candidate, teller))
        if not recarried:
            return []
        number = next(iter(recarried))[1]
        return self._bank.forget(number, (), recarried=_for_bank(recarried))

    def _noted(self, change: Change, number: int) -> dict[int, int]:
        """candidate -> level of what carries this teller otherwise now, their new words aside."""
        return {c: level for (c, who), level in self._entries(change).items() if who == number}

    def _entries(self, change: Change) -> dict[tuple[int, int], int]:
        primary = (change.before == 0) | (change.after == 0)
        self._watch.note([change.candidate, *change.candidates[primary].tolist()])
        pairs = zip(change.candidates.tolist(), change.tellers.tolist(), strict=True)
        return dict(zip(pairs, change.after.tolist(), strict=True))


def _newest(reports: dict[int, int], besides: int) -> tuple[int, ...]:
    """The last to come, newest first; quick, however many there are."""
    last = islice((r for r in reversed(reports) if r != besides), REPORTS_MAX)
    return tuple(sorted(last, reverse=True))


def _for_bank(entries: Mapping[tuple[int, int], int]) -> list[tuple[int, int, int | None]]:
    return [(c, who, None if level == NOT else level) for (c, who), level in entries.items()]


def _last_names(named: Iterable[Named]) -> tuple[Named, ...]:
    """Each motif once, as it is called at last."""
    return tuple({m: (m, name, lang) for m, name, lang in named}.values())
