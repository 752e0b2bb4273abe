"""What holds for every test: no test fails because a machine was slow.

Time is measured in `bench/` and asserted nowhere, so Hypothesis' own deadline is off.
"""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("house", deadline=None)
settings.load_profile("house")
