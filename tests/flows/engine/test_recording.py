"""What an answer is kept under was shown, also where a probe adds to it in another language."""

from datetime import UTC, datetime

from flows.engine.advance import advance
from flows.engine.effects import RecordAnswer, SendMessage
from flows.engine.events import Event, Replied, Started
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow
from flows.script.loader import library
from tests.support.dialogue_facts import facts_named
from tests.support.said_in_a_row import steps_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
TO_THE_PROBE = ("yes", "no", "physician", "1", "4", "The hand-out is in plain words.")


def test_what_a_probe_adds_in_another_language_is_kept_under_what_was_shown():
    """Each text under which an answer is recorded stood in a message before, in the language that is recorded."""
    commitment = LocalizedFlow(
        library()["hcp_commitment"], Localizations((), LanguagePolicy(allow_drafts=True))
    )
    words = (*TO_THE_PROBE, "language español", "A todos los pacientes, en cada visita")
    state, shown, kept = None, set[tuple[str, str]](), []
    events: list[Event] = [Started(facts_named("hcp"), "en"), *(Replied(text) for text in words)]
    for event in events:
        result = advance(commitment, state, event, now=NOW)
        state = result.state
        answers = [effect for effect in result.effects if isinstance(effect, RecordAnswer)]
        assert {(answer.shown_text, answer.language) for answer in answers} <= shown
        kept += [(answer.slot, answer.language) for answer in answers]
        said = [effect.prompt for effect in result.effects if isinstance(effect, SendMessage)]
        shown |= {(prompt.text, prompt.language) for prompt in steps_of(*said)}
    assert kept[-2:] == [("c4[0]", "en"), ("c4[0]", "es")]
