"""A voice becomes words by whatever program speaks the protocol, within bounds, and is kept nowhere."""

from __future__ import annotations

import json
import shlex
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import tones
from makers_ground import a_dreamer, a_report, make_ground

from dreamweave.app import transcribe_whisper
from dreamweave.app.journals import keep_piece, keep_report
from dreamweave.app.transcribing import (
    Transcriber,
    Transcript,
    transcriber_of,
    transcript_of,
)
from dreamweave.model.refusals import Refusal

TONES = (sys.executable, tones.__file__)
SAID = "The sea came up\nthe stairs. مد"


def a_program(code, **how):
    """A transcriber that is a few lines of Python."""
    return Transcriber((sys.executable, "-c", code), **how)


def refused(transcriber, data=b"RIFF"):
    with pytest.raises(Refusal) as no:
        transcriber.hear("audio/wav", data)
    return no.value.code


def test_a_voice_is_written_down_by_a_program_that_truly_hears_it():
    heard = Transcriber(TONES).hear("audio/wav", tones.sounding(SAID, noise=2_000))

    assert heard == Transcript("The sea came up the stairs. مد", "en")


def test_what_is_heard_is_in_the_sound_and_nowhere_else():
    # The control: other samples, other words; half of the samples, half of the words.
    whole = tones.sounding("sea stairs")
    assert Transcriber(TONES).hear("audio/wav", tones.sounding("lamp")).text == "lamp"
    assert (
        Transcriber(TONES).hear("audio/wav", whole[: 44 + (len(whole) - 44) * 3 // 10]).text
        == "sea"
    )


def test_the_recording_of_a_report_becomes_a_suggestion_and_nothing_is_kept():
    ground = make_ground()
    who, other = a_dreamer(ground), a_dreamer(ground)
    report = a_report(ground, "", kind="white")
    keep_report(ground, who, report)
    keep_piece(ground, who, report.id, "voice", "audio/wav", tones.sounding("Only a lamp."))
    before = (ground.store.n_facts(), len(ground.store.rows("words")))

    heard = transcript_of(ground, who, report.id, Transcriber(TONES))

    assert heard.text == "Only a lamp."
    assert (ground.store.n_facts(), len(ground.store.rows("words"))) == before
    assert "lamp" not in repr(heard)
    with pytest.raises(Refusal, match=r"report\.unknown"):
        transcript_of(ground, other, report.id, Transcriber(TONES))


def test_where_nothing_is_set_up_or_recorded_a_sentence_says_so():
    ground = make_ground()
    who = a_dreamer(ground)
    report = a_report(ground)
    keep_report(ground, who, report)

    with pytest.raises(Refusal, match=r"voice\.none"):
        transcript_of(ground, who, report.id, Transcriber(TONES))
    keep_piece(ground, who, report.id, "voice", "audio/wav", tones.sounding("x"))
    with pytest.raises(Refusal, match=r"transcript\.none"):
        transcript_of(ground, who, report.id, None)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('print(\'{"text": "  "}\')', "transcript.silent"),
        ("pass", "transcript.silent"),
        ("print('words without any form')", "transcript.broken"),
        ("print('[1, 2]')", "transcript.broken"),
        ("print('{\"text\": 7}')", "transcript.broken"),
        ("print('[' * 100000)", "transcript.broken"),
        ('print(\'{"error": "model"}\')', "transcript.refused"),
        ('print(\'{"error": "no such code"}\')', "transcript.broken"),
        ("raise SystemExit(3)", "transcript.broken"),
        ("import os; os.abort()", "transcript.broken"),
        ("print('x' * (3 << 20))", "transcript.broken"),
    ],
)
def test_a_program_that_says_nonsense_is_answered_with_a_sentence(code, expected):
    assert refused(a_program(code)) == expected


def test_a_command_that_is_not_there_is_answered_with_a_sentence():
    assert refused(Transcriber(("no-such-program-anywhere",))) == "transcript.broken"


def test_a_program_that_takes_too_long_is_ended_with_all_it_started(tmp_path):
    beat = tmp_path / "beat"
    child = f"import time\nwhile True:\n  open({str(beat)!r}, 'a').close(); time.sleep(.05)"
    code = (
        f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {child!r}]);"
        "time.sleep(60)"
    )
    beat.touch()

    assert refused(a_program(code, seconds=2)) == "transcript.long"

    stamp = beat.stat().st_mtime_ns
    threading.Event().wait(0.4)
    assert beat.stat().st_mtime_ns == stamp


def test_a_program_may_not_fill_the_memory():
    code = 'x = bytearray(600 << 20); print(\'{"text": "all of it"}\')'

    assert refused(a_program(code, memory_bytes=400 << 20)) == "transcript.broken"
    assert a_program(code, memory_bytes=2 << 30).hear("", b"").text == "all of it"  # the control


