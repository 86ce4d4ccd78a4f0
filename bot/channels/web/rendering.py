"""Render pages: a stand-in until the templates are there."""

from html import escape

from bot.channels.base import button_payload
from bot.channels.web.port import (
    ConversationPage,
    FormMarks,
    InvitationPreview,
    PageAsset,
    PageNotice,
)
from flows.engine.effects import PromptKind


def assets() -> tuple[PageAsset, ...]:
    return ()


def invitation_page(preview: InvitationPreview, marks: FormMarks) -> str:
    return (
        f'<form method=post action="/c/{preview.token}">{_marks(marks, 0, "")}<button>Begin</button></form>'
    )


def notice_page(notice: PageNotice) -> str:
    return f"<p>{notice.kind}</p>"


def _marks(marks: FormMarks, newest: int, about: object) -> str:
    fields = {"key": marks.key, "csrf": marks.csrf, "newest": newest, "about": about}
    return "".join(f'<input type=hidden name={name} value="{value}">' for name, value in fields.items())


def conversation_page(page: ConversationPage, marks: FormMarks) -> str:
    said = "".join(f"<p class={one.author}>{escape(one.text)}</p>" for one in page.messages)
    question = page.open_question
    about = "" if question is None else question.number
    out = [said]
    if marks.problem:
        out.append(f"<p class=problem>{marks.problem}</p>")
    out.append(f"<form method=post action=/talk>{_marks(marks, page.newest, about)}")
    if question is not None:
        prompt = question.prompt
        out.append(f"<p class=question>{escape(prompt.whole_text)}</p>")
        assert question.conversation is not None
        for place, option in enumerate(prompt.options):
            payload = button_payload(question.conversation, prompt.ask or 0, place)
            if prompt.kind is PromptKind.SELECT_MANY and not option.control:
                out.append(
                    f"<label><input type=checkbox name=pick value={place}>{escape(option.label)}</label>"
                )
            else:
                out.append(f"<button name=tap value={payload}>{escape(option.label)}</button>")
        whole = button_payload(question.conversation, prompt.ask or 0)
        if prompt.kind is PromptKind.SELECT_MANY:
            out.append(f"<button name=done value={whole}>Done</button>")
        if prompt.kind is PromptKind.DATE:
            out.append(f"<input type=date name=day><button name=date value={whole}>Send</button>")
    out.append(f"<textarea name=words>{escape(marks.draft)}</textarea><button>Send</button></form>")
    return "<!doctype html>" + "".join(out)
