"""Replies that are a label, a number, yes or no: the table that answers them means what the readers mean."""

import os
import random
from datetime import UTC, datetime

import pytest

from flows.engine import advance as engine
from flows.engine.advance import advance, is_over, open_prompt
from flows.engine.effects import Prompt, PromptKind
from flows.engine.events import Event, Replied, Sight, Started
from flows.engine.interpretation import plain_meaning
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow
from flows.parsing.vocabulary import languages, vocabulary
from flows.script.loader import library
from tests.support.dialogue_facts import CONVERSATIONS, facts_named
from tests.support.sensible_replies import sensible

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WALKS = int(os.environ.get("PLAIN_WALKS", "20"))
"""Of each conversation in each language; with 360 they are ten thousand."""
OTHERS = (
    "later",
    "stop",
    "skip",
    "language",
    "help",
    "español",
    "away until May",
    "no idea",
    "1 2",
    "first",
    ":+1:",
    "back",
)
"""What something else may read, or nothing."""


def typed(prompt: Prompt, chance: random.Random, language: str) -> str:
    """A reply as people type it: mostly what is offered, in any dress."""
    words = vocabulary(language)
    offered = [option.label for option in prompt.options]
    numbers = [str(number) for number in range(12)]
    text = chance.choice(
        [*offered, *offered, *numbers[: len(offered) + 2], *sorted(words.yes), *sorted(words.no), *OTHERS]
    )
    dress = chance.randrange(6)
    return (text, text.upper(), f" {text} ", text.capitalize(), f"{text}.", text)[dress]


def reply(prompt: Prompt, chance: random.Random, language: str) -> Event:
    """The next event of a walk."""
    if prompt.kind in {PromptKind.TEXT, PromptKind.DATE, PromptKind.NUMBER} or chance.random() < 0.15:
        return sensible(prompt, chance, leads_on=chance.random() < 0.9)
    sight = Sight.BEFORE if chance.random() < 0.05 else Sight.SEEN
    return Replied(typed(prompt, chance, language), "m1", sight)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(("flow", "facts"), CONVERSATIONS)
def test_the_table_means_what_the_readers_mean(flow, facts, language, monkeypatch):
    """On random walks of typed replies, states and effects are the same with the table and without it."""
    chance = random.Random(f"{flow} {facts} {language}")
    localized = LocalizedFlow(library()[flow], Localizations((), LanguagePolicy(allow_drafts=True)))
    known = 0

    def counted(*asked):
        nonlocal known
        meant = plain_meaning(*asked)
        known += meant is not None
        return meant

    for _ in range(WALKS):
        event: Event = Started(facts_named(facts, language), language)
        state = None
        for _ in range(60):
            monkeypatch.setattr(engine, "plain_meaning", counted)
            quick = advance(localized, state, event, now=NOW)
            monkeypatch.setattr(engine, "plain_meaning", lambda *_: None)
            assert advance(localized, state, event, now=NOW) == quick, event
            state = quick.state
            if is_over(state):
                break
            prompt = open_prompt(localized, state, NOW)
            assert prompt is not None
            event = reply(prompt, chance, state.language)
    assert known  # else nothing was compared
