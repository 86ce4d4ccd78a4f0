"""Extraction, update and report of translations."""

import pytest

from flows.check.run import check_files
from flows.check.translations import MEANINGS, TranslationCode, check_translations
from flows.formats.po_files import ReviewStatus, read_po_file, strings_of, texts_of, write_po_file
from flows.i18n.catalogs import FUZZY, load_catalog, translation_path
from flows.i18n.extraction import flow_domain, words_domain
from flows.i18n.sync import extract, report_on, template_path, update
from flows.script.loader import load_flow_text
from flows.script.strings import read_aliases, rewrite, write_aliases

SCRIPT = """\
flow: tea
title: Tea
language: en
audience: [hcp]
lists:
  leaves:
    - {code: green, label: Green}
    - {code: black, label: Black}
steps:
  - {key: hi, kind: say, text: "Hi, we are {program.team}."}
  - key: c
    kind: consent
    purpose: take_part
    text: Shall we?
  - key: which
    kind: select_one
    text: Which leaves?
    short: The leaves
    choices: leaves
  - key: sort
    kind: select_one
    text: How?
    choices:
      - {code: hot, label: Hot, aliases: [warm, "boiling, really"]}
      - {code: iced, label: Iced}
  - key: cups
    kind: number
    text: How many?
    unit: cups
    bands:
      - {code: few, label: A few, low: 0, high: 5}
      - {code: many, label: Many, low: 6}
  - key: when
    kind: date
    text: When?
    shortcuts: [{code: now, label: Now, date: today}]
  - {key: good, kind: scale, text: How good?, low_label: bad, high_label: great}
  - key: why
    kind: text
    text: Why?
    probe: {when: words < 3, text: Say more.}
  - {key: sure, kind: confirm, text: Right?, changes: [why]}
  - {key: bye, kind: end, text: Bye.}
"""


@pytest.fixture
def tea():
    return load_flow_text(SCRIPT)


def contexts(flow):
    return {entry.context: entry.texts[0] for entry in flow_domain(flow).entries}


def set_string(folder, context, string, *, name="tea", language="es", flags=()):
    path = translation_path(folder, language, name)
    file = read_po_file(path, language)
    for message in file:
        if message.context == context:
            message.string = string
            message.flags |= set(flags)
    write_po_file(path, file)


def string_of(folder, context, *, name="tea", language="es"):
    file = read_po_file(translation_path(folder, language, name), language)
    return next(message for message in file if message.context == context)


def test_every_shown_string_has_a_context(tea):
    """Titles, texts, labels, aliases, probes, ends of scales, short names: each under its own key."""
    assert contexts(tea) == {
        "tea:title": "Tea",
        "tea:hi.text": "Hi, we are {program.team}.",
        "tea:c.text": "Shall we?",
        "tea:c.agree": "I agree",
        "tea:c.decline": "No",
        "tea:which.text": "Which leaves?",
        "tea:which.short": "The leaves",
        "tea:lists.leaves.green.label": "Green",
        "tea:lists.leaves.black.label": "Black",
        "tea:sort.text": "How?",
        "tea:sort.choices.hot.label": "Hot",
        "tea:sort.choices.hot.aliases": "warm, boiling really",
        "tea:sort.choices.iced.label": "Iced",
        "tea:cups.text": "How many?",
        "tea:cups.unit": "cups",
        "tea:cups.bands.few.label": "A few",
        "tea:cups.bands.many.label": "Many",
        "tea:when.text": "When?",
        "tea:when.shortcuts.now.label": "Now",
        "tea:good.text": "How good?",
        "tea:good.low_label": "bad",
        "tea:good.high_label": "great",
        "tea:why.text": "Why?",
        "tea:why.probe.text": "Say more.",
        "tea:sure.text": "Right?",
        "tea:sure.agree": "Yes",
        "tea:sure.change": "Change it",
        "tea:bye.text": "Bye.",
    }


def test_what_is_not_changed_stays(tea):
    """The walk that translates leaves a flow alone where nothing is translated, but for commas in aliases."""
    again = rewrite(tea, lambda _context, text, _place: text)
    assert again.model_dump_json().replace("boiling really", "boiling, really") == tea.model_dump_json()


def test_aliases_are_one_string():
    """Aliases are written with commas between, and read with Latin or Arabic ones."""
    assert read_aliases(write_aliases(("a", "b, c"))) == ("a", "b c")
    assert read_aliases("نعم، أجل, ايوه") == ("نعم", "أجل", "ايوه")


def test_a_second_time_changes_nothing(tea, tmp_path):
    """The same strings make the same files, whatever the hour."""
    domain = flow_domain(tea)
    assert extract([domain], tmp_path) == (template_path(tmp_path, "tea"),)
    assert update([domain], tmp_path, ["es", "ar"])
    assert extract([domain], tmp_path) == ()
    assert update([domain], tmp_path) == ()


