"""Tables: where people speak when they are too many for one conversation.

Fifteen can speak together; beyond that they sit at tables of 8 to 15, which the
weave joins. What is said at a table, and its floor, are not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from dreamweave.governance.draws import order_key

TABLE_MIN, TABLE_MAX = 8, 15
# New tables are laid for so many, with room on either side for those who come and go.
_COMFORTABLE = 12

Tables = dict[int, tuple[int, ...]]


def tables(
    seats: Iterable[int], seed: str, before: Mapping[int, tuple[int, ...]] | None = None
) -> Tables:
    """Table number to the seats that sit there, ascending; every seat sits at one.

    Up to 15 sit at one table, however few. More are dealt evenly. Where people
    already sit (`before`), nobody is moved, except:

    * whoever comes sits at the smallest table; where all have 15, the lowest of
      these splits in two, and one half of it (by a hash of the seed) moves;
    * a table that falls under 8 moves as a whole to the smallest other, where
      15 hold both; else people of the largest table come over, one by one,
      until it has 8 (then the others have 9 or more, so nobody falls short).

    A number stays with its table for as long as that is there.

    Raises:
        ValueError: a seat sits at two tables in `before`.
    """
    here, had = set(seats), before or {}
    sat = [seat for sitting in had.values() for seat in sitting]
    if len(set(sat)) < len(sat):
        raise ValueError("a seat sits at two tables")
    # Everything is done in the order of the hashes, so that it is the same anywhere.
    coming = _by_hash(here.difference(sat), seed)
    held = {number: _by_hash(here.intersection(had[number]), seed) for number in sorted(had)}
    held = {number: sitting for number, sitting in held.items() if sitting}
    if not held:
        n_tables = 1 if len(coming) <= TABLE_MAX else -(-len(coming) // _COMFORTABLE)
        held = {i: coming[i::n_tables] for i in range(n_tables) if coming}
        coming = []
    for seat in coming:
        _sit_down(held, seat, seed, new=max((*had, *held)) + 1)
    while len(held) > 1 and len(held[short := _smallest(held)]) < TABLE_MIN:
        _mend(held, short)
    return {number: tuple(sorted(sitting)) for number, sitting in held.items()}


def _by_hash(seats: Iterable[int], seed: str) -> list[int]:
    return sorted(seats, key=lambda seat: order_key(seed, "table", str(seat)))


def _smallest(held: Mapping[int, list[int]]) -> int:
    return min(held, key=lambda number: (len(held[number]), number))


def _sit_down(held: dict[int, list[int]], seat: int, seed: str, new: int) -> None:
    number = _smallest(held)
    if len(held[number]) == TABLE_MAX:
        sitting = _by_hash(held[number], seed)
        held[number], held[new] = sitting[::2], sitting[1::2]
        number = new
    held[number].append(seat)


def _mend(held: dict[int, list[int]], short: int) -> None:
    other = _smallest({number: sitting for number, sitting in held.items() if number != short})
    if len(held[short]) + len(held[other]) <= TABLE_MAX:
        held[other] += held.pop(short)
        return
    while len(held[short]) < TABLE_MIN:
        largest = max(held, key=lambda number: (len(held[number]), -number))
        held[short].append(held[largest].pop())
