"""The summary: what was woven, in a few sentences for the person at the keyboard.

Numbers and the closest call; nobody's words, so that a terminal's scrollback or
a log of it keeps none.
"""

from __future__ import annotations

from dreamweave.model.weaves import VOICE, Weave


def counted(n: int, one: str, many: str | None = None) -> str:
    """`1 line`, `12 lines`, `1,600 lines`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def summary_of(weave: Weave, root: str) -> tuple[str, ...]:
    """The summary, a sentence each."""
    fair = weave.fairness
    said = [
        f"{counted(weave.n_tellers, 'person', 'people')} told "
        f"{counted(len(weave.threads), 'thread')} of "
        f"{counted(len(weave.fragments), 'fragment')}, woven into "
        f"{counted(len(weave.lines), 'line')} in "
        f"{counted(len(weave.passages), 'passage')}, with "
        f"{counted(len(weave.motifs), 'shared image')} and "
        f"{counted(len(weave.knots), 'knot')}.",
        (
            f"Everyone holds one voice: {100 * fair.voice_in_lines / (weave.n_tellers * VOICE):.1f} %"
            f" of all voice went to lines, the rest to {counted(len(weave.chorus), 'chorus line')}."
            if weave.chorus
            else "Everyone holds one voice, and all of it went to lines: no chorus was needed."
        ),
        closest_call(weave),
    ]
    wide = [o for o in fair.overlooked if weave.k * o.count >= weave.n_tellers * o.l]
    if not wide:
        said.append(f"That holds at every closeness shown ({len(weave.radii)} of them).")
    else:
        said.append(
            f"It does not hold at {len(wide)} of the {len(weave.radii)} closenesses shown; "
            "the page says which."
        )
    if fair.n_without_line:
        said.append(
            f"Without the chorus, {counted(fair.n_without_line, 'person', 'people')} would be "
            "carried by no line. With it, everyone is in the text, in their own words."
        )
    if weave.languages_by_words:
        said.append(
            "Read by shared words only, not by meaning: "
            + ", ".join(weave.languages_by_words)
            + "."
        )
    said.append(f"Root of the certificate: {root}")
    return tuple(said)


def closest_call(weave: Weave) -> str:
    """The witness at the primary closeness, in words and without anybody's."""
    closest = weave.fairness.overlooked[0]
    needed = -(-weave.n_tellers * closest.l // weave.k)
    lines = counted(closest.l, "line")
    if closest.count == 0:
        return "No group was overlooked: every fragment's people are carried, none came close."
    rho = weave.k * closest.count / (weave.n_tellers * closest.l)
    verdict = "No group was overlooked" if rho < 1 else "A group was overlooked"
    return (
        f"{verdict}. The closest call: {counted(closest.count, 'person', 'people')} around one "
        f"fragment with fewer than {lines}, where it takes {needed} to have a claim (rho {rho:.2f})."
    )
