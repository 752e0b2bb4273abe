"""Governance: who gets a seat and who speaks next, in numbers that anybody can reckon again.

Whole numbers and exact fractions only, and chance only from a seed that was
handed in. It keeps nothing, asks no clock, and knows tags and seats but nobody.
"""
