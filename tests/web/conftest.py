"""A browser for the tests of doors and pages."""

from __future__ import annotations

from node_in_browser import chromium  # noqa: F401 (a fixture)
