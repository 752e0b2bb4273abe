#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# Copyright (c) 2026 The dreamweave founders
#
# Permission is hereby granted, free of charge, to any person obtaining a copy of this
# software and associated documentation files (the "Software"), to deal in the Software
# without restriction, including without limitation the rights to use, copy, modify, merge,
# publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons
# to whom the Software is furnished to do so, subject to the following conditions: the above
# copyright notice and this permission notice shall be included in all copies or substantial
# portions of the Software. THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND.
"""Check that a weave is fair and made of lent words only: one file, no libraries, no network.

    python verify_weave.py FOLDER_OR_FILE [--root HASH]

A *weave* is a text made of what many people told. Its maker says that every
person holds one equal voice in it, that no group was overlooked, and that
every word was lent. This file is for those who would rather see for
themselves. It shares no code with the software that wove, and needs nothing
but Python 3.8 or newer.

What may be handed to it (a folder with some of them, or one of them):

    weave.json                the text, its vectors and its figures; may be shared
    certificate.json          whose voice went where; private to the host
    certificate.public.json   what of it may be shared
    receipt*.json             one person's own rows

What it checks, clause by clause:

    ROOT    all files are the ones that were made: everything hashes to one root.
            Give the root that weaving printed with --root. Without it, somebody who
            changed a file and recomputed every hash in it would not be noticed here.
    CARRY   who is carried by what is what the stored vectors say
    C1      each person's account is exactly one voice, paid to lines that carry them
            or to their own words, and each line is paid as its rule says
    C2      no overlooked group at the primary closeness (EJR+; Brill and Peters, 2023)
    C3      the closest calls at all closenesses are as printed
    C4      every line is a piece of lent words, word for word; what was taken back is absent

Each clause *holds*, *fails*, holds *partly* (something could not be checked from what
is there, and is named), or is *unchecked*. The exit code is 0 when nothing fails, 1 when
something does, 2 when a file cannot be read as what it should be.

What it leaves out: it does not read meaning. Whether two texts are alike is taken from
the stored vectors, and whether a report was true nobody can check.
"""

# Written for every Python from 3.8 on, so without what newer ones would let one write.
# ruff: noqa: B904, B905, RUF007, UP028, UP031
# mypy: ignore-errors

import argparse
import hashlib
import hmac
import json
import os
import sys
import unicodedata
import zlib
from array import array
from base64 import b64decode, b64encode
from itertools import accumulate, compress, repeat
from operator import gt, itemgetter, mul

VOICE = 10**9
SECTIONS = ("header", "lines", "chorus", "closest", "fragments", "tellers", "relation", "absent")
HIDDEN = SECTIONS[4:]
CANDIDATES_A_LEAF = 1024
HOWS = ("shares", "widened", "lottery", "own", "repair")
FILE_BYTES_MAX = 2 * 10**9

# Longer vectors are no reader's of ours; with these, four bytes hold any sum of products below.
DIMS_MAX = 185

# How many products of two vectors are recomputed here: all of them up to the first
# number, and beyond it a sample of about the second. `dreamweave verify` does all.
DOTS_ALL = 4_000_000
DOTS_SAMPLE = 2_000_000


class Unreadable(Exception):
    """A file that is not what it should be; the message is a sentence for whoever ran this."""


# ---------------------------------------------------------------------- the shape of the files
#
# NUMBER is a whole number from 0 on, TEXT any text, BOOL true or false, BYTES base64. A tuple
# lists allowed words, [x] is a list of x, and a key that ends in "?" may be absent.

NUMBER, TEXT, BOOL, BYTES = "number", "text", "bool", "bytes"

HEADER = {
    "voice": NUMBER, "n": NUMBER, "k": NUMBER, "price": NUMBER, "reserve": NUMBER,
    "healed": BOOL, "radii": [NUMBER], "n_paying": NUMBER, "n_capped": [NUMBER], "cap?": NUMBER, "grain": NUMBER, "reader": TEXT,
    "dims": NUMBER, "seed": TEXT, "named": BOOL, "invented": BOOL, "n_threads": NUMBER,
    "n_fragments": NUMBER, "n_candidates": NUMBER, "n_lines": NUMBER, "n_chorus": NUMBER,
    "weave_sha256": TEXT, "limits": [TEXT],
}  # fmt: skip
LINE = {
    "fragment_i": NUMBER, "how": HOWS, "level": NUMBER, "paid": NUMBER, "topped": NUMBER,
    "n_payers": NUMBER, "n_carried": NUMBER,
}  # fmt: skip
CHORUS = {"fragment_i": NUMBER, "voice": NUMBER}
CLOSEST = {"radius": NUMBER, "count": NUMBER, "l": NUMBER, "rho": TEXT, "fragment_i?": NUMBER}
SECTION = {"name": TEXT, "n": NUMBER, "root": TEXT}
LENDING = {"where": TEXT, "how": ("unnamed", "pseudonym", "named"), "until?": TEXT, "given?": TEXT}
FRAGMENT = {
    "id": TEXT, "thread_i": NUMBER, "report_i": NUMBER, "start": NUMBER, "end": NUMBER,
    "candidate": NUMBER,
}  # fmt: skip
ROW = {
    "units": NUMBER, "line?": NUMBER, "level?": NUMBER, "topped?": NUMBER, "chorus?": NUMBER,
}  # fmt: skip
TELLER = {
    "tag": TEXT, "threads": [NUMBER], "account": [ROW], "said": [NUMBER], "denied": [NUMBER],
}  # fmt: skip
FULL = {
    "schema": ("dreamweave/certificate/1",), "root": TEXT, "secret": TEXT, "header": HEADER,
    "lines": [LINE], "chorus": [CHORUS], "closest": [CLOSEST], "fragments": [FRAGMENT],
    "text_sha256": BYTES, "lendings": [LENDING], "tellers": [TELLER],
    "relation": {"n_pairs": NUMBER, "first": TEXT, "counts": TEXT, "tellers": TEXT},
    "absent": [TEXT],
}  # fmt: skip
PUBLIC = {
    "schema": ("dreamweave/certificate-public/1",), "root": TEXT, "header": HEADER,
    "lines": [LINE], "chorus": [CHORUS], "closest": [CLOSEST], "hidden": [SECTION],
}  # fmt: skip
RECEIPT = {
    "schema": ("dreamweave/receipt/1",), "root": TEXT, "header": HEADER, "sections": [SECTION],
    "teller": {"i": NUMBER, "row": TELLER, "salt": TEXT, "path": [TEXT]},
    "lines": [{"i": NUMBER, "row": LINE, "path": [TEXT]}],
    "chorus": [{"i": NUMBER, "row": CHORUS, "path": [TEXT]}],
    "fragments": [{
        "i": NUMBER, "row": FRAGMENT, "text_sha256": TEXT, "lending": LENDING,
        "lending_salt": TEXT, "salt": TEXT, "path": [TEXT],
    }],
}  # fmt: skip
FEELINGS = ("joy", "tenderness", "wonder", "calm", "longing", "sorrow", "fear", "anger")
KINDS = ("dream", "white", "none", "story", "memory")
OVERLOOKED = {"radius": NUMBER, "fragment_i?": NUMBER, "count": NUMBER, "l": NUMBER}
WEAVE = {
    "schema": ("dreamweave/weave/1",), "title": TEXT, "seed": TEXT, "reader": TEXT,
    "dims": NUMBER, "radii": [NUMBER], "n_paying": NUMBER, "n_tellers": NUMBER, "k": NUMBER,
    "named": BOOL, "invented": BOOL, "n_listening": NUMBER, "n_open": NUMBER,
    "threads": [{"tag": TEXT, "kind": KINDS, "lang": TEXT, "name?": TEXT, "answers_i?": NUMBER,
                 "drawing?": TEXT}],
    "fragments": [{"id": TEXT, "thread_i": NUMBER, "report_i": NUMBER, "start": NUMBER,
                   "end": NUMBER, "text": TEXT, "lang": TEXT, "passage_i": NUMBER,
                   "motif_i?": NUMBER, "feeling?": FEELINGS, "intensity?": NUMBER}],
    "vectors": BYTES,
    "lines": [{"fragment_i": NUMBER, "passage_i": NUMBER, "how": HOWS, "level": NUMBER,
               "paid": NUMBER, "n_carried": NUMBER}],
    "chorus": [CHORUS],
    "passages": [{"lines": [NUMBER], "motifs": [NUMBER]}],
    "motifs": [{"name": TEXT, "lang": TEXT, "fragment_i": NUMBER, "n_dreamers": NUMBER,
                "fragments": [NUMBER], "chart?": TEXT}],
    "knots": [{"passage_i": NUMBER, "motif_i": NUMBER, "threads": [NUMBER],
               "fragments": [NUMBER], "reason": TEXT, "words": [TEXT], "firm": BOOL}],
    "popular": [NUMBER], "vanished": [NUMBER],
    "fairness": {"overlooked": [OVERLOOKED], "overlooked_popular": [OVERLOOKED],
                 "n_without_line": NUMBER, "n_without_line_popular": NUMBER,
                 "voice_in_lines": NUMBER, "voice_in_chorus": NUMBER, "n_capped": [NUMBER]},
    "languages_by_words": [TEXT], "words": [TEXT], "word_langs": [TEXT], "word_vectors": BYTES,
}  # fmt: skip
SHAPES = {shape["schema"][0]: shape for shape in (FULL, PUBLIC, RECEIPT, WEAVE)}


