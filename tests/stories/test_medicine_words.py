"""The closed question on medicine, in the shipped languages: what means none, and what says that there was nothing."""

from collections.abc import Sequence

import pytest

from flows.engine.advance import advance
from flows.engine.effects import AnswerStatus, OpenCase, RecordAnswer, SendMessage
from flows.engine.events import Replied, Started
from flows.i18n.localized_flow import Localizations, LocalizedFlow
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from flows.script.model import Flow
from tests.support.engine_world import NOW
from tests.support.said_in_a_row import steps_of

FLOW = library()["patient_interview"]
ASKED = tuple(step for step in FLOW.steps if step.key.startswith("a12") or step.key in {"a9", "a99_only"})
CLOSED = LocalizedFlow(
    Flow.model_validate(FLOW.model_copy(update={"steps": ASKED}).model_dump(by_alias=True)), Localizations()
)  # made anew, so that its hash is its own
FACTS = {"program": {"ask_about_medicine": True, "condition": "illness", "contact": "team"}}
NO_MEDICINE = {
    "en": ("No medicine", "not a medicine", "I don't take any", "I take nothing", "not on anything"),
    "de": ("kein Medikament", "ich nehme keine", "ich nehme keins", "ich nehme nichts"),
    "es": ("no es un medicamento", "no tomo ninguno", "no tomo nada"),
    "fr": ("pas un médicament", "je n'en prends pas", "je ne prends rien"),
    "it": ("non è un farmaco", "nessuno", "non ne prendo", "non prendo niente"),
    "pt": ("não é um medicamento", "não tomo nenhum", "não tomo nada"),
    "ar": ("ليس دواء", "لا آخذ أي دواء", "لا آخذ شيئا"),
}
NOTHING = {
    "en": ("none", "nothing really", "nothing much", "it was nothing", "never mind"),
    "de": ("keine", "eigentlich nichts", "nichts Besonderes", "nicht der Rede wert"),
    "es": ("ninguno", "nada en realidad", "nada especial", "no fue nada"),
    "fr": ("aucun", "rien de spécial", "pas grand-chose", "ce n'était rien"),
    "it": ("nulla di che", "niente di che", "niente di particolare", "non era niente"),
    "pt": ("nenhum", "nada de especial", "na verdade nada", "não foi nada"),
    "ar": ("لا شيء", "لا شيء مهم", "لا شيء يذكر", "ولا شي مهم"),
}
YES = {"en": "yes", "de": "ja", "es": "sí", "fr": "oui", "it": "sì", "pt": "sim", "ar": "نعم"}
NOT_SURE = {
    "en": "not sure",
    "de": "nicht sicher",
    "es": "no estoy seguro",
    "fr": "pas sûr",
    "it": "non sono sicuro",
    "pt": "não tenho a certeza",
    "ar": "لست متأكدا",
}
LANGUAGES = tuple(YES)


def told(language: str, *replies: str) -> tuple[Sequence[RecordAnswer], Sequence[OpenCase], list[str]]:
    """What the last reply leaves: the answers that are kept, the cases to open, and what is said."""
    result = advance(CLOSED, None, Started(FACTS, language), now=NOW)
    for n, reply in enumerate(replies):
        result = advance(CLOSED, result.state, Replied(reply, f"m{n}"), now=NOW)
    sent = [one.prompt for one in result.effects if isinstance(one, SendMessage)]
    return (
        [one for one in result.effects if isinstance(one, RecordAnswer)],
        [one for one in result.effects if isinstance(one, OpenCase)],
        [step.text for step in steps_of(*sent)],
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_medicine_is_the_choice_that_says_so(language):
    """Whatever words say it; 'nothing' and 'none' are the no."""
    for code, words in (("no_medicine", NO_MEDICINE), ("no", NOTHING)):
        for reply in words[language]:
            answers, opened, said = told(language, reply)
            assert [(one.slot, one.value) for one in answers] == [("a12", code)], reply
            assert (opened, len(said)) == ([], 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("before", [YES, NOT_SURE])
def test_what_tells_nothing_is_no_story_there(language, before):
    """The questions that ask what it was are closed kindly: no words to quote, and no case of them."""
    closing = ((NO_MEDICINE, Sentence.SAFETY_CLOSED), (NOTHING, Sentence.THAT_IS_FINE))
    for words, sentence in closing:
        for reply in words[language]:
            [answer], opened, said = told(language, before[language], reply)
            assert (answer.value, answer.status, answer.raw) == (None, AnswerStatus.NONE, reply)
            assert opened == []
            assert said[0] == say(sentence, language), reply


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_tells_something_is_kept_and_opens_a_case(language):
    """A number may be a temperature."""
    for reply in ("Revlimid 25 mg", "39.5"):
        [answer], _, _ = told(language, YES[language], reply)
        assert (answer.slot, answer.value) == ("a12_what", reply)
    _, opened, _ = told(language, YES[language], "Revlimid 25 mg")
    assert opened == [OpenCase("a12_what", "Revlimid 25 mg")]
