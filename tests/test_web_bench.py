"""Promises of the people of bench/web.py: they answer every kind of question as a form that the bot takes."""

import random
from urllib.parse import urlencode

import pytest

from bench.in_checkout.page_visitor import answer_to, hidden
from bot.channels.base import Inbound
from bot.channels.web.forms import inbound_of, read_form
from bot.channels.web.port import FormMarks
from bot.channels.web.rendering import conversation_page
from flows.engine.effects import PromptKind
from tests.support.web_pages import asking, idle

MARKS = FormMarks(key="k" * 43, csrf="c" * 32)


@pytest.mark.parametrize("kind", [kind for kind in PromptKind if kind is not PromptKind.SAY])
def test_every_question_is_answered(kind):
    """By what the page offers: a tap, ticks, a step, a day or words; the form carries the page's marks."""
    fields = answer_to(conversation_page(asking(kind, "en"), MARKS), random.Random(1))
    assert fields is not None
    form = read_form(urlencode(fields).encode())
    assert form is not None
    assert isinstance(inbound_of(form, "web:1", 6), Inbound)
    assert form.about == "5"


def test_where_nothing_is_asked_nothing_is_answered():
    """Then they begin anew; a page without a form has no marks."""
    assert answer_to(conversation_page(idle("en", waiting=False), MARKS), random.Random(1)) is None
    assert answer_to("", random.Random(1)) is None
    assert hidden("") == []
