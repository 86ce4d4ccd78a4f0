"""A commitment in words that are hard to show, and when it comes back."""

from datetime import UTC, datetime

STATEMENT = (
    "Before each cycle I will ask <b>every</b> patient \"and 'how'?\" about numbness "
    "\U0001f469\U0001f3fd\u200d\u2695\ufe0f {dose} {{x}} *_~`[a](b)` &amp; \\n\n"
    "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u200f(5%)\n\n"
    "  - e\u0301 \u00e9 \U0001f1ed\U0001f1f7"
)
"""An emoji of four parts, markup of three kinds, braces, an escape, words from right to left, a flag.

Because of the words from right to left it is shown between two marks that keep its direction to itself.
"""
COMMITMENT = {"statement": STATEMENT, "level": 4, "foreseen_barriers": ["time"]}
THIRTY_DAYS_ON = datetime(2026, 4, 1, 11, tzinfo=UTC)
