import re
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from bot.channels.email.mails import (
    MailHead,
    code_text,
    compose,
    confirmation_text,
    unsubscribe_fields,
    waiting_text,
)
from bot.channels.email.options import EmailConfig
from bot.channels.email.port import MailTokens
from flows.engine.effects import Prompt, PromptKind
from tests.support.mail_server import html, plain

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TOKENS = MailTokens("QUESTION-TOKEN", "UNSUBSCRIBE-TOKEN", "name-of-it")
CONFIG = EmailConfig(
    host="mail.test",
    sender="talk@example.org",
    sender_name="Talk",
    public_url="https://talk.example.org",
    unsubscribe="stop@example.org",
)
SAID = "You said: \u201cmy myeloma <b>hurts</b>\u201d. How is it now?"
PREVIEW = 150
"""Letters of a mail that a list of mails, or a locked screen, shows at most."""
LANGUAGES = ("en", "de", "es", "fr", "it", "pt", "ar")


def _prompt(language: str = "en") -> Prompt:
    return Prompt(SAID, PromptKind.TEXT, ask=3, language=language)


def _mail(prompt: Prompt, config: EmailConfig = CONFIG, *, shows_question: bool = False) -> EmailMessage:
    head = MailHead("ana@example.org", NOW, TOKENS.name, unsubscribe_fields(TOKENS, config))
    return compose(waiting_text(prompt, TOKENS, config, shows_question=shows_question), head, config)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mail_says_nothing_of_what_it_is_about(language: str) -> None:
    """In every language a mail says that a question waits, has the link twice, and holds no word of the question."""
    mail = _mail(_prompt(language))
    for text in (plain(mail), html(mail)):
        assert "https://talk.example.org/m/QUESTION-TOKEN" in text
        assert "https://talk.example.org/u/UNSUBSCRIBE-TOKEN" in text
        assert "myeloma" not in text
        assert "hurts" not in text
    assert f'lang="{language}"' in html(mail)
    assert ('dir="rtl"' in html(mail)) is (language == "ar")
    assert mail["Content-Language"] == language


def test_every_language_has_its_own_words() -> None:
    """The subject and the first sentence differ from language to language: none falls back to English."""
    mails = [_mail(_prompt(language)) for language in LANGUAGES]
    assert len({str(mail["Subject"]) for mail in mails}) == len(LANGUAGES)
    assert len({plain(mail).partition("\n")[0] for mail in mails}) == len(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_question_stands_last_in_the_mail_that_is_to_show_it(language: str) -> None:
    """It stands beyond what a preview shows, as plain words: its marks are no markup. All else is as without it."""
    mail, neutral = _mail(_prompt(language), shows_question=True), _mail(_prompt(language))
    assert plain(mail) == f"{plain(neutral).rstrip()}\n\n{SAID}\n"
    assert "&lt;b&gt;hurts" in html(mail)
    assert "<b>" not in html(mail)
    assert [(name, mail[name]) for name in ("Subject", "From")] == [
        (name, neutral[name]) for name in ("Subject", "From")
    ]
    shown = re.sub(r"<[^>]*>", " ", html(mail).partition("<body")[2])
    assert shown.index("myeloma") > PREVIEW
    assert plain(mail).index("myeloma") > PREVIEW


def test_words_that_ask_nothing_are_a_message() -> None:
    """Where nothing is asked the mail speaks of a message."""
    mail = _mail(Prompt("Goodbye."))
    assert mail["Subject"] == "A message is waiting for you"


def test_with_https_one_click_ends_mails() -> None:
    """With https both ways stand in List-Unsubscribe, and the field for a mail program's own post (RFC 8058)."""
    fields = dict(unsubscribe_fields(TOKENS, CONFIG))
    assert fields == {
        "List-Unsubscribe": "<https://talk.example.org/u/UNSUBSCRIBE-TOKEN>,"
        " <mailto:stop@example.org?subject=UNSUBSCRIBE-TOKEN>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


@pytest.mark.parametrize("host", ["talk.example.org", "conversations-" * 4 + ".learning-network.example.org"])
def test_one_click_is_written_as_mail_programs_read_it(host: str) -> None:
    """Each field once, one https address in it, and no encoded words, however long the host's name is (RFC 8058)."""
    config = replace(CONFIG, public_url=f"https://{host}", unsubscribe=f"stop@{host}")
    token = "u" * 43
    fields = unsubscribe_fields(MailTokens("q" * 43, token, "n" * 43), config)
    head = MailHead("ana@example.org", NOW, "n" * 43, fields)
    sent = compose(waiting_text(_prompt("ar"), TOKENS, config), head, config).as_bytes()
    lines = sent.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    at = next(place for place, line in enumerate(lines) if line.startswith("List-Unsubscribe:"))
    assert lines[at] == f"List-Unsubscribe: <https://{host}/u/{token}>,"
    assert lines[at + 1] == f" <mailto:stop@{host}?subject={token}>"
    assert lines[at + 2] == "List-Unsubscribe-Post: List-Unsubscribe=One-Click"
    assert sum(line.lower().startswith("list-unsubscribe") for line in lines) == 2
    assert all(len(line) <= 76 for line in lines if line.startswith((" =?", "Subject:")))
    found = message_from_bytes(sent, policy=default)
    assert found["List-Unsubscribe"] == fields[0][1]


def test_without_https_a_mail_ends_mails() -> None:
    """Without https there is no one-click posting: a mail alone, or nothing where no mailbox takes it."""
    here = EmailConfig(
        host="mail.test",
        sender="talk@example.org",
        public_url="http://127.0.0.1:8080",
        unsubscribe="stop@example.org",
    )
    assert dict(unsubscribe_fields(TOKENS, here)) == {
        "List-Unsubscribe": "<mailto:stop@example.org?subject=UNSUBSCRIBE-TOKEN>"
    }
    alone = EmailConfig(host="mail.test", sender="talk@example.org", public_url="http://127.0.0.1:8080")
    assert unsubscribe_fields(TOKENS, alone) == ()


@pytest.mark.parametrize("name", ["Talk\r\nBcc: eve@example.org", "Talk\nX: y"])
def test_no_setting_adds_a_header_field(name: str) -> None:
    """A line break in the sender's name, or in the address, is refused: it never becomes a field of its own."""
    config = EmailConfig(
        host="mail.test", sender="talk@example.org", sender_name=name, public_url="https://talk.example.org"
    )
    with pytest.raises(ValueError, match=r"CR|linefeed|newline|header|invalid"):
        _mail(_prompt(), config)
    head = MailHead("ana@example.org\r\nBcc: eve@example.org", NOW, "n")
    with pytest.raises(ValueError, match=r"CR|linefeed|newline|header|invalid"):
        compose(code_text("1", "en"), head, CONFIG)


def test_a_mail_is_named_and_marked_as_made_by_a_machine() -> None:
    """Its Message-ID has the name that a bounce gives back, and no out-of-office answer is asked for."""
    mail = _mail(_prompt())
    assert mail["Message-ID"] == "<name-of-it@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["From"] == "Talk <talk@example.org>"


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_is_confirmed_by_a_link_and_a_code_stands_in_the_text(language: str) -> None:
    """The confirmation has its link and says what happens without it; a code is in the text, and in no subject."""
    text = confirmation_text("TOKEN", language, CONFIG)
    assert text.link is not None
    assert text.link[1] == "https://talk.example.org/e/TOKEN"
    code = code_text("123456", language)
    assert "123456" in code.text
    assert "123456" not in code.subject
