"""Replies at random that suit the open question."""

import random

from flows.engine.effects import (
    Prompt,
    PromptKind,
)
from flows.engine.events import (
    Event,
    Picked,
    Replied,
    Tapped,
)


def sensible(prompt: Prompt, chance: random.Random, *, leads_on: bool) -> Event:
    """A reply that suits the question. The choice that leads on is the last, of a read-back the first."""
    ask = prompt.ask
    assert ask is not None
    if prompt.kind in {PromptKind.TEXT, PromptKind.NUMBER, PromptKind.DATE} and chance.random() < 0.9:
        kinds = {PromptKind.TEXT: "I ask every patient at each visit", PromptKind.NUMBER: "4"}
        return Replied(kinds.get(prompt.kind, "tomorrow"))
    choices = [place for place, option in enumerate(prompt.options) if not option.control] or [0]
    if prompt.kind is PromptKind.SELECT_MANY:
        return Picked(ask, (chance.choice(choices),))
    if prompt.kind in {PromptKind.CONSENT, PromptKind.CONFIRM}:
        return Tapped(ask, 0 if leads_on else chance.choice(choices))
    if not prompt.options:
        return Replied("four")
    return Tapped(ask, choices[-1] if leads_on else chance.randrange(len(prompt.options)))
