"""Open the safety team's cases, and keep with them what participants answer for a report."""

from typing import Final, assert_never

from bot.team import alerts
from bot.turn_context import TurnContext
from flows.engine.effects import OpenCase, RecordReportAnswer
from flows.engine.interruptions.safety_notice import ReportQuestion
from flows.i18n.localized_flow import Localizations
from flows.program.model import ProgramFile
from flows.program.safety import SafetyProfile
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import FindingKind, ReportElement, scan
from storage.conversations.conversations import ConversationRecord
from storage.conversations.writes import CommitStage
from storage.programs import programs
from storage.safety import cases
from storage.safety.manual_flags import report_due_at
from storage.safety.report_answers import ReportAnswer, record_report_answer
from storage.schema import SafetyKind

_ELEMENT: Final = {
    ReportQuestion.WHAT: ReportElement.REACTION,
    ReportQuestion.WHICH: ReportElement.PRODUCT,
    ReportQuestion.WHO: ReportElement.PATIENT,
    ReportQuestion.CONTACT: ReportElement.REPORTER,
}


def keep_case(turn: TurnContext, finding: cases.CaseFinding, localizations: Localizations) -> None:
    """Open a case or add to the open one; alert the team to a new one, and to distress every time."""
    case_id, is_new = cases.open_or_extend(turn.connection, finding, turn.now)
    if is_new or finding.kind is SafetyKind.DISTRESS:
        alerts.of_case(turn, localizations, case_id, is_new=is_new)


def keep_for_report(
    turn: TurnContext,
    conversation: ConversationRecord,
    effect: RecordReportAnswer | OpenCase,
    localizations: Localizations,
) -> None:
    """Have the commit keep an answer for a report with its case, or open a case for what a question asked for."""
    match effect:
        case RecordReportAnswer():
            turn.during_commit(CommitStage.EFFECT, _note_report_answer, conversation, effect)
        case OpenCase():
            turn.during_commit(CommitStage.SAFETY, _open_solicited, conversation, effect, localizations)
        case _:
            assert_never(effect)


def _open_solicited(
    turn: TurnContext, conversation: ConversationRecord, effect: OpenCase, localizations: Localizations
) -> None:
    """Open a case for an answer that a question asked for, or add it to the open one; not where nobody is to be told.

    Whom it befell is known: the question named them.
    """
    program = programs.program_file(turn.connection, conversation.program_id)
    if program.safety_profile is SafetyProfile.NONE:
        return
    known = (ReportElement.PATIENT, ReportElement.REACTION) if effect.words else (ReportElement.PATIENT,)
    finding = cases.CaseFinding(
        participant_id=conversation.participant_id,
        program_id=conversation.program_id,
        conversation_id=conversation.id,
        kind=SafetyKind.ADVERSE_EVENT,
        kinds=[FindingKind.ADVERSE_EVENT.value],
        elements=[one.value for one in known],
        products=_products_in(effect.words, program),
        slot=effect.slot,
        due_at=report_due_at(program, turn.now),
        is_solicited=True,
    )
    keep_case(turn, finding, localizations)


def _note_report_answer(
    turn: TurnContext, conversation: ConversationRecord, effect: RecordReportAnswer
) -> None:
    """Store an answer to one of the bot's safety-report questions with the conversation's case.

    What it tells is noted there too: the report element that is now known, and products of the program in its words.
    """
    name = ReportQuestion(effect.name)
    makes_known = effect.tells and (name is not ReportQuestion.CONTACT or effect.words == "yes")
    known = {_ELEMENT[name].value} if makes_known else set()
    program = programs.program_file(turn.connection, conversation.program_id)
    products = _products_in(effect.words, program) if name is ReportQuestion.WHICH else set()
    told = ReportAnswer(name.value, effect.words, known, products)
    record_report_answer(turn.connection, conversation.id, told, turn.now)


def _products_in(words: str, program: ProgramFile) -> set[str]:
    """Return the codes of the program's products that are named in words."""
    found = scan(words, products=program.known_products, languages=SHIPPED)
    return {one.product for one in found.products}
