"""A stolen database: no name, code, passphrase or token can be read from its rows."""

from __future__ import annotations

import hashlib
import re

import pytest
from makers_ground import make_ground
from makers_people import PASSPHRASE, actor, make_node, make_people

from dreamweave.app import accounts
from dreamweave.app.coming_in import come_as_guest, join, new_return_key
from dreamweave.app.devices import name_device, sessions_of
from dreamweave.app.invitations import invite
from dreamweave.app.me import change_own, me
from dreamweave.app.signing_in import new_recovery_codes, sign_in, step_up
from dreamweave.model.keeping import SHELVES
from dreamweave.store.sqlite import SqliteStore

NAME = "Canaryname Zyxwvut"
INTENTION = "canaryintention: remember the stairs"
DEVICE = "canarydevice of mine"


def everything_said(node) -> set[str]:
    """One of each: what must not be found, as people wrote or were shown it."""
    people = node.people
    codes = [node.code(), node.code("guest")]
    came = join(
        people,
        name=NAME,
        passphrase=PASSPHRASE,
        code=codes[0],
        device=DEVICE,
        once="canary-idempotency-key-1",
    )
    guest = come_as_guest(people, code=codes[1], once="canary-idempotency-key-2")
    key = new_return_key(people, actor(people, guest))
    used = sign_in(
        people, name=NAME, recovery_code=came.recovery_codes[0], once="canary-idempotency-key-3"
    )
    stepped = step_up(people, actor(people, used), passphrase=PASSPHRASE)
    who = actor(people, stepped)
    change_own(people, who, {"evening_intention": INTENTION, "shown_name": "Canaryshown"})
    name_device(people, who, sessions_of(people, who)[0].id, DEVICE)
    again = new_recovery_codes(people, who)
    unused = invite(people, node.who, opens="guest").code
    return {
        NAME,
        PASSPHRASE,
        INTENTION,
        DEVICE,
        "Canaryshown",
        "canary-idempotency-key",
        *codes,
        key,
        unused,
        *came.recovery_codes,
        *again,
        came.token,
        guest.token,
        used.token,
        stepped,
    }


def writings(said: str) -> set[bytes]:
    """Ways in which it might lie there: as it is, folded, without hyphens, plainly hashed."""
    plain = {said, said.casefold(), said.replace("-", ""), said.replace("-", "").casefold()}
    found = set()
    for text in plain:
        raw = text.encode()
        found |= {raw, raw.hex().encode()}
        for algorithm in ("sha256", "sha1", "md5", "blake2b"):
            digest = hashlib.new(algorithm, raw)
            found |= {digest.digest(), digest.hexdigest().encode()}
    return found


def found_in(data: bytes, canaries: set[str]) -> list[str]:
    """Which canaries can be read. A token's own SHA-256 is what is kept: it opens nothing."""
    hits = []
    for said in sorted(canaries):
        kept = {hashlib.sha256(said.encode()).hexdigest().encode()} if _is_token(said) else set()
        if any(way in data for way in writings(said) - kept):
            hits.append(said)
    return hits


def _is_token(said: str) -> bool:
    return bool(re.fullmatch(r"[A-Za-z0-9_-]{43}", said))


@pytest.fixture
def stolen(tmp_path):
    """A node on a real disk, with one of everything, and every byte of its data folder."""
    (tmp_path / "data").mkdir()
    store = SqliteStore(tmp_path / "data")
    ground = make_ground(store, real_vault_in=tmp_path)
    node = make_node(make_people(ground))
    canaries = everything_said(node)
    rows = [row for shelf in SHELVES for row in store.rows(shelf, limit=100_000)]
    facts = store.facts(limit=100_000)
    store.close()
    # The disk that is held back for forgetting is zeros only, and takes long to look through.
    held = (p.read_bytes() for p in (tmp_path / "data").rglob("*") if p.is_file())
    files = b"".join(data for data in held if data.strip(b"\0"))
    return canaries, rows, facts, files


def test_nothing_that_was_said_lies_in_the_rows_or_the_files(stolen):
    canaries, rows, facts, files = stolen
    lying = b"\n".join(
        [
            *(f"{r.shelf} {r.id} {r.owner} ".encode() + r.body for r in rows),
            *(f.body for f in facts),
        ]
    )

    assert len(canaries) > 30
    assert found_in(lying, canaries) == []
    assert found_in(files, canaries) == []


def test_what_is_kept_in_the_open_would_be_found(tmp_path):
    """The alarm rings: over the vault without cryptography, names and hashes do lie there."""
    node = make_node()
    canaries = everything_said(node)
    store = node.people.ground.store
    lying = b"\n".join(row.body for shelf in SHELVES for row in store.rows(shelf, limit=100_000))

    found = found_in(lying, canaries)

    assert {NAME, INTENTION, DEVICE, "Canaryshown"} <= set(found)
    assert found_in(hashlib.sha256(b"AAAAA-AAAAA").digest(), {"AAAAA-AAAAA"}) == ["AAAAA-AAAAA"]


def test_guessing_codes_against_a_stolen_database_needs_the_nodes_key(stolen):
    """Whoever has the rows and tries a known code finds no row for it without the vault."""
    canaries, rows, _, _ = stolen
    code = next(c for c in canaries if re.fullmatch(r"[0-9A-Z]{5}-[0-9A-Z]{5}", c))
    letters = code.replace("-", "").encode()
    ids = {row.id for row in rows if row.shelf in ("passes", "handles")}

    guesses = {hashlib.sha256(salt + letters).hexdigest() for salt in (b"", b"pass/invitation")}

    assert ids.isdisjoint(guesses)
    assert all(re.fullmatch(r"[0-9a-f]{64}", id) for id in ids)


def test_nothing_of_it_stands_in_a_repr():
    node = make_node()
    came = node.member(NAME, device=DEVICE)
    who = actor(node.people, came)

    shown = " ".join(
        repr(one)
        for one in (
            came,
            who,
            accounts.read(node.people.ground, who.dreamer),
            me(node.people, who),
            sessions_of(node.people, who),
            node.people.sessions.current(who),
            node.people.sessions.begun(who.dreamer),
            invite(node.people, node.who, opens="guest"),
        )
    )

    assert (
        found_in(shown.encode(), {NAME, DEVICE, PASSPHRASE, came.token, *came.recovery_codes}) == []
    )
