"""Deciding: the pure half of the road. States, folds and decisions; no clock, no chance, no store.

Each file holds one stream's state, the fold that makes it of facts, and the
decisions that turn a wish into facts or refuse. Keeping and sealing are `app`'s.
"""
