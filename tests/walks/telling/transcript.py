"""Write the story of one person of a walk as people read it: what was shown, done, kept, and went wrong."""

import json
from collections.abc import Iterator

from bot.channels.base import InboundKind
from tests.walks.evidence import Done, Evidence, Fate, Shown, Turn

_WIDTH = 160
_AFTERWARDS = 4
_VERBS = {
    InboundKind.START: "opens the link",
    InboundKind.TEXT: "writes",
    InboundKind.TAP: "taps",
    InboundKind.PICKS: "ticks",
    InboundKind.DATE: "picks the day",
    InboundKind.FORM: "fills in",
    InboundKind.EDIT: "edits to",
    InboundKind.DELETED: "takes back",
    InboundKind.REACTION: "reacts with",
    InboundKind.MEDIA: "sends a",
}


def transcript(evidence: Evidence, address: str, until: int = 0) -> str:
    """The story of whoever has this address, at all of their addresses, one line for each thing.

    With `until`, the story ends a little after that place, which is marked.
    """
    name = evidence.persons.get(address)
    mine = {one for one, whose in evidence.persons.items() if whose == name}
    lines = sorted(_lines(evidence, mine), key=lambda line: line[0])
    if until:
        before = [f"{'>>>' if place == until else '   '} {line}" for place, line in lines if place <= until]
        after = [f"    {line}" for place, line in lines if place > until]
        return "\n".join([*before, *after[:_AFTERWARDS]])
    return "\n".join(line for _, line in lines)


def _lines(evidence: Evidence, mine: set[str]) -> Iterator[tuple[int, str]]:
    for address in mine:
        for shown in evidence.screens[address]:
            yield shown.place, _shown(shown)
    for done in evidence.done:
        if done.address in mine:
            yield done.place, _done(done)
    for turn in evidence.turns.values():
        if turn.address in mine:
            yield turn.place, _kept(turn)
    for place, address, error in evidence.aside:
        if address in mine:
            yield place, f"        !! PUT ASIDE: {error}"
    for attempt in evidence.attempts:
        if attempt.address in mine and attempt.fate is not Fate.SHOWN:
            yield attempt.place, f"        !! {attempt.fate.value}: {attempt.text[:80]!r}"
    for place, address, text in evidence.remarks:
        if address in mine or not address:
            yield place, f"        ({text})"


def _shown(shown: Shown) -> str:
    buttons = " ".join(f"[{'x ' if option.picked else ''}{option.label}]" for option in shown.prompt.options)
    ask = "" if shown.key is None else f" <{shown.key[0]}.{shown.key[1]}>"
    how = "shows anew" if shown.edit else "shows"
    thread = f" in the thread under {shown.thread}" if shown.thread else ""
    text = shown.prompt.text.replace("\n", " / ")[:_WIDTH]
    head = f"{shown.at:%m-%d %H:%M:%S} {shown.address} {shown.message_id}"
    return f"{head}  bot {how}{thread}{ask}: {text} {buttons}".rstrip()


def _done(done: Done) -> str:
    under = f" (under {done.under})" if done.under else ""
    noise = f"   ~ {done.noise.value}" if done.noise else ""
    text = f" {done.text[:_WIDTH]!r}" if done.text else ""
    head = f"{done.at:%m-%d %H:%M:%S} {done.address} {done.message_id}"
    return f"{head}    PERSON {_VERBS.get(done.kind, done.kind.value)}{text}{under}{noise}"


def _kept(turn: Turn) -> str:
    """What a turn kept, under what was said."""
    parts = [
        f"{row['slot']} = {json.dumps(row['value'], default=str)[:60]} ({getattr(row['status'], 'value', '')})"
        for row in turn.answers
    ]
    parts += [f"CONSENT {row['purpose']}: {row['granted']}" for row in turn.consents]
    parts += [
        f"conversation {number} ends: {outcome}" for number, outcome in turn.outcomes.items() if outcome
    ]
    parts += ["ALL IS DELETED"] if turn.erased else []
    what = turn.message.text[:30] or turn.message.button or turn.message.kind.value
    return f"        => {what!r}: {'; '.join(parts) or 'nothing is kept'}"
