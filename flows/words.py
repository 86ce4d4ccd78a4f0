"""The bot's own words, and the words that work everywhere. By language: English here, others are added as
data.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum, auto
from types import MappingProxyType
from typing import Final

from babel.dates import format_date

from flows.folding import fold
from flows.vocabulary import phrases, words

FALLBACK: Final = "en"
"""What is said where a language has no words yet."""


class GlobalWord(StrEnum):
    """What a person can say at any step."""

    SKIP = auto()
    BACK = auto()
    PAUSE = auto()
    LATER = auto()
    STOP = auto()
    HELP = auto()
    RESTART = auto()


_ENGLISH_GLOBALS: Final[Mapping[GlobalWord, frozenset[str]]] = {
    GlobalWord.SKIP: phrases(
        "skip, skip it, skip this, skip that, skip this one, skip please, please skip, pass, i pass, next"
        " question,"
        " skip question, skip this question, skip the question"
    ),
    GlobalWord.BACK: phrases(
        "back, go back, back please, please go back, previous, previous question, undo, step back, last"
        " question,"
        " one back, change my last answer, change last answer"
    ),
    GlobalWord.PAUSE: phrases("pause, pause please, please pause, take a break, hold on, wait"),
    GlobalWord.LATER: phrases(
        "later, not now, later please, maybe later, another time, some other time, ask me later, remind me"
        " later,"
        " not right now, busy now, do it later, can we do this later"
    ),
    # The words that carriers demand for text messages (stop, end, cancel, unsubscribe, quit) are among these.
    GlobalWord.STOP: phrases(
        "stop, stop it, please stop, stop please, stop this, stop all, stopall, end, cancel, unsubscribe,"
        " quit,"
        " opt out, optout, stop messaging me, stop texting me, stop writing to me, leave me alone, remove me,"
        " take me off, i want to stop, no more messages"
    ),
    GlobalWord.HELP: phrases("help, help me, help please, please help, info, commands, menu, what can i say"),
    GlobalWord.RESTART: phrases(
        "restart, start over, start again, begin again, reset, from the start, start from the beginning,"
        " restart please, start anew"
    ),
}

_GLOBALS: Final[Mapping[str, Mapping[str, GlobalWord]]] = MappingProxyType(
    {"en": {phrase: word for word, phrases in _ENGLISH_GLOBALS.items() for phrase in phrases}}
)

_TYPO_WORDS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"en": ("skip", "back", "pause", "later", "stop", "help", "restart", "previous", "unsubscribe")}
)
"""The words that are known with one slip in them. Four letters at least: in a shorter word a slip makes
another word.
"""

_LOOK_ALIKES: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "en": words(
            "step steps stay stow stoop stoup strop stomp stops shop slop atop skim slip ski skin"
            " skit skis snip ship skips bank bark balk bask bach hack jack pack rack sack tack wack"
            " lack buck beck bock backs aback black self heap held hell helm hemp heal heel yelp kelp"
            " whelp helps cause clause paused pauses late latex layer lager laser hater cater water"
            " eater dater mater rater tater wafer alter slater lather latte latter letter restarts"
        )
    }
)
"""Ordinary words one slip away from a word that works everywhere: taken as what they are."""

_COMMAND = re.compile(r"^\s*/(\w+)(?:@\w+)?\s*$")
"""As chat apps write commands, with the bot's name after it in a group."""


def global_word(text: str, language: str) -> GlobalWord | None:
    """The word that works everywhere, if the whole message is one (`/skip`, `Skip.`, `skpi`); else None.

    A sentence that merely contains it ('I had to stop my medicine') is an answer. Where a choice of the open
    question is called so ('Later'), the host looks for the choice first, with `flows.answers.exact_choice`.
    """
    if len(text) > _LONGEST_MESSAGE:
        return None
    command = _COMMAND.match(text)
    key = fold(command[1] if command else text)
    for name in dict.fromkeys((_table(_GLOBALS, language), FALLBACK)):
        word = _GLOBALS[name].get(key) or _misspelt(key, name)
        if word is not None:
            return word
    return None


_LONGEST_MESSAGE: Final = 60
"""Characters: twice the longest phrase."""


def _misspelt(key: str, language: str) -> GlobalWord | None:
    if len(key) < 4 or not key.isalpha() or key in _LOOK_ALIKES[language]:  # noqa: PLR2004 - see _TYPO_WORDS
        return None
    from rapidfuzz.distance import OSA  # here: exact words need no fuzzy matching

    near = {word for word in _TYPO_WORDS[language] if OSA.distance(key, word, score_cutoff=1) == 1}
    found = {_GLOBALS[language][word] for word in near}
    return found.pop() if len(found) == 1 else None


def _table(tables: Mapping[str, object], language: str) -> str:
    """The name of the best table: 'de-AT', else 'de', else the fallback."""
    base = language.partition("-")[0]
    return next((name for name in (language, base) if name in tables), FALLBACK)


