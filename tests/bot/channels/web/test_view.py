"""How a question is laid out, how a history falls into days, and what in a text is a link."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.page_languages import language_name
from bot.channels.web.port import OpenQuestion, PageAuthor, PageMessage
from bot.channels.web.view import (
    AnswerLayout,
    answer_view,
    history_view,
    minutes_in_words,
    offers_skip,
    paragraphs,
)
from flows.engine.effects import Option, Prompt, PromptKind
from tests.support.web_pages import open_question

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def asked(
    kind: PromptKind, *labels: str, controls: tuple[str, ...] = (), ask: int | None = 7
) -> OpenQuestion:
    """A question with these choices and controls."""
    options = (*(Option(one) for one in labels), *(Option(one, control=True) for one in controls))
    return OpenQuestion(prompt=Prompt("Which?", kind, ask, options=options), number=1, conversation=5)


@pytest.mark.parametrize(
    ("question", "layout", "choices", "others"),
    [
        (asked(PromptKind.TEXT), AnswerLayout.WORDS, 0, 0),
        (asked(PromptKind.TEXT, "Nothing comes to mind just now"), AnswerLayout.LIST, 1, 0),
        (asked(PromptKind.SELECT_ONE, "a", "b", "c", "d"), AnswerLayout.LIST, 4, 0),
        (asked(PromptKind.SELECT_ONE, "Partly", "Fully"), AnswerLayout.BESIDE, 2, 0),
        (asked(PromptKind.SELECT_ONE, "Partly", "Something longer"), AnswerLayout.LIST, 2, 0),
        (asked(PromptKind.CONSENT, "Yes", "No"), AnswerLayout.BESIDE, 2, 0),
        (asked(PromptKind.CONFIRM, "Yes", "No"), AnswerLayout.BESIDE, 2, 0),
        (asked(PromptKind.SELECT_MANY, "a", "b", controls=("Done",)), AnswerLayout.CHECKS, 2, 0),
        (asked(PromptKind.SELECT_MANY, "a", "b"), AnswerLayout.BESIDE, 2, 0),
        (asked(PromptKind.SCALE, "1", "2", "3"), AnswerLayout.SCALE, 3, 0),
        (asked(PromptKind.SCALE), AnswerLayout.WORDS, 0, 0),
        (asked(PromptKind.NUMBER, "1", "2", "3", "4", "More"), AnswerLayout.TILES, 4, 1),
        (asked(PromptKind.NUMBER, "1", "2", "I do not know it"), AnswerLayout.LIST, 3, 0),
        (asked(PromptKind.NUMBER), AnswerLayout.WORDS, 0, 0),
        (asked(PromptKind.DATE, "Not yet"), AnswerLayout.DAY, 0, 1),
        (asked(PromptKind.SELECT_ONE, "a", "b", ask=None), AnswerLayout.WORDS, 0, 0),
    ],
)
def test_each_kind_has_its_layout(question: OpenQuestion, layout: AnswerLayout, choices: int, others: int):
    """Short choices stand side by side, numbers in rows; boxes, scales and days have their native fields."""
    shown = answer_view(question)
    assert (shown.layout, len(shown.choices), len(shown.others)) == (layout, choices, others)


def test_a_tap_names_its_option_by_its_place():
    """Every button's payload has the place of its option among all, whatever stands before it on the page."""
    shown = answer_view(asked(PromptKind.SELECT_ONE, "a", "b", controls=("Skip",)))
    assert [one.payload for one in (*shown.choices, *shown.controls)] == ["5.7.0", "5.7.1", "5.7.2"]
    assert shown.whole == "5.7"


def test_the_last_control_of_boxes_sends_them():
    """'Done' is no control among others: it is what sends the boxes, and says so in its own words."""
    shown = answer_view(asked(PromptKind.SELECT_MANY, "a", "b", controls=("Skip", "Ready")))
    assert shown.done == "Ready"
    assert [one.label for one in shown.controls] == ["Skip"]


