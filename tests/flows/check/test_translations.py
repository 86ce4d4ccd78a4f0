"""French marks stand behind a space that does not break: else a phone begins a line with a question mark."""

import pytest

from flows.check.translations import check_translations
from flows.formats.po_files import read_po_file, write_po_file
from flows.i18n.catalogs import load_catalog, translation_path
from flows.i18n.extraction import flow_domain
from flows.i18n.sync import update
from flows.script.loader import load_flow_text

SCRIPT = """
flow: tea
title: Tea
language: en
audience: [patient]
steps:
  - {key: hi, kind: say, text: "Is there tea?"}
  - {key: bye, kind: end}
"""


@pytest.mark.parametrize(
    ("language", "string", "mark"),
    [
        ("fr", "Y a-t-il du thé ?", "?"),
        ("fr", "Du thé : oui !", ":"),
        ("fr", "Du thé !", "!"),
        ("fr", "Du thé ; du lait.", ";"),
        ("fr", "Du «\u00a0thé ».", "»"),
        ("fr", "Du « thé\u00a0».", "«"),
        ("fr-CA", "Y a-t-il du thé ?", "?"),
        ("fr", "Y a-t-il du thé\u00a0?", None),
        ("fr", "Y a-t-il du «\u202fthé\u202f»\u202f?", None),
        ("fr", "Du thé, du lait. Et du pain.", None),
        ("fr", "Du thé à 15:30.", None),
        ("es", "Du thé ?", None),
    ],
)
def test_a_mark_behind_an_ordinary_space(tmp_path, language, string, mark):
    """It is told with its mark, in French of any country; both no-break spaces and other languages are left alone."""
    domain = flow_domain(load_flow_text(SCRIPT))
    update([domain], tmp_path, [language])
    path = translation_path(tmp_path, language, "tea")
    file = read_po_file(path, language)
    next(one for one in file if one.context == "tea:hi.text").string = string
    write_po_file(path, file)
    problems = check_translations([domain], tmp_path)
    told = [("X006", f"beside {mark}:")] if mark else []
    assert [(one.code, f"beside {mark}:") for one in problems if f"beside {mark}:" in one.message] == told
    assert len(problems) == len(told)


def test_a_hidden_character_is_told_and_not_shown(tmp_path):
    """An override of direction shows people another text than the one that was read: the original is shown."""
    domain = flow_domain(load_flow_text(SCRIPT))
    update([domain], tmp_path, ["de"])
    path = translation_path(tmp_path, "de", "tea")
    file = read_po_file(path, "de")
    message = next(one for one in file if one.context == "tea:hi.text")
    message.string = "Hallo\u202e"
    write_po_file(path, file)
    [problem] = check_translations([domain], tmp_path)
    assert (problem.code, "U+202E" in problem.message) == ("X007", True)
    assert load_catalog(path).translation("tea:hi.text", message.id) is None