def test_a_program_may_write_no_file(tmp_path):
    code = (
        f"import os, json; f = os.open({str(tmp_path / 'words')!r}, os.O_CREAT | os.O_WRONLY)\n"
        "try: os.write(f, b'words'); said = 'written'\n"
        "except OSError: said = 'refused'\n"
        "print(json.dumps({'text': said}))"
    )
    free = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert json.loads(free.stdout)["text"] == "written"  # the control
    assert a_program(code).hear("", b"").text == "refused"


def network_can_be_cut() -> bool:
    code = "from dreamweave.app.bounded import cut_network; print(cut_network())"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return out.stdout.strip() == "True"


def test_a_program_reaches_no_network_where_the_system_permits_that():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        code = (
            "import socket, json\n"
            f"try: socket.create_connection(('127.0.0.1', {port}), 2); said = 'reached'\n"
            "except OSError: said = 'alone'\n"
            "print(json.dumps({'text': said}))"
        )
        free = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        said = a_program(code).hear("", b"").text

    assert json.loads(free.stdout)["text"] == "reached"  # the control
    # Where a system forbids it (some containers do), the page on transcribing says so.
    assert said == ("alone" if network_can_be_cut() else "reached")


def test_a_program_is_told_the_kind_and_the_language_and_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("DREAMWEAVE_CANARY", "canaryword")
    code = "import os, json; print(json.dumps({'text': json.dumps(dict(os.environ))}))"

    told = json.loads(a_program(code).hear("audio/webm", b"", "es").text)

    assert (told["DREAMWEAVE_MEDIA"], told["DREAMWEAVE_LANG"]) == ("audio/webm", "es")
    assert "canaryword" not in json.dumps(told)


def test_what_a_program_says_aside_reaches_no_log(capfd):
    code = (
        "import sys; sys.stderr.write('canaryword'); sys.stderr.flush();"
        'print(\'{"text": "a lamp"}\')'
    )
    a_program(code).hear("", b"")
    refused(a_program("import sys; sys.exit('canaryword')"))

    assert "canaryword" not in "".join(capfd.readouterr())


def test_the_setting_names_the_shipped_one_or_any_command():
    assert transcriber_of("") is None
    assert transcriber_of("whisper").command[-1] == "dreamweave.app.transcribe_whisper"
    assert transcriber_of("whisper", model="/models/small").command[-1] == "/models/small"
    assert transcriber_of(shlex.join([*TONES, "a b"])).command == (*TONES, "a b")
    with pytest.raises(Refusal, match=r"setting\.transcriber"):
        transcriber_of("program 'unclosed")


# ------------------------------------------------------------------ the shipped one


def test_the_shipped_one_says_that_its_library_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "faster_whisper", None)

    assert list(transcribe_whisper.heard(b"", "small")) == [{"error": "missing"}]


# As much of faster-whisper as is called, with the same names: what it hears are our tones.
STAND_IN = """
import os, sys
sys.path.insert(0, {support!r})
import tones

class Info:
    language = "en"

class Segment:
    def __init__(self, text, start):
        self.text, self.start, self.end = " " + text, start, start + 1.5

class WhisperModel:
    def __init__(self, path, device, compute_type, local_files_only):
        assert (device, compute_type, local_files_only) == ("cpu", "int8", True)
        assert os.environ["HF_HUB_OFFLINE"] == "1"
        if not os.path.isdir(path):
            raise ValueError("no such model on this machine")

    def transcribe(self, audio, language):
        lines = tones.heard(audio.read()).split("\\n")
        return (Segment(line, float(i)) for i, line in enumerate(lines)), Info()
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """faster-whisper as far as the shipped program calls it, hearing tones."""
    folder = tmp_path / "site"
    folder.mkdir()
    support = str(Path(tones.__file__).parent)
    (folder / "faster_whisper.py").write_text(STAND_IN.format(support=support), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return tmp_path


def test_the_shipped_one_speaks_the_protocol_with_a_model_that_is_here(installed):
    transcriber = transcriber_of("whisper", model=str(installed))

    assert transcriber.hear("audio/wav", tones.sounding(SAID)) == Transcript(
        "The sea came up the stairs. مد", "en"
    )


def test_the_shipped_one_downloads_nothing_and_says_that_no_model_is_here(installed):
    with pytest.raises(Refusal) as no:
        transcriber_of("whisper", model="small").hear("audio/wav", tones.sounding("x"))

    assert (no.value.code, "nothing is downloaded" in no.value.sentence) == (
        "transcript.refused",
        True,
    )
    assert (
        refused(transcriber_of("whisper", model=str(installed)), b"no audio")
        == "transcript.refused"
    )


def test_bounds_can_be_set_twice_and_never_widen():
    code = (
        "from dreamweave.app.bounded import bound; import resource as r;"
        "bound(500 << 20, 10); bound(900 << 20, 90);"
        "print(r.getrlimit(r.RLIMIT_AS)[0] >> 20, r.getrlimit(r.RLIMIT_CPU)[0])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert out.stdout.split() == ["500", "10"]