def fit(value, shape, where):
    """Refuse a value that has not the shape it should have; return it as it is used here."""
    if shape == NUMBER:
        if type(value) is not int or not 0 <= value < 2**53:
            raise Unreadable("%s should be a whole number, 0 or more." % where)
    elif shape == TEXT:
        if type(value) is not str:
            raise Unreadable("%s should be text." % where)
    elif shape == BOOL:
        if type(value) is not bool:
            raise Unreadable("%s should be true or false." % where)
    elif shape == BYTES:
        try:
            raw = b64decode(value, validate=True) if type(value) is str else None
        except ValueError:
            raw = None
        if raw is None or b64encode(raw).decode("ascii") != value:
            raise Unreadable("%s should be bytes in base64." % where)
        return raw
    elif type(shape) is tuple:
        if type(value) is not str or value not in shape:
            raise Unreadable("%s should be one of %s." % (where, ", ".join(shape)))
    elif type(shape) is list:
        if type(value) is not list:
            raise Unreadable("%s should be a list." % where)
        for item in value:
            fit(item, shape[0], where)
    else:
        if type(value) is not dict:
            raise Unreadable("%s should be an object." % where)
        known = 0
        for key, inner in shape.items():
            name = key.rstrip("?")
            if name in value:
                known += 1
                held = fit(value[name], inner, name if where == "the file" else where + "." + name)
                if inner == BYTES:
                    value[name] = held
            elif name is key:
                raise Unreadable("%s lacks %s." % (where, name))
        if known != len(value):
            raise Unreadable("%s holds something that this schema does not know." % where)
    return value


def parse(data, name):
    """JSON as strict as ours: UTF-8, whole numbers only, no key twice, no half characters."""

    def once(pairs):
        value = dict(pairs)
        if len(value) != len(pairs):
            raise Unreadable("%s gives one key twice." % name)
        return value

    def no_float(_):
        raise Unreadable("%s holds a number that is not a whole one." % name)

    try:
        text = data.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=once, parse_float=no_float, parse_constant=no_float
        )
        if "\\ud" in text or "\\uD" in text:
            canonical(value)
    except UnicodeError:
        raise Unreadable("%s is not clean UTF-8 text." % name)
    except RecursionError:
        raise Unreadable("%s is nested too deeply to be one of ours." % name)
    except ValueError:
        raise Unreadable("%s is not JSON, or not all of it is here." % name)
    if type(value) is not dict or value.get("schema") not in list(SHAPES):
        raise Unreadable("%s follows no schema that is known here." % name)
    try:
        return fit(value, SHAPES[value["schema"]], "the file")
    except Unreadable as no:
        raise Unreadable("In %s, %s" % (name, no))


def canonical(value):
    """One value, one row of bytes: what gets hashed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


# ---------------------------------------------------------------------- Merkle trees (RFC 6962)


def leaf_hash(data):
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\x01" + left + right).digest()


def tree_root(hashes):
    """The root over leaf hashes. An odd one out moves up as it is."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        above = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = above + (hashes[-1:] if len(hashes) % 2 else [])
    return hashes[0]


def root_by_path(found, i, n, path):
    """Where a path leads from leaf `i` of `n`; None when it has the wrong length."""
    if not 0 <= i < n:
        return None
    steps, last = list(path), n - 1
    while last > 0:
        if i % 2 or i < last:
            if not steps:
                return None
            beside = steps.pop(0)
            found = node_hash(beside, found) if i % 2 else node_hash(found, beside)
        i, last = i // 2, last // 2
    return None if steps else found


def root_of(sections):
    """The one root: a tree whose leaves are the sections, each with its own root."""
    return tree_root([leaf_hash(canonical(section)) for section in sections]).hex()


def section(name, hashes):
    return {"name": name, "n": len(hashes), "root": tree_root(hashes).hex()}


def public_sections(cert):
    """The sections that need no salt, because everybody may read their leaves."""
    yield section("header", [leaf_hash(canonical(cert["header"]))])
    for name in ("lines", "chorus", "closest"):
        rows = (dict(row, i=i) for i, row in enumerate(cert[name]))
        yield section(name, [leaf_hash(canonical(row)) for row in rows])


def salt_of(secret, name):
    return hmac.new(secret, b"salt\x00" + name.encode(), hashlib.sha256).digest()[:16]


def lending_mark(salt, lending):
    return hashlib.sha256(b"\x02" + salt + canonical(lending)).hexdigest()


def fragment_hash(salt, i, row, text_sha256, mark):
    return leaf_hash(salt + canonical(dict(row, i=i, text_sha256=text_sha256, lending=mark)))


def full_sections(full):
    """All sections of a full certificate, with salts made from its secret."""
    secret, relation = bytes.fromhex(full["secret"]), full["relation"]
    for made in public_sections(full):
        yield made
    hashes = []
    for i, row in enumerate(full["fragments"]):
        text_sha256 = full["text_sha256"][32 * i : 32 * i + 32].hex()
        mark = lending_mark(salt_of(secret, "lending/%d" % i), full["lendings"][row["thread_i"]])
        salt = salt_of(secret, "fragments/%d" % i)
        hashes.append(fragment_hash(salt, i, row, text_sha256, mark))
    yield section("fragments", hashes)
    # Tellers stand in the order of their own hashes, so that a place in the tree tells nothing.
    yield section(
        "tellers",
        sorted(
            leaf_hash(salt_of(secret, "tellers/" + row["tag"]) + canonical(row))
            for row in full["tellers"]
        ),
    )
    hashes = []
    for at, begin in enumerate(range(0, relation.n_candidates, CANDIDATES_A_LEAF)):
        salt = salt_of(secret, "relation/%d" % at)
        hashes.append(leaf_hash(salt + relation.as_bytes(begin, begin + CANDIDATES_A_LEAF)))
    yield section("relation", hashes)
    absent = salt_of(secret, "absent") + canonical(full["absent"])
    yield section("absent", [leaf_hash(absent)])


# ---------------------------------------------------------------------- the carry relation


