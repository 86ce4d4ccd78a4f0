"""Conversations in other languages: what is offered, what is shown, and the word 'language'."""

import random
import re
from datetime import UTC, datetime

import pytest

from flows.engine.advance import advance, is_over, open_prompt
from flows.engine.effects import Prompt, RecordAnswer, SendMessage, SetLanguage
from flows.engine.events import Replied, Started, Tapped
from flows.formats.po_files import PoFile, ReviewStatus, read_po_file, write_po_file
from flows.i18n.catalogs import load_catalog, translation_path, use_folders
from flows.i18n.extraction import domains
from flows.i18n.localized_flow import (
    LanguagePolicy,
    Localizations,
    LocalizedFlow,
    first_of,
    localize,
    name_of,
)
from flows.i18n.say import Sentence, say
from flows.i18n.sync import update
from flows.parsing.language_names import asked_language, language_alone, language_named
from flows.script.loader import library, load_flow_text
from flows.text.templates import END_ISOLATE, ISOLATE, fill
from tests.support.dialogue_facts import CONVERSATIONS, facts_named
from tests.support.said_in_a_row import steps_of
from tests.support.sensible_replies import sensible
from tests.support.translated import PSEUDO, pseudo, shipped, translate

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SMALL = """\
flow: small
title: Small
language: en
audience: [hcp]
steps:
  - {key: colour, kind: text, text: Which colour?}
  - {key: said, kind: say, text: "You said {colour}."}
  - {key: more, kind: text, text: More?}
  - {key: bye, kind: end, text: Bye.}
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A language in which everything is between brackets."""
    small = load_flow_text(SMALL)
    folder = translate(tmp_path_factory.mktemp("pseudo"), [*library().values(), small])
    with shipped(folder):
        yield small


def marked(value):
    """Facts with every label that is shown as it is between brackets, as if a coordinator had translated it."""
    if isinstance(value, dict):
        return {
            key: pseudo(inner) if key == "label" and isinstance(inner, str) else marked(inner)
            for key, inner in value.items()
        }
    return [marked(inner) for inner in value] if isinstance(value, list) else value


def outside_brackets(text):
    """What of a text does not stand between brackets; digits and their signs need no translation."""
    while True:
        shorter = re.sub(r"⟦[^⟦⟧]*⟧", "", text)
        if shorter == text:
            return re.sub(r"[\W\d_]", "", text)
        text = shorter


def shown(prompt: Prompt):
    yield prompt.text
    yield from (option.label for option in prompt.options)
    yield from (label for label in (prompt.low_label, prompt.high_label) if label)


@pytest.mark.parametrize(("flow", "facts"), CONVERSATIONS, ids=lambda value: value)
@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_left_in_the_first_language(world, flow, facts, seed):
    """In a conversation in another language every message and every button comes from its catalogues."""
    chance, script, localizations = random.Random(seed), library()[flow], Localizations()
    names = {name_of("en"), name_of(PSEUDO)}
    known = marked(facts_named(facts))
    result = advance(LocalizedFlow(script, localizations), None, Started(known, PSEUDO), now=NOW)
    seen = list(result.effects)
    for turn in range(120):
        prompt = open_prompt(LocalizedFlow(script, localizations), result.state, NOW)
        if prompt is None:
            break
        event = sensible(prompt, chance, leads_on=turn > 60)
        if any(
            option.label in names for option in prompt.options
        ):  # the menu of languages: they stay in theirs
            event = Replied(name_of(PSEUDO))
        elif turn < 40 and chance.random() < 0.4:
            event = Replied(
                chance.choice(["back", "help", "banana", "later", "2", "language", "pause", "skip"])
            )
        result = advance(LocalizedFlow(script, localizations), result.state, event, now=NOW)
        seen += result.effects
    assert is_over(result.state)
    texts = [text for effect in seen if isinstance(effect, SendMessage) for text in shown(effect.prompt)]
    assert not [text for text in texts if outside_brackets(text) and text not in names]
    answers = [effect for effect in seen if isinstance(effect, RecordAnswer)]
    assert all(answer.language == PSEUDO and "⟦" in answer.shown_text for answer in answers)


