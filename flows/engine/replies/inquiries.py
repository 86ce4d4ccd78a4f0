"""Answer what people ask the bot: who reads this, how long it takes, why it asks; then put what waits again.

Theory. A question of a participant is no answer to ours. It is answered from the program's own words by the bot, which
knows what is planned and kept; the open question, or the menu before it, stays open and comes again. Words of concern
are never taken for one. Under a question for own words only a message that is nothing but such a question is one:
a story that ends in a question is a story. What a message says beside its question is a remark.
"""

from typing import Final

from flows.engine.commands import carry_out
from flows.engine.effects import AnswerInquiry
from flows.engine.interpretation import is_a_label
from flows.engine.interruptions.safety_report import REPORT
from flows.engine.interruptions.table import show_what_waits
from flows.engine.remarks import keep_remark, say_kept
from flows.engine.turn import Turn, Waiting
from flows.inquiries.inquiry import SOCIAL, Inquiry
from flows.inquiries.reading import MAY_BE_TOLD, InquiryReading, is_worth_keeping, may_be_told, read_inquiries
from flows.parsing.commands import GlobalWord, global_word
from flows.script.model import AskText

_COMMANDS: Final = {Inquiry.WHAT_SAID: GlobalWord.MY_DATA, Inquiry.CALL_ME: GlobalWord.HUMAN}
"""What is asked for by a command, too."""
_MAY_REPORT: Final = SOCIAL | _COMMANDS.keys() | {Inquiry.MEDICAL}
"""What may answer a question for a safety report ('the tablets?', 'please call me'), and is kept with the case."""


def answer_inquiry(turn: Turn, waiting: Waiting, text: str, message_id: str | None) -> bool:
    """Answer words that ask the bot something, and put again what waits; return whether they do.

    Not so for words of concern, for commands, and for a label of the question `waiting`. `message_id` is the platform's
    name of the message.
    """
    language = turn.state.language
    asked = None if turn.of_concern else read_inquiries(text, language)
    if asked is None or global_word(text, language) is not None:
        return False
    if is_a_label(waiting, text) or not _is_meant(turn, waiting, asked, text):
        return False
    turn.heard = True
    turn.change(paused=False)
    if is_worth_keeping(asked, text) and keep_remark(turn, text, message_id, waiting) and asked.rest:
        say_kept(turn)
    _answer(turn, waiting, asked.inquiries)
    return True


def _answer(turn: Turn, waiting: Waiting, inquiries: tuple[Inquiry, ...]) -> None:
    """Have inquiries answered, those last that are commands too, which put the open question again by themselves."""
    prompt = turn.open_prompt()
    wishes = [_COMMANDS[inquiry] for inquiry in inquiries if inquiry in _COMMANDS]
    for inquiry in inquiries:
        if inquiry not in _COMMANDS:
            turn.emit(AnswerInquiry(inquiry, None if prompt is None else prompt.progress))
    for wish in wishes:
        carry_out(turn, waiting, wish)
    if not wishes:
        show_what_waits(turn)


def answer_early_inquiry(turn: Turn, waiting: Waiting, text: str) -> bool:
    """Answer words that came too early for the open question and are nothing but a question to the bot."""
    asked = read_inquiries(text, turn.state.language)
    if asked is None or asked.rest or not SOCIAL.isdisjoint(asked.inquiries):
        return False
    return answer_inquiry(turn, waiting, text, None)


def _is_meant(turn: Turn, waiting: Waiting, asked: InquiryReading, text: str) -> bool:
    """Return whether a question that was read is more than the end of a story, thanks in place of one, or a statement.

    Under the questions for a safety report it must be all of the message, and none that may be an answer there.
    """
    aside = turn.state.aside
    if aside is not None:
        is_of_report = turn.state.asks[aside].slot.startswith(REPORT)
        return not is_of_report or (not asked.rest and _MAY_REPORT.isdisjoint(asked.inquiries))
    if not waiting.probe and not isinstance(waiting.context.node.question, AskText):
        return True
    if asked.rest or Inquiry.THANKS in asked.inquiries:
        return False
    return MAY_BE_TOLD.isdisjoint(asked.inquiries) or not may_be_told(text)
