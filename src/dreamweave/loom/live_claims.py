"""Live claims: what people said carries them, report by report, while they tell.

"This carries me", "this does not", and an answer, which says the first of what it
answers. Denying outweighs both, as in a finished weave. Kept by the caller's
numbers, whether or not the report has words or the teller has told; what follows
from it for candidates is `loom.living`'s.
"""

from __future__ import annotations

from collections.abc import Iterable


class Claims:
    """Who said what of which report."""

    def __init__(self) -> None:
        self._said: dict[int, dict[int, bool]] = {}  # report -> teller -> carries
        self._spoke: dict[int, set[int]] = {}  # teller -> reports they spoke of
        self._answers: dict[
            int, dict[int, int]
        ] = {}  # report -> report that answers it -> its teller

    def say(self, r: int, teller: int, carries: bool | None) -> None:
        """It carries them, does not, or they unsay it."""
        if carries is None:
            self._said.get(r, {}).pop(teller, None)
            self._spoke.get(teller, set()).discard(r)
        else:
            self._said.setdefault(r, {})[teller] = carries
            self._spoke.setdefault(teller, set()).add(r)

    def answer(self, r: int, teller: int, answers: int) -> None:
        """`r` is their answer to another report."""
        self._answers.setdefault(answers, {})[r] = teller

    def forget(self, r: int, answers: int | None) -> list[int]:
        """A report is gone, and what was said of it, and what it said; who spoke of it."""
        said, answered = self._said.pop(r, {}), self._answers.pop(r, {})
        for teller in said:
            self._spoke[teller].discard(r)
        if answers is not None:
            self._answers.get(answers, {}).pop(r, None)
        return sorted({*said, *answered.values()})

    def of(self, teller: int) -> list[int]:
        """The reports somebody spoke of, their answers aside."""
        return sorted(self._spoke.get(teller, ()))

    def says(self, teller: int, reports: Iterable[int]) -> bool | None:
        """What it comes to for words that these reports share."""
        reports = list(reports)
        said = {self._said[r][teller] for r in reports if teller in self._said.get(r, ())}
        if False in said:
            return False
        if said or any(teller in self._answers.get(r, {}).values() for r in reports):
            return True
        return None