def test_only_what_is_complete_and_reviewed_is_offered(tmp_path):
    """Drafts are not offered, nor what lacks a string; unless the settings say so."""
    small = load_flow_text(SMALL)
    draft = translate(tmp_path / "draft", [small], status=ReviewStatus.DRAFT)
    with shipped(draft):
        assert Localizations().offered(small) == ("en",)
        assert Localizations(policy=LanguagePolicy(allow_drafts=True)).offered(small) == ("en", PSEUDO)
        assert Localizations(policy=LanguagePolicy(only=("en", PSEUDO))).offered(small) == ("en", PSEUDO)
    done = translate(tmp_path / "done", [small])
    with shipped(done):
        assert Localizations().offered(small) == ("en", PSEUDO)
        longer = load_flow_text(
            SMALL.replace("  - {key: bye", "  - {key: new, kind: say, text: New.}\n  - {key: bye")
        )
        assert Localizations(policy=LanguagePolicy(allow_drafts=True)).offered(longer) == ("en",)
        assert Localizations(policy=LanguagePolicy(only=("en",))).offered(small) == ("en",)
    path = translation_path(done, PSEUDO, "small")
    path.write_text(path.read_text().replace("⟦More?⟧", ""))
    with shipped(done):
        assert Localizations().offered(small) == ("en",)


CONSENT = """\
flow: small
title: Small
language: en
audience: [patient]
steps:
  - {key: may, kind: consent, purpose: take_part, text: May I ask?, agree: "Yes", decline: "No", required: true}
  - {key: colour, kind: text, text: Which colour?}
  - {key: bye, kind: end, text: Bye.}
"""


@pytest.mark.parametrize("updated", [False, True])
@pytest.mark.parametrize(
    ("before", "after", "offered"),
    [
        ("Which colour?", "What colour?", True),
        ("Bye.", "Goodbye.", True),
        ("title: Small", "title: Little", True),
        ("Which colour?", "'Which colour, {program.team}?'", False),
        ("May I ask?", "May I ask and pass it on?", False),
        ('agree: "Yes"', 'agree: "I agree"', False),
    ],
)
def test_a_text_that_was_reworded_is_said_as_before(tmp_path, before, after, offered, updated):
    """The language stays, marked or not, unless placeholders differ or people would agree to what they do not read."""
    old, new = load_flow_text(CONSENT), load_flow_text(CONSENT.replace(before, after))
    folder = translate(tmp_path, [old])
    if updated:
        update(domains([new]), folder, (PSEUDO,))
    with shipped(folder):
        ours = Localizations()
        assert updated or ours.offered(old) == ("en", PSEUDO)
        assert ours.offered(new) == (("en", PSEUDO) if offered else ("en",))
        assert updated or ours.outdated(old) == {}
        assert [*map(len, ours.outdated(new).values())] == ([1] if offered else [])
        there = ours.localized(new, PSEUDO)
        if offered:
            said = {there.title, *(step.text for step in there.steps)}
            assert pseudo(before.removeprefix("title: ")) in said


def test_an_unfinished_translation_of_the_same_text_is_not_offered(tmp_path):
    """A mark that nothing was reworded for says that somebody doubts the translation."""
    small = load_flow_text(SMALL)
    folder = translate(tmp_path, [small])
    path = translation_path(folder, PSEUDO, "small")
    path.write_text(
        path.read_text().replace('msgctxt "small:more.text"', '#, fuzzy\nmsgctxt "small:more.text"')
    )
    with shipped(folder):
        assert Localizations().offered(small) == ("en",)


