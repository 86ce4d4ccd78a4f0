"""Codes: every code list with its labels in every language, those that programs and scripts define among them."""

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from flows.coding.codebook import Codebook
from flows.engine.effects import AnswerStatus, Outcome
from flows.i18n.catalogs import SHIPPED, languages_in
from flows.i18n.localized_flow import ENGLISH, Localizations
from flows.program.model import ProgramFile
from flows.script.code_lists import code_lists
from flows.script.roles import Purpose, Role
from storage.coding import codebooks
from storage.export.tables.codebooks.question_status import QuestionStatus
from storage.export.tables.question_columns import choices, questions
from storage.export.tables.table import VERSION_LENGTH, ExportSelection, ExportTable, Row
from storage.export.tables.used_versions import FlowVersionInUse, versions_in_use
from storage.programs import programs
from storage.schema import ConversationStatus, FollowUpStatus, ImplementationStatus

COLUMNS = (
    "code_list", "program", "activity", "flow", "flow_version", "question_key", "code", "language", "label",
)  # fmt: skip
LISTS_OF_COLUMNS: Final[dict[str, type[StrEnum]]] = {
    "answer_status": AnswerStatus,
    "question_status": QuestionStatus,
    "conversation_status": ConversationStatus,
    "outcome": Outcome,
    "follow_up_status": FollowUpStatus,
    "implementation": ImplementationStatus,
    "purpose": Purpose,
    "role": Role,
}
"""The shipped lists that name the codes of the bot's own closed sets, by the columns that hold them."""
_BEFORE: Final = {"implementation": "statuses"}
"""Which list has the other codes of a column: clinicians report what a script offers, and what is no choice."""
GIVEN_CODE: Final = "given_code"
"""The list of the codes by which a team codes words, after the column of `codings` that holds them."""


def codes(connection: Connection, selection: ExportSelection) -> ExportTable:
    """Return the table with one row per code list, code and language.

    What has no translation stands in the language in which it was written. Lists of a program have its name, and the
    choices of a question have those of its script and version, and its key.
    """
    rows = [
        *_shared(),
        *_of_programs(connection, selection),
        *_of_codebooks(connection, selection),
        *_of_questions(connection, selection),
    ]
    return ExportTable("codes", COLUMNS, rows, len(rows))


def _shared() -> Iterator[Row]:
    """Yield the rows of the shipped lists, those of the closed sets among them."""
    spoken = Localizations()
    for name in code_lists():
        lists = [before, name] if (before := _BEFORE.get(name)) else [name]
        for language in (ENGLISH, *languages_in(SHIPPED)):
            for code, label in spoken.labels(lists, language).items():
                yield (name, None, None, None, None, None, code, language, label)


def _of_programs(connection: Connection, selection: ExportSelection) -> Iterator[Row]:
    """Yield the rows of what programs name: themes, changes, objectives, and what `choices_from` offers."""
    for row in programs.list_all(connection):
        if selection.program in {None, row.slug}:
            words = programs.program_words(connection, row.id)
            for language in (words.program.language, *words.languages):
                for line in _of_program(words.in_language(language)):
                    list_name, activity, code, label = line
                    yield (list_name, row.slug, activity, None, None, None, code, language, label)


def _of_program(program: ProgramFile) -> Iterator[tuple[str, str | None, str, str]]:
    """Yield the codes of a program in one language: the list, the activity, the code and its label."""
    for theme in program.themes:
        yield "themes", None, theme.code, theme.label
    for change in program.changes:
        yield "changes", None, change.code, change.text
    for activity in program.activities:
        yield "activities", None, activity.slug, activity.title
        for objective in activity.objectives:
            yield "activity.objectives", activity.slug, objective.code, objective.text
        for suggestion in activity.suggestions:
            yield "activity.suggestions", activity.slug, suggestion.code, suggestion.label
            if suggestion.patient_label is not None:
                yield "behaviours", activity.slug, suggestion.code, suggestion.patient_label


def _of_codebooks(connection: Connection, selection: ExportSelection) -> Iterator[Row]:
    """Yield the rows of the codes by which words are coded, as the newest version of a codebook that has them says."""
    for row in programs.list_all(connection):
        if selection.program in {None, row.slug}:
            told = set[str]()
            for kept in codebooks.versions(connection, row.id):
                for code, language, label in _of_codebook(kept.codebook, told):
                    yield (GIVEN_CODE, row.slug, None, None, None, None, code, language, label)
                told.update(kept.codebook.names)


def _of_codebook(codebook: Codebook, told: Collection[str]) -> Iterator[tuple[str, str, str]]:
    """Yield the codes of a codebook but those that were `told`: the code, a language that any has, its label there."""
    others = sorted({language for one in codebook.codes for language in one.labels})
    for language in dict.fromkeys((codebook.language, *others)):
        for one in codebook.codes:
            if one.code not in told:
                yield one.code, language, one.label_in(language)


def _of_questions(connection: Connection, selection: ExportSelection) -> Iterator[Row]:
    """Yield the rows of the choices of all questions, of each version in use."""
    spoken = Localizations()
    for version in versions_in_use(connection, selection):
        for language in dict.fromkeys((version.flow.language, ENGLISH, *languages_in(SHIPPED))):
            yield from _of_version(spoken, version, language)


def _of_version(spoken: Localizations, version: FlowVersionInUse, language: str) -> Iterator[Row]:
    """Yield the rows of one version in one language; none where it has no translation into it."""
    flow = spoken.localized(version.flow, language)
    if language != version.flow.language and flow == version.flow:
        return
    for asked in questions(flow):
        for code, label in choices(flow, asked.step):
            where = (version.flow.flow, version.hash[:VERSION_LENGTH], asked.step.key)
            yield ("choices", None, None, *where, code, language, label)
