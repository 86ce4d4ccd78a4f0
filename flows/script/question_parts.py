"""Tell the parts of a question that several readers of scripts need: its texts, its numbers, and what it keeps."""

import re
from collections.abc import Iterator
from typing import Final

from flows.script.model import AnyQuestion, AskText, Confirm, KeptPick, Number, SelectMany, WordedQuestion
from flows.text.templates import fields_of, parse

_QUOTED: Final = re.compile(r"\{(\w+)")


def texts_of(question: AnyQuestion) -> Iterator[str]:
    """Yield the texts that a question may be put with, as the author wrote them; those of its probe are left out."""
    yield question.text
    if isinstance(question, WordedQuestion):
        yield from (wording.text for wording in question.wordings)
    match question:
        case AskText(keeps_pick=KeptPick(text=text)):
            yield text
        case Confirm(lines=lines):
            yield from (line.text for line in lines)
        case _:
            pass


def fixed_text(question: AnyQuestion) -> str | None:
    """Return the text of a question that is the same for everybody; None where it quotes, or has others beside it."""
    texts = list(texts_of(question))
    if len(texts) > 1 or fields_of(question.text) != frozenset():
        return None
    return "".join(map(str, parse(question.text)))


def probe_texts(question: AskText) -> Iterator[str]:
    """Yield the texts that the probe of a question may be put with; none where it has no probe."""
    if question.probe is not None:
        yield question.probe.text
        yield from (other.text for other in question.probe.instead)


def taps_of(question: Number) -> range:
    """Return the numbers that a question offers as buttons; none where it does not."""
    if not question.taps or question.min is None or question.max is None:
        return range(0)
    return range(int(question.min), int(question.max) + 1)


def buttons_differ(question: AnyQuestion) -> bool:
    """Return whether earlier answers decide which buttons of its own a question shows, beside conditions on choices."""
    match question:
        case AskText(keeps_pick=keeps_pick):
            return keeps_pick is not None
        case Number(no_more_than=most):
            return most is not None and bool(taps_of(question))
        case _:
            return False


def kept_key(question: AnyQuestion) -> str | None:
    """Return the key under which a question keeps a number beside its answer; None where it keeps none."""
    match question:
        case Number(keeps_number=key):
            return key
        case SelectMany(rotates=key):
            return key
        case _:
            return None


def quoted(text: str) -> list[str]:
    """Return the names of the answers and facts that a text quotes."""
    return _QUOTED.findall(text)