class Sentence(StrEnum):
    """All that the bot says of its own. Fields in braces are named in `say`'s table."""

    UNREAD_CHOICE = auto()
    UNREAD_CHOICES = auto()
    UNREAD_SCALE = auto()
    UNREAD_NUMBER = auto()
    UNREAD_DATE = auto()
    UNREAD_TEXT = auto()
    UNREAD_YES_NO = auto()
    UNREAD_LATER = auto()
    TOO_MANY_PICKS = auto()
    TOO_FEW_PICKS = auto()
    PICKS_DISAGREE = auto()
    NUMBER_TOO_LOW = auto()
    NUMBER_TOO_HIGH = auto()
    NUMBER_NOT_WHOLE = auto()
    DATE_TOO_EARLY = auto()
    DATE_TOO_LATE = auto()
    DATE_UNCLEAR = auto()
    TEXT_TOO_SHORT = auto()
    TEXT_LONG = auto()
    RAW_KEPT = auto()
    SKIP_NOT_HERE = auto()
    NOTHING_BEFORE = auto()
    CHANGE_WHICH = auto()
    CORRECTED = auto()
    UNCHANGED = auto()
    PAUSED = auto()
    LATER_WHEN = auto()
    LATER_EVENING = auto()
    LATER_TOMORROW = auto()
    LATER_NEXT_WEEK = auto()
    SNOOZED = auto()
    STOPPED = auto()
    STOPPED_BEFORE = auto()
    HELP = auto()
    RESTARTED = auto()
    WELCOME_BACK = auto()
    REMINDER = auto()
    REOPENED = auto()
    MEDIA_VOICE = auto()
    MEDIA_PHOTO = auto()
    MEDIA_STICKER = auto()
    MEDIA_OTHER = auto()
    TOO_MANY_STEPS = auto()
    INVITATION_WRONG = auto()
    INVITATION_USED = auto()
    INVITATION_EXPIRED = auto()
    INVITATION_ROLE = auto()
    INVITATION_NEEDED = auto()
    NO_CONVERSATION = auto()
    CONVERSATION_QUEUED = auto()
    CONVERSATION_ENDED = auto()
    CONVERSATION_OPEN = auto()
    SLACK_UNSUPPORTED = auto()
    SLACK_MESSAGES_OFF = auto()
    BUTTON_DONE = auto()
    BUTTON_SKIP = auto()
    BUTTON_BACK = auto()
    BUTTON_PICK = auto()
    BUTTON_WRITE = auto()
    BUTTON_PICK_DAY = auto()
    YES = auto()
    NO = auto()
    PROGRESS = auto()
    DONE_PICKING = auto()
    TYPE_NUMBER = auto()
    TYPE_NUMBERS = auto()


