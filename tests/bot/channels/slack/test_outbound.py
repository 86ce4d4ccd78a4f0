"""Prompt -> Block Kit, read by the emulator's own validator, which shares no code with slack_sdk's models."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from slack_sdk.errors import SlackObjectFormationError

from bot.channels.base import Outbound, button_payload
from bot.channels.slack.outbound import (
    MESSAGE_LENGTH,
    BlockLayout,
    SlackMessage,
    check_limits,
    escape,
    layout,
    messages,
    shown_question,
    split,
    traced,
    write_view,
)
from flows.engine.effects import CHANGE_OPTION, Option, Prompt, PromptKind, Trace
from tests.emulators.slack.blockkit import problems, text_together, texts, units, view_problems

ONE, MANY = PromptKind.SELECT_ONE, PromptKind.SELECT_MANY


def prompt(kind=ONE, labels=(), **changes):
    options = tuple(Option(label.removeprefix("*"), control=label.startswith("*")) for label in labels)
    return Prompt(text="Which one?", kind=kind, ask=1, options=options, **changes)


def shown(one, **changes):
    return messages(Outbound(address="slack:T1/U1", prompt=one, conversation=7, **changes))


def elements(message):
    return [
        element for block in message.blocks if block["type"] == "actions" for element in block["elements"]
    ]


@pytest.mark.parametrize(
    ("kind", "labels", "expected"),
    [
        (PromptKind.SAY, (), BlockLayout.NOTHING),
        (PromptKind.TEXT, ("*Skip",), BlockLayout.NOTHING),
        (ONE, ("Yes", "No", "*Skip"), BlockLayout.BUTTONS),
        (ONE, tuple("abcde"), BlockLayout.BUTTONS),
        (ONE, tuple("abcdef"), BlockLayout.SELECT),
        (ONE, ("a" * 31, "b"), BlockLayout.SELECT),
        (ONE, ("a" * 76, "b"), BlockLayout.NUMBERS),
        (PromptKind.SCALE, tuple("0123456789"), BlockLayout.BUTTONS),
        (PromptKind.CONSENT, ("I agree to take part in all of this", "No"), BlockLayout.BUTTONS),
        (MANY, (*tuple("abcdefghij"), "*Done"), BlockLayout.CHECKBOXES),
        (MANY, (*tuple("abcdefghijk"), "*Done"), BlockLayout.MULTI_SELECT),
    ],
)
def test_the_layout_follows_number_and_length(kind, labels, expected):
    """Buttons for up to five short choices, a list for more or longer, numbers where a label would be cut."""
    assert layout(prompt(kind, labels)) is expected


@pytest.mark.parametrize(
    ("kind", "labels", "expected"),
    [
        (ONE, ("Yes", "No & never", "*Skip"), "1. Yes\n2. No &amp; never\n(Skip)"),
        (MANY, ("a", "b", "*Skip", "*Done"), "1. a\n2. b\n(Skip) (Done)"),
        (PromptKind.SCALE, ("0", "1", "2", "*Skip"), "0 1 2\n0 = low, 2 = high\n(Skip)"),
        (PromptKind.NUMBER, ("1 to 4", "5 or more"), "- 1 to 4\n- 5 or more"),
    ],
)
def test_the_text_carries_the_question_and_its_options(kind, labels, expected):
    """Notifications, screen readers and typed numbers need the whole question in the top-level text; a number
    stands only where typing it names that choice.
    """
    [message] = shown(prompt(kind, labels, low_label="low", high_label="high"))
    assert message.text == f"Which one?\n{expected}"


def test_peoples_words_are_plain_text():
    """No block that shows words reads markup in them."""
    one = replace(prompt(labels=("*bold*", "<!channel>")), text="You said: *<https://x|y>* & _that_")
    [message] = shown(one)
    kinds = {block["text"]["type"] for block in message.blocks if "text" in block}
    kinds |= {element["text"]["type"] for element in elements(message)}
    assert kinds == {"plain_text"}
    assert message.blocks[0]["text"]["text"] == "You said: *<https://x|y>* & _that_"
    assert "&lt;!channel&gt;" in message.text


def test_long_labels_are_shown_in_full():
    """A label that no control can hold stands whole in the text, under the number that its button carries."""
    long = (
        "I will ask every patient with a new diagnosis about pain, sleep and work at each visit from now on"
    )
    [message] = shown(prompt(labels=(long, "No", "*Skip")))
    assert f"1. {long}\n2. No" in list(texts(message.blocks))
    assert [element["text"]["text"] for element in elements(message)] == ["1", "2", "Skip"]


def test_a_scale_names_its_ends_once():
    """Both ends are named beneath the question, unless the labels already do it."""
    scale = prompt(PromptKind.SCALE, ("1", "2", "3"), low_label="Not at all", high_label="Fully")
    named = prompt(
        PromptKind.SCALE, ("1 Not at all", "2", "3 Fully"), low_label="Not at all", high_label="Fully"
    )
    assert list(texts(shown(scale)[0].blocks[1])) == ["1 = Not at all", "3 = Fully"]
    assert [block["type"] for block in shown(named)[0].blocks] == ["section", "actions"]


def test_ticks_made_before_are_shown():
    """Shown anew, the boxes that were ticked are ticked."""
    options = (Option("a"), Option("b", picked=True), Option("Done", control=True))
    [message] = shown(Prompt(text="Which?", kind=MANY, ask=1, options=options))
    assert [one["text"]["text"] for one in elements(message)[0]["initial_options"]] == ["b"]


def test_progress_date_and_write_have_their_places():
    """Progress above the question; a date picker under a date; Write under a long text."""
    [day] = shown(prompt(PromptKind.DATE, ("Today",), progress=(3, 11)))
    [text] = shown(prompt(PromptKind.TEXT, ("*Skip",), long_text=True))
    assert next(iter(texts(day.blocks))) == "3 of 11"
    assert [element["type"] for element in elements(day)] == ["button", "datepicker"]
    assert [element["text"]["text"] for element in elements(text)] == ["Write", "Skip"]


def test_a_message_of_no_question_has_no_controls():
    """Without a conversation a button could not be answered: the options are text."""
    [message] = messages(Outbound(address="slack:T1/U1", prompt=prompt(labels=("Yes", "No"))))
    assert [block["type"] for block in message.blocks] == ["section", "section"]


def test_a_long_text_becomes_messages_with_the_controls_last():
    """Nothing of a very long text is lost, and no message is too long for Slack."""
    text = "".join(f"Paragraph {number} of the leaflet.\n\n" for number in range(1500))
    parts = shown(replace(prompt(labels=("Yes", "No")), text=text))
    assert len(parts) > 3
    sections = [
        block["text"]["text"] for part in parts for block in part.blocks if block["type"] == "section"
    ]
    assert "".join(sections) == text
    assert [bool(elements(part)) for part in parts] == [False] * (len(parts) - 1) + [True]
    assert all(problems(part.blocks) == [] and text_together(part.blocks) < 13_200 for part in parts)


@pytest.mark.parametrize(
    ("blocks", "text", "word"),
    [
        ([{"type": "divider"}] * 51, "", "50 blocks"),
        ([], "a" * 40_001, "40000 characters"),
        ([{"type": "actions", "elements": [{"type": "checkboxes", "options": [{}] * 11}]}], "", "10 options"),
        (
            [{"type": "actions", "elements": [{"type": "radio_buttons", "options": [{}] * 11}]}],
            "",
            "10 options",
        ),
    ],
)
def test_the_limits_that_the_models_leave_unchecked(blocks, text, word):
    """Fifty blocks, forty thousand characters, ten boxes: refused before Slack refuses them."""
    with pytest.raises(SlackObjectFormationError, match=word):
        check_limits(SlackMessage(text, blocks))


@pytest.mark.parametrize("language", [None, "en", "en-GB", "xx"])
def test_views_are_within_slacks_limits(language):
    """The form passes the other validator, also for a question as long as Slack allows."""
    assert view_problems(write_view("7.1", "a" * 12_000, language)) == []


LABELS = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=120)
PROMPTS = st.builds(
    Prompt,
    text=st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=200).map(lambda t: t * 30),
    kind=st.sampled_from(PromptKind),
    ask=st.integers(0, 5000),
    options=st.lists(
        st.builds(Option, label=LABELS, picked=st.booleans(), control=st.booleans()), max_size=40
    ).map(tuple),
    progress=st.none() | st.just((3, 11)),
    low_label=st.none() | st.just("low"),
    high_label=st.none() | st.just("high"),
    long_text=st.booleans(),
)


@settings(max_examples=60)
@given(PROMPTS)
def test_whatever_a_flow_shows_slack_takes(one):
    """Any prompt of up to forty options becomes messages that the other validator has nothing against."""
    for message in shown(one):
        assert problems(message.blocks) == []
        assert message.blocks
        assert 0 < len(message.text) <= 40_000


@settings(max_examples=200)
@given(st.text(st.sampled_from("ab \n🙂é"), max_size=300), st.integers(4, 60))
def test_splitting_loses_nothing(text, size):
    """The pieces joined are the text, and none is too long in UTF-16 units."""
    pieces = split(text, size)
    assert "".join(pieces) == text
    assert all(units(piece) <= size for piece in pieces)


def test_escaping_is_of_three_characters():
    """Only what Slack reads as control characters is escaped."""
    assert escape("a < b & c > \"d\" 'e'") == "a &lt; b &amp; c &gt; \"d\" 'e'"


def with_trace(one, trace):
    return traced(Outbound(address="slack:T1/U1", prompt=one, conversation=7, refresh=True, trace=trace))


def test_a_trace_keeps_the_text_and_shows_what_was_chosen():
    """The question stays as it was shown, with what was chosen below it in full, and one button."""
    one = prompt(MANY, ("Pain", "Sleep " * 20, "*Done"), progress=(2, 9))
    message = with_trace(one, Trace(("Pain", "Sleep " * 20), change=True, language="de"))
    assert list(texts(message.blocks)) == [
        "2 of 9",
        "Which one?",
        f"\u2713 Pain\n\u2713 {'Sleep ' * 20}",
        "Ändern",
    ]
    [button] = elements(message)
    assert button["value"] == button_payload(7, 1, CHANGE_OPTION)
    assert message.text.startswith("Which one?\n\u2713 Pain")
    assert not problems(message.blocks)


@pytest.mark.parametrize(
    ("trace", "expected"), [(Trace(), ["Which one?"]), (Trace(change=True), ["Which one?", "Change"])]
)
def test_a_trace_may_have_no_choice(trace, expected):
    """An answer in words is not shown, and a question that was put again has no buttons."""
    assert list(texts(with_trace(prompt(), trace).blocks)) == expected


def test_a_trace_of_a_long_question_is_its_last_message():
    """The controls stood under the last part; so does the trace."""
    one = replace(prompt(ONE, ("Yes", "No")), text="word " * 3000)
    assert with_trace(one, Trace(("Yes",), change=True)).text.startswith(messages_of(one)[-1].text[:100])


def messages_of(one):
    return messages(Outbound(address="slack:T1/U1", prompt=one, conversation=7))


def test_what_leads_to_a_question_stands_above_it():
    """One message, whose form shows the question alone; a trace leaves the lead where it is."""
    asked = prompt(labels=("Nurse", "Doctor"), lead="Hello.\n\nThank you.", progress=(2, 9))
    [message] = shown(asked)
    assert list(texts(message.blocks))[:3] == ["Hello.\n\nThank you.", "2 of 9", "Which one?"]
    assert message.text.startswith("Hello.\n\nThank you.\n\nWhich one?")
    assert shown_question({"blocks": message.blocks}) == "Which one?"
    left = traced(Outbound(address="slack:T1/U1", prompt=asked, conversation=7, trace=Trace(("Nurse",))))
    assert list(texts(left.blocks))[:3] == ["Hello.\n\nThank you.", "2 of 9", "Which one?"]


def test_a_lead_without_room_goes_before():
    """The question then stands whole in its own message; a long lead that fits stands in several sections."""
    lead, question = "word " * 2300, "Which? " * 200
    before, last = shown(replace(prompt(lead=lead), text=question))
    assert (next(iter(texts(last.blocks))), "".join(texts(before.blocks))) == (question, lead)
    [message] = shown(prompt(lead="word " * 1300, labels=("Nurse", "Doctor")))
    assert problems(message.blocks) == []


def test_a_lead_makes_room_for_the_choices():
    """Choices that are listed in full count too: Slack refuses more than its limit, and nobody would be asked."""
    labels = tuple(f"{number} {'very long ' * 20}" for number in range(20))
    before, last = shown(prompt(lead="word " * 1800, labels=labels))
    assert "".join(texts(before.blocks)) == "word " * 1800
    assert sum(map(len, texts(last.blocks))) <= MESSAGE_LENGTH