@pytest.mark.parametrize(
    ("labels", "numbers"), [(("a", "b", "c", "d"), [1, 2, 3, 4]), (("One thing alone",), [None])]
)
def test_a_choice_shows_the_number_that_may_be_typed(labels: tuple[str, ...], numbers: list[int | None]):
    """Choices are numbered from 1, as words like '2' are read; one alone needs none."""
    assert [one.number for one in answer_view(asked(PromptKind.SELECT_ONE, *labels)).choices] == numbers


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_a_question_may_have_its_own_skip(language: str):
    """It is known by what it says in the question's language, so that there are not two on a page."""
    assert offers_skip(open_question(PromptKind.TEXT, language))
    assert not offers_skip(open_question(PromptKind.CONSENT, language))


def test_a_new_day_is_named_once():
    """Each day stands before its first message; a time stands once where more is said in the same minute."""
    said = [
        PageMessage(name=str(place), author=author, text="x", at=at)
        for place, (author, at) in enumerate(
            [
                (PageAuthor.BOT, NOON - timedelta(days=1)),
                (PageAuthor.BOT, NOON),
                (PageAuthor.BOT, NOON),
                (PageAuthor.PERSON, NOON),
                (PageAuthor.BOT, None),
            ]
        )
    ]
    shown = list(history_view(said, 4, "en"))
    assert [one.day for one in shown] == ["Sunday, 1 March 2026", "Monday, 2 March 2026", "", "", ""]
    assert [bool(one.time) for one in shown] == [True, False, True, True, False]
    assert [one.is_news for one in shown] == [False, False, False, False, True]


HELP = "In danger, call 112 or 0800 111 0 111.\n\nSee https://help.example/a?b=c. Open 24/7, 9-17."


def test_links_are_only_made_where_they_are_ours():
    """Without leave nothing in a text is a link, be it an address or a number."""
    assert all(not one.link for part in paragraphs(HELP) for line in part for one in line)


def test_help_can_be_called_by_a_tap():
    """Telephone numbers and addresses lead there; hours do not."""
    found = [
        (one.text, one.link)
        for part in paragraphs(HELP, links=True, telephones=True)
        for line in part
        for one in line
        if one.link
    ]
    assert found == [
        ("112", "tel:112"),
        ("0800 111 0 111", "tel:08001110111"),
        ("https://help.example/a?b=c", "https://help.example/a?b=c"),
    ]


@pytest.mark.parametrize(
    "text", ["javascript:alert(1)", "http://plain.example", "data:text/html,x", "//x.example"]
)
def test_no_other_scheme_becomes_a_link(text: str):
    """Only https is followed."""
    assert [one.link for one in paragraphs(text, links=True)[0][0]] == [""]


@given(st.lists(st.sampled_from([*"a1 -+().,\n\u2068/:h", "https://x.y"]), max_size=40))
def test_nothing_of_a_text_is_lost(pieces: list[str]):
    """What the parts say is what the text says, but for the white space between paragraphs."""
    text = "".join(pieces)
    said = "".join(
        one.text for part in paragraphs(text, links=True, telephones=True) for line in part for one in line
    )
    assert "".join(said.split()) == "".join(text.split())


def test_blank_lines_part_paragraphs_and_others_stay():
    """A list of lines stays one; a blank line begins a paragraph."""
    assert [[line[0].text for line in part] for part in paragraphs("a\nb\n \n\nc")] == [["a", "b"], ["c"]]
    assert paragraphs("  \n ") == []


@pytest.mark.parametrize(
    ("language", "name"),
    [
        ("de", "Deutsch"),
        ("en", "English"),
        ("fr", "Français"),
        ("ar", "العربية"),
        ("pt-BR", "Português (Brasil)"),
    ],
)
def test_a_language_is_called_as_it_calls_itself(language: str, name: str):
    """Whoever looks for their language knows it by its own name."""
    assert language_name(language) == name


def test_minutes_are_counted_as_the_language_does():
    """Also in Arabic, which has a form of its own for two and for few."""
    assert minutes_in_words(10, "de") == "10 Minuten"
    assert minutes_in_words(90, "en") == "90 minutes"
    assert minutes_in_words(3, "ar") == "3 دقائق"
