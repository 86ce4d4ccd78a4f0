"""A prompt -> the messages and buttons that show it on Telegram."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import Outbound, read_button
from bot.channels.telegram.outbound import (
    LONG_LABEL,
    MAX_BUTTONS,
    MessagePart,
    split_text,
    to_parts,
    to_rows,
    trace_rows,
    units,
)
from flows.engine.effects import CHANGE_OPTION, CHOSEN_OPTION, Option, Prompt, PromptKind, Trace
from tests.support.telegram_channel import outbound

FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
FLAG = "\U0001f1e9\U0001f1ea"
LONG = "I will discuss the choice of the next line of treatment with every patient"


def labels(message: Outbound) -> list[list[str]]:
    return [[button.label for button in row] for row in to_rows(message)]


def many(*options: Option) -> Outbound:
    return outbound("Which?", kind=PromptKind.SELECT_MANY, options=options)


def scale(low: int, high: int) -> Outbound:
    return outbound(
        "How sure?",
        *[str(step) for step in range(low, high + 1)],
        kind=PromptKind.SCALE,
        low_label="Not at all",
        high_label="Fully",
    )


def test_progress_stands_above_the_question() -> None:
    """Where one is in the conversation is read first."""
    assert to_parts(outbound("How are you?", progress=(3, 11))) == (MessagePart("3 of 11\n\nHow are you?"),)


def test_buttons_carry_numbers_and_nothing_else() -> None:
    """Whoever reads a payload learns nothing; it names the conversation, the question and the choice."""
    rows = to_rows(outbound("Well?", "Yes", "No"))
    assert [read_button(button.payload) for button in rows[0]] == [(26, 4, 0), (26, 4, 1)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (outbound("?", "Yes", "No"), [["Yes", "No"]]),
        (outbound("?", "Yes", "No", "Maybe"), [["Yes", "No", "Maybe"]]),
        (outbound("?", "Every day", "Sometimes", "Never"), [["Every day", "Sometimes"], ["Never"]]),
        (outbound("?", "I talk to the nurse first", "No"), [["I talk to the nurse first"], ["No"]]),
        (scale(1, 5), [["1", "2", "3", "4", "5"]]),
        (scale(0, 10), [["0", "1", "2", "3", "4", "5"], ["6", "7", "8", "9", "10"]]),
        (
            many(Option("Pain", picked=True), Option("Sleep"), Option("Done", control=True)),
            [["[x] Pain"], ["[ ] Sleep"], ["Done"]],
        ),
        (
            outbound(
                "When?",
                kind=PromptKind.DATE,
                options=(Option("Today"), Option("Tomorrow"), Option("Skip", control=True)),
            ),
            [["Today", "Tomorrow"], ["Skip"]],
        ),
        (outbound("Tell me."), []),
    ],
)
def test_rows_of_buttons(message: Outbound, expected: list[list[str]]) -> None:
    """Short labels stand side by side, a scale in a line, toggles in a column, controls apart."""
    assert labels(message) == expected


def test_numbers_to_tap_stand_side_by_side() -> None:
    """Zero to ten are two rows, and what is no number stands below them, though its label is long."""
    numbers = [str(number) for number in range(11)]
    shown = labels(
        outbound("How many?", *numbers, "I had fewer than 10", "Don't know", kind=PromptKind.NUMBER)
    )
    assert shown == [numbers[:6], numbers[6:], ["I had fewer than 10"], ["Don't know"]]


def test_the_ends_of_a_scale_are_named_in_the_text() -> None:
    """A row of bare numbers would mean nothing to a screen reader."""
    assert to_parts(scale(1, 5))[0].text == "How sure?\n\n1 = Not at all\n5 = Fully"


def test_long_labels_stand_in_the_text_with_numbers() -> None:
    """A button shows the start of a long label, the text all of it; the number may be typed."""
    (part,) = to_parts(outbound("Which?", LONG, "Other"))
    assert part.text == f"Which?\n\n1. {LONG}\n2. Other"
    assert [row[0].label for row in part.rows] == [
        "1. I will discuss the choice of the next\u2026",
        "2. Other",
    ]


def test_a_label_that_just_fits_is_shown_whole() -> None:
    """No number and no dots where there is room."""
    label = "x" * LONG_LABEL
    (part,) = to_parts(outbound("Which?", label))
    assert (part.text, part.rows[0][0].label) == ("Which?", label)


def test_controls_have_no_number_in_the_text() -> None:
    """Done is a button, not a choice."""
    (part,) = to_parts(many(Option(LONG), Option("Done", control=True)))
    assert part.text == f"Which?\n\n1. {LONG}"
    assert part.rows[-1][0].label == "Done"


@pytest.mark.parametrize(("conversation", "ask", "count"), [(None, 4, 2), (26, None, 2), (26, 4, 101)])
def test_choices_that_cannot_be_tapped_are_numbered(
    conversation: int | None, ask: int | None, count: int
) -> None:
    """Without a question to name, or with more than Telegram takes, the choices are there to be typed."""
    prompt = outbound("Which?", *[f"No. {number}" for number in range(count)], ask=ask).prompt
    (part,) = to_parts(Outbound(address="telegram:1", prompt=prompt, conversation=conversation))
    assert part.rows == ()
    assert part.text.startswith("Which?\n\n1. No. 0\n2. No. 1")


def test_markup_in_words_is_left_as_it_is() -> None:
    """Nothing is escaped, for nothing is read as markup."""
    text = "*a* _b_ <i>c</i> [d](http://e.example) `f`"
    assert to_parts(outbound(text))[0].text == text


def test_buttons_stand_under_the_last_part() -> None:
    """A long question keeps its buttons at the end, where the eye is."""
    first, last = to_parts(outbound("word " * 1000, "Yes", "No"))
    assert (first.rows, len(last.rows)) == ((), 1)


@pytest.mark.parametrize(
    ("text", "limit", "parts"),
    [
        ("short", 10, ("short",)),
        ("one two three", 8, ("one two", "three")),
        ("first par\n\nsecond", 12, ("first par", "second")),
        ("line one\nline two", 12, ("line one", "line two")),
        ("It is so. And more", 14, ("It is so.", "And more")),
        ("abcdefghij", 4, ("abcd", "efgh", "ij")),
        ("aaa\U0001f600\U0001f600", 4, ("aaa", "\U0001f600\U0001f600")),
        ("abce\u0301f", 4, ("abc", "e\u0301f")),
        (f"ab{FAMILY}", 9, ("ab", FAMILY)),
        (f"a{FLAG}{FLAG}", 7, (f"a{FLAG}", FLAG)),
        ("", 5, ("",)),
    ],
)
def test_long_text_is_cut_where_it_reads_best(text: str, limit: int, parts: tuple[str, ...]) -> None:
    """Paragraphs, lines, sentences, words; never inside an accented letter, a joined emoji or a flag."""
    assert split_text(text, limit) == parts


@given(st.text(max_size=400), st.integers(4, 50))
def test_no_part_is_too_long_and_no_word_is_lost(text: str, limit: int) -> None:
    """Whatever the text: every part fits as Telegram counts, and all but white space is there."""
    parts = split_text(text, limit)
    assert all(units(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(units(part) == len(part.encode("utf-16-le", "surrogatepass")) // 2 for part in parts)


def test_a_prompt_is_hashable() -> None:
    """What was sent in part is remembered by its message."""
    assert hash(outbound("a", "b")) == hash(outbound("a", "b"))
    assert isinstance(outbound().prompt, Prompt)


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        (Trace(("Red",), change=True), ["\u2713 Red", "Change"]),
        (Trace(("Pain", "Sleep"), change=True), ["\u2713 Pain", "\u2713 Sleep", "Change"]),
        (Trace((), change=True), ["Change"]),
        (Trace(("Rot",), change=True, language="de"), ["\u2713 Rot", "Ändern"]),
        (Trace((LONG,), change=True), ["\u2713 I will discuss the choice of the next li\u2026", "Change"]),
        (Trace(), []),
    ],
)
def test_what_was_chosen_stands_in_place_of_the_buttons(trace: Trace, expected: list[str]) -> None:
    """One row each, a long label cut, and 'Change' below in the person's language; an empty trace has no buttons."""
    rows = trace_rows(outbound("Which?", "Red", "Blue"), trace)
    assert [button.label for row in rows for button in row] == expected
    assert all(len(row) == 1 for row in rows)


