"""Keep codebooks, what coders make of words, how disagreements were settled, and the links of the loop.

Two coordinators code each excerpt, neither seeing what the other gave until both have. Where they differ, somebody
settles it. `codebooks` keeps the versions of a codebook; `texts` are the words that may be coded, redacted; `excerpts`
are what was coded and what waits, and `waiting_excerpts` finds the next of them; `coded_excerpts` lists those under a
code, and those that were settled; `codings` takes what a coder gives, and shows what they may see; `settlements` are
the third act; `figures` count people, agreement and saturation; `theme_links` lead from themes to what patients are
asked; `forgetting` lets go what hangs on words that go. Whatever cannot be done is told by `errors`.
"""

__all__ = [
    "codebooks",
    "coded_excerpts",
    "codings",
    "errors",
    "excerpts",
    "figures",
    "forgetting",
    "settlements",
    "texts",
    "theme_links",
    "waiting_excerpts",
]
