"""Draws: a lottery whose chances are exact, and which anyone can draw again from its seed.

Everybody stands in a line and takes up as much of it as their chance is; marks
one seat apart are laid along the line, and whoever a mark falls on is drawn.
So the number drawn is exact too. What the chances are is `governance.seats`'
business, and where the seed comes from is `governance.seeds`'.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from hashlib import sha256, shake_256
from math import lcm

# Parts of what is hashed are set apart by a byte that UTF-8 text never holds,
# so that no seed and no tag can be chosen to look like another pair.
_APART = b"\xff"

# So many bytes more than a bound needs: fewer than one draw in 2^64 is repeated.
_SPARE_BYTES = 8


def order_key(seed: str, purpose: str, of: str) -> bytes:
    """The hash by which a line is shuffled or a tie is broken: lower comes first."""
    return sha256(_APART.join((seed.encode(), purpose.encode(), of.encode()))).digest()


def below(seed: str, purpose: str, n: int) -> int:
    """A whole number from 0 to n - 1, each exactly as likely as any other, however large n is."""
    if n < 1:
        raise ValueError(f"a draw needs something to draw from, got n = {n}")
    n_bytes = (n.bit_length() + 7) // 8 + _SPARE_BYTES
    # What lies above the largest multiple of n is drawn again, because it would
    # favour the small numbers.
    fair = (256**n_bytes // n) * n
    attempt = 0
    while True:
        key = _APART.join((seed.encode(), purpose.encode(), str(attempt).encode()))
        drawn = int.from_bytes(shake_256(key).digest(n_bytes), "big")
        if drawn < fair:
            return drawn % n
        attempt += 1


def lined_up(seed: str, tags: Sequence[str], cells: Sequence[int]) -> list[int]:
    """The places in `tags` in the order of the line: cell by cell, shuffled within each.

    A cell lies in one piece, so the marks that fall into it are its total,
    rounded down or up: a total of at least 30 gets at least 30 seats.
    """
    keys = [order_key(seed, "line", tag) for tag in tags]
    return sorted(range(len(tags)), key=lambda i: (cells[i], keys[i], tags[i]))


def grain(chances: Iterable[Fraction]) -> int:
    """The least number of equal parts of a seat in which every chance is a whole number."""
    return lcm(*{chance.denominator for chance in chances})


def marked(line: Sequence[Fraction], start: int, parts: int) -> list[int]:
    """The places in the line on which a mark falls, when the first lies `start` parts along.

    Args:
        line: Chances from above 0 to 1, with a whole number as their sum.
        start: From 0 to parts - 1; each equally likely.
        parts: Of a seat, as `grain` says.

    Returns:
        Ascending places, as many as the chances sum to. Over all starts, each
        place is drawn in exactly its chance of them.

    Cost: O(n) additions of whole numbers.
    Source: systematic sampling with unequal probabilities, Madow 1949,
        doi:10.1214/aoms/1177729988.
    Check: tests/governance/test_draws.py goes through every start.
    """
    if not 0 <= start < parts:
        raise ValueError(f"a start lies within one seat of {parts} parts, got {start}")
    # People of one weight have one chance, so each fraction is turned into parts once.
    widths: dict[Fraction, int] = {}
    found, at, mark = [], 0, start
    for i, chance in enumerate(line):
        width = widths.get(chance)
        if width is None:
            width = widths[chance] = chance.numerator * (parts // chance.denominator)
        at += width
        if mark < at:
            found.append(i)
            mark += parts
    return found


def drawn(
    seed: str, tags: Sequence[str], cells: Sequence[int], chances: Sequence[Fraction]
) -> list[int]:
    """The places in `tags` that the lot falls on, in the order of the line."""
    line = lined_up(seed, tags, cells)
    parts = grain(chances)
    return [line[i] for i in marked([chances[i] for i in line], below(seed, "start", parts), parts)]
