"""Note what a translator must know of the bot's own sentences: how long one may be, and what to be careful about."""

from collections.abc import Mapping
from typing import Final

from flows.i18n.sentences import Sentence

LIMITS: Final[Mapping[Sentence, int]] = {
    Sentence.BUTTON_DONE: 64,
    Sentence.BUTTON_SKIP: 64,
    Sentence.BUTTON_WRITE: 64,
    Sentence.BUTTON_PICK: 64,
    Sentence.BUTTON_PICK_DAY: 64,
    Sentence.BUTTON_CHANGE: 64,
    Sentence.BUTTON_OVER: 200,
    Sentence.TAP_CHANGE: 200,
    Sentence.CHANGED_BEFORE: 200,
    Sentence.CORRECTED: 200,
    Sentence.UNCHANGED: 200,
    Sentence.ASKED_BELOW: 200,
    Sentence.ASKED_NO_MORE: 200,
    Sentence.LATER_EVENING: 64,
    Sentence.LATER_TOMORROW: 64,
    Sentence.LATER_NEXT_WEEK: 64,
    Sentence.YES: 64,
    Sentence.SAFETY_NO_MEDICINE: 64,
    Sentence.SAFETY_WHO_SELF: 64,
    Sentence.SAFETY_WHO_CARED_FOR: 64,
    Sentence.SAFETY_WHO_OTHER: 64,
    Sentence.UPSET_GO_ON: 64,
    Sentence.RETURNED_ANEW: 64,
    Sentence.RETURNED_NOT_NOW: 64,
    Sentence.UPSET_SKIP: 64,
    Sentence.UPSET_PAUSE: 64,
    Sentence.UPSET_STOP: 64,
    Sentence.CARE_GO_ON: 64,
    Sentence.NO: 64,
    Sentence.SLACK_WRITE_TITLE: 24,
    Sentence.SLACK_SEND: 24,
    Sentence.SLACK_CANCEL: 24,
    Sentence.SLACK_HOME_TITLE: 64,
    Sentence.SLACK_HOME_START: 64,
    Sentence.SLACK_HOME_DATA: 64,
    Sentence.SLACK_HOME_HELP: 64,
    Sentence.PAGE_BACK: 24,
    Sentence.PAGE_PAUSE: 24,
    Sentence.PAGE_STOP: 24,
    Sentence.PAGE_BEGIN: 24,
    Sentence.PAGE_FORGET: 64,
    Sentence.PAGE_FORGET_NO: 64,
    Sentence.PAGE_TRY_AGAIN: 64,
}
"""Characters that a sentence may have where it stands on a button or over a form: what the platforms show."""

NOTES: Final[Mapping[Sentence, str]] = {
    Sentence.CHOICES: "the words in quotes must be in your vocabulary, as `no_contact`, `not_my_words` and `stop`",
    Sentence.HOLD_STANDS: "after the colon: words that your vocabulary reads as `away` with tomorrow",
    Sentence.INQUIRY_PUT_OFF: "after the colon: words that your vocabulary reads as `away` with a day",
    Sentence.INQUIRY_HOW_LONG: "the words in quotes must be in your vocabulary, as `pause` and `later`",
    Sentence.INQUIRY_HOW_FAR: "the words in quotes must be in your vocabulary, as `pause` and `later`",
    Sentence.INQUIRY_WHAT_HAPPENS: (
        "the words in quotes must be in your vocabulary, as `my_data` and `delete_my_data`; {time} is like '24 months'"
    ),
    Sentence.INQUIRY_VOLUNTARY: "the words in quotes must be in your vocabulary, as `skip` and `stop`",
    Sentence.INQUIRY_MEDICAL: "plain and calm; no advice",
    Sentence.UNREAD_DATE: "give examples that are understood in your language, as in its vocabulary",
    Sentence.TYPE_DATE: "give examples that are understood in your language, as in its vocabulary",
    Sentence.DATE_SAID_BACK: "{day} is written with its weekday, such as: Sunday, 22 March 2026",
    Sentence.DATE_UNCLEAR: "give an example that is understood in your language",
    Sentence.SKIP_NOT_HERE: "the word in quotes must be one that your vocabulary knows for 'stop'",
    Sentence.REMINDER_BEGUN: "the word in quotes must be one that your vocabulary knows for 'later'",
    Sentence.REMINDER: "the word in quotes must be one that your vocabulary knows for 'later'",
    Sentence.HELP: "the words before the colons must be those that your vocabulary knows",
    Sentence.CARE: "plain and calm; no judgement, no question; never say that somebody reads along",
    Sentence.CARE_LINES: "plain and calm; no judgement, no question; never say that somebody reads along",
    Sentence.CARE_ANYWHERE: "as CARE, to somebody in no program: no number is known, and no team reads it",
    Sentence.HELP_NEAR: "gentle and in passing: they may be well; no question, and nothing of why it is said",
    Sentence.HELP_NEAR_LINES: "gentle and in passing: they may be well; no question, and nothing of why it is said",
    Sentence.LANGUAGE_SET: "name your language, not English",
    Sentence.LANGUAGE_ONLY: "name your language, not English",
    Sentence.LANGUAGE_OFFER: "name your language, not English; said to somebody who writes in it",
    Sentence.SLACK_HELP: "'/said start CODE' stays as it is",
    Sentence.WAY_IN_TELEGRAM: "name the button as Telegram does in your language",
    Sentence.WAY_IN_SLACK: "'/said start CODE' stays as it is",
    Sentence.WAY_IN_ELSEWHERE: "'/start CODE' stays as it is",
    Sentence.PAGE_MINUTES: "{time} is like '10 minutes'",
    Sentence.PAGE_SHARED: "the words in quotes are those of PAGE_FORGET",
    Sentence.PAGE_WHOSE: "stands above two buttons, YES and NO",
    Sentence.PAGE_FOOT: "plain and calm; stands below every page",
    **{sentence: f"at most {limit} characters" for sentence, limit in LIMITS.items()},
    **dict.fromkeys(
        (Sentence.PAGE_BACK, Sentence.PAGE_PAUSE, Sentence.PAGE_STOP),
        "at most 24 characters; must be in your vocabulary, since its button says it",
    ),
}
"""What a translator should know of a sentence."""

PLURALS: Final[Mapping[Sentence, str]] = {Sentence.TOO_MANY_PICKS: "max", Sentence.TOO_FEW_PICKS: "min"}
"""The sentences that differ with a number, each with the field that holds it."""
