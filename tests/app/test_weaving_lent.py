"""What is lent is woven aside, sealed, and falls with any of its words, also while it is woven."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from xml.etree import ElementTree

import pytest
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app import children, weaving_lent
from dreamweave.app.circles import circle, join, make
from dreamweave.app.journals import forget_report, keep_report
from dreamweave.app.lending import Offer, lend, take_back
from dreamweave.app.weave_worker import received, send, woven_files
from dreamweave.app.weaving_lent import (
    key_of,
    part_of,
    run_worker,
    weave_lent,
    weave_of,
)
from dreamweave.model.facts import COMMONS
from dreamweave.model.keys import unseal
from dreamweave.model.refusals import Refusal

CANARY = "zyxwviolet"
TEXTS = (
    "The sea came up the stairs and asked for tea.",
    "I climbed the stairs and there was only water.",
    f"A {CANARY} bird sat on the tram and paid with a feather.",
    "My grandmother carried a lamp across the bridge at night.",
    "Water ran down the stairs of our house and into the street.",
    "On the stairs somebody had left a boat, and the water rose.",
)


class Gathered:
    """A Circle with a host and five others, each of whom lent one piece."""

    def __init__(self, ground):
        self.ground = ground
        self.host = a_dreamer(ground)
        self.circle = make(ground, self.host, "The tide")
        self.stream = f"circle/{self.circle}"
        self.people = [self.host, *(a_dreamer(ground) for _ in TEXTS[1:])]
        self.lent = []
        for who, text in zip(self.people, TEXTS, strict=True):
            join(ground, who, self.circle)
            self.lent.append(self.lend(who, text))

    def lend(self, who, text, **how):
        # Nobody says the language of the first: the worker finds it, within its bounds.
        lang = None if text == TEXTS[0] else "en"
        report = a_report(self.ground, text, feeling="wonder", lang=lang)
        keep_report(self.ground, who, report)
        offer = Offer(report.id, 1, self.stream, "named", name="Somebody", **how)
        return lend(self.ground, who, offer)

    def weave(self, weaver=None, who=None):
        who = who or self.host
        return weave_lent(self.ground, who, self.stream, title="The tide", weaver=weaver)


@pytest.fixture
def gathered():
    return Gathered(make_ground())


def quick(asked):
    """A weaver that does what the worker does with words, without the loom: for tests of keeping."""
    asked = json.loads(asked)
    text = "\n".join(r["text"] for r in asked["reports"]).encode()
    knots = {"knots": [], "n_threads": len(asked["reports"])}
    import io

    out = io.BytesIO()
    keys = {r["teller"]: "KEY" for r in asked["reports"]}
    send(out, {
        "page": text * 20_000, "text": text, "knots": json.dumps(knots).encode(),
        "keys": json.dumps(keys).encode(), "root": b"root",
    })  # fmt: skip
    return out.getvalue()


def everything(ground):
    return b"".join(row.body for row in ground.store.rows("words", limit=100_000))


# ------------------------------------------------------------------ the real worker, once


@pytest.fixture(scope="module")
def woven():
    held = Gathered(make_ground())
    return held, held.weave()


def test_a_worker_weaves_what_is_lent_and_its_page_is_for_those_who_may_read(woven):
    held, weave = woven
    ground = held.ground
    page = part_of(ground, held.people[1], held.stream, weave.weave, "page").decode()
    text = part_of(ground, held.people[1], held.stream, weave.weave, "text").decode()
    knots = json.loads(part_of(ground, held.people[1], held.stream, weave.weave, "knots"))

    assert page.startswith("<!doctype html>")
    assert CANARY in page
    assert CANARY in text
    assert weave.n_tags == 6
    tags = {one.tag for one in held.lent}
    assert knots["n_threads"] == 6
    assert knots["knots"]  # both say: stairs
    assert all(set(k["tags"]) <= tags and len(k["tags"]) > 1 for k in knots["knots"])
    assert weave_of(ground, held.host, held.stream).weave == weave.weave
    assert circle(ground, held.host, held.circle).weave == weave.weave
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        part_of(ground, a_dreamer(ground), held.stream, weave.weave, "page")


def test_neither_names_nor_ids_of_lendings_stand_on_the_page(woven):
    held, weave = woven
    page = part_of(held.ground, held.host, held.stream, weave.weave, "page")

    assert b"Somebody" not in page
    assert not any(who.dreamer.encode() in page for who in held.people)
    assert not any(one.tag.encode() in page for one in held.lent)


def test_a_weave_has_its_landscape_for_two_screens_and_a_picture_for_sharing(woven):
    held, weave = woven
    wide, phone, social = (
        part_of(held.ground, held.people[1], held.stream, weave.weave, what)
        for what in ("landscape", "landscape_phone", "social")
    )

    for drawing, width in ((wide, "1600"), (phone, "390")):
        root = ElementTree.fromstring(drawing)
        texts = [e for e in root.iter() if e.get("data-fragment")]
        words = " ".join(" ".join(t.itertext()) for t in texts)
        assert root.get("width") == width
        assert CANARY in words
        assert sorted(int(t.get("data-order")) for t in texts) == list(range(len(texts)))
        assert not any(one.tag.encode() in drawing for one in held.lent)
        assert not any(who.dreamer.encode() in drawing for who in held.people)
    assert social.startswith(b"\x89PNG")
    assert b"tEXt" not in social
    with pytest.raises(Refusal, match=r"circle\.unknown"):
        part_of(held.ground, a_dreamer(held.ground), held.stream, weave.weave, "landscape")


def test_without_the_print_extra_there_is_no_picture_for_sharing_and_all_the_rest(monkeypatch):
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    reports = [
        {"id": f"r{i}", "teller": f"t{i}", "text": text, "lang": "en"}
        for i, text in enumerate(TEXTS[:3])
    ]
    asked = {"title": "x", "seed": "s", "reports": reports, "live": []}

    files = woven_files({**asked, "n_listening": 0, "n_open": 1})

    assert "social" not in files
    assert "poster" not in files
    assert b"kept-open" in files["landscape"]


def test_everybody_gets_the_key_to_their_own_thread_and_to_no_other(woven):
    held, weave = woven
    page = part_of(held.ground, held.host, held.stream, weave.weave, "page").decode()
    boxes = json.loads(page.split('id="boxes"', 1)[1].split(">", 1)[1].split("</script>", 1)[0])
    keys = [key_of(held.ground, who, held.stream, weave.weave) for who in held.people]

    assert len(set(keys)) == 6
    assert all(sum(unseal(key, box) is not None for box in boxes) == 1 for key in keys)
    with pytest.raises(Refusal, match=r"weave\.unknown"):
        part_of(held.ground, held.host, held.stream, weave.weave, "keys")


def test_the_server_process_stays_without_numpy():
    code = (
        "import dreamweave.app.weaving_lent, dreamweave.app.circles, sys;"
        "print('numpy' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.strip() == "False"


def test_words_reach_no_argument_no_environment_no_file_and_no_log(monkeypatch, tmp_path):
    """The worker is stopped in the middle and everything that the system shows of it is read."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    seen = {}

    class Watched(subprocess.Popen):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            self.watcher = threading.Thread(target=self.watch, args=(Path(f"/proc/{self.pid}"),))
            self.watcher.start()

        def watch(self, proc):
            files = seen.setdefault("files", set())
            while True:
                try:
                    if (proc / "stat").read_text().rpartition(")")[2].split()[0] in "ZX":
                        return  # it has ended
                    cmdline = (proc / "cmdline").read_bytes()
                    if b"weave_worker" not in cmdline:
                        continue  # it has only begun
                    seen["cmdline"] = cmdline
                    seen["environ"] = (proc / "environ").read_bytes() or seen.get("environ", b"")
                    for file in (proc / "fd").iterdir():
                        if os.readlink(file).startswith(("/tmp", "/var/tmp")):
                            files.add(file.read_bytes())
                except FileNotFoundError:
                    if not proc.exists():
                        return  # ended and gone
                except OSError:
                    return

        def __exit__(self, *args):
            super().__exit__(*args)
            self.watcher.join()

    monkeypatch.setattr(children.subprocess, "Popen", Watched)
    held = Gathered(make_ground())
    held.weave()

    assert b"weave_worker" in seen["cmdline"]
    assert CANARY.encode() not in seen["cmdline"] + seen["environ"]
    assert "TMPDIR" not in seen["environ"].decode()
    assert list(tmp_path.iterdir()) == []
    # A model is unpacked into a file before any word comes; nothing of the words is in one.
    assert [len(f) for f in seen["files"] if CANARY.encode() in f] == []


