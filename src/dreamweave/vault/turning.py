"""Turning: what one writing has to hold so that every key above what is forgotten changes.

Owners who lose something get a new key, with all that stays theirs wrapped
anew under it; everybody's key is wrapped by the new epoch's. Says what to
write; when, and what is destroyed afterwards, is `forgetting`'s.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from dreamweave.model.keeping import Moved, Row, Writing
from dreamweave.vault.boxes import Lock, Shut
from dreamweave.vault.dooming import Doomed
from dreamweave.vault.ledger import Erasure
from dreamweave.vault.names import (
    EPOCH,
    ERASED,
    OWNER_KEYS,
    Rows,
    is_owner_key,
    key_of,
    rows_under,
    thing_of,
)
from dreamweave.vault.tree import Tree
from dreamweave.vault.wrapping import OwnerKey, epochs_of, unwrap_thing


def turned(
    store: Rows,
    tree: Tree,
    writing: Writing,
    goes: Doomed,
    coming: dict[str, OwnerKey],
    erasures: Sequence[Erasure],
    new: int,
    *,
    dropped: bool,
) -> Writing:
    """`writing`, with everything in it that turning to epoch `new` takes.

    `coming` are first keys of owners among its puts; `dropped` says that what
    `goes` was dropped by an earlier writing.
    """
    gone = set() if dropped else goes.owners
    dropping = set(goes.drops)
    # What is sealed anew under a forgotten name was born after that: see `restoring`.
    again = set(goes.things)
    own = [row for row in writing.puts if row.shelf == "keys" and not is_owner_key(row.id)]
    puts = [row for row in writing.puts if row.shelf != "keys"]
    for row in own:
        by = coming.get(row.owner) or tree.owner(row.owner)
        if row.owner not in goes.rekey and by is not None:
            puts += _rewrapped(tree, [row], by.lock, by.lock, again, new)
    for row in rows_under(store, "keys", OWNER_KEYS):
        if row.owner in gone or row.owner in coming:
            continue
        try:
            held = tree.unwrapped_owner(row)
        except Shut:
            continue  # somebody else's row; what is under it is beyond us already
        key = held.key
        if row.owner in goes.rekey:
            key = tree.fresh_key()
            stays = [
                thing
                for thing in rows_under(store, "keys", "", owner=row.owner)
                if not is_owner_key(thing.id) and ("keys", thing.id) not in dropping
            ]
            stays += [thing for thing in own if thing.owner == row.owner]
            puts += _rewrapped(tree, stays, held.lock, Lock(key), again, new)
        puts.append(tree.wrapped_owner(row.owner, key, born=held.born, epoch=new))
    for owner, held in coming.items():
        born = new if owner in goes.owners else held.born
        puts.append(tree.wrapped_owner(owner, held.key, born=born, epoch=new))
    puts.append(Row("settings", EPOCH, "", new.to_bytes(8, "big")))
    puts += (Row("settings", f"{ERASED}{one.n:010d}", "", one.line()) for one in erasures)
    return replace(
        writing,
        drops=(*writing.drops, *goes.drops),
        drop_owned=writing.drop_owned if dropped else (*writing.drop_owned, *goes.drop_owned()),
        puts=tuple(puts),
    )


def _rewrapped(
    tree: Tree, rows: Iterable[Row], old: Lock, new: Lock, again: Collection[str], epoch: int
) -> Iterator[Row]:
    for row in rows:
        try:
            key, born = unwrap_thing(row, old)
        except Shut:
            continue  # never ours: it opened nothing and will open nothing
        if key_of(*thing_of(row.id)) in again:
            born = epoch
        yield tree.wrapped_thing(row.id, row.owner, new, key, born=born)


def coming_keys(
    tree: Tree, writing: Writing, leaving: Collection[str], others: Mapping[str, OwnerKey]
) -> dict[str, OwnerKey]:
    """First keys of owners among the puts. Raises Moved where a put was sealed in vain.

    What was sealed before another forgetting changed the keys above it would
    never open again: whoever asked has to seal anew. So has whoever brings a
    first key for an owner who got another one meanwhile, in the store or from
    `others` who write at the same time.
    """
    rows = [row for row in writing.puts if row.shelf == "keys"]
    coming = {}
    try:
        for row in rows:
            if is_owner_key(row.id):
                if epochs_of(row)[1] != tree.current:
                    raise Shut("wrapped by an epoch that is over")
                brought = coming[row.owner] = tree.unwrapped_owner(row)
                had = others.get(row.owner)
                if had is None and row.owner not in leaving:
                    had = tree.owner(row.owner)
                if had is not None and had.key != brought.key:
                    raise Shut("the owner has another key by now")
        for row in rows:
            if not is_owner_key(row.id):
                by = coming.get(row.owner) or tree.owner(row.owner)
                if by is None:
                    raise Shut("no key to lock it under")
                unwrap_thing(row, by.lock)
    except Shut:
        raise Moved("Keys changed since this was sealed.") from None
    return coming
