"""The dreamscape: a weave into geometry, and geometry into a page, a cloth, a text and a poster.

Pure: values in, text and bytes out. `scene` is laid out once and shared by
every drawing, so that all screens and prints agree. Nothing here weighs
fairness or reads meaning; that was the loom's, and is only shown.
"""