class Relation:
    """Who is carried by what: for each candidate its tellers, closest level first.

    A *candidate* is one text; the same words said twice are one candidate. A *level* is an
    index into the radii, 0 the closest. `tellers_at(c, level)` are the people that candidate
    `c` carries at that level or closer.
    """

    def __init__(self, packed, header):
        self.n_levels = len(header["radii"])
        self.n_candidates, self.n_tellers = header["n_candidates"], header["n"]
        n_pairs = packed["n_pairs"]
        self.first = unpack(packed["first"], self.n_candidates)
        self.counts = unpack(packed["counts"], self.n_candidates * self.n_levels)
        self.tellers = unpack(packed["tellers"], n_pairs)
        if sum(self.counts) != n_pairs:
            raise Unreadable("The relation's counts do not fit its pairs.")
        if n_pairs and max(self.tellers) >= header["n"]:
            raise Unreadable("The relation names people who are not there.")
        if self.n_candidates and max(self.first) >= header["n_fragments"]:
            raise Unreadable("The relation names fragments that are not there.")
        # ends[c * n_levels + level] is where the tellers of c at that level end.
        self.ends = array("Q", accumulate(self.counts))

    def start(self, c):
        return self.ends[c * self.n_levels - 1] if c else 0

    def tellers_at(self, c, level):
        return self.tellers[self.start(c) : self.ends[c * self.n_levels + level]]

    def levels_of(self, c):
        """Everyone candidate `c` carries, with their level."""
        found, begin = {}, self.start(c)
        for level in range(self.n_levels):
            end = self.ends[c * self.n_levels + level]
            found.update(zip(self.tellers[begin:end], repeat(level)))
            begin = end
        return found

    def as_bytes(self, begin, end):
        """Candidates `begin` to `end` as they are hashed: 32-bit numbers, lowest byte first."""
        end = min(end, self.n_candidates)
        rows = (
            self.first[begin:end],
            self.counts[begin * self.n_levels : end * self.n_levels],
            self.tellers[self.start(begin) : self.start(end)],
        )
        if sys.byteorder == "big":
            for row in rows:
                row.byteswap()
        return b"".join(row.tobytes() for row in rows)


def unpack(text, count):
    """Whole numbers out of base64, deflate, byte planes and differences."""
    inflate = zlib.decompressobj()
    try:
        planes = inflate.decompress(b64decode(text, validate=True), 4 * count + 1)
    except (ValueError, zlib.error, OverflowError, MemoryError):
        raise Unreadable("Packed numbers in certificate.json are damaged.")
    if len(planes) != 4 * count or not inflate.eof or inflate.unused_data:
        raise Unreadable("Packed numbers in certificate.json are damaged.")
    raw = bytearray(4 * count)
    for plane in range(4):
        raw[plane::4] = planes[plane * count : (plane + 1) * count]
    moved = array("i")
    moved.frombytes(bytes(raw))
    if sys.byteorder == "big":
        moved.byteswap()
    try:
        return array("I", accumulate(moved))
    except OverflowError:
        raise Unreadable("Packed numbers in certificate.json are damaged.")


# ---------------------------------------------------------------------- what was handed in


class Case:
    """The files that are here, read and in shape, and the root that was given."""

    def __init__(self, root=None):
        self.root = root
        self.weave = self.weave_sha256 = self.full = self.public = None
        self.receipts = []

    def add(self, data, name):
        value = parse(data, name)
        kind = value["schema"]
        if kind == "dreamweave/weave/1":
            check_weave(value)
            self.weave, self.weave_sha256 = value, hashlib.sha256(data).hexdigest()
        elif kind == "dreamweave/certificate/1":
            check_header(value, name)
            check_full(value)
            value["relation"] = Relation(value["relation"], value["header"])
            self.full = value
        elif kind == "dreamweave/certificate-public/1":
            check_header(value, name)
            names = tuple(s["name"] for s in value["hidden"])
            need(names == HIDDEN, "The public certificate lacks a section.")
            self.public = value
        else:
            names = tuple(s["name"] for s in value["sections"])
            need(names == SECTIONS, "A receipt lacks a section.")
            h = value["header"]
            need(
                h["n"] > 0 and h["k"] > 0 and all(1 <= r <= 1000 for r in h["radii"] or [0]),
                "The parts of a receipt do not fit each other.",
            )
            self.receipts.append((name, value))

    def papers(self):
        """Every file with a header, by name."""
        if self.full:
            yield "certificate.json", self.full
        if self.public:
            yield "certificate.public.json", self.public
        for pair in self.receipts:
            yield pair


def need(holds, sentence):
    if not holds:
        raise Unreadable(sentence)


def check_header(cert, name):
    h = cert["header"]
    n_levels = len(h["radii"])
    need(
        h["n"] > 0
        and h["n"] < 2**31
        and h["k"] > 0
        and 1 <= h["grain"] <= VOICE
        and 1 <= h["n_paying"] <= n_levels <= 100
        and len(h["n_capped"]) == n_levels
        and all(1 <= radius <= 1000 for radius in h["radii"])
        and h["n_candidates"] <= h["n_fragments"]
        and len(cert["closest"]) == n_levels
        and (len(cert["lines"]), len(cert["chorus"])) == (h["n_lines"], h["n_chorus"]),
        "The parts of %s do not fit each other." % name,
    )


def check_full(full):
    h = full["header"]
    need(
        len(full["secret"]) == 64
        and not set(full["secret"]) - set("0123456789abcdef")
        and len(full["fragments"]) == h["n_fragments"]
        and len(full["text_sha256"]) == 32 * h["n_fragments"]
        and len(full["lendings"]) == h["n_threads"]
        and len(full["tellers"]) == h["n"]
        and full["relation"]["n_pairs"] <= h["n_candidates"] * h["n"]
        and all(
            f["thread_i"] < h["n_threads"] and f["candidate"] < h["n_candidates"]
            for f in full["fragments"]
        ),
        "The parts of certificate.json do not fit each other.",
    )


def check_weave(w):
    """Everything that weave.json points at is there, once."""
    n_threads, n_fragments, n_lines = len(w["threads"]), len(w["fragments"]), len(w["lines"])
    n_levels, fair = len(w["radii"]), w["fairness"]

    def within(size, places):
        return all(i < size for i in places if i is not None)

    def once_each(items):
        return len(set(items)) == len(items)

    def joined(rows, key):
        return [i for row in rows for i in row[key]]

    def column(rows, key):
        return [row.get(key) for row in rows]

    told = sorted((i, p) for p, row in enumerate(w["passages"]) for i in row["lines"])
    holds = (
        n_levels > 0
        and all(a > b for a, b in zip(w["radii"], w["radii"][1:]))
        and w["radii"][-1] >= 1
        and w["radii"][0] <= 1000
        and 1 <= w["n_paying"] <= n_levels
        and w["n_tellers"] > 0
        and w["k"] > 0
        and len(w["vectors"]) == n_fragments * w["dims"]
        and len(w["word_langs"]) == len(w["words"])
        and len(w["word_vectors"]) == len(w["words"]) * w["dims"]
        and once_each(column(w["threads"], "tag"))
        and once_each(column(w["fragments"], "id"))
        and once_each(column(w["lines"], "fragment_i"))
        and once_each(column(w["chorus"], "fragment_i"))
        and (w["named"] or not any("name" in t for t in w["threads"]))
        and within(n_threads, column(w["threads"], "answers_i"))
        and within(n_threads, column(w["fragments"], "thread_i"))
        and within(n_threads, w["vanished"] + joined(w["knots"], "threads"))
        and within(n_fragments, column(w["lines"] + w["chorus"] + w["motifs"], "fragment_i"))
        and within(n_fragments, w["popular"] + joined(w["motifs"] + w["knots"], "fragments"))
        and within(len(w["motifs"]), column(w["fragments"] + w["knots"], "motif_i"))
        and within(len(w["motifs"]), joined(w["passages"], "motifs"))
        and within(
            len(w["passages"]), column(w["fragments"] + w["lines"] + w["knots"], "passage_i")
        )
        and all(f["start"] < f["end"] for f in w["fragments"])
        and all(1 <= f.get("intensity", 2) <= 3 for f in w["fragments"])
        and all(x["level"] < n_levels and x["n_carried"] <= w["n_tellers"] for x in w["lines"])
        and told == list(enumerate(column(w["lines"], "passage_i")))
        and len(told) == n_lines
        and len(fair["n_capped"]) == n_levels
    )
    for calls in (fair["overlooked"], fair["overlooked_popular"]):
        holds = (
            holds
            and column(calls, "radius") == w["radii"]
            and within(n_fragments, column(calls, "fragment_i"))
        )
    need(holds, "The parts of weave.json do not fit each other.")


