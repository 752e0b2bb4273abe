"""docs/how-to/use-the-loom.md says what happens: its examples are run, in their order."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-loom.md"


def test_every_example_on_the_page_gives_what_it_says():
    text = PAGE.read_text(encoding="utf-8")
    blocks = re.findall(r"^```pycon\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, PAGE.name, str(PAGE), 0)
    said: list[str] = []

    results = doctest.DocTestRunner(verbose=False).run(examples, out=said.append)

    assert results.attempted >= 30
    assert results.failed == 0, "".join(said)
