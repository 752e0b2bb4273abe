"""dreamweave: what people dreamt, in their own words, woven into one fair cloth.

The rooms are described in ARCHITECTURE.md. Importing this package imports
none of them.
"""

__version__ = "0.1.0"
