"""Live weaving: one gathering at work, its meaning and its places together.

What `loom.living` finds in words becomes acts by `dreamscape.growing`; names of
motifs and cuts go back beside them. Lives in the live worker's process alone
and keeps nothing anywhere: it is begun again from a picture, the words that are
still lent and what was said of them.

Which reports are one person's is known here and must not be seen: where threads
are reports, somebody's "this carries me" makes knots of one of theirs firm and
never of two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dreamweave.dreamscape.growing import Acts, Growing
from dreamweave.loom.living import Living, ToldAgain
from dreamweave.loom.reading import Reader
from dreamweave.model.acts import Picture, folded

# How many reports a person tells in an evening, answers to others among them: of what is
# expected passages are planned. In the invented Circle 24 people tell 59.
REPORTS_A_PERSON = 2

Names = Sequence[tuple[int, str, str]]
Answer = dict[str, Any]


class LiveWeaving:
    """One gathering. `began` is what its beginning, or beginning again, answers.

    Args:
        asked: the message "begin" of `live_worker`.
        reader: the packaged one when left out.
    """

    def __init__(self, asked: Mapping[str, Any], reader: Reader | None = None) -> None:
        picture = folded(asked["acts"])
        told = [one for one in asked["told"] if one["r"] in picture.told]
        told.sort(key=lambda one: (picture.told[one["r"]].passage, one["r"]))
        self._named: bool = asked["named"]
        self._teller: dict[int, int] = {one["r"]: one["teller"] for one in told}
        # Who said of which report that it carries them, and the reports of theirs that this ties.
        self._carried: dict[int, dict[int, set[int]]] = {}
        seed, people = str(asked["seed"]), int(asked["n_people"])
        said = [(r, teller, says > 0) for r, teller, says in asked["said"]]
        known: dict[int, str] = dict(asked["names"])
        self._living = Living.resume(
            seed=seed,
            n_expected=people,
            told=[
                ToldAgain(
                    one["r"], one["teller"], one["text"], one["lang"], _or_none(one["answers"])
                )
                for one in told
            ],
            said=said,
            woven=picture.woven,
            motifs=known,
            reader=reader,
        )
        n_reports = REPORTS_A_PERSON * people
        if not picture.lanes:
            n_warps = int(asked["n_warps"])
            # More seats may be kept than there is room for; half the warps are for who is here.
            n_open = min(int(asked["n_open"]), n_warps // 2)
            self._growing = Growing(n_warps=n_warps, n_open=n_open, seed=seed, n_expected=n_reports)
            self.began = _answer(self._growing.begin())
            return
        saying: dict[int, set[int]] = {}
        for r in self._teller:
            for m in self._living.motifs_of(r):
                saying.setdefault(m, set()).add(r)
        for r, teller, carries in said:
            if carries:
                self._carried.setdefault(teller, {})[r] = self._was_tied(picture, r, teller)
        self._growing = Growing.resume(
            picture,
            seed=seed,
            n_expected=n_reports,
            threads=self._teller if self._named else {},
            saying=saying,
            by_word=[
                (r, own)
                for held in self._carried.values()
                for r, tied in held.items()
                for own in tied
            ],
        )
        # Read again, an image may be called otherwise, or be there no more.
        named = [one for one in self._living.motifs if known.get(one[0]) != one[1]]
        held = {m for m, _, _ in self._living.motifs}
        lost = [(m, "", "") for m in known if m not in held]
        self.began = self._renamed(self._growing.mend(), [*named, *lost])

    def tell(
        self,
        r: int,
        teller: int,
        text: str,
        lang: str | None,
        *,
        answers: int = -1,
        signs: int = 0,
        on_open: bool = False,
    ) -> Answer:
        """A report is told: its cuts, where it lies, what it meets, what it weaves."""
        heard = self._living.tell(r, teller, text, lang, answers=_or_none(answers))
        acts = self._growing.tell(
            r,
            thread=teller if self._named else None,
            meets=[(meet.motif, meet.reports) for meet in heard.meets],
            answers=answers,
            signs=signs,
            on_open=on_open,
        )
        self._teller[r] = teller
        for said in self._carried.get(teller, ()):
            acts += self._tie(said, teller, [r])
        answer = self._renamed(acts + _lines(heard.woven), heard.motifs)
        return {**answer, "cuts": [list(cut) for cut in heard.cuts]}

    def say(self, r: int, teller: int, says: int) -> Answer:
        """Somebody says that a report carries them (1), that it does not (-1), or unsays it (0)."""
        forgot = self._living.say(r, teller, says > 0 if says else None)
        held = self._carried.setdefault(teller, {})
        acts: Acts = []
        for mine in sorted(held.pop(r, ())):
            acts += self._growing.unfirm(r, mine)
        if says > 0:
            held[r] = set()
            acts += self._tie(r, teller, self._own(teller))
        return self._renamed(acts + _lines(forgot.woven), forgot.motifs)

    def forget(self, r: int) -> Answer:
        """A report is taken back, and nothing of it is left here."""
        forgot = self._living.forget(r)
        acts = self._growing.forget(r)
        self._teller.pop(r, None)
        # What it was tied with is not tied with another of its teller's: both would be known for
        # one person's.
        for held in self._carried.values():
            held.pop(r, None)
        return self._renamed(acts + _lines(forgot.woven), forgot.motifs)

    def keep(self, n: int) -> Answer:
        """One more warp is kept open, or one less."""
        return _answer(self._growing.keep_open() if n > 0 else self._growing.release())

    def fair(self) -> list[int] | None:
        """The closest call now, as in `["fair", ...]`; None while nobody told."""
        fair = self._living.fair()
        if not fair.n:
            return None
        return [fair.rho_thousandths, fair.n, fair.k, fair.group, fair.r, fair.i]

    def path(self, a: int, b: int) -> list[list[int]]:
        """The widest way from one report to another, as fragments."""
        return [list(step) for step in self._living.path(a, b)]

    def _own(self, teller: int) -> list[int]:
        """Their reports, the newest first."""
        return sorted((r for r, who in self._teller.items() if who == teller), reverse=True)

    def _tie(self, r: int, teller: int, own: Sequence[int]) -> Acts:
        """What carries them is tied with all their thread; with one report where threads are reports."""
        tied = self._carried[teller][r]
        acts: Acts = []
        for mine in own:
            if tied and not self._named:
                break
            firmer = self._growing.firm(r, mine)
            if firmer or self._named:
                tied.add(mine)
                acts += firmer
            else:
                self._growing.unfirm(r, mine)  # they share no knot; another may
        return acts

    def _was_tied(self, picture: Picture, r: int, teller: int) -> set[int]:
        """What a word of theirs had tied, as far as the picture shows it."""
        own = self._own(teller)
        if self._named:
            return set(own)
        for mine in own if r in picture.told else ():
            both = {picture.told[r].warp, picture.told[mine].warp}
            if any(knot.firm and both <= set(knot.warps) for knot in picture.knots.values()):
                return {mine}
        return set()

    def _renamed(self, acts: Acts, names: Names) -> Answer:
        """Acts, with those of motifs that are nobody's any more."""
        for m, name, _ in names:
            if not name:
                acts = acts + self._growing.end(m)
        return _answer(acts, names)


def _lines(woven: Sequence[tuple[int, int]]) -> Acts:
    return [["woven", r, i] for r, i in woven]


def _answer(acts: Acts, names: Names = ()) -> Answer:
    return {"acts": acts, "cuts": [], "names": [list(name) for name in names]}


def _or_none(answers: int) -> int | None:
    return None if answers < 0 else answers
