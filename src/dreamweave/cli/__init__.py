"""The command dreamweave: which verb was asked for, and what no verb should let through.

One verb a file, imported only when it is asked for, so that help and mistakes
are answered at once. Whatever goes wrong ends as a sentence and an exit code
here: 0 done, 1 not so or our mistake, 2 a refusal, 130 stopped by hand.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NamedTuple

from dreamweave.model.refusals import Refusal


class Verb(NamedTuple):
    """A verb: its module, and its line in the help."""

    module: str
    line: str


VERBS = {
    "serve": Verb("dreamweave.cli.serve", "serve a node: journals, lendings and Circles"),
    "doctor": Verb("dreamweave.cli.doctor", "look a node over, and say what to do"),
    "weave": Verb("dreamweave.cli.weave", "weave files of what people told into a dreamscape"),
    "demo": Verb(
        "dreamweave.cli.demo", "watch the invented Circle that comes along gather, and take part"
    ),
    "verify": Verb("dreamweave.cli.verify", "check that a weave is fair and of lent words only"),
    "takeback": Verb("dreamweave.cli.takeback", "take somebody's words back and weave again"),
    "receipt": Verb("dreamweave.cli.receipt", "give one person the proof of their own voice"),
    "recount": Verb("dreamweave.cli.recount", "draw a lottery for seats again, from its record"),
    "backup": Verb("dreamweave.cli.backup", "back up a node, its data and its keys apart"),
    "restore": Verb("dreamweave.cli.restore", "make a node out of its back-ups"),
    "copy": Verb("dreamweave.cli.copy", "copy a node's data to PostgreSQL or back, and compare"),
}

DONE, NOT_SO, REFUSED, STOPPED = 0, 1, 2, 130
PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; always returns an exit code, never a traceback."""
    asked = list(sys.argv[1:] if argv is None else argv)
    _open_streams()
    try:
        code = _run(asked)
        sys.stdout.flush()
        return code
    except Refusal as no:
        _complain(no.sentence)
        return REFUSED
    except KeyboardInterrupt:
        _complain("Stopped. No folder was left half-written.")
        return STOPPED
    except BrokenPipeError:
        # Whoever read along has left; what is still in the buffer has no reader.
        _silence()
        return PIPE_CLOSED
    except SystemExit as end:  # argparse, after --help
        return end.code if isinstance(end.code, int) else REFUSED
    except MemoryError:
        _complain(
            "There is not enough memory for this much at once. Nothing was changed: weave it in parts."
        )
        return NOT_SO
    except OSError as no:
        if os.environ.get("DREAMWEAVE_TRACEBACK"):
            raise
        # A full folder for temporary files, too many open files: the machine's own trouble.
        full = no.errno in (errno.ENOSPC, errno.EFBIG, getattr(errno, "EDQUOT", -1))
        _complain(
            f"This machine said no ({(no.strerror or 'no reason given').lower()}), and nothing was left"
            f" half-written. {'Make room on its disk' if full else 'See to that'}, then try again.\n"
            f"{_whereabouts(no)}"
        )
        return NOT_SO
    except Exception as mistake:
        if os.environ.get("DREAMWEAVE_TRACEBACK"):
            raise
        _complain(_our_mistake(mistake))
        return NOT_SO


def _run(asked: list[str]) -> int:
    if not asked or asked[0] in ("-h", "--help", "help"):
        if len(asked) > 1 and asked[0] == "help" and asked[1] in VERBS:
            return _run([asked[1], "--help"])
        print(_help())
        return DONE if asked else REFUSED
    if asked[0] in ("-V", "--version"):
        from dreamweave import __version__

        print(f"dreamweave {__version__}")
        return DONE
    verb = VERBS.get(asked[0])
    if verb is None:
        what = "flag" if asked[0].startswith("-") else "verb"
        near = _nearest(asked[0], VERBS)
        raise Refusal(
            "cli.verb",
            f"There is no such {what}. "
            + (f"Did you mean {near}? " if near else "")
            + f"It is one of {', '.join(VERBS)}; dreamweave --help says what they do.",
        )
    code: int = import_module(verb.module).run(asked[1:])
    return code


def _help() -> str:
    width = max(map(len, VERBS))
    verbs = "\n".join(f"  {name.ljust(width)}  {verb.line}" for name, verb in VERBS.items())
    return (
        "dreamweave weaves what people dreamt, in their own words, into one fair dreamscape.\n\n"
        f"  dreamweave weave dreams.csv\n\n{verbs}\n\n"
        "dreamweave VERB --help says more about one; dreamweave --version says which this is.\n"
        "It reads no network, keeps nothing elsewhere and sends nothing anywhere."
    )


def _nearest(word: str, words: Sequence[str] | dict[str, Verb]) -> str | None:
    from difflib import get_close_matches

    return next(iter(get_close_matches(word, list(words), n=1)), None)


def _our_mistake(mistake: BaseException) -> str:
    return (
        "Something went wrong that is our mistake and not yours. Nothing was left half-written.\n"
        f"Please report this: {_whereabouts(mistake)}"
    )


def _whereabouts(mistake: BaseException) -> str:
    """What to say of an error that nobody asked for: where it was, and never what it held."""
    from dreamweave import __version__

    where = "an unknown place"
    trace = mistake.__traceback__
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename.replace(os.sep, "/")
        if "/dreamweave/" in path:
            where = f"{path.rpartition('/dreamweave/')[2]}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return (
        f"dreamweave {__version__}, Python {sys.version.split()[0]},"
        f" {type(mistake).__name__} in {where}. These lines hold nobody's words.\n"
        "DREAMWEAVE_TRACEBACK=1 before the command shows the whole of it, which may hold some."
    )


def _open_streams() -> None:
    """Give closed standard streams somewhere to go, or files opened later would take their numbers."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115


def _complain(sentence: str) -> None:
    from dreamweave.cli.saying import warn

    try:
        warn(sentence)
    except OSError:
        _silence()


def _silence() -> None:
    """Point the standard streams nowhere, so that leaving does not fail on them again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        try:
            os.dup2(nowhere, stream.fileno())
        except (OSError, ValueError, AttributeError):
            continue
