"""Whatever a forger changes, both verifiers notice, given the root; and each clause rings alone."""

from __future__ import annotations

import json
import random

import pytest
from forging import KINDS, Desk, forged, forged_receipt
from makers_certificates import Bundle, bundle

from dreamweave.loom import proving
from dreamweave.model.canonical import canonical
from dreamweave.model.refusals import Refusal
from dreamweave.verifier import verify_weave

N_TAMPERINGS = 1_008  # 28 of each of 36 kinds
N_BUNDLES = 28


def stand_alone(files, root=None, without=()):
    """What the stand-alone verifier says: {clause: verdict}, or "refused"."""
    clauses = {k: v for k, v in verify_weave.CLAUSES.items() if k not in without}
    try:
        return {c.name: c.verdict() for c in verify_weave.verify(files, root, clauses)}
    except verify_weave.Unreadable:
        return "refused"


def ours(files, root=None, without=()):
    """What our own verifier says, likewise."""
    clauses = [name for name in proving.CLAUSES if name not in without]
    try:
        found = proving.verify(files, root, clauses=clauses)
    except Refusal:
        return "refused"
    return {finding.clause: finding.verdict for finding in found}


VERIFIERS = [stand_alone, ours]


def caught(said):
    return said == "refused" or "fails" in said.values()


@pytest.fixture(scope="module")
def bundles() -> list[Bundle]:
    return [
        bundle(
            seed,
            n=6 + seed % 4,
            dims=8,
            cap=[None, None, 24][seed % 3] if seed % 4 else None,
            taken_back=["told and taken back"] if seed % 2 else (),
        )
        for seed in range(N_BUNDLES)
    ]


