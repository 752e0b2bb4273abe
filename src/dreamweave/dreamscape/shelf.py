"""The shelf: what a drawing has already drawn, so that nothing is written twice.

An SVG element that is put here comes back as an id. The same element has one
id, whoever asks, so drawings that stand in one document and share a shelf share
everything that is alike in them. It knows nothing of cloth, and no element put
here may hold an id of its own.
"""

from __future__ import annotations


class Shelf:
    """Definitions of one document, told apart by `mark` from those of others in it."""

    def __init__(self, mark: str) -> None:
        self._mark = mark
        self._of: dict[str, str] = {}
        self._fresh: list[str] = []

    def name(self, element: str) -> str:
        """The id under which this element stands, written with the next `fresh` if it is new."""
        known = self._of.get(element)
        if known is None:
            known = f"{self._mark}{len(self._of)}"
            self._of[element] = known
            cut = min(element.index(c) for c in " >/" if c in element)
            self._fresh.append(f'{element[:cut]} id="{known}"{element[cut:]}')
        return known

    def shown(self, element: str, *, x: int = 0) -> str:
        """A reference that shows this element, moved by `x`."""
        moved = f' x="{x}"' if x else ""
        return f'<use href="#{self.name(element)}"{moved}/>'

    def fresh(self) -> str:
        """What was put here since this was last asked, to stand among the definitions."""
        out = "".join(self._fresh)
        self._fresh.clear()
        return out