def test_a_folder_of_one_s_own_comes_before_what_is_shipped(tmp_path):
    """Reviewed files there make shipped drafts offered; sentences come from there, too.

    One that is not there is said as shipped, and one whose text was reworded since as before.
    """
    small = load_flow_text(SMALL)
    drafts = translate(tmp_path / "shipped", [small], status=ReviewStatus.DRAFT)
    own = translate(tmp_path / "own", [small])
    with shipped(drafts):
        assert Localizations().offered(small) == ("en",)
        assert Localizations((own,)).offered(small) == ("en", PSEUDO)
    words = translation_path(own, PSEUDO, "words")
    file = read_po_file(words, PSEUDO)
    shorter = PoFile(PSEUDO, status=ReviewStatus.REVIEWED)
    shorter.add("All is over.", "Finita.", context=Sentence.STOPPED.name)
    for message in file:
        if message.id and message.context not in {Sentence.STOPPED.name, Sentence.NOTHING_BEFORE.name}:
            shorter.add(message.id, message.string, context=message.context)
    write_po_file(words, shorter)
    with shipped(drafts):
        use_folders([own])
        try:
            assert say(Sentence.STOPPED, PSEUDO) == "Finita."
            assert say(Sentence.NOTHING_BEFORE, PSEUDO) == pseudo(say(Sentence.NOTHING_BEFORE, "en"))
            assert Localizations((own,)).offered(small) == ("en",), "a sentence is not there at all"
        finally:
            use_folders([])


def test_a_version_keeps_its_name_in_every_language(world):
    """A localized flow has the keys and the hash of the one that is kept."""
    there = Localizations().localized(world, PSEUDO)
    assert there.hash == world.hash
    assert there.language == PSEUDO
    assert [step.key for step in there.steps] == [step.key for step in world.steps]
    assert Localizations().localized(world, "en") is world


def test_a_reworded_text_keeps_its_translation_while_the_placeholders_are_the_same(tmp_path):
    """A conversation of an older version goes on in its language; a placeholder that is not there is never shown."""
    folder = translate(tmp_path, [load_flow_text(SMALL)])
    found = load_catalog(translation_path(folder, PSEUDO, "small"))
    older = load_flow_text(SMALL.replace("Which colour?", "What colour?").replace("You said", "Is it {more}"))
    there = localize(older, PSEUDO, [found])
    assert there.steps[0].text == "⟦Which colour?⟧"
    assert there.steps[1].text == "Is it {more} {colour}."


def play(script, *texts, language="en", facts=None):
    localizations = Localizations()
    result = advance(LocalizedFlow(script, localizations), None, Started(facts or {}, language), now=NOW)
    for text in texts:
        event = text if isinstance(text, Tapped) else Replied(text)
        result = advance(LocalizedFlow(script, localizations), result.state, event, now=NOW)
    return result


def said(result):
    return [
        step.text
        for effect in result.effects
        if isinstance(effect, SendMessage)
        for step in steps_of(effect.prompt)
    ]


@pytest.mark.parametrize(
    "words", ["language Esperanto", "Language: esperanto", "/language esperanto", "change language Esperanto"]
)
def test_the_language_is_named(world, words):
    """'Language' with a name changes at once, tells the shell, and asks the same question in that language."""
    result = play(world, words)
    assert [effect for effect in result.effects if isinstance(effect, SetLanguage)] == [SetLanguage(PSEUDO)]
    assert said(result) == [pseudo("We go on in English."), pseudo("Which colour?")]
    assert said(play(world, words, "red")) == [pseudo("You said red."), pseudo("More?")]


def test_the_language_is_picked(world):
    """'Language' alone shows those that are offered, each by its own name; a tap or its name chooses."""
    asked = play(world, "language")
    [effect] = asked.effects
    assert [option.label for option in effect.prompt.options] == ["English", "Esperanto"]
    assert said(play(world, "language", Tapped(effect.prompt.ask, 1)))[-1] == pseudo("Which colour?")
    assert said(play(world, "language", "2"))[-1] == pseudo("Which colour?")
    assert said(play(world, "language", "esperanto"))[-1] == pseudo("Which colour?")
    assert said(play(world, "language", "skip"))[-1] == "Which colour?"


def test_the_way_back(world):
    """In another language the English word still works."""
    assert said(play(world, "language english", language=PSEUDO))[-1] == "Which colour?"


def test_a_language_that_is_not_offered(world):
    """It is said, and those that are offered are shown."""
    texts = said(play(world, "language blorp"))
    assert texts[0] == "You said language blorp."  # no language that we have a name for: an answer
    assert said(play(world, "language finnish")) == [
        say(Sentence.LANGUAGE_NOT_YET, "en"),
        say(Sentence.LANGUAGE_WHICH, "en"),
    ]