def test_the_worker_may_write_no_file_and_leaves_no_core(tmp_path):
    code = (
        "from dreamweave.app.bounded import bound; bound();"
        "import resource as r; print(r.getrlimit(r.RLIMIT_FSIZE), r.getrlimit(r.RLIMIT_CORE))\n"
        "import os, sys; f = os.open(sys.argv[1], os.O_CREAT | os.O_WRONLY)\n"
        "try: os.write(f, b'x'); print('wrote')\n"
        "except OSError: print('refused')"
    )
    there = str(tmp_path / "file")
    out = subprocess.run([sys.executable, "-c", code, there], capture_output=True, text=True)
    control = code.replace("bound();", ";", 1).replace("import bound; ;", "import bound;")
    free = subprocess.run([sys.executable, "-c", control, there], capture_output=True, text=True)

    assert out.stdout.split("\n")[:2] == ["(0, 0) (0, 0)", "refused"]
    assert free.stdout.split("\n")[1] == "wrote"


def test_a_worker_that_takes_too_long_is_ended_with_a_sentence():
    with pytest.raises(Refusal, match=r"weave\.long"):
        run_worker(b"{}" * 10, seconds=0.01)


def test_a_worker_that_breaks_tells_nothing_of_what_it_read(capfd):
    with pytest.raises(Refusal, match=r"weave\.broken") as no:
        run_worker(json.dumps({"title": CANARY, "reports": [{"text": CANARY}]}).encode())

    assert CANARY not in str(no.value)
    assert CANARY not in "".join(capfd.readouterr())


