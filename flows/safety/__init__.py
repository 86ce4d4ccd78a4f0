"""Scan free text for adverse events, product complaints and distress.

`scan` is the entry; the lexicons are data in `flows/library/lexicon`, the second reader's weights in
`flows/library/second_reader`.

Public modules:

- `lexicon`: Load the lexicons of the safety scan, one file a language under flows/library/lexicon/.
- `products`: Find products of a program in free text: brand and generic names, other spellings, and misspellings.
- `reading`: Say in which order people read what patients write: what has waited for long, then the riskiest first.
- `scan`: Scan a free text for what must be passed on, or answered with care before anything else.
- `second_opinion`: Judge whether a strong hit of an event may interrupt.
- `second_reader`: Judge what the rules may have missed: a linear head over the sentence vectors of a text.
"""

__all__ = ["lexicon", "products", "reading", "scan", "second_opinion", "second_reader"]