_ENGLISH_SENTENCES: Final[Mapping[Sentence, str]] = {
    Sentence.UNREAD_CHOICE: (
        "I could not match that to a choice. Please pick one, or type its number, such as 2."
    ),
    Sentence.UNREAD_CHOICES: (
        "I could not match that to the list. Please pick from it, or type the numbers, such as 1, 3."
    ),
    Sentence.UNREAD_SCALE: "Please send one number from {low} to {high}.",
    Sentence.UNREAD_NUMBER: "Please send a number, such as {example}.",
    Sentence.UNREAD_DATE: (
        "I could not read a date in that. Please write it like this: 1 March, or in two weeks."
    ),
    Sentence.UNREAD_TEXT: "Please write a few words.",
    Sentence.UNREAD_YES_NO: "Please answer with “{agree}” or “{decline}”.",
    Sentence.UNREAD_LATER: "Please pick a time from the list, or write a day, such as Friday.",
    Sentence.TOO_MANY_PICKS: "Please pick no more than {max}.",
    Sentence.TOO_FEW_PICKS: "Please pick at least {min}.",
    Sentence.PICKS_DISAGREE: (
        "“{label}” does not go with the others. Please pick that one alone, or leave it out."
    ),
    Sentence.NUMBER_TOO_LOW: "Please send a number that is {low} or more.",
    Sentence.NUMBER_TOO_HIGH: "Please send a number that is {high} or less.",
    Sentence.NUMBER_NOT_WHOLE: "Please send a whole number, such as {example}.",
    Sentence.DATE_TOO_EARLY: "Please give a day that is not before {earliest}.",
    Sentence.DATE_TOO_LATE: "Please give a day that is not after {latest}.",
    Sentence.DATE_UNCLEAR: (
        "I can read that date in two ways. Please write the month as a word, such as 1 March."
    ),
    Sentence.TEXT_TOO_SHORT: "Could you write a bit more? A few words will do.",
    Sentence.TEXT_LONG: "Thank you. That was long, and I have kept all of it.",
    Sentence.RAW_KEPT: "I have kept your words as you wrote them. Let us go on.",
    Sentence.SKIP_NOT_HERE: "I need an answer here to go on. You can write “stop” if you want to end.",
    Sentence.NOTHING_BEFORE: "This is the first question. There is nothing to go back to.",
    Sentence.CHANGE_WHICH: "Which answer do you want to change?",
    Sentence.CORRECTED: "I have changed that answer.",
    Sentence.UNCHANGED: "That answer stays as it was.",
    Sentence.PAUSED: "We stop here for now. Write to me when you want to go on.",
    Sentence.LATER_WHEN: "When should I come back?",
    Sentence.LATER_EVENING: "This evening",
    Sentence.LATER_TOMORROW: "Tomorrow",
    Sentence.LATER_NEXT_WEEK: "Next week",
    Sentence.SNOOZED: "I will come back on {when}. You can write to me before then.",
    Sentence.STOPPED: "I have stopped, and I will not write to you again. To start again, use your link.",
    Sentence.STOPPED_BEFORE: (
        "You asked me to stop, so I ask no more questions. To start again, use your link."
    ),
    Sentence.HELP: (
        "I am a bot. You can write these words at any time.\n"
        "skip: leave this question out.\n"
        "back: change your last answer.\n"
        "pause: stop for now.\n"
        "later: choose when I come back.\n"
        "restart: begin again.\n"
        "help: see this list.\n"
        "stop: end, and hear no more from me.\n"
        "You can reach a person here: {contact}"
    ),
    Sentence.RESTARTED: "We begin again. Your old answers are kept apart.",
    Sentence.WELCOME_BACK: "Welcome back. We go on where you left off.",
    Sentence.REMINDER: (
        "You may not have seen this yet. It is fine to answer in a few words, or to write “later”."
    ),
    Sentence.REOPENED: "You can hear from me again. Here is where we were.",
    Sentence.MEDIA_VOICE: "I can not listen to voice notes. Please write it in a few words.",
    Sentence.MEDIA_PHOTO: (
        "I can not look at pictures, and I have not kept yours. Please write it in a few words."
    ),
    Sentence.MEDIA_STICKER: "I can not read stickers. Please write it in a few words.",
    Sentence.MEDIA_OTHER: "I can only read words. Please write it in a few words.",
    Sentence.TOO_MANY_STEPS: "Something is wrong with my script, so I must stop here. Your answers are safe.",
    Sentence.INVITATION_WRONG: (
        "I do not know this link. Please check that you have all of it, or ask the team who sent it."
    ),
    Sentence.INVITATION_USED: (
        "This link has been used before. Please ask the team who sent it for a new one."
    ),
    Sentence.INVITATION_EXPIRED: "This link is too old now. Please ask the team who sent it for a new one.",
    Sentence.INVITATION_ROLE: (
        "This link can not be used in this app. Please ask the team who sent it for the right one."
    ),
    Sentence.INVITATION_NEEDED: "To begin, please open the link that the team sent you.",
    Sentence.NO_CONVERSATION: "There is no open question right now. I will write to you when there is one.",
    Sentence.CONVERSATION_QUEUED: "Thank you. We finish this talk first, and then start the new one.",
    Sentence.CONVERSATION_ENDED: "This talk is over, so I can not change it here. Your answers are safe.",
    Sentence.CONVERSATION_OPEN: "You have begun this before. We go on where you left off.",
    Sentence.SLACK_UNSUPPORTED: "I can not do that here. Please send me a direct message.",
    Sentence.SLACK_MESSAGES_OFF: (
        "I can not write to you here. Please ask your Slack admin to turn on my messages."
    ),
    Sentence.BUTTON_DONE: "Done",
    Sentence.BUTTON_SKIP: "Skip",
    Sentence.BUTTON_BACK: "Back",
    Sentence.BUTTON_PICK: "Pick",
    Sentence.BUTTON_WRITE: "Write",
    Sentence.BUTTON_PICK_DAY: "Pick a day",
    Sentence.YES: "Yes",
    Sentence.NO: "No",
    Sentence.PROGRESS: "{n} of {m}",
    Sentence.DONE_PICKING: "Tap “Done” when you have picked all you want.",
    Sentence.TYPE_NUMBER: "Type the number or the words.",
    Sentence.TYPE_NUMBERS: "Type the numbers, such as 1, 3.",
}

_SENTENCES: Final[Mapping[str, Mapping[Sentence, str]]] = MappingProxyType({"en": _ENGLISH_SENTENCES})


def say(sentence: Sentence, language: str, **fields: object) -> str:
    """The sentence in the language (the fallback where it has none), with its fields filled in.

    Fields are put in as they are and never read as a template; a `date` or `datetime` is written out in the
    language.

    Raises:
        KeyError: a field is missing; that is a mistake in the program, and a test finds it.
    """
    name = _table(_SENTENCES, language)
    template = _SENTENCES[name].get(sentence) or _ENGLISH_SENTENCES[sentence]
    if not fields:
        return template.format_map({}) if "{" in template else template
    return template.format_map({key: _shown(value, name) for key, value in fields.items()})


def _shown(value: object, language: str) -> str:
    if isinstance(value, date | datetime):
        return format_date(value, format="d MMMM y", locale=language.replace("-", "_"))
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
