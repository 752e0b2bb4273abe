"""How much one weave takes in. Each bound once, with its reason; refusing at it is the readers' work."""

from __future__ import annotations

# All files together. A hundred thousand ordinary reports are about 60 MB, and every
# byte is held several times over while it is read; beyond this we say so at once
# instead of filling the memory first.
BYTES_MAX = 100 * 1024 * 1024

# One weave. The loom's own figures end at 100,000 fragments.
REPORTS_MAX = 200_000

# One report: a long novel. What is longer is two files glued together, or a
# quotation mark that nobody closed.
REPORT_CHARS_MAX = 1_000_000

# A name longer than this is a report in the wrong column.
NAME_CHARS_MAX = 200

# Files in one call; past it somebody has named the wrong folder.
FILES_MAX = 10_000
