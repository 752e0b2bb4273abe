"""dreamweave receipt: one person's own rows of the proof, opened against the root.

Finds the person by their key, and writes or prints what `model.receipts`
makes. Checking it is `verify`'s work.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from dreamweave.cli.output import NAME_BYTES_MAX, RECEIPT
from dreamweave.cli.saying import Parser, say, short_text
from dreamweave.cli.takeback import KEY_CHARS_MAX, folder_files
from dreamweave.model.refusals import Refusal

NEEDED = ("certificate.json", "keys.csv")


def parser() -> Parser:
    made = Parser(
        prog="dreamweave receipt",
        description="Give one person their receipt: where their voice went and on what terms their words"
        " were lent, checkable against the root, with nothing of anybody else in it.",
    )
    made.add_argument("folder", type=Path, metavar="DIR", help="the folder that weaving wrote")
    who = made.add_mutually_exclusive_group(required=True)
    who.add_argument("--key", type=short_text("A key", KEY_CHARS_MAX), help="their own key")
    who.add_argument(
        "--tag", type=short_text("A tag", KEY_CHARS_MAX), help="their tag, as keys.csv has it"
    )
    made.add_argument(
        "--out", type=Path, metavar="FILE", help="the file to write (default: on the terminal)"
    )
    return made


def run(argv: Sequence[str]) -> int:
    """Make a receipt; returns the exit code."""
    asked = parser().parse_args(list(argv))
    if asked.out is not None:
        _check_file(asked.out, asked.folder)
    files = folder_files(asked.folder)
    missing = [name for name in NEEDED if name not in files]
    if missing:
        raise Refusal(
            "receipt.files",
            f"{asked.folder} lacks {' and '.join(missing)}. Receipts are made by the host, who has them.",
        )

    from dreamweave.app.keys_csv import read_keys_csv
    from dreamweave.model.certificates import read_full
    from dreamweave.model.keys import seal, unseal
    from dreamweave.model.receipts import receipt

    people, threads = read_keys_csv(files["keys.csv"])
    # A key is tried and not compared, so that "O" for "0" or a missing dash does not matter.
    box = seal(asked.key, b"") if asked.key is not None else ""
    tag = next(
        (
            person.tag
            for person, own in zip(people, threads, strict=True)
            if (asked.tag is not None and asked.tag in (person.tag, *own))
            or (asked.key is not None and unseal(person.key, box) is not None)
        ),
        None,
    )
    if tag is None:
        raise Refusal(
            "receipt.nobody",
            "Nobody in this weave answers to that. Keys and tags stand in keys.csv.",
        )
    full, relation = read_full(files["certificate.json"])
    text = json.dumps(receipt(full, relation, tag), ensure_ascii=False, sort_keys=True, indent=1)
    if asked.out is None:
        print(text)
    else:
        _write_new(asked.out, (text + "\n").encode())
        say(f"The receipt is in {asked.out}. It is theirs alone. To check it:")
        say(f"  dreamweave verify {asked.out} --root {full.root}")
    return 0


def _check_file(path: Path, folder: Path) -> None:
    """Refuse a file before anything is made, and one that would keep the folder from being ours."""
    if os.path.lexists(path):
        raise Refusal("receipt.there", f"{path} is there already. Give another file: --out FILE.")
    if len(os.fsencode(path.name)) > NAME_BYTES_MAX:
        raise Refusal("receipt.name", "The name of that file is too long. Give a shorter one.")
    if path.parent.resolve() == folder.resolve() and not RECEIPT.fullmatch(path.name):
        raise Refusal(
            "receipt.place",
            f"In {folder}, a receipt is called receipt-SOMETHING.json. Name it so, or put it elsewhere.",
        )


def _write_new(path: Path, data: bytes) -> None:
    """A new private file, whole or not at all; nothing is written over."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(aside, path)
    except OSError as no:
        aside.unlink(missing_ok=True)
        raise Refusal(
            "receipt.write",
            f"{path} could not be written ({(no.strerror or 'no reason').lower()}).",
        ) from None