def test_one_language_only():
    """Where there is nothing to choose it is said, and the question comes again."""
    script = load_flow_text(SMALL)
    result = advance(script, None, Started({}, "en"), now=NOW)
    result = advance(script, result.state, Replied("language"), now=NOW)
    assert said(result) == [say(Sentence.LANGUAGE_ONLY, "en"), "Which colour?"]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("language español", "es"),
        ("language Arabic", "ar"),
        ("idioma español, por favor", "es"),
        ("languages", None),
        ("language was hard for me", None),
        ("I speak another language at home", None),
    ],
)
def test_what_asks_for_a_language(text, code):
    """Only the word with the name of a language behind it; a sentence that holds it is an answer."""
    wanted = asked_language(text)
    assert (None if wanted is None else language_named(wanted)) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("español", "es"),
        ("Español, por favor!", "es"),
        ("auf Deutsch bitte", "de"),
        ("en français", "fr"),
        ("بالعربية", "ar"),
        ("Italian please", "it"),
        ("quero falar em português", "pt"),
        ("¿Puede hablar en italiano?", "it"),
        ("can we speak in Spanish please", "es"),
        ("هل يمكن أن نتحدث بالعربية", "ar"),
        ("I am French", None),
        ("in my own words", None),
        ("no", None),
        ("es", None),
        ("my doctor speaks Spanish", None),
    ],
)
def test_a_language_alone(text, code):
    """Its name with nothing else but courtesy, or at the end of a sentence behind 'in'."""
    name = language_alone(text)
    assert (None if name is None else language_named(name)) == code


@pytest.mark.parametrize(
    ("wishes", "best"),
    [
        ((None, "pt-BR"), "pt"),
        (("es_MX", "pt"), "es"),
        (("xx", "", None), None),
        (("PT-br",), "pt"),
        (("de",), "de-AT"),
    ],
)
def test_the_first_wish_that_can_be_had(wishes, best):
    """Regions give way to the language itself, and the other way round."""
    assert first_of(wishes, ("en", "es", "pt", "de-AT")) == best


HEBREW, ARABIC = "שלום {x}", "ألم شديد"


@pytest.mark.parametrize(
    "words", ["Plain words.", "Zoë has {x} \\n", "¿Qué? 5 %", "日本", ARABIC, HEBREW, "mixed ألم"]
)
@pytest.mark.parametrize("language", ["en", "ar"])
def test_quoted_words_are_byte_for_byte(words, language):
    """What is put in stays as it was, also between the marks of direction, which stand only where they differ."""
    text = fill("<{words}>", lambda _path, _spec: words, language)
    inside = text[1:-1]
    foreign = language == "ar" or any("\u0590" <= letter <= "\u06ff" for letter in words)
    assert inside.removeprefix(ISOLATE).removesuffix(END_ISOLATE).encode() == words.encode()
    assert (inside != words) == foreign


def test_the_answer_itself_has_no_marks(world):
    """Marks of direction are for showing: what is stored is what was written."""
    result = play(world, ARABIC)
    assert said(result)[0] == f"You said {ISOLATE}{ARABIC}{END_ISOLATE}."
    assert [effect.value for effect in result.effects if isinstance(effect, RecordAnswer)] == [ARABIC]


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "pt", "ar"])
def test_the_way_to_own_words_is_named(language):
    """Words typed under the suggestions are matched with them: the question names the choice for one's own."""
    flow = Localizations().localized(library()["hcp_commitment"], language)
    [block] = [step for step in flow.steps if step.kind == "block"]
    [pick] = [step for step in block.steps if step.key == "c3"]
    assert flow.language == language
    assert any(choice.label in pick.text for choice in pick.choices)


def test_which_languages_are_spoken_is_worked_out_once(monkeypatch):
    """Reading folders and comparing every string is not done again for each message outside of a conversation."""
    localizations = Localizations(policy=LanguagePolicy(allow_drafts=True))
    before = localizations.spoken(("pt-BR",)), localizations.told(("ar",))
    monkeypatch.setattr("flows.i18n.localized_flow.languages_in", lambda _folder: pytest.fail("read again"))
    assert (localizations.spoken(("pt-BR",)), localizations.told(("ar",))) == before