def test_what_nobody_touched_holds_in_every_clause(bundles):
    for made in bundles:
        files = made.files(receipts=1)

        for verifier in VERIFIERS:
            assert set(verifier(files, made.root).values()) == {"holds"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_thousand_forgeries_with_every_hash_recomputed_are_all_caught(bundles, kind):
    n_each = N_TAMPERINGS // len(KINDS)
    missed = []
    for i in range(n_each):
        made = bundles[i % len(bundles)]
        files = forged(made, kind, random.Random(f"{kind} {i}"))
        assert files["weave.json"] != made.weave_json or json.loads(
            files["certificate.json"]
        ) != json.loads(canonical(made.certificates.full))
        for verifier in VERIFIERS:
            # All of them together and, for some, each file that names a root by itself.
            handed = [files]
            if i % 7 == 0:
                handed += [{name: data} for name, data in files.items() if name != "weave.json"]
            missed += [
                (verifier.__name__, i, sorted(held))
                for held in handed
                if not caught(verifier(held, made.root))
            ]

    assert missed == []


def test_a_forged_receipt_is_caught_by_itself_and_beside_the_genuine_files(bundles):
    missed = []
    for made in bundles:
        files = made.files()
        for i in range(2):
            rng = random.Random(f"{made.root} {i}")
            receipt = canonical(forged_receipt(made.receipt(i), rng))
            for verifier in VERIFIERS:
                for held in ({"receipt.json": receipt}, {**files, "receipt.json": receipt}):
                    if not caught(verifier(held, made.root)) or not caught(verifier(held)):
                        missed.append((verifier.__name__, i))

    assert missed == []


def test_a_file_of_another_weave_is_caught_even_without_a_root(bundles):
    a, b = bundles[0].files(receipts=1), bundles[1].files(receipts=1)
    for name in a:
        for verifier in VERIFIERS:
            assert caught(verifier({**a, name: b[name]}))


def test_any_single_value_changed_in_any_file_is_caught(bundles):
    # No forger's skill here, but every corner: nothing in any file is left unbound.
    made = bundles[3]
    files = made.files(receipts=1)
    rng = random.Random(5)
    missed = []
    for name, data in files.items():
        value = json.loads(data)
        places = list(_places(value))
        for way in rng.sample(places, min(len(places), 45)):
            changed = canonical(_changed(json.loads(data), way))
            for verifier in VERIFIERS:
                if not caught(verifier({**files, name: changed}, made.root)):
                    missed.append((verifier.__name__, name, way))

    assert missed == []


def _places(value, way=()):
    if isinstance(value, dict):
        for key in value:
            yield from _places(value[key], (*way, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            yield from _places(item, (*way, i))
    else:
        yield way


def _changed(value, way):
    held = value
    for step in way[:-1]:
        held = held[step]
    old = held[way[-1]]
    held[way[-1]] = (
        not old if isinstance(old, bool) else old + 1 if isinstance(old, int) else old + "AAAA"
    )
    return value


# ------------------------------------------------------------------ each alarm, once


def _roots(desk: Desk):
    files = desk.files(receipts=False)
    full = json.loads(files["certificate.json"])
    full["root"] = full["root"][::-1]
    return {"certificate.json": canonical(full)}


def _vectors(desk: Desk):
    # One text read as something else: who is carried by it is not what was written.
    dims = desk.weave["dims"]
    from base64 import b64decode, b64encode

    raw = bytearray(b64decode(desk.weave["vectors"]))
    raw[:dims] = bytes(256 - b if b else 0 for b in raw[:dims])  # its opposite
    desk.weave["vectors"] = b64encode(raw).decode()
    return desk.files(receipts=False)


def _voices(desk: Desk):
    # One unit from one payer of a line to another: every line still holds what it says.
    for i, _ in enumerate(desk.full["lines"]):
        rows = [
            r
            for t in desk.full["tellers"]
            for r in t["account"]
            if r.get("line") == i and "topped" not in r
        ]
        if len(rows) > 1:
            rows[0]["units"] -= 1
            rows[1]["units"] += 1
            return desk.files(receipts=False)
    raise AssertionError("no line with two payers")


def _groups(desk: Desk):
    # As if four times the lines had been promised; prices look away, counts are honest.
    k = 4 * desk.header["k"]
    desk.both("k", k)
    h = desk.header
    h["healed"] = True
    h["price"] = max(1, h["n"] * (10**9 - h["reserve"]) // k - h["n"] * k)
    _count_again(desk)
    return desk.files(receipts=False)


def _levels(desk: Desk):
    call, told = desk.full["closest"][-1], desk.weave["fairness"]["overlooked"][-1]
    h = desk.header
    call["l"] = told["l"] = call["l"] + 1
    call["rho"] = f"{h['k'] * call['count']}/{h['n'] * call['l']}"
    return desk.files(receipts=False)


def _words(desk: Desk):
    # A span that reaches past its words, in both files alike.
    last = max(range(len(desk.full["fragments"])), key=lambda f: desk.full["fragments"][f]["end"])
    desk.fragment(last, end=desk.full["fragments"][last]["end"] + 1)
    return desk.files(receipts=False)


def _count_again(desk: Desk) -> None:
    """Print honest closest calls for what lies on the desk, slowly."""
    h, rows = desk.header, desk.full["fragments"]

    def calls(texts):
        for level in range(desk.levels):
            carried = [{t for who in row[: level + 1] for t in who} for row in desk.rows]
            best = (0, 1, None)
            for c, who in enumerate(carried):
                if c in texts:
                    continue
                for l in range(1, h["k"] + 1):  # noqa: E741
                    held = [t for t in who if sum(t in carried[x] for x in texts) < l]
                    if len(held) * best[1] > best[0] * l:
                        best = (len(held), l, desk.first[c])
            yield best

    taken = {rows[x["fragment_i"]]["candidate"] for x in desk.full["lines"]}
    popular = {rows[f]["candidate"] for f in desk.weave["popular"]}
    for i, (count, l, f) in enumerate(calls(taken)):  # noqa: E741
        call = {"radius": h["radii"][i], "count": count, "l": l}
        if f is not None:
            call["fragment_i"] = f
        desk.weave["fairness"]["overlooked"][i] = call
        desk.full["closest"][i] = {**call, "rho": f"{h['k'] * count}/{h['n'] * l}"}
    for i, (count, l, f) in enumerate(calls(popular)):  # noqa: E741
        call = {"radius": h["radii"][i], "count": count, "l": l}
        if f is not None:
            call["fragment_i"] = f
        desk.weave["fairness"]["overlooked_popular"][i] = call


ALARMS = {
    "ROOT": _roots,
    "CARRY": _vectors,
    "C1": _voices,
    "C2": _groups,
    "C3": _levels,
    "C4": _words,
}


@pytest.mark.parametrize("verifier", VERIFIERS)
@pytest.mark.parametrize("clause", ALARMS)
def test_each_clause_catches_what_only_it_can_catch(clause, verifier):
    # Without a root, so that nothing but the clause itself can tell.
    made = bundle(41, n=12, k=4, dims=8, threads_each=(1, 2))
    files = ALARMS[clause](Desk(made, random.Random(1)))

    said = verifier(files)

    assert [name for name, verdict in said.items() if verdict == "fails"] == [clause]
    assert not caught(verifier(files, without=[clause]))


@pytest.mark.parametrize("verifier", VERIFIERS)
def test_without_the_root_clause_a_careful_forger_gets_through(verifier):
    # The control of the thousand: it is the root that tells, so with the clause
    # switched off a lie that contradicts nothing passes.
    made = bundle(41, n=12, k=4, dims=8)
    files = forged(made, "changed_the_title", random.Random(1))

    assert caught(verifier(files, made.root))
    assert not caught(verifier(files, made.root, without=["ROOT"]))
    assert not caught(verifier(files))
