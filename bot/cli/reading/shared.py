"""What the commands about unread texts share: the names of texts, and figures in words."""

from collections.abc import Mapping

from bot.errors import UsageError
from flows.safety.reading import ReadingClass
from storage.safety.text_signals import TextSource


def source_of(name: str) -> TextSource:
    """Read which text is meant.

    Raises:
        UsageError: it is no name of a text.
    """
    source = TextSource.read(name)
    if source is None:
        raise UsageError(
            f"{name!r} names no text", "name an answer 4711, a remark r12, or the words of a case c7"
        )
    return source


def by_class(counts: Mapping[ReadingClass, int]) -> str:
    """Write how many texts there are, of each class.

    >>> by_class({ReadingClass.RISK: 1, ReadingClass.EVENT: 0, ReadingClass.PLAIN: 7})
    '8 (risk 1, event 0, plain 7)'
    """
    each = ", ".join(f"{kind.value} {counts[kind]}" for kind in ReadingClass)
    return f"{sum(counts.values())} ({each})"
