"""The doctor finds what is not well, says what to do, and changes nothing."""

from __future__ import annotations

import http.server
import json
import os
import threading
import time
from contextlib import contextmanager

import pytest
from running_node import node_apart

from dreamweave.cli import checks, doctor
from dreamweave.cli.checks import Finding
from dreamweave.house import open_house
from dreamweave.settings import Settings


@pytest.fixture
def at(tmp_path) -> Settings:
    return Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")


@pytest.fixture
def made(at) -> Settings:
    open_house(at).close()
    return at


def states(found) -> dict[str, str]:
    return {finding.check: finding.state for finding in found}


def ask(settings: Settings, *flags: str) -> int:
    return doctor.run(["--data", str(settings.data_dir), "--keys", str(settings.keys_dir), *flags])


def test_a_machine_without_a_node_is_told_so_and_none_is_made(at, capsys):
    assert ask(at) == 0

    assert f"warn  There is no node in {at.data_dir} yet.\n" in capsys.readouterr().out
    assert not at.data_dir.exists()
    assert not at.keys_dir.exists()


def test_a_node_that_is_well_has_one_warning_until_it_is_backed_up(made, capsys):
    assert ask(made, "--json") == 0

    said = json.loads(capsys.readouterr().out)
    assert said["ok"]
    assert {f["check"]: f["state"] for f in said["findings"]} == {
        "sqlite": "ok",
        "clock": "ok",
        "files": "ok",
        "data": "ok",
        "room": "ok",
        "ballast": "ok",
        "keys": "ok",
        "node": "ok",
        "warning": "warn",
        "https": "ok",
    }


def test_a_node_that_is_serving_is_asked_and_its_streams_are_tried(tmp_path, at, capsys):
    with node_apart(tmp_path) as node:
        assert ask(at, "--address", node.url) == 0

    said = capsys.readouterr().out
    assert "ok    The node is serving: its keys fit its data" in said
    assert "ok    Events come through as they happen." in said
    assert "warn  This node is not backed up." in said


def test_an_sqlite_that_damages_data_is_a_failure(monkeypatch):
    monkeypatch.setattr("apsw.sqlite_lib_version", lambda: "3.40.1")

    assert states(checks.sqlite()) == {"sqlite": "fail"}


def test_a_clock_that_jumps_or_lives_in_another_year_is_noticed():
    now = 1_795_600_000.0

    def look(*wall: float) -> list[Finding]:
        left = list(wall)
        return list(checks.clock(lambda: left.pop(0), lambda: 0.0, lambda _: None))

    assert states(look(now, now)) == {"clock": "ok"}
    assert states(look(now, now + 3600)) == {"clock": "warn"}
    assert states(look(0.0, 0.0)) == {"clock": "fail"}
    assert look(0.0, 0.0)[0].sentence == "This machine's clock says it is 1970."


def test_a_newest_fact_from_the_future_is_a_warning(at):
    from dreamweave.app.coming_in import join
    from dreamweave.app.setup import setup_code

    tomorrow = time.time_ns() // 1_000_000 + 86_400_000
    house = open_house(at, now_ms=lambda: tomorrow)
    code = setup_code(house.ground)
    join(house.people, name="Keeper", passphrase="seven stairs into the sea", code=code)
    house.close()

    warnings = [f.sentence for f in checks.node(at) if f.check == "warning"]

    assert any("clock is behind" in sentence for sentence in warnings)


@pytest.mark.skipif(os.name != "posix", reason="permissions are otherwise elsewhere")
def test_folders_that_others_may_look_into_are_noticed(made):
    assert states(checks.folders(made))["keys"] == "ok"
    made.keys_dir.chmod(0o755)
    key = next(made.keys_dir.glob("epoch-*"))
    made.data_dir.chmod(0o750)

    assert states(checks.folders(made)) | {"room": "", "ballast": ""} == {
        "data": "warn",
        "room": "",
        "ballast": "",
        "keys": "fail",
    }
    made.keys_dir.chmod(0o700)
    key.chmod(0o644)
    assert f"Others on this machine may look at {key}." in [
        f.sentence for f in checks.folders(made)
    ]


def test_keys_that_lie_with_the_data_are_a_failure(made, tmp_path):
    together = Settings(data_dir=made.data_dir, keys_dir=made.data_dir / "keys")
    together.keys_dir.mkdir(mode=0o700)

    assert Finding(
        "keys",
        "fail",
        "The keys lie with the data: whoever copies one has both.",
        "Move the keys folder elsewhere and name it with --keys.",
    ) in list(checks.folders(together))


def test_a_full_disk_and_a_missing_ballast_are_noticed(made, monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage(0, 0, 100 << 20))
    (made.data_dir / "ballast").write_bytes(b"")

    found = states(checks.folders(made))
    assert (found["room"], found["ballast"]) == ("fail", "warn")
    monkeypatch.setattr(checks.shutil, "disk_usage", lambda _: usage(0, 0, 300 << 20))
    assert states(checks.folders(made))["room"] == "warn"


def test_keys_that_are_not_there_are_a_failure_and_no_new_ones_are_made(made, capsys):
    for path in made.keys_dir.iterdir():
        path.unlink()

    assert ask(made) == 1
    assert "fail  The data is here and its keys are not" in capsys.readouterr().out
    assert not list(made.keys_dir.glob("*.key"))


@pytest.mark.parametrize(
    ("address", "host", "state"),
    [
        ("https://dreams.example", "0.0.0.0", "ok"),
        ("http://dreams.example", "127.0.0.1", "warn"),
        ("http://localhost:8282", "127.0.0.1", "ok"),
        ("", "0.0.0.0", "warn"),
        ("", "127.0.0.1", "ok"),
    ],
)
def test_what_people_lack_without_https_is_said(address, host, state):
    proxies = ("127.0.0.1",)
    found = list(checks.https(Settings(address=address, host=host, trusted_proxies=proxies)))

    assert states(found) == {"https": state}
    assert ("microphone" in found[0].sentence) == (state == "warn")


def test_https_without_a_proxy_that_is_believed_is_noticed():
    found = list(checks.https(Settings(address="https://dreams.example")))

    assert states(found) == {"https": "warn"}
    assert "trusted_proxies" in found[0].do


def test_too_few_connections_are_noticed():
    assert states(checks.files(Settings(n_streams_max=100_000_000))) == {"files": "warn"}


@contextmanager
def a_proxy(*, holds_back: bool):
    """A stand-in for what lies between people and the node, which holds events back or not."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            for n in range(5):
                self.wfile.write(b"event: try\nid: try-%d\ndata: {}\n\n" % n)
                if not holds_back:
                    self.wfile.flush()
                    time.sleep(0.2)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_proxy_that_holds_events_back_is_noticed():
    with a_proxy(holds_back=True) as address:
        assert states(checks.outside(Settings(address=address))) == {
            "address": "ok",
            "streams": "fail",
        }
    with a_proxy(holds_back=False) as address:
        assert states(checks.outside(Settings(address=address))) == {
            "address": "ok",
            "streams": "ok",
        }


def test_an_address_that_leads_nowhere_is_a_failure():
    found = list(checks.outside(Settings(address="http://localhost:1")))

    assert states(found) == {"address": "fail"}
    assert found[0].do.startswith("Start the node, then see to the way")


def test_a_driver_that_is_not_there_is_named(monkeypatch):
    monkeypatch.setattr(checks, "find_spec", lambda _: None)

    assert states(checks.extras(Settings(store="postgresql://me@here/node"))) == {"extras": "fail"}