# ------------------------------------------------------------------ falling


def test_a_weave_falls_with_any_of_its_words_and_nothing_of_them_is_left(gathered):
    weave = gathered.weave(quick)
    assert CANARY.encode() in everything(gathered.ground)  # the control: there is something to find

    take_back(gathered.ground, gathered.people[2], gathered.lent[2].lending)
    report = next(iter(gathered.ground.road.journal(gathered.people[2].dreamer).reports))
    forget_report(gathered.ground, gathered.people[2], report)

    assert weave_of(gathered.ground, gathered.host, gathered.stream) is None
    assert CANARY.encode() not in everything(gathered.ground)
    assert not [r.id for r in gathered.ground.store.rows("words") if r.id.startswith("weave/")]
    assert not [r.id for r in gathered.ground.store.rows("keys") if "/weave/" in r.id]
    with pytest.raises(Refusal, match=r"weave\.unknown"):
        part_of(gathered.ground, gathered.host, gathered.stream, weave.weave, "page")


def test_what_fell_is_woven_again_without_when_anybody_there_asks(gathered):
    first = gathered.weave(quick)
    with pytest.raises(Refusal, match=r"weave\.host"):
        gathered.weave(quick, who=gathered.people[1])
    take_back(gathered.ground, gathered.people[2], gathered.lent[2].lending)

    again = gathered.weave(quick, who=gathered.people[1])

    assert (again.n_tags, again.weave != first.weave) == (5, True)
    text = part_of(gathered.ground, gathered.host, gathered.stream, again.weave, "text")
    assert CANARY.encode() not in text
    assert TEXTS[0].encode() in text


def test_words_taken_back_while_they_are_woven_are_not_kept_in_the_weave(gathered):
    rounds = []

    def slow(asked):
        sent = quick(asked)
        rounds.append(len(json.loads(asked)["reports"]))
        if len(rounds) <= 2:  # two takings-back, one while each of the first two is woven
            i = (2, 3)[len(rounds) - 1]
            take_back(gathered.ground, gathered.people[i], gathered.lent[i].lending)
        return sent

    weave = gathered.weave(slow)

    assert rounds == [6, 5, 4]
    text = part_of(gathered.ground, gathered.host, gathered.stream, weave.weave, "text")
    assert text.decode().splitlines() == [*TEXTS[:2], *TEXTS[4:]]
    state = gathered.ground.road.audience(gathered.stream)
    assert {w: len(t) for w, t in state.weaves.items()} == {weave.weave: 4}


def test_the_alarm_for_words_taken_back_meanwhile_rings_when_nobody_looks(gathered, monkeypatch):
    # The control of the test above: without the look, the weave would be kept with the words in it.
    road = type(gathered.ground.road)
    stale = gathered.ground.road.audience(gathered.stream)

    with monkeypatch.context() as blind:
        blind.setattr(weaving_lent, "_is_due", lambda *_: False)

        def slow(asked):
            sent = quick(asked)
            take_back(gathered.ground, gathered.people[2], gathered.lent[2].lending)
            blind.setattr(road, "audience", lambda self, s, granting=None: stale)
            return sent

        weave = gathered.weave(slow)

    text = part_of(gathered.ground, gathered.host, gathered.stream, weave.weave, "text")
    assert CANARY.encode() in text


