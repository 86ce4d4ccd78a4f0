"""Commands that a text asks to write: found with and without quotes, and the same in every translation."""

import pytest

from flows.check.commands import commands_asked_for
from flows.check.translations import TranslationCode, check_translations
from flows.formats.po_files import read_po_file, write_po_file
from flows.i18n.catalogs import SHIPPED, languages_in, translation_path
from flows.i18n.extraction import domains, flow_domain
from flows.i18n.sync import update
from flows.script.loader import library, load_flow_text


@pytest.mark.parametrize(
    ("text", "language", "commands"),
    [
        ("To end everything, write “stop”.", "en", {"stop"}),
        ("You can type help, pause or stop at any time.", "en", {"help", "pause", "stop"}),
        (
            "To come back, write “start”, or write: my data, delete my data.",
            "en",
            {"start", "my_data", "delete_my_data"},
        ),
        ("Write “delete my data” here first, and later use a new code.", "en", {"delete_my_data"}),
        ("That answer is changed. “Undo”, further down, changes it back.", "en", set()),
        ("You can skip, pause or stop at any time.", "en", set()),
        ("If it no longer fits, just leave it.", "en", set()),
        ("Paste your code here, or type “/start CODE” with your code.", "en", set()),
        ("Si ya no le encaja, escriba parar.", "es", {"stop"}),
        ("Escriba «parar» si quiere terminar.", "es", {"stop"}),
        ("Para ver sus respuestas, escriba a {program.contact}.", "es", set()),
        ("Si cela ne convient plus, écrivez stop.", "fr", {"stop"}),
        ("Se non va più bene, scriva stop.", "it", {"stop"}),
        ("Se já não fizer sentido, escreva parar.", "pt", {"stop"}),
        ("Para nos contactar, escreva para {program.contact}.", "pt", set()),
        ("Wenn es nicht mehr passt, schreiben Sie stopp.", "de", {"stop"}),
        ("Sie können jederzeit Hilfe, Pause oder Stopp schreiben.", "de", {"help", "pause", "stop"}),
        ("Um alles zu beenden, schreiben Sie uns bitte.", "de", set()),
        ("للعودة، يمكنك كتابة «بدء».", "ar", {"start"}),
        ("إذا لم تعد مناسبة، اكتب إيقاف.", "ar", {"stop"}),
    ],
)
def test_commands_asked_for(text, language, commands):
    """Beside a verb of writing, in quotes or not; a button's name, an address and other uses of a word are none."""
    assert commands_asked_for(text, language) == commands


def test_no_shipped_translation_asks_for_another_word():
    """In six languages each text asks for the words that its English does, in words that are understood."""
    problems = check_translations(domains(library().values()))
    assert [str(one) for one in problems if one.code == TranslationCode.OTHER_COMMAND] == []


@pytest.mark.parametrize("language", languages_in(SHIPPED))
def test_every_language_is_looked_at(language):
    """The English sentence that names stop asks for it in each: else the check would see nothing there."""
    path = translation_path(SHIPPED, language, "words")
    strings = {message.context: message.string for message in read_po_file(path) if message.id}
    assert commands_asked_for(strings["SKIP_NOT_HERE"], language) == {"stop"}


SCRIPT = """
flow: tea
title: Tea
language: en
audience: [patient]
steps:
  - {key: hi, kind: say, text: "If it no longer fits, just leave it."}
  - {key: why, kind: say, text: "To end it, write “stop”."}
  - {key: bye, kind: end}
"""


@pytest.mark.parametrize(
    ("context", "string", "told"),
    [
        ("tea:hi.text", "Si ya no le encaja, escriba parar.", "asks to write stop, which the text does not"),
        ("tea:hi.text", "Si ya no le encaja, déjelo.", None),
        ("tea:why.text", "Para acabar, escriba «parar».", None),
        (
            "tea:why.text",
            "Para acabar, escriba «ayuda».",
            "asks to write help, which the text does not, and leaves out stop",
        ),
        ("tea:why.text", "Para acabar, escriba «xyz».", "leaves out stop"),
    ],
)
def test_a_translation_that_asks_for_another_word(tmp_path, context, string, told):
    """It is named with its place and what is wrong."""
    domain = flow_domain(load_flow_text(SCRIPT))
    update([domain], tmp_path, ["es", "nl"])
    for language in ("es", "nl"):  # of the second no words are known
        path = translation_path(tmp_path, language, "tea")
        file = read_po_file(path, language)
        file.get(next(one.id for one in file if one.context == context), context).string = string
        write_po_file(path, file)
    problems = check_translations([domain], tmp_path)
    assert [(one.code, told in one.message) for one in problems] == ([] if told is None else [("X005", True)])