def test_update_keeps_marks_and_drops(tea, tmp_path):
    """A translation stays; under a changed text it is marked; of a step that is gone it waits at the end."""
    update([flow_domain(tea)], tmp_path, ["es"])
    for context, string in (
        ("tea:why.text", "¿Por qué?"),
        ("tea:bye.text", "Adiós."),
        ("tea:c.text", "¿Sí?"),
    ):
        set_string(tmp_path, context, string)
    without = SCRIPT.replace("text: Why?", "text: But why?").replace(
        "  - {key: bye, kind: end, text: Bye.}", "  - {key: end, kind: end}"
    )
    update([flow_domain(load_flow_text(without))], tmp_path)
    file = read_po_file(translation_path(tmp_path, "es", "tea"), "es")
    by_context = {message.context: message for message in file}
    assert strings_of(by_context["tea:c.text"]) == ("¿Sí?",)
    changed = by_context["tea:why.text"]
    assert (texts_of(changed), strings_of(changed)) == (("But why?",), ("¿Por qué?",))
    assert FUZZY in changed.flags
    assert "before: Why?" in changed.auto_comments
    assert "tea:bye.text" not in by_context
    assert [strings_of(message) for message in file.obsolete.values()] == [("Adiós.",)]
    catalog = load_catalog(translation_path(tmp_path, "es", "tea"))
    assert catalog is not None
    assert catalog.translation("tea:bye.text", "Bye.") == "Adiós."  # for conversations of before
    assert not catalog.has("tea:bye.text", "Bye.")
    assert update([flow_domain(load_flow_text(without))], tmp_path) == ()
    update([flow_domain(tea)], tmp_path)
    assert strings_of(string_of(tmp_path, "tea:bye.text")) == ("Adiós.",)


def test_the_head_is_kept(tea, tmp_path):
    """Whether a file is reviewed, and of which version it is, survives an update."""
    update([flow_domain(tea)], tmp_path, ["es"])
    path = translation_path(tmp_path, "es", "tea")
    path.write_text(path.read_text().replace("X-Review-Status: draft", "X-Review-Status: reviewed"))
    update([flow_domain(load_flow_text(SCRIPT.replace("Bye", "Ciao")))], tmp_path)
    file = read_po_file(path)
    assert file.review_status is ReviewStatus.REVIEWED
    assert file.flow_hash != tea.hash


@pytest.mark.parametrize(
    ("string", "missing", "extra", "unreadable"),
    [
        ("Hola, somos {program.team}.", (), (), None),
        ("Hola.", ("program.team",), (), False),
        ("Hola, {program.team} {c}", (), ("c",), False),
        ("Hola, {program.team:date}", ("program.team",), ("program.team:date",), False),
        ("Hola, {program.team", (), (), True),
    ],
)
def test_placeholders_that_differ(tea, tmp_path, string, missing, extra, unreadable):
    """What a translation leaves out of its text's placeholders, or makes up, is found and told with its place."""
    update([flow_domain(tea)], tmp_path, ["es"])
    set_string(tmp_path, "tea:hi.text", string)
    found = report_on(flow_domain(tea), "es", tmp_path).differences
    if unreadable is None:
        assert found == ()
        return
    [difference] = found
    assert (difference.missing, difference.extra, difference.unreadable) == (missing, extra, unreadable)
    assert "tea:hi.text" in str(difference)
    [problem] = check_translations([flow_domain(tea)], tmp_path)
    assert (problem.code, problem.line) == (TranslationCode.PLACEHOLDERS, difference.line)


def test_the_report_counts(tea, tmp_path):
    """Coverage counts what is translated and needs no second look; stale strings are named."""
    update([flow_domain(tea)], tmp_path, ["es"])
    set_string(tmp_path, "tea:why.text", "¿Por qué?")
    set_string(tmp_path, "tea:bye.text", "Adiós.", flags=(FUZZY,))
    now = report_on(flow_domain(load_flow_text(SCRIPT.replace("Shall we?", "May we?"))), "es", tmp_path)
    assert (now.strings, now.translated, now.status) == (28, 1, ReviewStatus.DRAFT)
    assert now.fuzzy == ("tea:bye.text",)
    assert now.stale == ("tea:c.text",)
    assert report_on(flow_domain(tea), "fr", tmp_path).status is None


def test_long_and_equal_labels(tea, tmp_path):
    """A button too long for the platforms, and two choices with one name, are problems of the translation."""
    update([flow_domain(tea)], tmp_path, ["es"])
    set_string(tmp_path, "tea:c.agree", "s" * 65)
    set_string(tmp_path, "tea:sort.choices.hot.label", "Té")
    set_string(tmp_path, "tea:sort.choices.iced.label", "te")
    codes = [problem.code for problem in check_translations([flow_domain(tea)], tmp_path)]
    assert sorted(codes) == [TranslationCode.TOO_LONG, TranslationCode.SAME_LABEL]


def test_a_file_that_is_no_po_file(tea, tmp_path):
    """What cannot be read is told with its line; nothing is raised."""
    path = translation_path(tmp_path, "es", "tea")
    path.parent.mkdir(parents=True)
    path.write_text('msgid "x"\nnonsense\n')
    [problem] = check_translations([flow_domain(tea)], tmp_path)
    assert (problem.code, problem.line) == (TranslationCode.UNREADABLE, 2)


def test_translations_beside_own_scripts_are_checked(tea, tmp_path):
    """`said check FILE` looks into the folder of translations beside the file."""
    script = tmp_path / "tea.yaml"
    script.write_text(SCRIPT)
    update([flow_domain(tea)], tmp_path / "translations", ["es"])
    set_string(tmp_path / "translations", "tea:hi.text", "Hola.")
    codes = [problem.code for problem in check_files([script])]
    assert TranslationCode.PLACEHOLDERS in codes


def test_codes_are_explained():
    """Each code of a problem of translations says what it means."""
    assert set(MEANINGS) == set(TranslationCode)


def test_sentences_with_numbers_have_plurals(tmp_path):
    """A sentence that differs with a number has a form for each that the language knows."""
    update([words_domain()], tmp_path, ["ar"])
    message = string_of(tmp_path, "TOO_MANY_PICKS", name="words", language="ar")
    assert len(strings_of(message)) == 6
