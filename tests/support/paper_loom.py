"""A small loom for tests of rooms: sentences are cut, words that two people say are shared images.

Keeps every promise that `looms.Loom` makes, by plain rules: a report takes the
next warp, a word of six letters or more that another report holds ties a knot,
a passage ends after three reports, and every second report's first sentence is
a line. What it was told it holds in `held`, so that a test can see it forget.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from dreamweave.app.looms import Answer
from dreamweave.model.acts import folded

N_A_PASSAGE = 3


@dataclass
class Held:
    """One gathering as this loom knows it."""

    picture: object
    n_open: int
    texts: dict[int, str] = field(default_factory=dict)
    motifs: dict[int, str] = field(default_factory=dict)  # motif -> the word it is
    k: int = 0


class PaperLoom:
    def __init__(self) -> None:
        self.held: dict[str, Held] = {}
        self.n_begun = 0
        self.asked: list[tuple] = []
        self.breaks_on = ""  # a report with this word in it is more than it can bear
        self.is_away = False

    # ------------------------------------------------------------ the promises

    def knows(self, g):
        return g in self.held

    def begin(self, made, n_open, picture, told, said, names):
        self._there()
        self.n_begun += 1
        motifs = {m: name for m, (name, _) in names.items()}
        for knot in picture.knots.values():
            motifs.setdefault(knot.motif, "")
        held = Held(picture, n_open, motifs=motifs)
        self.held[made.gathering] = held
        held.texts = {one.r: one.text for one in told}
        held.k = 1 + max(picture.knots, default=-1)
        if picture.n_warps:
            return Answer()
        lanes = [50 * w - 25 * made.n_warps for w in range(made.n_warps)]
        return self._answered(
            held, [["warps", made.n_warps, 16, list(range(n_open))], ["passage", 0, lanes]]
        )

    def tell(self, g, heard):
        self._there()
        self.asked.append(("tell", heard.r, heard.teller))
        if self.breaks_on and self.breaks_on in heard.text:
            self.held.pop(g)
            raise MemoryError
        held = self.held[g]
        picture, acts, names = held.picture, [], []
        if picture.told and len(picture.told) % N_A_PASSAGE == 0:
            t = len(picture.lanes)
            acts.append(["passage", t, [lane + t for lane in picture.lanes[-1]]])
        warp = heard.r % picture.n_warps if heard.thread is None else heard.thread
        t = len(picture.lanes) - 1 + len(acts)
        acts.append(["told", heard.r, warp, t, heard.answers, heard.signs])
        if heard.on_open and picture.open:
            acts.append(["open", min(picture.open), 0])
        for word in sorted(_words(heard.text)):
            others = [r for r, text in held.texts.items() if word in _words(text)]
            warps = {picture.told[r].warp for r in others if r in picture.told} - {warp}
            if not warps:
                continue
            m = next((m for m, name in held.motifs.items() if name == word), None)
            if m is None:
                m = 1 + max(held.motifs, default=-1)
                held.motifs[m] = word
                names.append((m, word, "en"))
            acts.append(["knot", held.k, t, m, sorted({warp, *warps})[:6], 0])
            held.k += 1
        if heard.r % 2 == 0:
            acts.append(["woven", heard.r, 0])
        held.texts[heard.r] = heard.text
        return self._answered(held, acts, names=names, cuts=_cuts(heard.text))

    def say(self, g, r, seat, says):
        self._there()
        self.asked.append(("say", r, seat, says))
        held = self.held[g]
        warp = held.picture.told[r].warp
        acts = [
            ["knot", k, knot.passage, knot.motif, list(knot.warps), int(says > 0)]
            for k, knot in held.picture.knots.items()
            if warp in knot.warps
        ]
        return self._answered(held, acts)

    def forget(self, g, r):
        self._there()
        self.asked.append(("forget", r))
        held = self.held[g]
        held.texts.pop(r, None)
        acts, names = [["gone", r]], []
        for k, knot in held.picture.knots.items():
            warps = {
                held.picture.told[q].warp for q in held.texts if q in held.picture.told and q != r
            }
            if not set(knot.warps) <= warps:
                acts.append(["unknot", k])
        still = {word for text in held.texts.values() for word in _words(text)}
        for m, word in list(held.motifs.items()):
            if word and word not in still:
                held.motifs[m] = ""
                names.append((m, "", "en"))
        return self._answered(held, acts, names=names)

    def keep(self, g, n):
        self._there()
        picture = self.held[g].picture
        free = [w for w in range(picture.n_warps) if w not in picture.open]
        warp = free[-1] if n > 0 else max(picture.open)
        return self._answered(self.held[g], [["open", warp, int(n > 0)]])

    def fair(self, g):
        self._there()
        n = len(self.held[g].texts)
        return (100 * n, n, 1 + n, 1, max(self.held[g].texts, default=-1), 0)

    def path(self, g, a, b):
        self._there()
        return ((a, 0), (b, 0))

    def end(self, g):
        self.held.pop(g, None)

    def close(self):
        self.held.clear()

    # ------------------------------------------------------------ within

    def _there(self):
        if self.is_away:
            raise OSError("there is no loom")

    def _answered(self, held, acts, *, names=(), cuts=()):
        folded(acts, held.picture)
        return Answer(tuple(acts), cuts, tuple(names))


def _words(text):
    return {word.lower() for word in re.findall(r"\w{6,}", text)}


def _cuts(text):
    return tuple(m.span() for m in re.finditer(r"[^.!?]*[.!?]*", text) if m.group().strip())