# ---------------------------------------------------------------------- saying what was found


class Clause:
    """What was found about one clause."""

    def __init__(self, name):
        self.name, self.found = name, []

    def holds(self, sentence):
        self.found.append(("holds", sentence))

    def fails(self, sentence):
        self.found.append(("fails", sentence))

    def cannot(self, sentence):
        self.found.append(("unchecked", sentence))

    def ask(self, holds, good, bad):
        self.found.append(("holds", good) if holds else ("fails", bad))

    def verdict(self):
        kinds = {kind for kind, _ in self.found}
        if "fails" in kinds:
            return "fails"
        if "holds" not in kinds:
            return "unchecked"
        return "partly" if "unchecked" in kinds else "holds"


def amount(count, one, many=None):
    return "%d %s" % (count, one if count == 1 else many or one + "s")


def with_fewer(l):  # noqa: E741 (the paper's letter)
    return "with no line" if l == 1 else "with fewer than %d lines" % l


# ---------------------------------------------------------------------- ROOT


def check_root(case, say):
    """Every row hashes to the root, and every file names the same one."""
    roots = set()
    for name, paper in case.papers():
        if paper is case.full:
            found = root_of(list(full_sections(paper)))
        elif paper is case.public:
            found = root_of(list(public_sections(paper)) + paper["hidden"])
        else:
            found = root_of(paper["sections"])
            say.ask(
                receipt_is_in_tree(paper),
                "Every row of %s has its path to the root." % name,
                "A row of %s does not lead to the root." % name,
            )
        roots.add(found)
        if paper["root"] != found:
            say.fails("%s does not hash to the root it names." % name)
        if case.weave:
            say.ask(
                paper["header"]["weave_sha256"] == case.weave_sha256,
                "weave.json is, byte for byte, the one %s speaks of." % name,
                "weave.json is not the file that %s speaks of." % name,
            )
    if not roots:
        say.cannot("weave.json alone has no root; put a certificate or a receipt beside it.")
        if case.root:
            say.fails("So the root you gave cannot be met.")
        return
    if len(roots) > 1:
        say.fails("The files here have different roots, so they are not of one weave.")
    elif case.root is None:
        say.holds("Everything here hashes to the root %s." % roots.pop())
        say.cannot(
            "No root was given to compare with. Whoever changes a file can also recompute its"
            " hashes, so compare this root with the one that weaving printed."
        )
    else:
        say.ask(
            roots == {case.root},
            "Everything here hashes to the root you gave.",
            "These are not the files that were made: they do not hash to the root you gave.",
        )


def receipt_is_in_tree(receipt):
    """Every opened row, hashed, leads by its path to the root of its section."""
    ends = {s["name"]: s for s in receipt["sections"]}

    def leads(name, i, found, path):
        end = ends[name]
        return root_by_path(found, i, end["n"], path) == bytes.fromhex(end["root"])

    try:
        header, teller = receipt["header"], receipt["teller"]
        held = leads("header", 0, leaf_hash(canonical(header)), [])
        held = held and leads(
            "tellers",
            teller["i"],
            leaf_hash(bytes.fromhex(teller["salt"]) + canonical(teller["row"])),
            [bytes.fromhex(h) for h in teller["path"]],
        )
        for name in ("lines", "chorus"):
            for opened in receipt[name]:
                found = leaf_hash(canonical(dict(opened["row"], i=opened["i"])))
                path = [bytes.fromhex(h) for h in opened["path"]]
                held = held and leads(name, opened["i"], found, path)
        for opened in receipt["fragments"]:
            mark = lending_mark(bytes.fromhex(opened["lending_salt"]), opened["lending"])
            salt = bytes.fromhex(opened["salt"])
            found = fragment_hash(salt, opened["i"], opened["row"], opened["text_sha256"], mark)
            path = [bytes.fromhex(h) for h in opened["path"]]
            held = held and leads("fragments", opened["i"], found, path)
    except ValueError:
        return False
    return held


# ---------------------------------------------------------------------- CARRY


def check_carry(case, say):
    """The relation is sound, and is what the stored vectors say."""
    if not case.full:
        say.cannot("Who is carried by what is in the full certificate, which is not here.")
        return
    full, relation = case.full, case.full["relation"]
    owner = owner_of_threads(full)
    own = [set() for _ in range(relation.n_candidates)]
    for f in full["fragments"]:
        own[f["candidate"]].add(owner.get(f["thread_i"]))
    said = {(c, t) for t, row in enumerate(full["tellers"]) for c in row["said"]}
    denied = {(c, t) for t, row in enumerate(full["tellers"]) for c in row["denied"]}
    twice = missing = against = 0
    for c in range(relation.n_candidates):
        row = relation.tellers_at(c, relation.n_levels - 1)
        twice += len(set(row)) != len(row)
        close = relation.tellers_at(c, 0)
        missing += not own[c] or any(t not in close for t in own[c])
    for c, t in said - denied:
        missing += c >= relation.n_candidates or t not in relation.tellers_at(c, 0)
    for c, t in denied:
        if c >= relation.n_candidates:
            against += 1
        elif t not in own[c]:
            against += t in relation.tellers_at(c, relation.n_levels - 1)
    stands = all(full["fragments"][f]["candidate"] == c for c, f in enumerate(relation.first))
    say.ask(
        not (twice or missing or against) and stands,
        "Own words, and what people said carries them, carry them at the closest level; what"
        " they said does not carry them does not.",
        "The relation leaves out somebody's own words or what they said, counts somebody twice,"
        " or carries somebody who said it does not.",
    )
    check_cap(full, relation, own, said, say)
    if not case.weave:
        say.cannot("weave.json is not here, so similarity was not computed again.")
        return
    if not 1 <= case.weave["dims"] <= DIMS_MAX:
        say.cannot("The vectors are too long, or empty, and were not compared.")
        return
    if not fragments_match(full, case.weave) or not stands:
        say.fails("The fragments of weave.json are not those of the certificate.")
        return
    compare_with_vectors(case, own, said, denied, say)


def check_cap(full, relation, own, said, say):
    """A cap on lists may cut no deeper than it says."""
    h = full["header"]
    if h.get("cap") is None:
        say.ask(
            not any(h["n_capped"]),
            "No list of carried people was cut short.",
            "Lists were cut short, and it does not say at what length.",
        )
        return
    cap, n_levels = h["cap"], relation.n_levels
    long_enough = [0] * n_levels
    within = True
    for c in range(relation.n_candidates):
        start = relation.start(c)
        lengths = [relation.ends[c * n_levels + level] - start for level in range(n_levels)]
        if lengths[-1] >= cap:
            for level, length in enumerate(lengths):
                long_enough[level] += length >= cap
            if lengths[-1] > cap:
                held = own[c] | {t for t in relation.tellers_at(c, 0) if (c, t) in said}
                within = within and lengths[-1] <= max(cap, len(held))
    say.ask(
        cap * h["k"] >= 4 * h["n"]
        and within
        and all(n <= m for n, m in zip(h["n_capped"], long_enough)),
        "Lists were cut at %d people, which is at least four groups of n/k, and only"
        " where they were that long." % cap,
        "Lists of carried people were cut shorter than is allowed or said.",
    )


