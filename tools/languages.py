"""Languages: gather what is said on pages, bring the catalogues up to date, compile them.

    python tools/languages.py            gather and update (make languages)
    python tools/languages.py compile    PO to MO, as the packaging hook does
    python tools/languages.py missing es what is not translated yet, on the screen

What is said stands in templates, in Python beside them, in the scripts' strings,
and in refusals anywhere in the house. It translates nothing.
"""

from __future__ import annotations

import ast
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SRC = ROOT / "src" / "dreamweave"
WEB = SRC / "web"
LOCALE = WEB / "locale"
# What scripts show, each file with the page's scripts it belongs to.
STRINGS = tuple(ROOT / "front" / "src" / part / "strings.json" for part in ("node", "live"))
SPOKEN = ("es", "ar")

KEYWORDS = {
    "_": None,
    "N_": None,
    "NP_": ((1, "c"), 2),
    "gettext": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "said": None,
    "said_n": (1, 2),
}
# Rooms whose sentences reach a page. Only whole ones are gathered: a capital first, a stop last.
SAYING = ("model", "deciding", "app", "web")
# Files there that speak to a terminal, to developers or in a weave.
SILENT = {
    *("summary.py", "folder.py", "taking_back.py", "weaving.py", "keys_csv.py"),
    *(
        "openapi.py",
        "certificates.py",
        "proofs.py",
        "receipts.py",
        "relations.py",
        "weaves.py",
        "wire.py",
    ),
}

# Files in which invented people speak too: of these only what a `Refusal` carries is the house's.
PLAYED = {"playing.py"}

Found = tuple[str, int, str | tuple[str, str], str | None]


def said() -> Iterator[Found]:
    """Everything that is said: where, message (or singular and plural), context."""
    for path in sorted((WEB / "templates").rglob("*.html")):
        options = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do"}
        found = extract_from_file("jinja2.ext:babel_extract", path, KEYWORDS, options=options)
        for line, message, _, context in found:
            yield str(path.relative_to(SRC)), line, _message(message), context
    for path in (*sorted(WEB.rglob("*.py")), *sorted((SRC / "app").rglob("*.py"))):
        for line, message, _, context in extract_from_file("python", path, KEYWORDS):
            yield str(path.relative_to(SRC)), line, _message(message), context
        for line, pair in counted(path):
            yield str(path.relative_to(SRC)), line, pair, None
    for strings in STRINGS:
        for key, text in json.loads(strings.read_text(encoding="utf-8")).items():
            yield f"scripts: {key}", 0, text, "script"
    for path, line, sentence in refusals():
        yield path, line, sentence, "refusal"


def _message(message: str | tuple[str, ...]) -> str | tuple[str, str]:
    return message if isinstance(message, str) else (message[0], message[1])


def refusals() -> Iterator[tuple[str, int, str]]:
    """Every sentence that the house may answer with. What is filled in becomes {1}, {2}, ..."""
    for room in SAYING:
        for path in sorted((SRC / room).rglob("*.py")):
            if path.name in SILENT:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            quiet = {id(n) for d in ast.walk(tree) for n in _not_said(d)}
            for node in _refused(tree) if path.name in PLAYED else ast.walk(tree):
                text = None if id(node) in quiet else _sentence(node)
                if text:
                    yield str(path.relative_to(SRC)), node.lineno, text  # type: ignore[attr-defined]


def _refused(tree: ast.AST) -> Iterator[ast.AST]:
    """What stands inside `Refusal(...)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Refusal":
            yield from ast.walk(node)


def counted(path: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    """Singular and plural that stand in a table, for `said_n` to take from there."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Tuple) and len(node.elts) == 2:
            one, many = (getattr(e, "value", None) for e in node.elts)
            if isinstance(one, str) and isinstance(many, str) and "{n}" in one and "{n}" in many:
                yield node.lineno, (one, many)


def _not_said(node: ast.AST) -> list[ast.AST]:
    """Docstrings, the inside of f-strings, what other exceptions say, and what is said elsewhere."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return [node.value]
    if isinstance(node, ast.JoinedStr):
        return [n for n in ast.walk(node) if n is not node]
    if isinstance(node, ast.Call) and _called(node) in KEYWORDS:
        return list(ast.walk(node))
    if isinstance(node, ast.Tuple) and any(
        "{n}" in str(getattr(e, "value", "")) for e in node.elts
    ):
        return list(node.elts)
    if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        return list(ast.walk(node)) if _called(node.exc).endswith("Error") else []
    return []


def _called(call: ast.Call) -> str:
    """By which name something is called: `_` and the method in `spoken.gettext` alike."""
    return getattr(call.func, "id", "") or getattr(call.func, "attr", "")


def _sentence(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        text = node.value
    elif isinstance(node, ast.JoinedStr):
        text, n = "", 0
        for part in node.values:
            if isinstance(part, ast.Constant):
                text += str(part.value)
            else:
                n += 1
                text += f"{{{n}}}"
    else:
        return None
    begins = text[:1].isupper() or text.startswith("{1} ")
    whole = " " in text and begins and text.rstrip()[-1:] in ".?”"
    return text if whole else None


def template() -> Catalog:
    """A fresh catalogue of everything that is said, without translations."""
    catalog = Catalog(project="dreamweave", version="", charset="utf-8")
    for where, _, message, context in said():
        # Files, not lines: a catalogue changes when what is said changes, not when it moves.
        catalog.add(message, locations=[(where, None)], context=context)
    return catalog


def update() -> None:
    """Bring every catalogue up to date; what is no longer said is dropped."""
    fresh = template()
    holes = sorted({m for _, _, m in refusals() if "{1}" in m})
    (LOCALE / "holes.json").write_text(
        json.dumps(holes, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    for code in SPOKEN:
        path = _po(code)
        old = read_po(io.BytesIO(path.read_bytes()), locale=code) if path.is_file() else None
        catalog = old or Catalog(locale=code, project="dreamweave", version="", charset="utf-8")
        catalog.update(fresh, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.fuzzy = False
        _write(path, catalog)


def _write(path: Path, catalog: Catalog) -> None:
    body = io.BytesIO()
    write_po(body, catalog, width=0, sort_output=True, include_lineno=False)
    kept = [
        line
        for line in body.getvalue().decode().splitlines()
        if not line.startswith(('"POT-Creation', '"PO-Revision', '"Generated-By', '"Last-Tr', "# "))
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")


def missing(code: str) -> list[tuple[str | None, str | tuple[str, str]]]:
    """What a catalogue does not say yet."""
    catalog = read_po(io.BytesIO(_po(code).read_bytes()), locale=code)
    return [
        (m.context, m.id)  # type: ignore[misc]
        for m in catalog
        if m.id and not (all(m.string) if isinstance(m.string, tuple) else m.string)
    ]


def compile_all() -> None:
    """PO to MO, each only when it is older than its source."""
    for path in sorted(LOCALE.glob("*/LC_MESSAGES/node.po")):
        made = path.with_suffix(".mo")
        if made.is_file() and made.stat().st_mtime >= path.stat().st_mtime:
            continue
        catalog = read_po(io.BytesIO(path.read_bytes()), locale=path.parent.parent.name)
        body = io.BytesIO()
        write_mo(body, catalog)
        made.write_bytes(body.getvalue())


def _po(code: str) -> Path:
    return LOCALE / code / "LC_MESSAGES" / "node.po"


def main(words: list[str]) -> int:
    if words[:1] == ["missing"]:
        for code in words[1:] or SPOKEN:
            for context, message in missing(code):
                print(json.dumps([context, message], ensure_ascii=False))
        return 0
    if words != ["compile"]:
        update()
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
