from datetime import date

import pytest
from textstat import textstat

from flows.i18n.messages import ENGLISH
from flows.i18n.say import Sentence, say
from flows.parsing.commands import GlobalWord, global_word

FIELDS = {
    "title": "Multiple myeloma",
    "languages": "English, Deutsch",
    "at": "2026-03-01",
    "low": 1,
    "high": 5,
    "example": 7,
    "agree": "I agree",
    "decline": "No",
    "seen": ":-1:",
    "max": 3,
    "min": 1,
    "label": "None of these",
    "earliest": date(2026, 3, 1),
    "latest": date(2026, 3, 1),
    "when": "Monday at 10",
    "day": "Sunday, 1 March 2026",
    "contact": "the team",
    "team": "the team",
    "words": "Ask about pain",
    "given": "May I write again?",
    "old": "Yes",
    "new": "No",
    "days": 60,
    "command": "/start BCDF2345",
    "link": "the link",
    "code": "BCDF2345",
    "number": "112",
    "city": "Vienna",
    "time": "14:05",
    "lines": "Samaritans: 116 123.",
    "n": 3,
    "m": 11,
}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("skip", GlobalWord.SKIP),
        ("/skip", GlobalWord.SKIP),
        ("/skip@said_bot", GlobalWord.SKIP),
        ("Skip.", GlobalWord.SKIP),
        ("SKIP!", GlobalWord.SKIP),
        ("pass", GlobalWord.SKIP),
        ("skpi", GlobalWord.SKIP),
        ("Go back", GlobalWord.BACK),
        ("previous", GlobalWord.BACK),
        ("pause", GlobalWord.PAUSE),
        ("pausee", GlobalWord.PAUSE),
        ("later", GlobalWord.LATER),
        ("Not now", GlobalWord.LATER),
        ("stop", GlobalWord.STOP),
        ("STOP!!!", GlobalWord.STOP),
        ("sotp", GlobalWord.STOP),
        ("unsubscribe", GlobalWord.STOP),
        ("unsubcribe", GlobalWord.STOP),
        ("quit", GlobalWord.LEAVE),
        ("/cancel", GlobalWord.LEAVE),
        ("Enough!", GlobalWord.LEAVE),
        ("help", GlobalWord.HELP),
        ("  help  ", GlobalWord.HELP),
        ("start over", GlobalWord.RESTART),
        ("restart", GlobalWord.RESTART),
    ],
)
def test_words_that_work_everywhere(text, word):
    """A whole message that is one of the words, however it is written, is that word; in any language too."""
    assert global_word(text, "en") is word
    assert global_word(text, "en-GB") is word
    assert global_word(text, "de") is word


@pytest.mark.parametrize(
    "text",
    [
        *(
            "I had to stop my medicine",
            "stop smoking",
            "they told me to come back",
            "help with the side effects",
        ),
        *(
            "step",
            "stay",
            "shop",
            "stoop",
            "steps",
            "latter",
            "late",
            "quite",
            "hell",
            "held",
            "pack",
            "bank",
            "slip",
        ),
        *(
            "cause",
            "late",
            "water",
            "self",
            "busy",
            "a break",
            "4",
            "yes",
            "",
            "⏭",
            "stop " * 40,
            "my back hurts",
        ),
    ],
)
def test_answers_are_no_global_words(text):
    """A sentence that holds such a word, and an ordinary word that looks like one, is an answer."""
    assert global_word(text, "en") is None


def test_every_sentence_is_there():
    """The fallback language says every sentence, so that no other can be caught without one."""
    assert set(ENGLISH) == set(Sentence)


LONGER = {
    Sentence.HELP,  # a list, one line a word
    Sentence.CHOICES,  # a list of what was agreed to
    # Messages that one person hands to another, who has no earlier one to read.
    Sentence.PARTNER_LINK,
    Sentence.PARTNER_COMMAND,
    Sentence.PARTNER_NO_LINK,
    # What must be said at once when somebody may come to harm: each part is short, and none can wait.
    Sentence.SAFETY_INTRO,
    Sentence.SAFETY_INTRO_HEARD,
    Sentence.SAFETY_NOTED,
    Sentence.UPSET,
    Sentence.CARE,
    Sentence.HELP_NEAR,
    Sentence.HELP_NEAR_LINES,
    Sentence.CARE_LINES,
    Sentence.CARE_ANYWHERE,
    Sentence.CARE_AGAIN,
    # A farewell that is said once, and to which nobody can ask back.
    Sentence.PROGRAM_CLOSED,
    # Answers to what people ask: all that is true of it, at once.
    Sentence.INQUIRY_WHO_ARE_YOU,
    Sentence.INQUIRY_ANONYMOUS,
    Sentence.INQUIRY_BOSS_OR_DOCTOR,
    Sentence.INQUIRY_WHAT_HAPPENS,
    Sentence.INQUIRY_MEDICAL,
}


@pytest.mark.parametrize("sentence", Sentence)
def test_sentence_is_plain(sentence):
    """Grade 6 at most, two sentences at most, no exclamation mark, no emoji, nothing left unfilled."""
    text = say(sentence, "en", **FIELDS)
    assert "{" not in text
    assert "!" not in text
    assert all(char.isascii() or char in "“”" for char in text)
    if sentence.name.startswith("SLACK_"):  # beside the conversation, in the words of that app
        return
    if len(text.split()) > 4:  # the grade of one word is no grade
        assert textstat.flesch_kincaid_grade(text) <= 6
    if sentence not in LONGER:
        assert textstat.sentence_count(text) <= 2


def test_fields_are_put_in_as_they_are():
    """A person's or an author's words are never read as a template, and a date is written out."""
    assert "“{low} of {x}”" in say(Sentence.PICKS_DISAGREE, "en", label="{low} of {x}")
    assert say(Sentence.DATE_TOO_EARLY, "en", earliest=date(2026, 3, 1)) == (
        "Please give a day that is not before 1 March 2026."
    )
    assert say(Sentence.NUMBER_TOO_HIGH, "en", high=20.0) == "Please send a number that is 20 or less."


def test_help_names_every_word():
    """The help lists each word that works everywhere, and the contact; 'my choices' lists those that take one back."""
    text = say(Sentence.HELP, "en", contact="team@example.org")
    assert "team@example.org" in text
    choices = say(Sentence.CHOICES, "en", given="")
    for word in GlobalWord:
        listed = choices if word in {GlobalWord.NO_CONTACT, GlobalWord.NOT_MY_WORDS} else text
        assert word.value.replace("_", " ") in listed.lower()


def test_unknown_language_falls_back():
    """Without words of its own a language gets the fallback's."""
    assert say(Sentence.YES, "xx") == say(Sentence.YES, "en") == "Yes"
