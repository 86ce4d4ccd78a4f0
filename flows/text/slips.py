"""Look up words that are one slip of the finger away: a letter too many, too few, another, or two exchanged.

Two such words share a key of `shortened`, so that a dictionary by these keys finds the few words worth comparing.
"""


def shortened(word: str, *, same_first_letter: bool = False) -> list[str]:
    """Return the word, and the word without one of its letters: two words one slip apart share one of these.

    With `same_first_letter` only words that begin alike do.
    """
    places = range(1 if same_first_letter else 0, len(word))
    return [word, *[word[:place] + word[place + 1 :] for place in places]]
