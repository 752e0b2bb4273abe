"""Keeping: three stores with the same promises (`model.keeping`), and which one an address names.

What is kept is not looked into: bodies are sealed, streams and shelves are
only names here.
"""

from __future__ import annotations
