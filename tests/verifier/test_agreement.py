"""Two verifiers that share no code say the same of every clause, whatever they are handed."""

from __future__ import annotations

import ast
import json
import random
from pathlib import Path

import pytest
from forging import KINDS, forged
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from makers_certificates import bundle

from dreamweave.cli import main
from dreamweave.loom import proving
from dreamweave.model.canonical import canonical
from dreamweave.model.refusals import Refusal
from dreamweave.model.relations import pack, rows_of
from dreamweave.verifier import verify_weave

FILE = Path(verify_weave.__file__)
calm = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


def run(argv):
    return main(["verify", *argv])


def verdicts(files, root):
    """What both say: ({clause: verdict} or "refused") twice."""
    try:
        apart = {c.name: c.verdict() for c in verify_weave.verify(files, root)}
    except verify_weave.Unreadable:
        apart = "refused"
    try:
        ours = {f.clause: f.verdict for f in proving.verify(files, root)}
    except Refusal:
        ours = "refused"
    return apart, ours


@calm
@given(
    seed=st.integers(0, 10**6),
    kind=st.sampled_from([None, *KINDS]),
    names=st.sets(
        st.sampled_from(
            ["weave.json", "certificate.json", "certificate.public.json", "receipt-0.json"]
        ),
        min_size=1,
    ),
    with_root=st.booleans(),
    capped=st.booleans(),
    grain=st.sampled_from([1, 1000, 10**7]),
)
def test_both_say_the_same_of_every_clause(seed, kind, names, with_root, capped, grain):
    made = bundle(seed, n=5 + seed % 5, dims=6, cap=60 if capped else None, grain=grain)
    assume(kind != "swapped_two_lines" or len(made.weave.lines) > 1)
    files = made.files(receipts=1) if kind is None else forged(made, kind, random.Random(seed))
    handed = {name: files[name] for name in names if name in files}
    if not handed:
        return

    apart, ours = verdicts(handed, made.root if with_root else None)

    assert apart == ours
    if kind is None:
        assert "fails" not in set(ours.values())


@calm
@given(
    rows=st.lists(
        st.lists(st.integers(0, 3), min_size=4, max_size=4), min_size=1, max_size=7
    ),  # candidate x teller: a level, 3 for none
    taken=st.sets(st.integers(0, 6)),
    k=st.integers(1, 5),
    level=st.integers(0, 2),
)
def test_the_closest_call_is_the_one_a_slow_count_finds(rows, taken, k, level):
    taken = {c for c in taken if c < len(rows)}
    relation = relation_of_levels(rows)

    count, l = verify_weave.closest_call(relation, taken, level, k)  # noqa: E741

    assert count / l == max((n / at for n, at in slow_counts(rows, taken, level, k)), default=0)


def test_people_whom_hundreds_of_lines_carry_are_counted_too():
    # 300 lines carry teller 0 to 2 alike, and the one text that is no line carries them and
    # teller 3, whom 299 carry: bytes end at 255, the count must not.
    rows = [[0, 0, 0, 0 if i < 299 else 3] for i in range(300)] + [[0, 0, 0, 0]]
    taken = set(range(300))
    relation = relation_of_levels(rows)

    count, l = verify_weave.closest_call(relation, taken, 0, 400)  # noqa: E741

    assert (count, l) == (4, 301)


def relation_of_levels(rows):
    """The stand-alone verifier's relation of candidate x teller levels, 3 for none."""
    sorted_rows = [sorted((level, t) for t, level in enumerate(row) if level < 3) for row in rows]
    tellers = [t for row in sorted_rows for _, t in row]
    counts = [sum(at == level for at, _ in row) for row in sorted_rows for level in range(3)]
    return verify_weave.Relation(
        {
            "n_pairs": len(tellers),
            "first": pack(rows_of(range(len(rows)))),
            "counts": pack(rows_of(counts)),
            "tellers": pack(rows_of(tellers)),
        },
        {
            "radii": [9, 8, 7],
            "n": len(rows[0]),
            "n_candidates": len(rows),
            "n_fragments": len(rows),
        },
    )


def slow_counts(rows, taken, level, k):
    held = [sum(rows[c][t] <= level for c in taken) for t in range(len(rows[0]))]
    for c, row in enumerate(rows):
        if c not in taken:
            for l in range(1, k + 1):  # noqa: E741
                yield sum(row[t] <= level and held[t] < l for t in range(len(row))), l