def compare_with_vectors(case, own, said, denied, say):
    """Find again, from the vectors, whom candidates carry, and compare with the relation."""
    full, relation, weave = case.full, case.full["relation"], case.weave
    dims, radii, cap = weave["dims"], full["header"]["radii"], full["header"].get("cap")
    # One column a (candidate, owner): everybody's words, the same words once a person.
    columns = sorted({(t, c) for c, who in enumerate(own) for t in who if t is not None})
    m, n_columns = relation.n_candidates, len(columns)
    rows = [weave["vectors"][f * dims : (f + 1) * dims].translate(RAISED) for f in relation.first]
    every = m * n_columns <= DOTS_ALL
    picked = range(m) if every else sampled(case, m, max(1, DOTS_SAMPLE // max(1, n_columns)))
    table = Columns([rows[c] for _, c in columns], dims)
    who = [t for t, _ in columns]
    wrong = 0
    for c in picked:
        found = {}
        for column, level in table.near(rows[c], radii):
            t = who[column]
            if level < found.get(t, 99):
                found[t] = level
        for t in set(found) | own[c]:
            if (c, t) in denied:
                found.pop(t, None)
        for t in own[c]:
            found[t] = 0
        for pair in said:
            if pair[0] == c and pair not in denied:
                found[pair[1]] = 0
        wrong += not agrees(relation.levels_of(c), found, cap)
    if wrong:
        say.fails("%s carries not whom the stored vectors say." % amount(wrong, "text"))
    elif every:
        say.holds("All of it was found again from the stored vectors.")
    else:
        say.holds(
            "%s, drawn by the root, found again from the vectors." % amount(len(picked), "text")
        )
        say.cannot("The other %d were not; `dreamweave verify` does all." % (m - len(picked)))


def agrees(stored, found, cap):
    """The same people at the same levels; or, cut at the cap, the closest of them."""
    if cap is None or len(found) <= cap:
        return stored == found
    if len(stored) < cap or any(found.get(t) != level for t, level in stored.items()):
        return False
    widest = sorted(stored.values())[-1]
    return all(level >= widest for t, level in found.items() if t not in stored)


def sampled(case, m, count):
    """Some candidates, drawn by the hash of what they are part of, so by nobody."""
    word = (case.root or case.full["root"]).encode()
    scored = ((hashlib.sha256(word + b"|%d" % c).digest(), c) for c in range(m))
    return [c for _, c in sorted(scored)[:count]]


# A signed byte b is held as b + 128, so that nothing below is negative.
RAISED = bytes((b + 128) % 256 for b in range(256))
SQUARES = [(b - 128) ** 2 for b in range(256)]


class Columns:
    """Many vectors, multiplied with one at a time, by the long integers Python has anyway.

    The j-th coordinates of all vectors are laid side by side in one long integer, four bytes
    each; one sum of dims products then holds every dot product at once.
    """

    def __init__(self, rows, dims):
        self.n, self.dims = len(rows), dims
        flat = b"".join(rows)
        self.lanes = []
        for j in range(dims):
            lane = bytearray(4 * self.n)
            lane[0::4] = flat[j::dims]
            self.lanes.append(int.from_bytes(lane, "little"))
        self.sums = array("q", map(sum, rows))
        self.norms = array("q", (norm_of(row) for row in rows))
        self.lengths = array("d", (norm**0.5 for norm in self.norms))

    def near(self, row, radii):
        """(column, level) of every vector within the widest radius of `row`."""
        total = sum(map(mul, self.lanes, row))
        raised = array("I", total.to_bytes(4 * self.n, "little"))
        if sys.byteorder == "big":
            raised.byteswap()
        # sum (a + 128)(b + 128) = sum ab + 128 sum (a + 128) + 128 sum (b + 128) - 128^2 dims
        norm, shift = norm_of(row), 128 * sum(row) - 16384 * self.dims
        bound = (norm**0.5) * radii[-1] / 1000 * (1 - 1e-9)
        # In floats only to pass over what is clearly too far; then in whole numbers.
        lifted = map(bound.__mul__, self.lengths)
        dots = array("q", (d - 128 * s - shift for d, s in zip(raised, self.sums)))
        for column in compress(range(self.n), map(gt, dots, map((-1e-6).__add__, lifted))):
            dot = dots[column]
            if dot > 0:
                left, right = dot * dot * 10**6, norm * self.norms[column]
                level = sum(left < radius * radius * right for radius in radii)
                if level < len(radii):
                    yield column, level


def norm_of(row):
    return sum(map(SQUARES.__getitem__, row))


def owner_of_threads(full):
    """Whose thread each is; a thread of nobody or of two is left out."""
    owner, twice = {}, set()
    for t, row in enumerate(full["tellers"]):
        for thread in row["threads"]:
            if thread in owner:
                twice.add(thread)
            owner[thread] = t
    return {thread: t for thread, t in owner.items() if thread not in twice}


# ---------------------------------------------------------------------- C1: equal voice


def check_voices(case, say):
    """Each account is one voice, each payment is allowed, each line is paid as its rule says."""
    paper = case.full or case.public
    if paper:
        check_prices(paper, say)
    if case.weave:
        check_weave_totals(case, say)
    if case.full:
        check_accounts(case.full, say)
    elif paper:
        say.cannot("Each person's own account is in the full certificate and in their receipt.")
    for name, receipt in case.receipts:
        check_receipt_account(case, name, receipt, say)
    if not paper and not case.receipts:
        say.cannot("Accounts are in the certificates, which are not here.")


def check_prices(paper, say):
    """What anybody can check of C1: totals, the price, and what each kind of line may cost."""
    h, lines = paper["header"], paper["lines"]
    n, k, grain = h["n"], h["k"], h["grain"]
    price = max(1, n * (VOICE - h["reserve"]) // k - n * k)
    say.ask(
        h["voice"] == VOICE and h["price"] == price and h["reserve"] <= VOICE // 100,
        "A line costs %d units of %d a voice, a little under n/k = %d/%d; %d of each voice stay"
        " with its owner's own words." % (price, VOICE, n, k, h["reserve"]),
        "The price of a line is not what %d people and %d lines make it." % (n, k),
    )
    total = sum(x["paid"] for x in lines) + sum(c["voice"] for c in paper["chorus"])
    slack = (grain // 2) * (len(lines) + len(paper["chorus"]))
    say.ask(
        abs(total - n * VOICE) <= slack,
        "All lines and the chorus together hold exactly %s." % amount(n, "voice"),
        "Lines and chorus together do not hold the voices of %d people." % n,
    )
    rules = True
    for x in lines:
        # Two rounded amounts differ from their exact difference by a grain at most.
        bought, slip = x["paid"] - x["topped"], grain - 1
        rules = rules and bought >= -slip and x["level"] < h["n_paying"]
        rules = rules and x["n_carried"] <= n
        if not h["healed"]:
            rules = rules and bought <= price + slip and x["n_payers"] <= x["n_carried"]
            if x["how"] in ("shares", "widened"):
                rules = rules and bought >= price - slip and x["n_payers"] > 0
        rules = rules and (x["level"] == 0 or x["how"] not in ("shares", "repair"))
    chosen = sum(x["how"] != "own" for x in lines)
    texts = {x["fragment_i"] for x in lines}
    say.ask(
        rules and chosen <= k and len(texts) == len(lines),
        (
            "Some lines stayed from before words were taken back, with what was left of their"
            " pay; %s of at most %d, and %d beyond."
            if h["healed"]
            else "Lines bought by shares hold the price, others no more; %s of at most %d, and %d"
            " beyond."
        )
        % (amount(chosen, "line"), k, len(lines) - chosen),
        "A line is not paid as its rule says, or there are more lines than k.",
    )


def rounded(units, grain):
    return (2 * units + grain) // (2 * grain) * grain


def check_weave_totals(case, say):
    """weave.json says of its lines and its chorus what the certificate says."""
    w = case.weave
    slack = None
    for _, paper in case.papers():
        h = paper["header"]
        slack = (h["grain"] // 2) * (len(w["lines"]) + len(w["chorus"]))
        same = (
            (w["n_tellers"], w["k"], w["radii"], w["n_paying"])
            == (h["n"], h["k"], h["radii"], h["n_paying"])
            and (w["seed"], w["reader"], w["dims"], w["named"], w["invented"])
            == (h["seed"], h["reader"], h["dims"], h["named"], h["invented"])
            and (len(w["threads"]), len(w["fragments"])) == (h["n_threads"], h["n_fragments"])
            and (len(w["lines"]), len(w["chorus"])) == (h["n_lines"], h["n_chorus"])
            and w["fairness"]["n_capped"] == h["n_capped"]
        )
        if "closest" in paper:
            keys = ("fragment_i", "how", "level", "paid", "n_carried")
            same = same and all(
                [x[key] for key in keys] == [y[key] for key in keys]
                for x, y in zip(w["lines"], paper["lines"])
            )
            same = same and w["chorus"] == paper["chorus"]
        if not same:
            say.fails("weave.json and a certificate or receipt do not say the same.")
    in_lines = sum(x["paid"] for x in w["lines"])
    in_chorus = sum(c["voice"] for c in w["chorus"])
    fair = w["fairness"]
    apart = max(abs(fair["voice_in_lines"] - in_lines), abs(fair["voice_in_chorus"] - in_chorus))
    whole = fair["voice_in_lines"] + fair["voice_in_chorus"] == w["n_tellers"] * VOICE
    if whole and apart and slack is None:
        say.cannot(
            "weave.json rounds what lines hold, and no certificate is here that says how far, so"
            " their sum was not compared."
        )
        return
    say.ask(
        whole and apart <= (slack or 0),
        "In weave.json, lines and chorus hold the voices of its %s."
        % amount(w["n_tellers"], "person", "people"),
        "In weave.json, lines and chorus do not add up to one voice a person.",
    )


def check_accounts(full, say):
    """Every teller's rows: one voice, to lines that carry them or to their own words."""
    h, relation, lines = full["header"], full["relation"], full["lines"]
    owner = owner_of_threads(full)
    candidate = [f["candidate"] for f in full["fragments"]]
    owned = [set() for _ in full["tellers"]]
    for f in full["fragments"]:
        if f["thread_i"] in owner:
            owned[owner[f["thread_i"]]].add(f["candidate"])
    payments = [[] for _ in lines]
    topped, paid = [0] * len(lines), [0] * len(lines)
    sung = [0] * len(full["chorus"])
    unequal = broken = 0
    for t, row in enumerate(full["tellers"]):
        unequal += sum(r["units"] for r in row["account"]) != VOICE
        seen = set()
        for r in row["account"]:
            rest, where = r.get("topped", 0), (r.get("line"), r.get("chorus"))
            if "chorus" in r:
                right = len(r) == 2 and r["chorus"] < len(sung)
                if right:
                    fragment_i = full["chorus"][r["chorus"]]["fragment_i"]
                    right = fragment_i < len(candidate) and candidate[fragment_i] in owned[t]
                    sung[r["chorus"]] += r["units"]
            else:
                right = "line" in r and "level" in r and r["line"] < len(lines)
                right = right and r["level"] < h["n_paying"] and rest <= r["units"]
                if right:
                    w = r["line"]
                    paid[w] += r["units"]
                    topped[w] += rest
                    payments[w].append((t, r["level"], r["units"] > rest))
                    fragment_i = lines[w]["fragment_i"]
                    mine = fragment_i < len(candidate) and candidate[fragment_i] in owned[t]
                    right = mine or not rest
            broken += not right or r["units"] == 0 or where in seen
            seen.add(where)
    uncarried = carried_wrong = 0
    for x, payers in zip(lines, payments):
        if x["fragment_i"] >= len(candidate):
            broken += 1
            continue
        levels = relation.levels_of(candidate[x["fragment_i"]])
        uncarried += sum(levels.get(t, 99) > level for t, level, _ in payers)
        carried_wrong += x["n_carried"] != sum(v <= x["level"] for v in levels.values())
        carried_wrong += x["n_payers"] != sum(bought for _, _, bought in payers)
    grain = h["grain"]
    sums = all(
        rounded(paid[i], grain) == x["paid"] and rounded(topped[i], grain) == x["topped"]
        for i, x in enumerate(lines)
    ) and all(rounded(s, grain) == c["voice"] for s, c in zip(sung, full["chorus"]))
    tags = {row["tag"] for row in full["tellers"]}
    threads = set(owner) == set(range(h["n_threads"])) and all(owned)
    say.ask(
        len(tags) == h["n"] == len(full["tellers"]) and threads,
        "%s, each with a tag of their own and words in the weave; every thread is somebody's."
        % amount(h["n"], "person", "people"),
        "Somebody is missing or there twice, or a thread is nobody's or two people's.",
    )
    say.ask(
        not unequal and not broken,
        "Each person's rows add up to exactly one voice.",
        "%s not exactly one voice, or hold a row that cannot be."
        % amount(unequal + broken, "account is", "accounts are"),
    )
    say.ask(
        not uncarried,
        "Voices went only to lines that carry their owner at the closeness written beside, or to"
        " the owner's own words.",
        "%s to a line that does not carry its payer."
        % amount(uncarried, "payment went", "payments went"),
    )
    say.ask(
        sums and not carried_wrong,
        "Each line and each line of the chorus holds exactly what its people gave.",
        "A line does not hold what its people gave, or not as many people as it says.",
    )


def check_receipt_account(case, name, receipt, say):
    """What one person's receipt shows of C1."""
    h, row = receipt["header"], receipt["teller"]["row"]
    lines = {x["i"]: x["row"] for x in receipt["lines"]}
    chorus = {x["i"]: x["row"] for x in receipt["chorus"]}
    threads = {f["row"]["thread_i"] for f in receipt["fragments"]}
    right = sum(r["units"] for r in row["account"]) == VOICE and h["voice"] == VOICE
    right = right and bool(threads) and threads <= set(row["threads"])
    for r in row["account"]:
        if "chorus" in r:
            right = right and "line" not in r and r["chorus"] in chorus
            right = (
                right and r["units"] <= chorus.get(r["chorus"], {"voice": 0})["voice"] + h["grain"]
            )
        else:
            held = lines.get(r.get("line"))
            right = right and held is not None and r.get("level", 100) < h["n_paying"]
            right = right and r["units"] <= held["paid"] + h["grain"]
            right = right and r.get("topped", 0) <= r["units"]
        right = right and r["units"] > 0
    say.ask(
        right,
        "In %s, the account adds up to exactly one voice, each row to a line that is there." % name,
        "In %s, the account is not exactly one voice." % name,
    )
    if not case.weave:
        say.cannot("Whether the lines in %s carry its holder needs weave.json." % name)
        return
    say.ask(
        right and receipt_is_carried(case.weave, receipt),
        "By the stored vectors, the lines in %s carry its holder." % name,
        "A line in %s does not carry its holder, by the stored vectors." % name,
    )


def receipt_is_carried(w, receipt):
    """Each line paid in a receipt is near words of its holder, or theirs, or said to carry them."""
    fragments, dims, radii = w["fragments"], w["dims"], receipt["header"]["radii"]
    row = receipt["teller"]["row"]
    lines = {x["i"]: x["row"]["fragment_i"] for x in receipt["lines"]}
    chorus = {x["i"]: x["row"]["fragment_i"] for x in receipt["chorus"]}
    own = [f["i"] for f in receipt["fragments"]]
    named = own + list(lines.values()) + list(chorus.values())
    if any(f >= len(fragments) for f in named) or not 1 <= dims <= DIMS_MAX:
        return False
    words = {same_words(fragments[f]["text"]) for f in own}

    def vectors(chosen):
        # The same words in other capitals are one candidate, read once; either may stand for it.
        wanted = {same_words(fragments[f]["text"]) for f in chosen}
        return {
            w["vectors"][f * dims : (f + 1) * dims].translate(RAISED)
            for f, held in enumerate(fragments)
            if same_words(held["text"]) in wanted
        }

    mine_vectors = list(vectors(own))
    table = Columns(mine_vectors, dims)
    for r in row["account"]:
        if "chorus" in r:
            if same_words(fragments[chorus[r["chorus"]]]["text"]) not in words:
                return False
            continue
        fragment_i = lines[r["line"]]
        if same_words(fragments[fragment_i]["text"]) in words:
            continue
        if r.get("topped") or "level" not in r:
            return False
        near = [level for v in vectors([fragment_i]) for _, level in table.near(v, radii)]
        if min(near, default=99) > r["level"] and not row["said"]:
            return False
    return True


def same_words(text):
    """What two texts share when they are the same words."""
    folded = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    return unicodedata.normalize("NFC", folded)


# ---------------------------------------------------------------------- C2 and C3: closest calls


def closest_call(relation, taken, level, k, best=0, best_l=1):
    """The largest count / l, as (count, l): `count` people whom one text that is no line carries
    at `level`, and whom fewer than `l` lines carry. (0, 1) when there are none.

    Starts from a mark to beat, and returns that mark when nothing does.
    """
    held = lines_each(relation, taken, level)
    # Bytes are counted at the speed of C. More than 254 lines for one person are looked at slowly.
    few = [min(u, 255) for u in held]
    last = relation.n_levels
    for c in range(relation.n_candidates):
        start, end = relation.start(c), relation.ends[c * last + level]
        length = end - start
        # No l can lift this one above the best: count / l is at most length / l.
        if length * best_l <= best or c in taken:
            continue
        row = relation.tellers[start:end]
        seen = bytes(itemgetter(*row)(few)) if length > 1 else bytes([few[row[0]]])
        count = 0
        for l in range(1, min(k, 255) + 1):  # noqa: E741
            count += seen.count(l - 1)
            if count * best_l > best * l:
                best, best_l = count, l
            if count == length or length * best_l <= best * (l + 1):
                break
        else:
            if k > 255:
                exact = sorted(held[t] for t in row)
                for i, u in enumerate(exact):
                    l = max(u + 1, 1)  # noqa: E741
                    if l <= k and (i + 1) * best_l > best * l:
                        best, best_l = i + 1, l
    return best, best_l


def lines_each(relation, taken, level):
    """How many of the taken texts carry each teller at this level."""
    held = [0] * relation.n_tellers
    for c in taken:
        for t in relation.tellers_at(c, level):
            held[t] += 1
    return held


def taken_texts(full):
    """The texts that are lines; None where a line is not one of the fragments."""
    rows = full["fragments"]
    if any(x["fragment_i"] >= len(rows) for x in full["lines"]):
        return None
    taken = {rows[x["fragment_i"]]["candidate"] for x in full["lines"]}
    return taken if len(taken) == len(full["lines"]) else None


def check_groups(case, say):
    """C2: at the primary closeness no group of l times n/k people holds fewer than l lines."""
    paper = case.full or case.public
    if not paper:
        say.cannot("The counts of overlooked groups are in the certificates, which are not here.")
        return
    h = paper["header"]
    if case.full:
        taken = taken_texts(case.full)
        if taken is None:
            say.fails("Two lines are the same text, or a line is no fragment.")
            return
        count, l = closest_call(case.full["relation"], taken, 0, h["k"])  # noqa: E741
        good = "No group of %s or more sharing an image was left out; the closest call is %s" % (
            amount(-(-h["n"] // h["k"]), "person", "people"),
            "%s %s." % (amount(count, "person", "people"), with_fewer(l)),
        )
    else:
        count, l = paper["closest"][0]["count"], paper["closest"][0]["l"]  # noqa: E741
        good = "The closest call, as printed, is %s %s." % (
            amount(count, "person", "people"),
            with_fewer(l),
        )
        say.cannot("The counts behind it are in the full certificate, which is not here.")
    say.ask(
        l >= 1 and h["k"] * count < h["n"] * l,
        good,
        "A group was overlooked: %s %s." % (amount(count, "person", "people"), with_fewer(l)),
    )


def check_levels(case, say):
    """C3: the closest call at every closeness is what was printed."""
    paper = case.full or case.public
    if not paper:
        say.cannot("The closest calls are in the certificates, which are not here.")
        return
    h, closest = paper["header"], paper["closest"]
    written = all(
        x["radius"] == radius
        and x["l"] >= 1
        and x["rho"] == "%d/%d" % (h["k"] * x["count"], h["n"] * x["l"])
        for x, radius in zip(closest, h["radii"])
    )
    if case.weave:
        keys = ("radius", "fragment_i", "count", "l")
        written = written and all(
            [x.get(key) for key in keys] == [y.get(key) for key in keys]
            for x, y in zip(closest, case.weave["fairness"]["overlooked"])
        )
    missed = [x["radius"] for x in closest if h["k"] * x["count"] >= h["n"] * x["l"]]
    say.ask(
        written and h["radii"] == sorted(set(h["radii"]), reverse=True),
        "rho is printed at %s and is below 1 at %s."
        % (
            amount(len(closest), "closeness", "closenesses"),
            "every one" if not missed else "all but %s" % ", ".join("0.%03d" % r for r in missed),
        ),
        "What is printed as the closest calls does not fit together.",
    )
    if not case.full:
        say.cannot("The counts behind it are in the full certificate, which is not here.")
        return
    relation, taken = case.full["relation"], taken_texts(case.full)
    if taken is None:
        say.fails("Two lines are the same text, or a line is no fragment.")
        return
    say.ask(
        calls_are_right(case.full, taken, closest),
        "Counted again, the closest call at every closeness is the one printed.",
        "Counted again, a closest call is not the one printed.",
    )
    if case.weave:
        check_figures(case, relation, taken, say)


def calls_are_right(full, taken, calls):
    """Each call is the largest there is, and its witness is a text that is no line and has it."""
    h, relation, rows = full["header"], full["relation"], full["fragments"]
    for level, x in enumerate(calls):
        if not 1 <= x["l"] <= h["k"]:
            return False
        mark = (x["count"], x["l"])
        if closest_call(relation, taken, level, h["k"], *mark) != mark:
            return False
        if x.get("fragment_i") is None:
            if x["count"]:
                return False
            continue
        if x["fragment_i"] >= len(rows):
            return False
        c = rows[x["fragment_i"]]["candidate"]
        held = lines_each(relation, taken, level)
        witness = sum(held[t] < x["l"] for t in relation.tellers_at(c, level))
        if c in taken or witness != x["count"]:
            return False
    return True


def check_figures(case, relation, taken, say):
    """The figures printed beside: who is carried by no line, and the most popular lines."""
    full, w = case.full, case.weave
    fair, rows, n = w["fairness"], full["fragments"], full["header"]["n"]
    if len(rows) != len(w["fragments"]):
        say.fails("weave.json has other fragments than the certificate.")
        return
    wide = full["header"]["n_paying"] - 1
    popular = {rows[f]["candidate"] for f in w["popular"]}

    def without(texts):
        carried = set()
        for c in texts:
            carried.update(relation.tellers_at(c, wide))
        return set(range(n)) - carried

    lost = without(popular)
    owner = owner_of_threads(full)
    heard = {owner.get(f["thread_i"]) for f in rows if f["candidate"] in popular}
    vanished = sorted(
        i for t, row in enumerate(full["tellers"]) if t not in heard for i in row["threads"]
    )
    in_lines = sum(r["units"] for t in full["tellers"] for r in t["account"] if "line" in r)
    say.ask(
        fair["n_without_line"] == len(without(taken))
        and fair["n_without_line_popular"] == len(lost)
        and sorted(w["vanished"]) == vanished
        and fair["voice_in_lines"] == in_lines
        and calls_are_right(full, popular, fair["overlooked_popular"]),
        "Of %s, %d are carried by no line and would be %d with the most popular lines; with the"
        " chorus, nobody." % (amount(n, "person", "people"), fair["n_without_line"], len(lost)),
        "A figure printed beside the closest calls is not what it should be.",
    )


# ---------------------------------------------------------------------- C4: lent words only


def check_words(case, say):
    """C4: every line is a lent fragment, word for word, and what was taken back is absent."""
    w = case.weave
    if w:
        spans = all(len(f["text"]) == f["end"] - f["start"] for f in w["fragments"])
        by_report = sorted(
            (f["thread_i"], f["report_i"], f["start"], f["end"]) for f in w["fragments"]
        )
        apart = all(a[:2] != b[:2] or a[3] <= b[2] for a, b in zip(by_report, by_report[1:]))
        say.ask(
            spans and apart,
            "Every fragment is as long as its span, and no two spans of a report overlap.",
            "A fragment is not as long as its span, or two spans overlap.",
        )
    if case.full:
        check_fragments(case, say)
    elif case.public:
        say.holds(
            "Its %s are closed in the tree." % amount(case.public["hidden"][0]["n"], "fragment")
        )
        say.ask(
            case.public["hidden"][0]["n"] == case.public["header"]["n_fragments"]
            and case.public["hidden"][1]["n"] == case.public["header"]["n"]
            and all(
                x["fragment_i"] < case.public["header"]["n_fragments"]
                for x in case.public["lines"] + case.public["chorus"]
            ),
            "Every line and line of the chorus is one of them.",
            "A line is none of them, or people are missing from the tree.",
        )
        say.cannot("On what terms they were lent is in the full certificate and in receipts.")
    for name, receipt in case.receipts:
        check_receipt_words(case, name, receipt, say)
    if not w:
        say.cannot("weave.json is not here, so no words were compared.")


def fragments_match(full, w):
    keys = ("id", "thread_i", "report_i", "start", "end")
    return len(full["fragments"]) == len(w["fragments"]) and all(
        [a[key] for key in keys] == [b[key] for key in keys]
        for a, b in zip(full["fragments"], w["fragments"])
    )


def check_fragments(case, say):
    full, w = case.full, case.weave
    rows, secret = full["fragments"], bytes.fromhex(full["secret"])
    say.ask(
        all(x["fragment_i"] < len(rows) for x in full["lines"] + full["chorus"])
        and len({x["fragment_i"] for x in full["chorus"]}) == len(full["chorus"])
        and len({f["id"] for f in rows}) == len(rows)
        and all(f["start"] < f["end"] for f in rows),
        "Every line and line of the chorus is one of %s, each with its lending record."
        % amount(len(rows), "lent fragment"),
        "A line is no lent fragment, or a fragment is there twice.",
    )
    absent = set(full["absent"])
    here = [f["id"] for f in rows] + [t["tag"] for t in full["tellers"]]
    here += [t["tag"] for t in w["threads"]] if w else []
    marks = (hmac.new(secret, b"absent\x00" + x.encode(), hashlib.sha256).hexdigest() for x in here)
    say.ask(
        not absent or not any(mark in absent for mark in marks),
        "Nothing that was taken back is here." if absent else "Nothing was taken back.",
        "Something that was taken back is here.",
    )
    if not w:
        return
    say.ask(
        fragments_match(full, w)
        and all(
            hashlib.sha256(f["text"].encode()).digest() == full["text_sha256"][32 * i : 32 * i + 32]
            for i, f in enumerate(w["fragments"])
        ),
        "All of them stand in weave.json word for word.",
        "The words in weave.json are not those that were lent.",
    )
    texts = {}
    same = all(
        texts.setdefault(row["candidate"], same_words(f["text"])) == same_words(f["text"])
        for row, f in zip(rows, w["fragments"])
    )
    say.ask(
        same and len(set(texts.values())) == len(texts),
        "Only the same words count as one text.",
        "Different words count as one text, or the same words as two.",
    )


def check_receipt_words(case, name, receipt, say):
    w = case.weave
    right = True
    for opened in receipt["fragments"]:
        row, i = opened["row"], opened["i"]
        if w:
            right = right and i < len(w["fragments"])
            held = w["fragments"][i] if right else None
            right = (
                right
                and all(
                    held[key] == row[key] for key in ("id", "thread_i", "report_i", "start", "end")
                )
                and hashlib.sha256(held["text"].encode()).hexdigest() == opened["text_sha256"]
            )
    if w:
        threads = set(receipt["teller"]["row"]["threads"])
        mine = {i for i, f in enumerate(w["fragments"]) if f["thread_i"] in threads}
        right = right and mine == {opened["i"] for opened in receipt["fragments"]}
    terms = sorted({opened["lending"]["how"] for opened in receipt["fragments"]})
    say.ask(
        right and bool(receipt["fragments"]),
        "In %s, %s lent %s."
        % (
            name,
            amount(len(receipt["fragments"]), "fragment was", "fragments were"),
            ", ".join(terms),
        ),
        "In %s, the words or their places are not those of weave.json." % name,
    )


# ---------------------------------------------------------------------- from files to an answer

CLAUSES = {
    "ROOT": check_root,
    "CARRY": check_carry,
    "C1": check_voices,
    "C2": check_groups,
    "C3": check_levels,
    "C4": check_words,
}
TITLES = {
    "ROOT": "one root over everything",
    "CARRY": "who is carried by what",
    "C1": "equal voice",
    "C2": "no overlooked group",
    "C3": "at every closeness",
    "C4": "lent words only",
}


def verify(files, root=None, clauses=CLAUSES):
    """Check files, given as {name: bytes}. Returns one Clause for each clause, in order.

    Raises Unreadable when a file is not what it should be.
    """
    if root is not None:
        root = root.strip().lower()
        need(
            len(root) == 64 and not set(root) - set("0123456789abcdef"),
            "A root is 64 letters and digits, 0 to 9 and a to f.",
        )
    case = Case(root)
    for name in sorted(files):
        case.add(files[name], name)
    found = []
    for name, check in clauses.items():
        clause = Clause(name)
        check(case, clause)
        found.append(clause)
    return found


def read(path):
    """The files at a path, as {name: bytes}."""
    wanted = [path]
    if os.path.isdir(path):
        try:
            names = sorted(os.listdir(path))
        except OSError as no:
            raise Unreadable("%s cannot be read: %s." % (path, no.strerror or "no reason given"))
        wanted = [
            os.path.join(path, name)
            for name in names
            if name in ("weave.json", "certificate.json", "certificate.public.json")
            or (name.startswith("receipt") and name.endswith(".json"))
        ]
        need(wanted, "This folder holds no weave.json, no certificate and no receipt.")
    files = {}
    for file in wanted:
        try:
            # Something endless (a device, a pipe) must not be read to its end.
            need(not os.path.exists(file) or os.path.isfile(file), "%s is no file." % file)
            with open(file, "rb") as opened:
                data = opened.read(FILE_BYTES_MAX + 1)
            need(len(data) <= FILE_BYTES_MAX, "%s is too large to be one of ours." % file)
            files[os.path.basename(file)] = data
        except OSError as no:
            raise Unreadable("%s cannot be read: %s." % (file, no.strerror or "no reason given"))
    return files


def main(argv=None):
    parser = argparse.ArgumentParser(
        description="Check that a weave is fair and made of lent words only."
    )
    parser.add_argument("path", help="an output folder, or one file of it")
    parser.add_argument("--root", help="the root that weaving printed")
    asked = parser.parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a file's name may hold any letter
    try:
        found = verify(read(asked.path), asked.root)
    except Unreadable as no:
        print(no, file=sys.stderr)
        return 2
    marks = {"holds": "+", "fails": "!", "unchecked": "?"}
    for clause in found:
        print("%-6s %-24s %s" % (clause.name, TITLES[clause.name], clause.verdict().upper()))
        for kind, sentence in clause.found:
            print("   %s %s" % (marks[kind], sentence))
    failed = [clause.name for clause in found if clause.verdict() == "fails"]
    print()
    print("Fails: %s." % ", ".join(failed) if failed else "Nothing fails.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
