"""Hold what the pages of the web channel say of their own, in English, beside what is said everywhere (`messages`)."""

from collections.abc import Mapping
from typing import Final

from flows.i18n.sentences import Sentence

PAGE_ENGLISH: Final[Mapping[Sentence, str]] = {
    Sentence.PAGE_TITLE: "Your conversation",
    Sentence.PAGE_SKIP_LINK: "Go to the question",
    Sentence.PAGE_LANGUAGE: "Language",
    Sentence.PAGE_HISTORY: "What was said so far",
    Sentence.PAGE_OLDER: "Show what was said before",
    Sentence.PAGE_YOU: "You",
    Sentence.PAGE_BOT: "Bot",
    Sentence.PAGE_QUESTION: "Question",
    Sentence.PAGE_OR_WORDS: "Or answer in your own words",
    Sentence.PAGE_ELSE: "What else you can do",
    Sentence.PAGE_BACK: "Back",
    Sentence.PAGE_PAUSE: "Pause",
    Sentence.PAGE_STOP: "Stop",
    Sentence.PAGE_WAITING: "I have your words. My reply is on its way.",
    Sentence.PAGE_ASKED_ELSEWHERE: "I asked you this elsewhere, too. You can answer here or there.",
    Sentence.PAGE_SENDING: "Sending",
    Sentence.PAGE_NOT_SENT: "That did not go through. Your words are still here, so please try again.",
    Sentence.PAGE_TOO_LONG: "That is too long to send at once. Please send it in parts.",
    Sentence.PAGE_NOTHING_PICKED: "Please pick an answer first.",
    Sentence.PAGE_NO_DAY: "Please pick a day first.",
    Sentence.PAGE_STALE: "This page was open for too long. Please send it once more.",
    Sentence.PAGE_FOOT: (
        "I am a bot, and nobody reads this live. If you are in danger, call your local emergency number."
    ),
    Sentence.PAGE_INVITED: "We would like to hear from you",
    Sentence.PAGE_ASKED_BY: "{team} would like to hear from you.",
    Sentence.PAGE_MINUTES: "It takes about {time}.",
    Sentence.PAGE_HOW: (
        "I am a bot, and I ask one question at a time. You can skip a question, take a break or stop at any time."
    ),
    Sentence.PAGE_NOT_YET: "Nothing begins before you press the button.",
    Sentence.PAGE_SHARED: "Do others use this device? Then choose “Forget this device” when you are done.",
    Sentence.PAGE_WHOSE: (
        "Somebody has talked with me on this device before: was that you? If not, nobody can read that here any more."
    ),
    Sentence.PAGE_BEGIN: "Begin",
    Sentence.PAGE_FORGET: "Forget this device",
    Sentence.PAGE_FORGET_WHY: (
        "After that, nobody who uses this device can read what was said here. Your answers are kept."
    ),
    Sentence.PAGE_FORGET_LINK: "To go on later, you need a new link from the team.",
    Sentence.PAGE_FORGET_NO: "Go back to the conversation",
    Sentence.PAGE_FORGOTTEN: "This device is forgotten",
    Sentence.PAGE_FORGOTTEN_TEXT: "Nobody can open your conversation from here now. Your answers are kept.",
    Sentence.PAGE_LINK_DEAD: "This link does not work",
    Sentence.PAGE_NOT_READY: "Not ready yet",
    Sentence.PAGE_NOT_READY_TEXT: "There is nothing to ask yet. Your link stays good, so please try again later.",
    Sentence.PAGE_LARGE: "That was too much at once",
    Sentence.PAGE_NOT_FOUND: "There is no page here",
    Sentence.PAGE_TOO_MANY: "Please wait a little",
    Sentence.PAGE_TOO_MANY_TEXT: "Too much came from here at once. Please wait a minute, and then try again.",
    Sentence.PAGE_OUR_ERROR: "Something went wrong on our side",
    Sentence.PAGE_OUR_ERROR_TEXT: "It is not your fault. Please try again in a few minutes.",
    Sentence.PAGE_TRY_AGAIN: "Try again",
    Sentence.PAGE_CONTACT: "You can ask the team: {contact}",
}
"""The sentences of the pages in English; a part of `messages.ENGLISH`."""