def test_words_taken_back_between_deciding_and_keeping_move_the_decision(gathered, monkeypatch):
    keep, taken = gathered.ground.store.keep, []

    def keep_late(writing):
        if any(f.kind == "Woven" for f in writing.facts) and not taken:
            taken.append(True)
            take_back(gathered.ground, gathered.people[2], gathered.lent[2].lending)
        return keep(writing)

    monkeypatch.setattr(gathered.ground.store, "keep", keep_late)
    weave = gathered.weave(quick)

    assert weave.n_tags == 5
    assert CANARY.encode() not in part_of(
        gathered.ground, gathered.host, gathered.stream, weave.weave, "page"
    )


def test_a_lending_whose_time_comes_while_it_is_woven_is_not_kept_in_the_weave(gathered):
    clock = gathered.ground.now_ms
    gathered.lend(gathered.people[1], "Until the morning.", until_ms=clock() + 1_000)

    def slow(asked):
        clock.pass_ms(2_000)
        return quick(asked)

    assert gathered.weave(slow).n_tags == 6


def test_a_weave_that_holds_what_is_due_is_forgotten_before_another_takes_its_place(
    gathered, monkeypatch
):
    ground, gone = gathered.ground, []
    forget = ground.vault.forget

    def noted(writing, *, things=(), owners=()):
        gone.extend(things := list(things))
        return forget(writing, things=things, owners=owners)

    monkeypatch.setattr(ground.vault, "forget", noted)
    brief = gathered.lend(gathered.people[1], "Until dawn.", until_ms=ground.now_ms() + 1_000)
    first = gathered.weave(quick)
    ground.now_ms.pass_ms(2_000)  # and nobody swept

    second = gathered.weave(quick)

    # Dropped without that, its key would stay under the Circle's in every copy of before.
    assert (gathered.stream, f"weave/{first.weave}") in gone
    assert brief.tag not in ground.road.audience(gathered.stream).shown
    assert second.n_tags == 6


def test_a_new_weave_takes_the_place_of_the_one_before(gathered):
    first = gathered.weave(quick)
    second = gathered.weave(quick)

    state = gathered.ground.road.audience(gathered.stream)
    assert list(state.weaves) == [second.weave]
    held = {
        r.id.split("/")[1] for r in gathered.ground.store.rows("words") if r.id.startswith("weave/")
    }
    assert held == {second.weave}
    assert first.weave != second.weave


def test_a_large_page_is_kept_in_pieces_and_comes_back_whole(gathered):
    weave = gathered.weave(quick)
    pieces = [
        len(r.body)
        for r in gathered.ground.store.rows("words", limit=10_000)
        if r.id.startswith(f"weave/{weave.weave}/page/")
    ]

    assert len(pieces) > 5
    assert max(pieces) <= (512 << 10) + 200
    page = part_of(gathered.ground, gathered.host, gathered.stream, weave.weave, "page")
    assert page == "\n".join(TEXTS).encode() * 20_000


def test_the_commons_is_woven_by_hosts_and_stewards_and_read_by_everybody(gathered):
    ground = gathered.ground
    ann = gathered.people[1]
    report = a_report(ground, "A lamp for everybody.")
    keep_report(ground, ann, report)
    lend(ground, ann, Offer(report.id, 1, COMMONS, "named", name="Ann"))

    with pytest.raises(Refusal, match=r"role\.not_yours"):
        weave_lent(ground, ann, COMMONS, title="Everybody", weaver=quick)
    weave = weave_lent(ground, gathered.host, COMMONS, title="Everybody", weaver=quick)

    assert part_of(ground, ann, COMMONS, weave.weave, "text") == b"A lamp for everybody."


def test_where_nothing_is_lent_nothing_is_woven(gathered):
    with pytest.raises(Refusal, match=r"weave\.nothing"):
        weave_lent(gathered.ground, gathered.host, COMMONS, title="x", weaver=quick)


def test_a_stream_that_ends_early_is_no_weave():
    import io

    out = io.BytesIO()
    send(out, {"page": b"abc", "text": b""})
    assert dict(received(out.getvalue())) == {"page": b"abc", "text": b""}
    for end in range(len(out.getvalue())):
        with pytest.raises(ValueError, match="ended early"):
            dict(received(out.getvalue()[:end]))
