"""Half a yes to a consent ('ok', 'if I must') is asked once more, and what is said then counts."""

from typing import Any

import pytest

from flows.engine.effects import RecordConsent
from flows.i18n.say import Sentence, say
from flows.script.roles import Purpose
from tests.support.engine_world import Person, confirm, consent, end, flow_of, text

SURE = say(Sentence.HALF_A_YES, "en")


def joining(**fields: Any) -> Person:
    """Somebody who is asked whether to take part."""
    return Person(flow_of(consent("agreed", **fields), text("after"), end("bye")))


@pytest.mark.parametrize("typed", ["ok", "Okay.", "meinetwegen", "if I must", "Yes, if I have to", "ok 👍"])
def test_it_is_asked_once_more(typed: str) -> None:
    """Nothing is agreed yet: one sentence says that a no is fine, and the same question stands below."""
    person = joining().types(typed)
    assert person.texts == [SURE, "Agree agreed?"]
    assert (person.open, person.kept, person.remarks, person.state.misses) == ("agreed", [], [], 0)


@pytest.mark.parametrize(
    ("then", "granted"),
    [
        ("yes", True),
        ("I agree", True),
        ("ok", True),
        ("meinetwegen", True),
        ("no", False),
        ("rather not", False),
    ],
)
def test_what_is_said_then_counts(then: str, granted: bool) -> None:
    """Also another 'ok': it was said to a question that leaves no doubt what it asks."""
    person = joining(decline="No").types("ok", then)
    [decided] = [effect for effect in person.kept if isinstance(effect, RecordConsent)]
    assert decided.granted is granted


def test_giving_in_twice_is_no_yes() -> None:
    """Who only says that they must has not agreed, however often; a plain yes still does."""
    person = joining()
    for _ in range(3):
        person.types("if I must")
        assert (person.open, person.kept) == ("agreed", [])
    assert person.types("yes").answers["agreed"] is True


def test_a_tap_and_a_plain_yes_are_not_doubted() -> None:
    """Nor is the button's own label, whatever it is called."""
    assert joining().taps("I agree").answers["agreed"] is True
    assert joining().types("Sure").answers["agreed"] is True
    assert joining(agree="OK").types("ok").answers["agreed"] is True


WEAK = {
    "en": "ok then|fine|if you like|yes, whatever|I guess so",
    "de": "von mir aus|in Ordnung|wenn Sie wollen|ja, wenn Sie meinen",
    "es": "bueno|si quiere|está bien|sí, si quiere",
    "fr": "si tu veux|ça va|comme vous voulez|oui, si vous voulez",
    "it": "va bene|se vuole|come preferisce|sì, se vuole",
    "pt": "está bem|pode ser|se quiser|sim, se quiser",
    "ar": "حسنا|طيب|كما تريد|نعم، إذا أردت",
}


@pytest.mark.parametrize("language", WEAK)
@pytest.mark.parametrize("purpose", Purpose)
def test_every_consent_asks_once_more(purpose: Purpose, language: str) -> None:
    """What lets words leave, or lets us write again, is agreed to as clearly as taking part is."""
    for words in WEAK[language].split("|"):
        steps = consent("agreed"), consent("asked", purpose=purpose), text("after"), end("bye")
        person = Person(flow_of(*steps, language=language)).taps("I agree").types(words)
        assert (words, person.open, "asked" in person.answers) == (words, "asked", False)
        assert person.texts[0] == SURE


def test_a_half_yes_elsewhere_is_a_yes() -> None:
    """A read-back, or a choice with a yes, takes it at once: nothing is agreed to there."""
    steps = text("told"), confirm("right", "told"), text("after"), end("bye")
    assert Person(flow_of(*steps)).types("x", "ok").open == "after"


def test_nobody_is_spared_for_what_another_said() -> None:
    """The next person who plays the same script is asked once more, too."""
    flow = flow_of(consent("agreed"), text("after"), end("bye"))
    assert Person(flow).types("ok", "ok").open == "after"
    assert Person(flow).types("ok").open == "agreed"


def test_asked_again_it_is_doubted_again() -> None:
    """Each time that the question is put: what was said to it before is no yes to it now."""
    person = Person(flow_of(text("first"), consent("agreed"), text("after"), end("bye"))).types(
        "x", "ok", "back"
    )
    assert person.open == "first"
    assert person.types("y", "ok").texts[0] == SURE
