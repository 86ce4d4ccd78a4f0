"""Make the HTML of the pages out of plain data. Pure: the same page comes out for the same data.

Whatever a person, a script or a program says is escaped. The style, the script and the icon are assets of our own
(`assets`): pages ask for nothing else, and hold neither style nor script themselves.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.channels.page_languages import language_name
from bot.channels.web import port
from bot.channels.web.port import (
    AnswerDraft,
    ConversationPage,
    FormField,
    FormMarks,
    FormProblem,
    InvitationPreview,
    LinkPage,
    MailPage,
    NoticeKind,
    OpenQuestion,
    PageAsset,
    PageAuthor,
    PageNotice,
    TryPage,
)
from bot.channels.web.view import (
    LONG_QUESTION,
    AnswerLayout,
    answer_view,
    history_view,
    minutes_in_words,
    offers_skip,
    paragraphs,
)
from flows.i18n.say import Sentence, say
from flows.i18n.say_in_mail import MailSentence, say_in_mail
from flows.text.templates import is_right_to_left

_TEMPLATES: Final = Path(__file__).parent / "templates"
_ASSETS: Final = {
    "style": ("page.css", "text/css; charset=utf-8"),
    "script": ("page.js", "text/javascript; charset=utf-8"),
    "icon": ("icon.svg", "image/svg+xml"),
}
"""What a template calls an asset, with its file and its type."""

_PROBLEMS: Final[Mapping[FormProblem, Sentence]] = {
    FormProblem.NO_WORDS: Sentence.UNREAD_TEXT,
    FormProblem.TOO_LONG: Sentence.PAGE_TOO_LONG,
    FormProblem.NOTHING_PICKED: Sentence.PAGE_NOTHING_PICKED,
    FormProblem.NO_DAY: Sentence.PAGE_NO_DAY,
    FormProblem.STALE: Sentence.PAGE_STALE,
}
WORDS_PROBLEMS: Final = frozenset({FormProblem.NO_WORDS, FormProblem.TOO_LONG})
"""What is wrong with typed words: it is said at their field."""
PICK_PROBLEMS: Final = frozenset({FormProblem.NOTHING_PICKED, FormProblem.NO_DAY})
"""What is wrong with a pick: it is said at the choices. All else is said above the question."""

_NOTICES: Final[Mapping[NoticeKind, tuple[Sentence, Sentence]]] = {
    NoticeKind.LINK_NEEDED: (Sentence.SLACK_HOME_TITLE, Sentence.INVITATION_NEEDED),
    NoticeKind.LINK_UNKNOWN: (Sentence.PAGE_LINK_DEAD, Sentence.INVITATION_WRONG),
    NoticeKind.LINK_USED: (Sentence.PAGE_LINK_DEAD, Sentence.INVITATION_USED),
    NoticeKind.LINK_EXPIRED: (Sentence.PAGE_LINK_DEAD, Sentence.INVITATION_EXPIRED),
    NoticeKind.NOT_READY: (Sentence.PAGE_NOT_READY, Sentence.PAGE_NOT_READY_TEXT),
    NoticeKind.REFUSED_HERE: (Sentence.PAGE_LINK_DEAD, Sentence.INVITATION_ROLE),
    NoticeKind.FORGOTTEN: (Sentence.PAGE_FORGOTTEN, Sentence.PAGE_FORGOTTEN_TEXT),
    NoticeKind.NOT_FOUND: (Sentence.PAGE_NOT_FOUND, Sentence.INVITATION_NEEDED),
    NoticeKind.TOO_LARGE: (Sentence.PAGE_LARGE, Sentence.PAGE_TOO_LONG),
    NoticeKind.TOO_MANY: (Sentence.PAGE_TOO_MANY, Sentence.PAGE_TOO_MANY_TEXT),
    NoticeKind.OUR_ERROR: (Sentence.PAGE_OUR_ERROR, Sentence.PAGE_OUR_ERROR_TEXT),
}
"""What a notice is headed with, and what it says."""
_TO_TRY_AGAIN: Final = frozenset({NoticeKind.TOO_MANY, NoticeKind.OUR_ERROR, NoticeKind.TOO_LARGE})
"""Notices after which the conversation may be opened again."""


def conversation_page(page: ConversationPage, marks: FormMarks) -> str:
    """Return the page of a conversation: its history, the open question with its forms, and what else can be done."""
    news = 1 + max(
        (place for place, one in enumerate(page.messages) if one.author is PageAuthor.PERSON), default=-1
    )
    question = page.open_question
    draft = _draft(question, marks.draft)
    return _render(
        "conversation.html.jinja",
        page.language,
        page=page,
        marks=marks,
        languages=page.languages,
        history=list(history_view(page.messages, news, page.language)),
        news_is_question=news == len(page.messages),
        question=question,
        draft=draft,
        answer=None if question is None else answer_view(question, draft),
        own_skip=question is not None and offers_skip(question),
        problem=None if marks.problem is None else say(_PROBLEMS[marks.problem], page.language),
        words_problem=marks.problem in WORDS_PROBLEMS,
        pick_problem=marks.problem in PICK_PROBLEMS,
    )


def _draft(question: OpenQuestion | None, given: AnswerDraft) -> AnswerDraft:
    """Return what stands in the fields: what was `given` with the last form, else what was not taken before."""
    if question is None or given.question or given.step:
        return given
    return replace(question.draft, words=given.words or question.draft.words)


def invitation_page(preview: InvitationPreview, marks: FormMarks) -> str:
    """Return the page of an invitation: what it is, who asks, how long it takes, and a button that begins."""
    return _render(
        "invitation.html.jinja",
        preview.language,
        preview=preview,
        marks=marks,
        languages=preview.languages,
        time=None if preview.minutes is None else minutes_in_words(preview.minutes, preview.language),
    )


def forget_page(language: str, languages: tuple[str, ...], marks: FormMarks, chosen: str = "") -> str:
    """Return the page that asks whether this device is to be forgotten; `chosen` is its language where one was."""
    return _render("forget.html.jinja", language, languages=languages, marks=marks, chosen=chosen)


def mail_page(page: MailPage, marks: FormMarks) -> str:
    """Return a page about mails: what is asked or told, with its forms."""
    return _render("mail.html.jinja", page.language, page=page, marks=marks)


def link_page(page: LinkPage, marks: FormMarks) -> str:
    """Return the page with the field for a code that joins another app."""
    said = {
        "title": MailSentence.CODE_SUBJECT,
        "button": MailSentence.CODE_GO,
        "problem": MailSentence.CODE_WRONG,
    }
    words = {name: say_in_mail(one, page.language) for name, one in said.items()}
    return _render("link.html.jinja", page.language, page=page, marks=marks, **words)


def try_page(page: TryPage, marks: FormMarks) -> str:
    """Return the page on which somebody who tries the program chooses whom to play."""
    return _render("try.html.jinja", page.language, page=page, marks=marks)


def notice_page(notice: PageNotice) -> str:
    """Return a page that holds one notice."""
    title, text = _NOTICES[notice.kind]
    return _render(
        "notice.html.jinja",
        notice.language,
        notice=notice,
        languages=notice.languages,
        title=say(title, notice.language),
        text=say(text, notice.language),
        again=notice.kind in _TO_TRY_AGAIN,
        code=say_in_mail(MailSentence.CODE_SUBJECT, notice.language)
        if notice.kind is NoticeKind.LINK_NEEDED
        else "",
    )


@cache
def assets() -> Mapping[str, PageAsset]:
    """Return the assets that pages ask for, by their paths; a path changes with what is in the file."""
    return {one.path: one for one in _assets().values()}


@cache
def _assets() -> Mapping[str, PageAsset]:
    """Return the assets by what the templates call them."""
    return {name: _asset(*file) for name, file in _ASSETS.items()}


def _asset(file: str, media_type: str) -> PageAsset:
    content = (_TEMPLATES / file).read_bytes()
    stem, _, ending = file.partition(".")
    path = f"{port.ASSET_PATH}{stem}-{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
    return PageAsset(path, content, media_type)


@cache
def _environment() -> Environment:
    """Return the environment of the templates: each is read once, and a name that is missing is an error."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.globals.update(
        {
            "S": Sentence,
            "M": MailSentence,
            "field": FormField,
            "layouts": AnswerLayout,
            "authors": PageAuthor,
            "port": port,
            "assets": {name: one.path for name, one in _assets().items()},
            "direction": direction,
            "language_name": language_name,
            "LONG_QUESTION": LONG_QUESTION,
        }
    )
    environment.filters["paragraphs"] = paragraphs
    return environment


def direction(language: str) -> str:
    """Return which way a language is written, as HTML says it: `ltr` or `rtl`."""
    return "rtl" if is_right_to_left(language) else "ltr"


def _render(template: str, language: str, **shown: Any) -> str:
    """Render a page in a language; its own sentences come by `t`, those of mails by `m`."""
    says = {"t": partial(_say, language), "m": partial(_say_in_mail, language)}
    return _environment().get_template(template).render(language=language, **says, **shown)


def _say(language: str, sentence: Sentence, **fields: object) -> str:
    return say(sentence, language, **fields)


def _say_in_mail(language: str, sentence: MailSentence, **fields: str) -> str:
    return say_in_mail(sentence, language, **fields)
