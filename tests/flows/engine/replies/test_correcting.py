"""What becomes of the open question when an earlier answer is corrected."""

import pytest

from flows.engine.advance import advance
from flows.engine.effects import RecordAnswer, SendMessage, ShowTrace, Trace
from flows.engine.events import Replied, Sight, Started, Tapped
from flows.i18n.localized_flow import Localizations, LocalizedFlow
from tests.support.engine_world import NOW, SCALE, flow_of, one

FOR_CARERS = {"code": "carer", "when": "whose == 'theirs'", "text": "How well are they?"}


def talk_at(question: dict[str, object]):
    """A conversation in which 'mine' was answered, and the question after it is open."""
    flow = LocalizedFlow(flow_of(one("whose", "mine", "theirs"), question), Localizations())
    state = advance(flow, None, Started({}, "en"), now=NOW).state
    return flow, advance(flow, state, Tapped(0, 0), now=NOW).state


def test_a_question_that_reads_otherwise_now_is_another_one():
    """What is written before it is seen replies to the text of before, and is not kept under that of now."""
    flow, state = talk_at({**SCALE, "wordings": [FOR_CARERS]})
    changed = advance(flow, state, Tapped(0, 1), now=NOW)
    sent = [effect.prompt for effect in changed.effects if isinstance(effect, SendMessage)]
    assert [(prompt.ask, prompt.text) for prompt in sent][-1] == (2, "How well are they?")
    assert ShowTrace(1, Trace()) in changed.effects
    early = advance(flow, changed.state, Replied("2", sight=Sight.BEFORE), now=NOW)
    assert not [effect for effect in early.effects if isinstance(effect, RecordAnswer)]
    seen = advance(flow, changed.state, Replied("2"), now=NOW)
    [kept] = [effect for effect in seen.effects if isinstance(effect, RecordAnswer)]
    assert (kept.slot, kept.shown_text) == ("q", "How well are they?")


@pytest.mark.parametrize("question", [SCALE, {**SCALE, "wordings": [{**FOR_CARERS, "when": "false"}]}])
def test_a_question_that_reads_as_before_is_the_same(question):
    """It is shown again, and a reply to either showing answers it."""
    flow, state = talk_at(question)
    changed = advance(flow, state, Tapped(0, 1), now=NOW)
    sent = [effect.prompt for effect in changed.effects if isinstance(effect, SendMessage)]
    assert sent[-1].ask == 1
