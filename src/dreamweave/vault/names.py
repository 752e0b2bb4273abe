"""Names: what the vault's own rows are called, and which thing a key is for.

On the shelf `keys`: "owner/<owner>", "<shelf>/<id>" and, for back-ups taken
before a thing was amended, "was/<generation>/<shelf>/<id>/<letters>". On the
shelf `settings`: the epoch that counts, what is being forgotten, what was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from dreamweave.model.keeping import SHELVES, Row, Shelf

NODE_OWNER = "node"
# The node's own secrets: one sealed thing, made at the first run.
NODE_SECRETS = "node/secrets"
EPOCH = "epoch"
# How many back-ups were begun, and which of those that succeeded are still kept.
GENERATION = "backup/generation"
GENERATIONS = "backup/generations"
OWNER_KEYS = "owner/"
WAS_KEYS = "was/"
# One row for each writing that destroyed keys and whose epoch has not been turned yet.
FORGETTING = "forgetting/"
# The erasure ledger, one row for each turning.
ERASED = "erased/"

PAGE = 1_000


class Rows(Protocol):
    """As much of a store as reading rows takes."""

    def rows(
        self, shelf: Shelf, *, owner: str | None = None, after: str = "", limit: int = 1000
    ) -> Sequence[Row]: ...


def rows_under(store: Rows, shelf: Shelf, start: str, *, owner: str | None = None) -> Iterator[Row]:
    """Every row whose id begins with `start`, in order."""
    after = start
    while True:
        page = store.rows(shelf, owner=owner, after=after, limit=PAGE)
        for row in page:
            if not row.id.startswith(start):
                return
            yield row
        if len(page) < PAGE:
            return
        after = page[-1].id


def owner_key_of(owner: str) -> str:
    return OWNER_KEYS + owner


def key_of(shelf: Shelf, id: str) -> str:
    return f"{shelf}/{id}"


def was_key_of(generation: int, shelf: Shelf, id: str, letters: str) -> str:
    return f"{WAS_KEYS}{generation:08d}/{shelf}/{id}/{letters}"


def is_owner_key(key_id: str) -> bool:
    return key_id.startswith(OWNER_KEYS)


def thing_of(key_id: str) -> tuple[Shelf, str]:
    """Which shelf and id the key `key_id` is, or was, for. Raises ValueError for an owner's."""
    if key_id.startswith(WAS_KEYS):
        key_id = key_id.split("/", 2)[2].rpartition("/")[0]
    shelf, _, id = key_id.partition("/")
    if shelf not in SHELVES:
        raise ValueError("this key is for no thing")
    return shelf, id


def generation_of(key_id: str) -> int | None:
    """Before which back-up a key was replaced; None for a key that is in use."""
    return int(key_id.split("/", 2)[1]) if key_id.startswith(WAS_KEYS) else None


def belongs(id: str, thing: str) -> bool:
    """Whether `id` is the thing, or a piece of it ("<thing>/...")."""
    return id == thing or id.startswith(thing + "/")
