"""A forger with everything but the true root: changes one thing, then recomputes every hash.

`forged(bundle, kind, rng)` returns the files as the forger would hand them
out: weave.json, both certificates and a receipt, all agreeing with each other
and with the root written in them. What a forger cannot do is make that root
the one that weaving printed.

A forgery that leaves files which are no certificates any more (a teller
dropped, a count out of range) is handed out all the same.
"""

from __future__ import annotations

import copy
import random
from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from typing import Any

from makers_certificates import Bundle

from dreamweave.model.canonical import canonical
from dreamweave.model.certificates import read_full
from dreamweave.model.leaves import closed, leaves_of, public_leaves, root_of
from dreamweave.model.merkle import leaf_hash
from dreamweave.model.proofs import HIDDEN, PUBLIC_SCHEMA, Full
from dreamweave.model.receipts import Opener
from dreamweave.model.refusals import Refusal
from dreamweave.model.relations import Relation, pack, rows_of
from dreamweave.model.wire import plain

Json = dict[str, Any]
Files = dict[str, bytes]


class Desk:
    """What lies open before the forger: both files as plain JSON, and the relation as rows."""

    def __init__(self, bundle: Bundle, rng: random.Random) -> None:
        self.rng = rng
        self.full: Json = copy.deepcopy(bundle.certificates.full)
        self.weave: Json = _weave_of(bundle)
        _, relation = read_full(canonical(self.full))
        self.levels = relation.n_levels
        self.first = list(relation.first)
        starts, counts = relation.starts(), relation.counts
        # rows[c][level] is a list of tellers
        self.rows: list[list[list[int]]] = []
        for c, start in enumerate(starts[:-1]):
            at, row = start, []
            for level in range(self.levels):
                size = counts[c * self.levels + level]
                row.append(list(relation.tellers[at : at + size]))
                at += size
            self.rows.append(row)
        self.hash_texts = True

    @property
    def header(self) -> Json:
        held: Json = self.full["header"]
        return held

    def both(self, key: str, value: Any, weave_key: str | None = None) -> None:
        """Set a value in the header and in weave.json alike."""
        self.header[key] = value
        self.weave[weave_key or key] = value

    def line(self, i: int, **changed: Any) -> None:
        """Change a line in both files."""
        for rows in (self.full["lines"], self.weave["lines"]):
            rows[i].update({k: v for k, v in changed.items() if k in rows[i]})

    def fragment(self, i: int, **changed: Any) -> None:
        for rows in (self.full["fragments"], self.weave["fragments"]):
            rows[i].update({k: v for k, v in changed.items() if k in rows[i]})

    def pick(self, items: list[Any]) -> Any:
        return self.rng.choice(items)

    # -------------------------------------------------------------- handing out

    def files(self, *, receipts: bool = True) -> Files:
        """Everything, with every hash recomputed."""
        weave_json = canonical(self.weave)
        full = self.full
        full["header"]["weave_sha256"] = sha256(weave_json).hexdigest()
        if self.hash_texts:
            full["text_sha256"] = b64encode(
                b"".join(sha256(f["text"].encode()).digest() for f in self.weave["fragments"])
            ).decode()
        tellers = [t for row in self.rows for level in row for t in level]
        full["relation"] = {
            "n_pairs": len(tellers),
            "first": pack(rows_of(self.first)),
            "counts": pack(rows_of(len(level) for row in self.rows for level in row)),
            "tellers": pack(rows_of(tellers)),
        }
        files = {"weave.json": weave_json}
        try:
            held, relation = read_full(canonical(full))
        except Refusal:
            return {**files, "certificate.json": canonical(full)}
        root, public = sealed(held, relation)
        full["root"] = root
        files["certificate.json"] = canonical(full)
        files["certificate.public.json"] = canonical(public)
        if receipts and held.tellers:
            try:
                made = Opener(held, relation).receipt(held.tellers[0].tag)
                files["receipt-0.json"] = canonical(made)
            except (ValueError, IndexError):
                pass  # an account that points nowhere has no receipt
        return files