BROKEN = {
    "nothing": b"",
    "a picture": b"\x89PNG\r\n\x1a\n\x00\x00",
    "half of it": b'{"schema":"dreamweave/weave/1","title":"A',
    "a list": b"[]",
    "another schema": b'{"schema":"dreamweave/weave/2"}',
    "no schema": b"{}",
    "a schema that is no word": b'{"schema":["dreamweave/weave/1"]}',
    "only a schema": b'{"schema":"dreamweave/certificate/1"}',
    "a key twice": b'{"schema":"dreamweave/weave/1","schema":"dreamweave/weave/1"}',
    "a fraction": b'{"schema":"dreamweave/weave/1","k":1.5}',
    "not a number": b'{"schema":"dreamweave/weave/1","k":NaN}',
    "deep": b'{"schema":' + b"[" * 100_000,
    "half a character": b'{"schema":"dreamweave/weave/1","title":"\\ud800"}',
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_no_file_of_ours_is_refused_by_both_with_a_sentence(name, tmp_path, capsys):
    path = tmp_path / "weave.json"
    path.write_bytes(BROKEN[name])

    codes = [run([str(path)]), verify_weave.main([str(path)])]

    said = capsys.readouterr().err.strip().splitlines()
    assert codes == [2, 2]
    assert len(said) == 2
    assert all(
        line[0].isupper() or line.partition(" ")[0].strip(":").endswith(".json") for line in said
    )
    assert all(line.endswith(".") for line in said)


@pytest.mark.parametrize("wanted", ["", "12", "g" * 64])
def test_a_root_that_is_none_is_refused_by_both(wanted, tmp_path, capsys):
    for name, data in bundle(1).files().items():
        (tmp_path / name).write_bytes(data)

    argv = [str(tmp_path), "--root", wanted]

    assert [run(argv), verify_weave.main(argv)] == [2, 2]
    assert capsys.readouterr().err.count("64 letters and digits") == 2


def test_an_empty_folder_and_a_path_that_is_not_there_are_said_so(tmp_path, capsys):
    for path in (tmp_path, tmp_path / "gone.json"):
        assert [run([str(path)]), verify_weave.main([str(path)])] == [2, 2]

    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 4


def test_the_exit_code_says_what_was_found(tmp_path, capsys):
    made = bundle(2)
    for name, data in made.files(receipts=2).items():
        (tmp_path / name).write_bytes(data)
    wrong = "0" * 64

    codes = [
        [verifier([str(tmp_path), *root]) for verifier in (run, verify_weave.main)]
        for root in ([], ["--root", made.root], ["--root", made.root.upper()], ["--root", wrong])
    ]

    assert codes == [[0, 0], [0, 0], [0, 0], [1, 1]]
    assert capsys.readouterr().out.count("Fails: ROOT.") == 2


@pytest.mark.parametrize(
    "name", ["weave.json", "certificate.json", "certificate.public.json", "receipt-0.json"]
)
def test_one_file_by_itself_fails_nowhere_and_says_what_is_unchecked(name, tmp_path, capsys):
    made = bundle(3)
    path = tmp_path / name
    path.write_bytes(made.files(receipts=1)[name])

    codes = [run([str(path)]), verify_weave.main([str(path)])]

    assert codes == [0, 0]
    assert capsys.readouterr().out.count("   ? ") >= 2


def test_files_bent_at_random_crash_neither_and_are_judged_alike():
    bent = [bundle(seed, n=6, dims=6, cap=[None, 24][seed % 2]) for seed in range(4)]
    unlike = []
    for i in range(150):
        rng = random.Random(f"bent {i}")
        files = bent[i % 4].files(receipts=1)
        name = rng.choice(sorted(files))
        value = json.loads(files[name])
        for _ in range(rng.choice([1, 1, 3])):
            _bend(value, rng)
        handed = {**files, name: canonical(value)}
        handed = {n: d for n, d in handed.items() if n == name or rng.random() < 0.7}

        apart, ours = verdicts(handed, None)

        if apart != ours:
            unlike.append((i, name, apart, ours))
    assert unlike == []


def test_a_thread_that_is_not_there_is_nobodys():
    # Found by bending: as many threads as there should be, but not the same ones.
    made = bundle(4)
    full = json.loads(canonical(made.certificates.full))
    full["tellers"][0]["threads"][0] = 999

    apart, ours = verdicts({"certificate.json": canonical(full)}, None)

    assert apart == ours
    assert apart["C1"] == "fails"


def _bend(value, rng):
    """Delete, replace, double or shuffle something, somewhere."""
    places = []

    def walk(held):
        for key in held if isinstance(held, dict) else range(len(held)):
            places.append((held, key))
            if isinstance(held[key], dict | list):
                walk(held[key])

    walk(value)
    if not places:
        return
    held, key = rng.choice(places)
    old, kind = held[key], rng.randrange(4)
    if kind == 0:
        del held[key]
    elif kind == 1:
        held[key] = rng.choice([None, 0, 1, 2**31, 2**53 - 1, 2**60, -1, "", [], {}, True])
    elif isinstance(old, list) and old:
        old.append(rng.choice(old)) if kind == 2 else rng.shuffle(old)
    elif isinstance(old, int):
        held[key] = rng.choice([old + 1, max(0, old - 1), 10**9])
    elif isinstance(old, str):
        held[key] = old[:-1] + rng.choice("AB01=é")


def test_packed_numbers_that_are_damaged_or_bombs_are_refused():
    import zlib
    from base64 import b64encode

    made = bundle(4)
    for bad in (
        "",
        "no base64!",
        b64encode(b"not deflated").decode(),
        b64encode(zlib.compress(bytes(10**6))).decode(),
        b64encode(zlib.compress(b"\xff" * 400)).decode(),
    ):
        full = {**made.certificates.full}
        full["relation"] = {**full["relation"], "tellers": bad}

        assert verdicts({"certificate.json": canonical(full)}, None) == ("refused", "refused")


def test_the_stand_alone_file_needs_python_3_8_and_nothing_else():
    tree = ast.parse(FILE.read_text(encoding="utf-8"), feature_version=(3, 8))

    imported = {
        name.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
    } | {
        (node.module or "").partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
    }

    assert imported <= {
        "argparse", "array", "base64", "hashlib", "hmac", "itertools", "json",
        "operator", "os", "sys", "unicodedata", "zlib",
    }  # fmt: skip
    assert "MIT" in FILE.read_text(encoding="utf-8")[:200]
    assert (FILE.parent / "LICENSE").read_text(encoding="utf-8").startswith("MIT License")
