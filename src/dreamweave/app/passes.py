"""Passes: codes on paper and in people's mouths, and what they open.

Invitations (ten letters, 50 bits), recovery codes (twelve, each once), return
keys (sixteen, until a new one is made) and the codes of gatherings (six, read
aloud in a room: they open what is open at this hour). What is kept is a keyed hash
that only this node can make, so a stolen database has no code in it. How often
somebody may try is limited at the doors. Who may invite is `invitations`'.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from dreamweave.app.ground import Ground
from dreamweave.app.paging import rows_of
from dreamweave.app.road import Granting
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.keeping import Row
from dreamweave.model.keys import ALPHABET
from dreamweave.model.refusals import Refusal

Opens = Literal["setup", "member", "guest", "circle", "recovery", "return", "gathering"]
OPENS: tuple[Opens, ...] = get_args(Opens)

# A code is of one family, and no code of one can be tried at the door of another.
Family = Literal["invitation", "recovery", "return", "gathering"]
LETTERS: dict[Family, int] = {"invitation": 10, "recovery": 12, "return": 16, "gathering": 6}
IN_GROUPS: dict[Family, int] = {"invitation": 5, "recovery": 4, "return": 4, "gathering": 3}
N_RECOVERY = 10

_READ_ALOUD = str.maketrans({"O": "0", "I": "1", "L": "1"})
_BETWEEN = frozenset("-\u2010\u2011\u2012\u2013\u2014\u2212_.")


@dataclass(frozen=True, slots=True)
class Pass:
    """What a code opens. `n_left` counts uses; 0 is without end, as `until_ms` 0 is.

    `circle` is the Circle that an invitation is for, or the gathering of a gathering's code.
    """

    id: str
    owner: str
    opens: Opens
    made_ms: int
    until_ms: int = 0
    n_left: int = 0
    circle: str = ""

    def holds_at(self, now_ms: int) -> bool:
        return not 0 < self.until_ms <= now_ms

    def to_row(self) -> Row:
        said: dict[str, object] = {"opens": self.opens, "made": self.made_ms}
        said |= {"until": self.until_ms, "left": self.n_left, "circle": self.circle}
        return Row("passes", self.id, self.owner, canonical(said))


def new_code(ground: Ground, family: Family) -> str:
    """A fresh code, as it is written down."""
    n = LETTERS[family]
    bits = int.from_bytes(ground.fresh(-(-n * 5 // 8)), "big")
    letters = "".join(ALPHABET[(bits >> 5 * i) & 31] for i in range(n))
    step = IN_GROUPS[family]
    return "-".join(letters[i : i + step] for i in range(0, n, step))


def new_recovery_codes(ground: Ground) -> tuple[str, ...]:
    """As many as are printed on one sheet."""
    return tuple(new_code(ground, "recovery") for _ in range(N_RECOVERY))


def pass_id(ground: Ground, family: Family, code: str) -> str:
    """What a code is kept as; refuses what cannot be one of ours."""
    letters = "".join(c for c in code if c not in _BETWEEN and not c.isspace())
    letters = letters.upper().translate(_READ_ALOUD)
    if len(letters) != LETTERS[family] or not set(letters) <= set(ALPHABET):
        raise unknown(family)
    return ground.vault.mac(f"pass/{family}", letters.encode()).hex()


def find(ground: Ground, family: Family, code: str) -> Pass | None:
    """What a code opens at this moment, if anything."""
    try:
        row = ground.store.row("passes", pass_id(ground, family, code))
    except Refusal:
        return None
    found = _of_row(row) if row is not None else None
    return found if found is not None and found.holds_at(ground.now_ms()) else None


def spend(granting: Granting, found: Pass) -> None:
    """Use a pass once, within a grant that looked at it."""
    if found.n_left == 1:
        granting.drops.append(("passes", found.id))
    elif found.n_left:
        granting.puts.append(replace(found, n_left=found.n_left - 1).to_row())


def passes_of(ground: Ground, owner: str | None, *opens: Opens) -> Iterator[Pass]:
    """The passes of an owner, or of everybody, that open one of `opens`."""
    held = map(_of_row, rows_of(ground.store, "passes", owner))
    return (found for found in held if found.opens in opens)


def renew(
    ground: Ground,
    granting: Granting,
    owner: str,
    opens: Literal["recovery", "return"],
    codes: Sequence[str],
) -> None:
    """Put `codes` in the place of whatever `owner` had of that kind."""
    granting.drops += (("passes", old.id) for old in passes_of(ground, owner, opens))
    n_left = 1 if opens == "recovery" else 0
    granting.puts += (
        Pass(pass_id(ground, opens, code), owner, opens, ground.now_ms(), 0, n_left).to_row()
        for code in codes
    )


def over(ground: Ground) -> list[Pass]:
    """The passes whose time is over."""
    now_ms = ground.now_ms()
    return [p for p in passes_of(ground, None, *OPENS) if not p.holds_at(now_ms)]


def unknown(family: Family) -> Refusal:
    """The same answer for a code that never was, is used up, ran out or was withdrawn."""
    if family == "invitation":
        return Refusal(
            "invitation.unknown",
            "This code opens nothing (any more). Compare it letter by letter, or ask whoever"
            " invited you for a new one.",
        )
    if family == "gathering":
        return Refusal(
            "gathering.code",
            "This code opens no gathering. It is six letters and digits, like K7M-2QX; ask whoever"
            " gave it to you.",
        )
    if family == "return":
        return Refusal(
            "sign_in.return_key",
            "This return key opens nothing. It is sixteen letters and digits in groups of four.",
        )
    return Refusal(
        "sign_in.wrong", "That name and code do not fit together. Each code works only once."
    )


def _of_row(row: Row) -> Pass:
    said = cast(dict[str, Any], parsed(row.body, "a pass"))
    return Pass(
        row.id,
        row.owner,
        said["opens"],
        said["made"],
        said["until"],
        said["left"],
        said["circle"],
    )