def test_buttons_of_a_trace_name_their_question() -> None:
    """What was chosen and 'Change' carry places that no choice has."""
    [[chosen], [change]] = trace_rows(outbound("Which?", "Red"), Trace(("Red",), change=True))
    assert read_button(chosen.payload) == (26, 4, CHOSEN_OPTION)
    assert read_button(change.payload) == (26, 4, CHANGE_OPTION)


def test_a_trace_of_very_many_choices_fits() -> None:
    """Telegram takes no more buttons, and 'Change' is the last of them."""
    chosen = tuple(f"Choice {number}" for number in range(MAX_BUTTONS + 20))
    rows = trace_rows(outbound("Which?", "Red"), Trace(chosen, change=True))
    assert (len(rows), rows[-1][0].label) == (MAX_BUTTONS, "Change")


def test_what_leads_to_a_question_stands_above_it():
    """One message: what is said, how far along, what is asked; the buttons under all of it."""
    [part] = to_parts(outbound("Your role?", "Nurse", lead="Hello.\n\nThank you.", progress=(2, 9)))
    assert part.text == "Hello.\n\nThank you.\n\n2 of 9\n\nYour role?"
    assert [button.label for row in part.rows for button in row] == ["Nurse"]


def test_a_lead_without_room_goes_before():
    """The question then stands whole in its own message; neither is ever longer than Telegram takes."""
    lead, question = "word " * 800, "Which? " * 20
    *before, last = to_parts(outbound(question.strip(), "Nurse", lead=lead.strip()))
    assert [part.text for part in before] == [lead.strip()]
    assert (last.text, bool(last.rows)) == (question.strip(), True)
    long = to_parts(outbound("\U0001f600" * 4000, "Nurse", lead="\U0001f600" * 4000))
    assert all(units(part.text) <= 4096 for part in long)
    assert [bool(part.rows) for part in long] == [False] * (len(long) - 1) + [True]
