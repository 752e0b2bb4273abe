"""Asked: what a caller of `weave` may hand in, checked before anything is done with it.

Says which argument, what was wanted and what came; never what anybody told.
Nothing is mended or guessed here.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from dreamweave.model.reports import FEELINGS, INTENSITIES, KINDS


def check_told(texts: Sequence[str], **columns: Sequence[object] | None) -> None:
    """Refuse texts and columns beside them that are no gathering.

    Args:
        texts: one a report.
        columns: the other arguments of `weave` that are one a report, by name.

    Raises:
        ValueError: as `weave` says.
    """
    n = len(texts)
    if n == 0:
        raise ValueError("nothing was told, so there is nothing to weave")
    for what, given in columns.items():
        if given is not None and len(given) != n:
            raise ValueError(f"{what} are one a report: got {len(given)} for {n} reports")
    for i, text in enumerate(texts):
        if not text.strip():
            raise ValueError(f"report {i} holds no words")
    _one_of("kinds", columns.get("kinds"), KINDS)
    _one_of("feelings", columns.get("feelings"), (None, *FEELINGS))
    _one_of("intensities", columns.get("intensities"), (None, *INTENSITIES))
    for i, to in enumerate(columns.get("answers") or ()):
        if to is not None and not (isinstance(to, int) and 0 <= to < n):
            raise ValueError(f"answers are numbers of reports, 0 to {n - 1}: got {to!r} at {i}")
    for i, pieces in enumerate(columns.get("cuts") or ()):
        _check_cut(i, texts[i], pieces)


def check_said(
    what: str,
    pairs: Sequence[tuple[Hashable, int | str]],
    tellers: Mapping[Hashable, int],
    n_reports: int,
) -> None:
    """Refuse a "this carries me" of somebody, or of a report, that is not there.

    Fragment ids are looked up later, when there are fragments.
    """
    for who, report in pairs:
        if who not in tellers:
            raise ValueError(f"{what} names somebody who told nothing here")
        if not isinstance(report, str) and not 0 <= report < n_reports:
            raise ValueError(f"{what} names report {report}, of {n_reports}")


def _one_of(what: str, given: Sequence[object] | None, wanted: Sequence[object]) -> None:
    for i, one in enumerate(given or ()):
        if one not in wanted:
            raise ValueError(
                f"{what} are of {', '.join(map(str, wanted))}: report {i} has something else"
            )


def _check_cut(i: int, text: str, pieces: object) -> None:
    """Spans ascend, do not overlap, lie in the text, and hold something each."""
    before = 0
    for start, end, *_ in pieces:  # type: ignore[attr-defined]
        if not before <= start < end <= len(text) or not text[start:end].strip():
            raise ValueError(
                f"cuts ascend, lie in their report and hold words: report {i} has ({start}, {end})"
            )
        before = end