def sealed(full: Full, relation: Relation) -> tuple[str, Json]:
    """The root over `full`, and the public certificate that goes with it."""
    sections = closed(leaves_of(full, relation))
    root = root_of(sections)
    return root, {
        "schema": PUBLIC_SCHEMA,
        "root": root,
        **{name: plain(getattr(full, name)) for name in ("header", "lines", "chorus", "closest")},
        "hidden": [plain(s) for s in sections if s.name in HIDDEN],
    }


def _weave_of(bundle: Bundle) -> Json:
    import json

    held: Json = json.loads(bundle.weave_json)
    return held


# ------------------------------------------------------------------ one change each


def moved_unit(desk: Desk) -> None:
    a, b = desk.rng.sample(desk.full["tellers"], 2)
    giver, taker = desk.pick(a["account"]), desk.pick(b["account"])
    n = desk.rng.choice([1, 1000, giver["units"] // 2 or 1])
    giver["units"] -= min(n, giver["units"] - 1)
    taker["units"] += n


def moved_unit_within_an_account(desk: Desk) -> None:
    account = desk.pick(desk.full["tellers"])["account"]
    row = desk.pick(account)
    row["units"] += 1
    if len(account) > 1:
        other = desk.pick([r for r in account if r is not row])
        other["units"] -= 1


def dropped_teller(desk: Desk) -> None:
    i = desk.rng.randrange(len(desk.full["tellers"]))
    del desk.full["tellers"][i]
    desk.both("n", desk.header["n"] - 1, "n_tellers")
    h = desk.header
    h["price"] = max(1, h["n"] * (10**9 - h["reserve"]) // h["k"] - h["n"] * h["k"])
    for row in desk.rows:
        for level, who in enumerate(row):
            row[level] = [t - (t > i) for t in who if t != i]


def swapped_line(desk: Desk) -> None:
    taken = {x["fragment_i"] for x in desk.full["lines"]}
    free = [f for f in range(len(desk.full["fragments"])) if f not in taken]
    i = desk.rng.randrange(len(desk.full["lines"]))
    desk.line(i, fragment_i=desk.pick(free or [0]))


def swapped_two_lines(desk: Desk) -> None:
    a, b = desk.rng.sample(range(len(desk.full["lines"])), 2)
    x, y = desk.full["lines"][a]["fragment_i"], desk.full["lines"][b]["fragment_i"]
    desk.line(a, fragment_i=y)
    desk.line(b, fragment_i=x)


def changed_radius(desk: Desk) -> None:
    i = desk.rng.randrange(desk.levels)
    radii = list(desk.header["radii"])
    radii[i] += desk.rng.choice([-1, 1])
    desk.both("radii", radii)
    desk.full["closest"][i]["radius"] = radii[i]
    for calls in ("overlooked", "overlooked_popular"):
        desk.weave["fairness"][calls][i]["radius"] = radii[i]


def altered_span(desk: Desk) -> None:
    i = desk.rng.randrange(len(desk.full["fragments"]))
    row = desk.full["fragments"][i]
    if desk.rng.random() < 0.5:
        desk.fragment(i, end=row["end"] + 1)
    else:
        desk.fragment(i, start=row["start"] + 1, end=row["end"] + 1)


def changed_text(desk: Desk) -> None:
    fragment = desk.pick(desk.weave["fragments"])
    at = desk.rng.randrange(len(fragment["text"]))
    fragment["text"] = fragment["text"][:at] + "X" + fragment["text"][at + 1 :]


def swapped_chorus(desk: Desk) -> None:
    rows = desk.full["chorus"]
    if not rows:
        return changed_text(desk)
    i = desk.rng.randrange(len(rows))
    f = (rows[i]["fragment_i"] + 1) % len(desk.full["fragments"])
    rows[i]["fragment_i"] = desk.weave["chorus"][i]["fragment_i"] = f


def changed_voice_of_chorus(desk: Desk) -> None:
    rows = desk.full["chorus"]
    if not rows:
        return changed_text(desk)
    i = desk.rng.randrange(len(rows))
    rows[i]["voice"] += 1
    desk.weave["chorus"][i]["voice"] += 1


def changed_k(desk: Desk) -> None:
    desk.both("k", desk.header["k"] + desk.rng.choice([1, 5]))


def changed_price(desk: Desk) -> None:
    desk.header["price"] += desk.rng.choice([-1, 1])


def changed_number_of_the_header(desk: Desk) -> None:
    key = desk.pick(["n_paying", "grain", "reserve", "n_candidates", "n_threads", "n_lines"])
    desk.header[key] += 1


def changed_word_of_the_header(desk: Desk) -> None:
    key = desk.pick(["seed", "reader"])
    desk.both(key, desk.header[key] + "x")


def unhealed(desk: Desk) -> None:
    desk.header["healed"] = not desk.header["healed"]


def invented(desk: Desk) -> None:
    desk.both("invented", not desk.header["invented"])


def softened_limits(desk: Desk) -> None:
    del desk.header["limits"][0]


def pretended_a_cap(desk: Desk) -> None:
    desk.header["cap"] = 4 * desk.header["n"]


def dropped_pair(desk: Desk) -> None:
    row = desk.pick(desk.rows)
    level = desk.pick([i for i, who in enumerate(row) if who])
    row[level].remove(desk.pick(row[level]))


def added_pair(desk: Desk) -> None:
    row = desk.pick(desk.rows)
    carried = {t for who in row for t in who}
    free = [t for t in range(len(desk.full["tellers"])) if t not in carried]
    if not free:
        return dropped_pair(desk)
    row[desk.rng.randrange(desk.levels)].append(desk.pick(free))


def loosened_pair(desk: Desk) -> None:
    row = desk.pick(desk.rows)
    level = desk.pick([i for i, who in enumerate(row) if who])
    who = desk.pick(row[level])
    row[level].remove(who)
    row[level - 1 if level else 1].append(who)


def changed_candidate(desk: Desk) -> None:
    row = desk.pick(desk.full["fragments"])
    row["candidate"] = (row["candidate"] + 1) % len(desk.rows)


def said_what_nobody_said(desk: Desk) -> None:
    row = desk.pick(desk.full["tellers"])
    row[desk.pick(["said", "denied"])].append(desk.rng.randrange(len(desk.rows)))


def renamed_tag(desk: Desk) -> None:
    row = desk.pick(desk.full["tellers"])
    row["tag"] = row["tag"][:-1] + ("0" if row["tag"][-1] != "0" else "1")


def gave_a_thread_away(desk: Desk) -> None:
    a, b = desk.rng.sample(desk.full["tellers"], 2)
    b["threads"].append(a["threads"].pop())


def forged_rho(desk: Desk) -> None:
    i = desk.rng.randrange(desk.levels)
    call, told = desk.full["closest"][i], desk.weave["fairness"]["overlooked"][i]
    call["count"] = told["count"] = max(0, call["count"] + desk.rng.choice([-1, 1]))
    h = desk.header
    call["rho"] = f"{h['k'] * call['count']}/{h['n'] * call['l']}"


def forged_figure(desk: Desk) -> None:
    key = desk.pick(
        ["n_without_line", "n_without_line_popular", "voice_in_lines", "voice_in_chorus"]
    )
    desk.weave["fairness"][key] += 1


def forged_payers(desk: Desk) -> None:
    i = desk.rng.randrange(len(desk.full["lines"]))
    key = desk.pick(["n_payers", "n_carried", "paid", "topped", "level"])
    desk.line(i, **{key: desk.full["lines"][i][key] + 1})


def renamed_rule(desk: Desk) -> None:
    i = desk.rng.randrange(len(desk.full["lines"]))
    hows = ["shares", "widened", "lottery", "own", "repair"]
    desk.line(i, how=desk.pick([h for h in hows if h != desk.full["lines"][i]["how"]]))


def widened_payment(desk: Desk) -> None:
    rows = [r for t in desk.full["tellers"] for r in t["account"] if "level" in r]
    row = desk.pick(rows)
    row["level"] = (row["level"] + 1) % desk.levels


def changed_lending(desk: Desk) -> None:
    lending = desk.pick(desk.full["lendings"])
    lending["where"] = "everywhere"


def changed_vector(desk: Desk) -> None:
    raw = bytearray(b64decode(desk.weave["vectors"]))
    raw[desk.rng.randrange(len(raw))] ^= 1 << desk.rng.randrange(7)
    desk.weave["vectors"] = b64encode(raw).decode()


def forgot_what_was_taken_back(desk: Desk) -> None:
    if desk.full["absent"]:
        desk.full["absent"].pop()
    else:
        desk.full["absent"].append("00" * 32)


def changed_the_title(desk: Desk) -> None:
    desk.weave["title"] += "!"


def changed_the_second_cloth(desk: Desk) -> None:
    held = desk.weave["vanished"]
    if held:
        held.pop()
    else:
        held.append(0)


def moved_a_line_elsewhere(desk: Desk) -> None:
    passages = desk.weave["passages"]
    if len(passages) < 2:
        return changed_the_title(desk)
    i = desk.rng.randrange(len(desk.weave["lines"]))
    new = (desk.weave["lines"][i]["passage_i"] + 1) % len(passages)
    for passage in passages:
        if i in passage["lines"]:
            passage["lines"].remove(i)
    passages[new]["lines"].append(i)
    desk.weave["lines"][i]["passage_i"] = new


KINDS: dict[str, Callable[[Desk], None]] = {
    f.__name__: f
    for f in (
        moved_unit,
        moved_unit_within_an_account,
        dropped_teller,
        swapped_line,
        swapped_two_lines,
        changed_radius,
        altered_span,
        changed_text,
        swapped_chorus,
        changed_voice_of_chorus,
        changed_k,
        changed_price,
        changed_number_of_the_header,
        changed_word_of_the_header,
        unhealed,
        invented,
        softened_limits,
        pretended_a_cap,
        dropped_pair,
        added_pair,
        loosened_pair,
        changed_candidate,
        said_what_nobody_said,
        renamed_tag,
        gave_a_thread_away,
        forged_rho,
        forged_figure,
        forged_payers,
        renamed_rule,
        widened_payment,
        changed_lending,
        changed_vector,
        forgot_what_was_taken_back,
        changed_the_title,
        changed_the_second_cloth,
        moved_a_line_elsewhere,
    )
}


def forged(bundle: Bundle, kind: str, rng: random.Random) -> Files:
    desk = Desk(bundle, rng)
    KINDS[kind](desk)
    return desk.files()


def forged_receipt(receipt: Json, rng: random.Random) -> Json:
    """One row of a receipt changed, and every hash above it recomputed, up to a root of its own."""
    held = copy.deepcopy(receipt)
    rows = held["teller"]["row"]["account"]
    kind = rng.choice(["units", "tag", "threads", "line", "lending", "span", "header", "path"])
    section = "tellers"
    if kind == "units":
        rng.choice(rows)["units"] += 1
    elif kind == "tag":
        held["teller"]["row"]["tag"] += "X"
    elif kind == "threads":
        held["teller"]["row"]["threads"].append(0)
    elif kind == "line" and held["lines"]:
        rng.choice(held["lines"])["row"]["paid"] += 1
        section = "lines"
    elif kind == "lending":
        rng.choice(held["fragments"])["lending"]["how"] = "named"
        section = "fragments"
    elif kind == "header":
        held["header"]["n"] += 1
        section = "header"
    elif kind == "path" and held["teller"]["path"]:
        held["teller"]["path"][0] = "00" * 32
    else:
        rng.choice(held["fragments"])["row"]["start"] += 1
        section = "fragments"
    for s in held["sections"]:
        if s["name"] == section:
            s["root"] = leaf_hash(canonical(held["teller"]["row"])).hex()
    held["root"] = leaf_hash(canonical(held["sections"])).hex()
    return held


__all__ = ["KINDS", "Desk", "forged", "forged_receipt", "public_leaves", "sealed"]
