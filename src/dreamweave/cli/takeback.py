"""dreamweave takeback: somebody's words leave a folder, and the rest is woven again.

Finds the folder's files and puts the new ones in their place at once. What is
taken out, and that nothing of it stays, is `app.taking_back`'s work.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dreamweave.cli.output import OURS, check_place, is_ours, write_folder
from dreamweave.cli.progress import Progress
from dreamweave.cli.saying import Parser, say, short_text
from dreamweave.cli.weave import check_prints, tell_of, warn_of
from dreamweave.model.refusals import Refusal

KEY_CHARS_MAX = 60


def parser() -> Parser:
    made = Parser(
        prog="dreamweave takeback",
        description="Take one person's words back: the folder is woven again without a trace of them,"
        " and stays as fair. What was shared or printed before is beyond anybody's reach.",
    )
    made.add_argument("folder", type=Path, metavar="DIR", help="the folder that weaving wrote")
    who = made.add_mutually_exclusive_group(required=True)
    who.add_argument("--key", type=short_text("A key", KEY_CHARS_MAX), help="their own key")
    who.add_argument(
        "--tag", type=short_text("A tag", KEY_CHARS_MAX), help="their tag, as keys.csv has it"
    )
    made.add_argument("--quiet", action="store_true", help="say only the result")
    return made


def run(argv: Sequence[str]) -> int:
    """Take back; returns the exit code."""
    asked = parser().parse_args(list(argv))
    if asked.folder.resolve() == Path.cwd():
        raise Refusal(
            "folder.here",
            "This folder will be replaced, so it cannot be the one you are in. Go one up (cd ..) and"
            " name it from there.",
        )
    files = folder_files(asked.folder)
    # Where a link points to: that folder is replaced, and the link stays.
    place = asked.folder.resolve()
    check_place(place, force=True)
    check_prints(png="cloth.png" in files, poster="poster.pdf" in files)

    from dreamweave.app.taking_back import take_back

    with Progress(quiet=asked.quiet) as progress:
        woven = take_back(files, key=asked.key, tag=asked.tag, progress=progress)
    # Receipts of before point at a root that is no more, and may hold what was taken back.
    warn_of(write_folder(place, woven.files, woven.private, force=True))
    say("Their words are gone from this folder, and what stays was woven again.")
    tell_of(asked.folder, woven)
    say(
        "Copies that were shared or printed before are beyond our reach. Share this one in their place;"
        " its root is a new one, and receipts have to be made anew."
    )
    return 0


def folder_files(folder: Path) -> dict[str, bytes]:
    """The files of a folder of ours, by name."""
    if not folder.is_dir():
        raise Refusal(
            "folder.missing", f"There is no folder {folder}. Name the one that weaving wrote."
        )
    try:
        ours = is_ours(folder)
        files = {
            entry.name: entry.read_bytes()
            for entry in sorted(folder.iterdir())
            if ours and entry.name in OURS and entry.is_file()
        }
    except OSError:
        raise Refusal(
            "folder.unreadable", f"The folder {folder} cannot be read. Check its permissions."
        ) from None
    if not ours:
        raise Refusal(
            "folder.foreign",
            f"{folder} is not a folder that weaving wrote, or holds other things besides. Move those"
            " out of it first.",
        )
    return files
