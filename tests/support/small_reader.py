"""A second reader that needs no package: it counts words of two made-up lists, where the real one takes their sense."""

from collections.abc import Sequence

from flows.safety.second_reader import LinearHead, SecondReader

CARE = "hollow hollow days"
"""Words that bring words of care: the rules find nothing in them."""
QUEUE = "one hollow day"
"""Words that are queued as words of risk."""
EVENT = "a woolly feeling"
"""Words that are queued as an adverse event."""
PLAIN = "the bus was late"

READER = SecondReader(
    version="small",
    encoder="small",
    window=14,
    step=7,
    risk=LinearHead((1.0, 0.0), 0.0),
    event=LinearHead((0.0, 1.0), 0.0),
    care_from=2.0,
    risk_from=1.0,
    event_from=1.0,
    doubt_below=0.5,
)


class WordEncoder:
    """Turns a text into how often it has each of two words. `there` False is a package that is not installed."""

    def __init__(self, *, there: bool = True) -> None:
        self.there = there
        self.texts: list[str] = []
        """What was encoded, in order."""

    def usable_for(self, release: str) -> bool:
        return self.there and release == READER.encoder

    def encode(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += texts
        return [[float(text.lower().split().count(word)) for word in ("hollow", "woolly")] for text in texts]
