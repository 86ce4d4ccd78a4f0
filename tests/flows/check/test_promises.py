"""What a script promises of itself is true: its questions as they are counted, its minutes between two runs."""

import pytest

from flows.check.outline import Outline
from flows.check.promises import Promise, promises_in, smoothest_minutes, untrue_promises
from flows.formats.yaml_source import parse_source
from flows.script.loader import flow_source

HEAD = "flow: t\ntitle: T\nlanguage: {language}\naudience: [hcp]\nsteps:\n"
PLANS = """\
  - key: plans
    kind: block
    repeat: {up_to: 3, while: more == 'yes_please'}
    steps:
      - {key: plan, kind: text, text: What?, probe: {when: words < 2, text: More?}}
      - {key: detail, kind: text, when: round > 1, counted: false, text: Where?}
      - key: more
        kind: select_one
        counted: false
        text: Another?
        choices: [{code: yes_please, label: Y}, {code: done, label: N}]
"""


def outline(said: str, steps: str, language: str = "en") -> Outline:
    """A script that says something and then asks."""
    text = HEAD.format(language=language) + f'  - {{key: hello, kind: say, text: "{said}"}}\n' + steps
    read = flow_source(parse_source(text + "  - {key: bye, kind: end}\n", "t.yaml"))
    assert read.flow is not None
    return Outline(read.flow, read.source, read.lists)


def told(said: str, steps: str, language: str = "en") -> list[str]:
    return [problem.message for problem in untrue_promises(outline(said, steps, language))]


@pytest.mark.parametrize(
    ("language", "text", "low", "high", "of_minutes"),
    [
        ("en", "I ask 10 short questions.", 10, 10, False),
        ("en", "I ask 2 or 3 questions.", 2, 3, False),
        ("en", "I ask ten questions.", 10, 10, False),
        ("en", "It takes about a minute for each plan.", 1, 1, True),
        ("en", "It takes 3-4 minutes.", 3, 4, True),
        ("de", "Ich stelle 10 kurze Fragen.", 10, 10, False),
        ("de", "Das dauert 3 bis 4 Minuten.", 3, 4, True),
        ("es", "Son de 3 a 4 minutos.", 3, 4, True),
        ("fr", "Cela prend environ 8 minutes.", 8, 8, True),
        ("it", "Ci vogliono circa 8 minuti.", 8, 8, True),
        ("pt", "São 10 perguntas curtas.", 10, 10, False),
        ("ar", "سأطرح 10 أسئلة قصيرة.", 10, 10, False),
        ("ar", "يستغرق ذلك ٨ دقائق.", 8, 8, True),
    ],
)
def test_a_promise_is_read_in_the_language_of_the_script(language, text, low, high, of_minutes):
    """In figures or words, as one number or two, with small words between."""
    [promise] = promises_in(text, language)
    assert (promise.low, promise.high, promise.of_minutes) == (low, high, of_minutes)


@pytest.mark.parametrize(
    "text",
    ["Tell me the page or the minute.", "Do you have questions?", "In {n} days I ask again.", "Hello."],
)
def test_what_promises_no_number_is_no_promise(text):
    """A word for minutes or questions alone says nothing of how many."""
    assert list(promises_in(text, "en")) == []


def test_minutes_of_questions_are_one_promise():
    """The number belongs to the minutes."""
    assert list(promises_in("I have 3 to 4 minutes of questions.", "en")) == [
        Promise(3, 4, start=7, of_minutes=True, is_each=False)
    ]


@pytest.mark.parametrize(
    ("said", "problems"),
    [
        ("I ask 2 questions.", []),
        ("I ask 1 or 2 questions.", []),
        ("I ask 1 question.", ["promises 1 questions; 2 are counted"]),
        ("I ask 2 or 3 questions.", ["promises 2 to 3 questions; 2 are counted"]),
    ],
)
def test_questions_are_as_many_as_are_counted(said, problems):
    """A range begins with what all are asked and ends with what is counted on the longest way."""
    asks = "  - {key: a, kind: date, text: When?}\n  - {key: b, kind: date, when: a != null, text: And?}\n"
    assert told(said, asks) == problems


@pytest.mark.parametrize(
    ("said", "is_true"),
    [
        ("It takes 1 minute for each plan.", True),
        ("It takes 2 minutes for each plan.", True),
        ("It takes 3 minutes for each plan.", True),
        ("It takes 4 minutes for each plan.", False),
        ("It takes 1 minute.", False),
        ("It takes 3 minutes.", True),
    ],
)
def test_minutes_are_those_of_one_round_or_reach_to_all(said, is_true):
    """One round takes 1.2 minutes if all is smooth and 2.7 at most; three smooth ones take 3.5."""
    assert (told(said, PLANS) == []) is is_true


def test_the_smoothest_run_has_no_probe_and_no_follow_up():
    """A minute for the words, ten seconds for the tap; three times that for three plans."""
    plans = outline("Hello.", PLANS)
    one, every = smoothest_minutes(plans), smoothest_minutes(plans, every_round=True)
    assert 1.1 < one < 1.3
    assert 3.4 < every < 3.7


def test_a_language_that_is_not_known_promises_nothing():
    """What cannot be read is not refused."""
    assert list(promises_in("Kysyn 3 kysymystä.", "fi")) == []


MEDICINE = """\
  - {key: one, kind: text, text: One?}
  - key: pill
    kind: select_one
    when: program.ask_about_medicine
    text: Pill?
    choices: [{code: pill_yes, label: Y}, {code: pill_no, label: N}]
  - {key: what, kind: text, when: program.ask_about_medicine && pill == 'pill_yes', text: What?}
"""


def said_in(asking: str, other: str) -> list[str]:
    """What is untrue of two promises: the first is said where patients are asked about their medicine."""
    both = (
        f'  - {{key: with, kind: say, when: program.ask_about_medicine, text: "I ask {asking} questions."}}\n'
        f'  - {{key: without, kind: say, when: "!program.ask_about_medicine", text: "I ask {other} questions."}}\n'
    )
    return told("Hi.", both + MEDICINE)


def test_what_a_program_decides_is_counted_both_ways():
    """Each text is measured by the talk in which it is said."""
    assert said_in("3", "1") == []
    assert said_in("2 to 3", "1") == []
    assert said_in("1", "1") == ["promises 1 questions; 3 are counted"]
    assert said_in("3", "3") == ["promises 3 questions; 1 are counted"]


def test_a_text_that_is_always_said_must_be_true_of_both():
    """One promise for all programs is untrue for some of them."""
    assert told("I ask 3 questions.", MEDICINE) == ["promises 3 questions; 1 are counted"]
    assert told("It takes 1 minute.", MEDICINE) == []
