"""What a person is told before anything is asked of them, in every shipped flow that begins a relation."""

import pytest

from flows.engine.advance import advance
from flows.engine.effects import Prompt, SendMessage
from flows.engine.events import Started, Tapped
from flows.engine.state import ConversationState, is_over
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow
from flows.program.loader import PROGRAMS, load_program
from flows.program.model import program_facts
from flows.script.loader import library
from flows.script.model import Flow, Purpose
from tests.support.turn_world import START

BEGINNING = sorted(
    name
    for name, flow in library().items()
    if any(getattr(step, "purpose", None) is Purpose.TAKE_PART for step in flow.steps)
)
SAYS = {
    "en": ("automated helper", "one reads this live"),
    "es": ("ayudante automático", "adie lee esto"),
    "fr": ("assistant automatique", "ersonne ne lit"),
    "de": ("automatische Hilfe", "iemand liest hier"),
    "it": ("assistente automatico", "essuno legge questi messaggi"),
    "pt": ("assistente automático", "inguém lê isto em tempo real"),
    "ar": ("آلي", "لا أحد يقرأ"),
}
"""In each language: what writes, and that nobody reads along."""
LOCALIZATIONS = Localizations((), LanguagePolicy(allow_drafts=True))


def opening(flow: Flow, *, taps: int, country: str | None = None, language: str = "en") -> list[str]:
    """The messages of the first turns of somebody who always taps the first button."""
    program = load_program(PROGRAMS / "myeloma.yaml")
    facts = program_facts(program, program.activities[0], country)
    facts |= {
        "participant": {"code": "P", "role": flow.audience[0].value, "language": "en", "timezone": "UTC"}
    }
    facts |= {"review": {"role": "patient reviewer", "title": "T", "version": "1"}, "schedule": {}}
    texts: list[str] = []
    state: ConversationState | None = None
    shown: list[Prompt] = []
    for _ in range(taps + 1):
        event = Started(facts, language) if state is None else Tapped(shown[-1].ask or 0, 0)
        result = advance(LocalizedFlow(flow, LOCALIZATIONS), state, event, now=START)
        state = result.state
        shown = [effect.prompt for effect in result.effects if isinstance(effect, SendMessage)]
        texts += [prompt.whole_text for prompt in shown]
        if is_over(state):
            break
    return texts


@pytest.mark.parametrize("language", SAYS)
@pytest.mark.parametrize("name", BEGINNING)
def test_the_first_message_says_what_writes(name: str, language: str) -> None:
    """At first contact, in the very first message, people are told that they talk with an automated helper."""
    assert SAYS[language][0] in opening(library()[name], taps=0, language=language)[0]


@pytest.mark.parametrize("language", SAYS)
@pytest.mark.parametrize("name", BEGINNING)
def test_nobody_reads_live(name: str, language: str) -> None:
    """Before the first counted question: nobody reads along, and whom to call, where the person is."""
    said = " ".join(opening(library()[name], taps=4, country="GB", language=language))
    assert SAYS[language][1] in said
    assert "999" in said
    assert "112" in " ".join(opening(library()[name], taps=4, country="XX", language=language))


@pytest.mark.parametrize("language", SAYS)
@pytest.mark.parametrize("name", ["patient_interview", "patient_follow_up"])
def test_the_emergency_number_comes_before_the_first_question(name: str, language: str) -> None:
    """Whoever is asked about their care has read whom to call before they are asked anything at all."""
    [first] = opening(library()[name], taps=0, country="GB", language=language)
    assert first.index("999") < first.rindex("?" if language != "ar" else "؟")


def test_every_language_that_is_shipped_is_looked_at() -> None:
    """A language that is added, or a flow that is, cannot be forgotten here."""
    assert {"hcp_commitment", "content_review", "patient_interview", "patient_follow_up"} <= set(BEGINNING)
    assert set(SAYS) == set(LOCALIZATIONS.languages)
