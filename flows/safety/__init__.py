"""Scan free text for adverse events, product complaints and distress.

`scan` is the entry; the lexicons are data in `flows/library/lexicon`.
"""
