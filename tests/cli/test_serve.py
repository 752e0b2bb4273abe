"""The command serve: what it says, what it refuses, and how it ends."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from running_node import PASSPHRASE, environment, node_apart, node_here

from dreamweave.cli import main, serve
from dreamweave.house import open_house
from dreamweave.settings import Settings


def flags(folder, **more: str) -> list[str]:
    held = {"data": folder / "data", "keys": folder / "keys", "port": "0", **more}
    return [part for name, value in held.items() for part in (f"--{name}", str(value))]


def refused(capsys, *argv: str) -> str:
    assert main(["serve", *argv]) == 2
    return capsys.readouterr().err.strip()


def test_a_first_run_makes_a_node_says_where_it_is_and_how_to_set_it_up(tmp_path):
    with node_apart(tmp_path) as node:
        first = httpx.get(node.url + "/")
        said = list(node.said)
        with httpx.Client(base_url=node.url, headers={"origin": node.url}) as http:
            body = {"name": "Keeper", "passphrase": PASSPHRASE, "code": node.setup_code()}
            once = {"idempotency-key": "a" * 16}
            assert http.post("/api/join", json=body, headers=once).status_code == 201
            assert http.get("/api/keeper").status_code == 200
        assert node.stop() == 0

    assert (first.status_code, first.headers["content-type"]) == (200, "text/html; charset=utf-8")
    code = next(line.strip() for line in said if line.startswith("    "))
    assert said == [
        f"This node is at {node.url}",
        "",
        "It has no keeper yet. Open it, choose to join, and give this code, which works once:",
        "",
        f"    {code}",
        "",
        f"Data: {tmp_path}/data",
        f"Keys: {tmp_path}/keys (keep a copy of them elsewhere: dreamweave backup)",
        "Stop it with Ctrl-C.",
    ]
    assert (tmp_path / "log").read_text() == ""


def test_a_node_that_has_a_keeper_gives_no_code(tmp_path):
    with node_here(tmp_path) as node:
        node.keeper()
    with node_apart(tmp_path) as again:
        assert not [line for line in again.said if line.startswith("    ")]


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_by_hand_or_when_told_and_says_so(tmp_path, how):
    with node_apart(tmp_path) as node:
        code = node.stop(how)
        rest = node.process.stdout.read()

    assert (code, rest) == (0, "Stopped. Everything that was acknowledged is kept.\n")
    assert (tmp_path / "log").read_text() == ""


def test_no_server_and_no_software_is_named_and_no_numbers_are_loaded(tmp_path):
    with node_apart(tmp_path) as node:
        head = httpx.get(node.url + "/").headers
        maps = Path(f"/proc/{node.process.pid}/maps")
        loaded = maps.read_text() if maps.exists() else ""

    assert "server" not in head
    assert "numpy" not in loaded


# ------------------------------------------------------------------ what is refused


def test_a_port_that_is_taken_is_named_and_nothing_is_made(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        assert refused(capsys, *flags(tmp_path, port=port)) == (
            f"Another program listens at 127.0.0.1 port {port} already."
            " Stop it, or name another --port."
        )
    assert list(tmp_path.iterdir()) == []


def test_a_second_server_on_the_same_folder_is_refused(tmp_path, capsys):
    with node_here(tmp_path):
        said = refused(capsys, *flags(tmp_path))

    assert said == (
        f"Another dreamweave is using this data folder (process {os.getpid()})."
        " Stop it first, or name another folder."
    )


def test_missing_keys_are_named_and_no_new_ones_are_made(tmp_path, capsys):
    open_house(Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys")).close()

    said = refused(capsys, *flags(tmp_path, keys=tmp_path / "elsewhere"))

    assert said.startswith(
        f"The data is here and its keys are not: {tmp_path}/elsewhere holds none."
    )
    assert not list((tmp_path / "elsewhere").glob("*.key"))


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"port": "nonsense"}, "--port is a whole number from 0 to 65,535."),
        (
            {"host": "no.such.host.invalid"},
            "There is no address no.such.host.invalid to listen at.",
        ),
        ({"host": "192.0.2.1"}, "This machine does not have the address of 192.0.2.1 port 0."),
        (
            {"address": "dreams"},
            "--address is how a browser writes it, like https://dreams.example.",
        ),
        ({"store": "mysql://secret@here"}, "This is neither a folder nor a database"),
    ],
)
def test_nonsense_gets_a_sentence(tmp_path, capsys, more, sentence):
    said = refused(capsys, *flags(tmp_path, **more))

    assert said.startswith(sentence)
    assert "secret" not in said


def test_keys_inside_the_data_are_refused(tmp_path, capsys):
    said = refused(capsys, *flags(tmp_path, keys=tmp_path / "data" / "keys"))

    assert "lies with the data" in said


# ------------------------------------------------------------------ names and addresses


def test_on_the_network_it_answers_to_the_machine_s_own_names(monkeypatch):
    monkeypatch.setattr(serve, "lan_addresses", lambda: ["192.168.1.5", "fd00::5"])
    monkeypatch.setattr(socket, "gethostname", lambda: "Attic.home")

    named = serve.with_names(Settings(host="0.0.0.0", hosts=("dreams",), port=8282))

    assert named.hosts == ("192.168.1.5", "attic.home", "attic.local", "dreams", "fd00::5")
    assert serve.on_the_network(named) == ["http://192.168.1.5:8282", "http://[fd00::5]:8282"]
    assert serve.with_names(Settings()).hosts == ()
    assert serve.on_the_network(Settings()) == []
    assert serve.with_names(Settings(host="10.0.0.7")).hosts == ("10.0.0.7",)


def test_the_machine_s_addresses_are_found_without_sending_anything():
    found = serve.lan_addresses()

    assert all(socket.getaddrinfo(address, None) for address in found)
    assert not [address for address in found if address.startswith("127.")]


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_the_address_is_shown_as_a_picture_too(monkeypatch):
    out = Terminal()
    with contextlib.redirect_stdout(out):
        serve.show_qr("http://192.168.1.5:8282")
    assert out.getvalue().count("\n") > 10

    plain = io.StringIO()
    with contextlib.redirect_stdout(plain):
        serve.show_qr("http://192.168.1.5:8282")
    assert plain.getvalue() == ""


def test_over_plain_http_on_a_network_it_says_what_people_lack(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(serve, "lan_addresses", lambda: ["192.168.1.5"])
    house = open_house(
        Settings(data_dir=tmp_path / "data", keys_dir=tmp_path / "keys", host="0.0.0.0")
    )
    serve.tell(house, opens=False, quiet=False)
    house.close()

    said = capsys.readouterr().out
    assert said.startswith(
        "This node is at http://192.168.1.5:8282\nOn this machine: http://localhost:8282\n"
    )
    assert "browsers keep the microphone, passkeys and working offline to themselves" in said


# ------------------------------------------------------------------ what breaks


def test_a_disk_that_breaks_stops_the_node_with_a_sentence(tmp_path, capsys, monkeypatch):
    from dreamweave.model.keeping import StoreBroken

    def breaks(self, *_):
        raise StoreBroken("the disk failed")

    monkeypatch.setattr("dreamweave.store.sqlite.SqliteStore.forget_once", breaks)

    assert main(["serve", *flags(tmp_path), "--quiet"]) == 1
    assert capsys.readouterr().err.startswith(
        "The disk or the database failed, so this node stopped."
    )


def test_everything_is_said_in_the_environment_too(tmp_path):
    env = environment() | {
        "DREAMWEAVE_DATA_DIR": str(tmp_path / "data"),
        "DREAMWEAVE_KEYS_DIR": str(tmp_path / "keys"),
        "DREAMWEAVE_PORT": "no port",
    }
    ended = subprocess.run(
        [sys.executable, "-m", "dreamweave", "serve"], env=env, capture_output=True, text=True
    )

    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "DREAMWEAVE_PORT is a whole number from 0 to 65,535.\n"


def test_health_says_that_what_is_kept_can_be_read(tmp_path):
    with node_here(tmp_path) as node, node.client() as http:
        node.keeper()
        health = http.get("/health")

    assert health.status_code == 200
    assert json.loads(health.text) == {"ok": True, "n_facts": 4}
