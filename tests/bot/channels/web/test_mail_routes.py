import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.channels.web import rendering
from bot.channels.web.mail_door import OpenedMail
from bot.channels.web.mail_routes import limited
from bot.channels.web.port import ConversationPage, FormMarks, OpenQuestion, PageAuthor, PageMessage
from flows.engine.effects import Option, Prompt, PromptKind

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPENED = OpenedMail("email:ann@example.org", AT)


def _said(name: str, author: PageAuthor, minutes: int) -> PageMessage:
    return PageMessage(name=name, author=author, text=f"words of {name}", at=AT + timedelta(minutes=minutes))


def _page() -> ConversationPage:
    prompt = Prompt("How is it?", PromptKind.SELECT_ONE, ask=1, options=(Option("Well"), Option("Not well")))
    return ConversationPage(
        language="en",
        messages=(
            _said("before", PageAuthor.BOT, -60),
            _said("mine", PageAuthor.PERSON, 1),
            _said("after", PageAuthor.BOT, 2),
        ),
        open_question=OpenQuestion(prompt=prompt, number=1000, conversation=1),
        older="/talk?before=1",
    )


def test_the_link_of_a_mail_shows_nothing_that_was_said_before() -> None:
    """Neither what came before the mail, nor what its reader said; what is said to them now stands there."""
    shown = limited(_page(), "TOKEN", OPENED)
    assert [one.name for one in shown.messages] == ["after"]
    assert shown.older is None
    silent = replace(_page(), messages=_page().messages[:1])
    assert limited(silent, "TOKEN", OPENED).messages == ()


def test_all_forms_of_such_a_page_are_posted_to_it() -> None:
    """Choices, words and commands go where the link leads: the reader has no cookie."""
    html = rendering.conversation_page(limited(_page(), "TOKEN", OPENED), FormMarks(key="k" * 43))
    assert set(re.findall(r'action="([^"]*)"', html)) == {"/m/TOKEN"}
    assert "/m/TOKEN/code" in html
    assert "/forget" not in html
