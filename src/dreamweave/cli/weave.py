"""dreamweave weave: files of what people told into a folder with a dreamscape.

Reads the command line, says what was understood of the files, asks the house
to weave, and writes the folder. Reading, weaving and writing are other files'.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from dreamweave.cli.output import check_place, write_folder
from dreamweave.cli.progress import Progress
from dreamweave.cli.saying import Parser, listed, say, say_all, short_text, warn, whole_number
from dreamweave.intake import FIELDS, FORMATS, Intake, read_files
from dreamweave.intake.preview import preview
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Told

LINES_MAX = 10_000
TITLE_CHARS_MAX = 120
SEED_CHARS_MAX = 200
TITLE_UNSAID = "A dreamscape"
SEED_BYTES = 16

# What each file is, in the order in which it is said.
SHARED = (
    "dreamscape.html",
    "text.md",
    "cloth.svg",
    "cloth.png",
    "poster.pdf",
    "weave.json",
    "certificate.public.json",
    "verify_weave.py",
)

# Stems under which programs save chats and tables: they name nothing.
_NO_TITLE = re.compile(
    r"[\W\d_]*(?:(?:meeting|saved|chat|chats|export|exported|result|results|data|file|untitled|"
    r"unbenannt|new|document|messages|transcript|whatsapp|signal|telegram|discord|zoom|teams|meet|gmt|recording|"
    r"with|copy|kopie|stdin|dreams?|reports?|responses?|form|sheet|table|csv|told|input|output|test|tmp)"
    r"[\W\d_]*)+",
    re.IGNORECASE,
)


class Woven(Protocol):
    """What weaving gives: files by name, what to say, the root, and what is not for sharing."""

    @property
    def files(self) -> Mapping[str, bytes]: ...
    @property
    def summary(self) -> Sequence[str]: ...
    @property
    def root(self) -> str: ...
    @property
    def private(self) -> frozenset[str]: ...


def parser() -> Parser:
    """The command line of this verb."""
    made = Parser(
        prog="dreamweave weave",
        description="Weave what people told into a dreamscape: a page, a cloth, a text, and the proof"
        " that nobody was dropped. Files may be tables, JSON lines, Markdown, plain text, saved chats"
        " and transcripts; what they are is recognised.",
    )
    made.add_argument("files", nargs="+", metavar="FILE", help="what people told")
    made.add_argument(
        "--preview", action="store_true", help="say what was understood; write nothing"
    )
    made.add_argument(
        "--out", type=Path, metavar="DIR", help="the folder to write (default: dreamscape-FILE)"
    )
    made.add_argument("--force", action="store_true", help="replace an earlier weaving there")
    made.add_argument(
        "--title",
        type=short_text("A title", TITLE_CHARS_MAX),
        help="what stands over it (default: after the file)",
    )
    made.add_argument(
        "--lines",
        type=whole_number("How many lines", 1, LINES_MAX),
        metavar="K",
        help="places for lines (default: by the rule in docs)",
    )
    made.add_argument(
        "--seed",
        type=short_text("A seed", SEED_CHARS_MAX),
        metavar="S",
        help="the same seed and files give the same weave (default: a new one; keep it private)",
    )
    made.add_argument(
        "--names", action="store_true", help="let threads bear the names in the files"
    )
    made.add_argument("--png", action="store_true", help="also the cloth as a picture")
    made.add_argument("--poster", action="store_true", help="also a poster of 60 by 90 cm")
    how = made.add_argument_group("if something was not understood")
    how.add_argument("--format", metavar="F", help=f"what the files are: {', '.join(FORMATS)}")
    how.add_argument("--lang", metavar="L", help="the language of what states none (en, de, ...)")
    how.add_argument("--encoding", metavar="E", help="how the files' bytes are text")
    how.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="FIELD=HEADING",
        help=f"which column or key holds {', '.join(FIELDS[:2])} or another field",
    )
    how.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="NAME",
        help="leave out what this person said (a host, a recorder)",
    )
    made.add_argument("--quiet", action="store_true", help="say only the result")
    return made


def run(argv: Sequence[str]) -> int:
    """Weave; returns the exit code."""
    asked = parser().parse_args(list(argv))
    out = asked.out or Path(f"dreamscape-{_stem(asked.files[0])}")
    if not asked.preview:
        check_prints(png=asked.png, poster=asked.poster)
        check_place(out, force=asked.force)
    intake = read_files(
        asked.files,
        format=asked.format,
        lang=asked.lang,
        encoding=asked.encoding,
        columns=_columns(asked.column),
        without=asked.without,
    )
    if asked.preview:
        say_all(preview(intake))
        say("This was a preview: nothing was written.")
        return 0
    if not asked.quiet:
        say_all(intake.understood)
    for warning in intake.warnings:
        warn(f"Please look: {warning}")
    weave_into(
        out,
        intake,
        title=asked.title or _title(intake, asked.files),
        lines=asked.lines,
        seed=asked.seed or secrets.token_hex(SEED_BYTES),
        names=asked.names,
        png=asked.png,
        poster=asked.poster,
        force=asked.force,
        quiet=asked.quiet,
    )
    return 0


def weave_into(
    out: Path,
    intake: Intake,
    *,
    title: str,
    lines: int | None,
    seed: str,
    names: bool,
    png: bool,
    poster: bool,
    force: bool,
    quiet: bool,
) -> None:
    """Weave what was understood, write it, and say so."""
    with Progress(quiet=quiet) as progress:
        woven = _weave_told(
            intake.told,
            title=title,
            lines=lines,
            seed=seed,
            names=names,
            invented=intake.invented,
            progress=progress,
            png=png,
            poster=poster,
        )
    warn_of(write_folder(out, woven.files, woven.private, force=force))
    if not quiet:
        say()
    # Nobody invented has to be asked.
    tell_of(out, woven, names=names and not intake.invented)


def warn_of(left: Path | None) -> None:
    """Say where an earlier folder still lies: it holds keys, and maybe words that were taken back."""
    if left is not None:
        warn(f"The earlier folder could not be removed. Delete it by hand: {left}")


def tell_of(out: Path, woven: Woven, *, names: bool = False) -> None:
    """What was woven, where it is, and what is for whom."""
    say_all(woven.summary)
    if not any(woven.root in sentence for sentence in woven.summary):
        say(f"Root of the certificate: {woven.root}")
    say()
    say(f"It is in {out}. Open {out / 'dreamscape.html'} in a browser; no network is needed.")
    say(f"To share: {listed([n for n in SHARED if n in woven.files])}.")
    keep = sorted(n for n in woven.private if n in woven.files)
    if keep:
        say(f"For you alone: {listed(keep)} (who is who, everybody's key, the full proof).")
    if names:
        say("Names were asked for: they stand in what you share. Did everybody agree to that?")


def check_prints(*, png: bool, poster: bool) -> None:
    """Refuse a print that cannot be made here, before a long weaving and not after it."""
    wanted = [("--png", "resvg_py")] * png + [("--poster", "typst")] * poster
    for flag, library in wanted:
        if find_spec(library) is None:
            raise Refusal(
                "print.missing",
                f"{flag} needs what prints are made with. Install it: pip install 'dreamweave[print]'.",
            )


def _weave_told(
    told: Told,
    *,
    title: str,
    lines: int | None,
    seed: str,
    names: bool,
    invented: bool,
    progress: Progress,
    png: bool,
    poster: bool,
) -> Woven:
    # Imported here: numpy and the reader take longer than telling somebody of a typing slip.
    from dreamweave.app.weaving import weave_told

    return weave_told(
        told,
        title=title,
        lines=lines,
        seed=seed,
        names=names,
        invented=invented,
        progress=progress,
        png=png,
        poster=poster,
    )


def _columns(asked: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for pair in asked:
        field, equals, heading = pair.partition("=")
        if not equals or not heading.strip() or field.strip() not in FIELDS:
            raise Refusal(
                "cli.column",
                "--column is written FIELD=HEADING, as in --column text=Dream. A field is one of "
                f"{', '.join(FIELDS)}.",
            )
        columns[field.strip()] = heading.strip()
    return columns


def _stem(file: str) -> str:
    """A file's name as part of a folder's."""
    stem = re.sub(r"[^\w.-]+", "-", Path(file).stem).strip("-._")
    # Cut by bytes too: letters of four bytes each would make a name that no disk takes.
    short = os.fsencode(stem[:60])[:150].decode(errors="ignore")
    return short.rstrip("-._") or "weave"


def _title(intake: Intake, files: Sequence[str]) -> str:
    """The files' own title, or the first file's name where it says something; never one that names somebody."""
    if intake.title:
        if not names_somebody(intake.title, intake.told):
            return intake.title[:TITLE_CHARS_MAX].strip()
        warn(
            "The title in the file names somebody who told, so it was not used. Give one: --title."
        )
        return TITLE_UNSAID
    stem = re.sub(r"[\W_]+", " ", Path(files[0]).stem)
    # A date or a running number is about the file, not about what was told.
    words = " ".join(w for w in stem.split() if not any(c.isdigit() for c in w))
    if not words or _NO_TITLE.fullmatch(words) or names_somebody(stem, intake.told):
        return TITLE_UNSAID
    return (words[0].upper() + words[1:])[:TITLE_CHARS_MAX].strip()


def names_somebody(title: str, told: Told) -> bool:
    """Whether a name or an id of the input, or a part of a name, stands in a title for everybody to read."""
    said = _words(title)
    line = f" {' '.join(said)} ".casefold()
    folded = {w.casefold() for w in said}
    for name in {r.teller for r in told.reports} | {s.teller for s in told.seats}:
        words = _words(name)
        if words and f" {' '.join(words)} ".casefold() in line:
            return True
        # Of "somebody from the night shift" no single word is a name; of "Ann Lee" each is.
        parts = words if len(words) <= 3 else []
        small = name == name.lower()
        if any((small or not w[0].islower()) and w.casefold() in folded for w in parts):
            return True
    return any(
        f" {' '.join(_words(r.id))} ".casefold() in line for r in told.reports if _words(r.id)
    )


def _words(text: str) -> list[str]:
    return re.sub(r"[\W_]+", " ", text).split()
