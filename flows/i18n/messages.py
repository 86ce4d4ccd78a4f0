"""Hold all that the bot says of its own, in English. Other languages are in `flows/library/translations`."""

from collections.abc import Mapping
from typing import Final

from flows.i18n.page_messages import PAGE_ENGLISH
from flows.i18n.sentences import Sentence

ENGLISH: Final[Mapping[Sentence, str]] = {
    Sentence.UNREAD_CHOICE: (
        "I could not match that to a choice. Please pick one, or type its number, such as 2."
    ),
    Sentence.UNREAD_CHOICES: (
        "I could not match that to the list. Please pick from it, or type the numbers, such as 1, 3."
    ),
    Sentence.UNREAD_SCALE: "Please send one number from {low} to {high}.",
    Sentence.UNREAD_NUMBER: "Please send a number, such as {example}.",
    Sentence.UNREAD_YEARS: "Please tap one, or write how long it is: 8 months, 3 years, or since March 2021.",
    Sentence.UNREAD_DATE: (
        "I could not read a date in that. Please write it like this: 1 March, or in two weeks."
    ),
    Sentence.UNREAD_TEXT: "Please write a few words.",
    Sentence.UNREAD_YES_NO: "Please answer with “{agree}” or “{decline}”.",
    Sentence.EMOJI_ALONE: "I see {seen}. To be sure, please tap your answer, or write it in words.",
    Sentence.HALF_A_YES: "Just to be sure, as it is your choice: is that a yes? A no is fine too.",
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
    Sentence.DATE_SAID_BACK: "I take that as {day}. If you meant another day, just write it.",
    Sentence.TEXT_TOO_SHORT: "Could you write a bit more? A few words will do.",
    Sentence.TEXT_LONG: "Thank you. That was long, and I have kept all of it.",
    Sentence.THAT_IS_FINE: "That is fine.",
    Sentence.STORY_WANTED: "That is fine. If you can, please tell me in a few words all the same:",
    Sentence.RAW_KEPT: "I have kept your words as you wrote them. Let us go on.",
    Sentence.REMARK_KEPT: "Thank you. I keep this for the team.",
    Sentence.REMARK_KEPT_GO_ON: "I keep this for the team, too. Let us go on.",
    Sentence.REMARK_HELD: "Thank you. If you agree to take part, I keep this for the team.",
    Sentence.QUESTION_AGAIN: "Here is my question again:",
    Sentence.REMARK_OFFER: "Earlier you wrote:\n“{words}”\nShall I take that as your answer here?",
    Sentence.REMARK_TAKE: "Yes, take it",
    Sentence.REMARK_ANEW: "No, I write it now",
    Sentence.NOT_KEPT: "I have not kept what you wrote.",
    Sentence.NOW_ONE_TAP: "Now one tap, please:",
    Sentence.OWN_WORDS: "I take this as your own words:\n“{words}”",
    Sentence.SKIP_NOT_HERE: "I need an answer here to go on. You can write “stop” if you want to end.",
    Sentence.CONSENT_WAITS: "Without a clear yes or no I go no further, and nothing is agreed. I wait here for you.",
    Sentence.CONFIRM_PASSED: "I go on, and note that you have not confirmed this.",
    Sentence.NOTHING_BEFORE: "This is the first question. There is nothing to go back to.",
    Sentence.CHANGE_WHICH: "Which answer do you want to change?",
    Sentence.CORRECTED: "I have changed that answer.",
    Sentence.TOO_EARLY: "That came before you could read my question, so I have not taken it. Here it is again:",
    Sentence.ADDED_TO_ANSWER: "I have added that to what you said before. Here is my question again:",
    Sentence.REACTION_NO_ANSWER: "I can see your reaction, but it is no answer to me. "
    "Please tap a button or write a few words.",
    Sentence.GOES_ON_BELOW: "Our talk goes on below, outside this thread.",
    Sentence.CHANGED_BEFORE: "That answer is changed. “Undo”, further down, changes it back.",
    Sentence.UNCHANGED: "That answer stays as it was.",
    Sentence.CHANGE_SURE: "You answered “{old}”. Shall I change it to “{new}”?",
    Sentence.CHANGE_TAKES_BACK: "This takes back your yes.",
    Sentence.CHANGE_ENDS: "This talk then ends.",
    Sentence.CHANGE_STAYS: "What you told me stays until you write “delete my data”.",
    Sentence.CHANGE_YES: "Change it",
    Sentence.CHANGE_NO: "Keep it",
    Sentence.UNDO: "Undo",
    Sentence.NOT_BROUGHT_BACK: "Some of what you told me before is not here any more, so I ask again.",
    Sentence.FOLLOW_UP_ON: "I will write to you again on {when}.",
    Sentence.FOLLOW_UP_NONE: "No follow-up comes any more.",
    Sentence.PAUSED: "We stop here for now. Write to me when you want to go on.",
    Sentence.LATER_WHEN: "When should I come back?",
    Sentence.LATER_EVENING: "This evening",
    Sentence.LATER_TOMORROW: "Tomorrow",
    Sentence.LATER_NEXT_WEEK: "Next week",
    Sentence.SNOOZED: "I will come back on {when}. You can write to me before then.",
    Sentence.LEAVE_WHICH: "What do you want to end? Please pick one.",
    Sentence.LEAVE_QUESTION: "Leave this question",
    Sentence.LEAVE_IDLE: "I ask nothing just now. To hear no more from me, write “stop”.",
    Sentence.STOPPED: "I have stopped, and I will not write to you again. To come back, write “start”.",
    Sentence.STOPPED_BEFORE: (
        "You asked me to stop, so I ask no more questions. To come back, write “start”, or "
        "write: my data, delete my data, human."
    ),
    Sentence.HELP: (
        "I am a bot. You can write these words at any time.\n"
        "skip: leave this question out.\n"
        "back: change your last answer.\n"
        "pause: stop for now.\n"
        "later: choose when I come back.\n"
        "restart: begin again.\n"
        "language: choose another language.\n"
        "time zone: see or change your time.\n"
        "help: see this list.\n"
        "human: hear from a person of the team.\n"
        "my data: get your answers as a file.\n"
        "delete my data: have them deleted.\n"
        "my choices: see what you agreed to, and take it back.\n"
        "link: go on in another app.\n"
        "stop: end, and hear no more from me.\n"
        "You can reach a person here: {contact}"
    ),
    Sentence.INQUIRY_WHO_ARE_YOU: (
        "I am a bot, and no person. Who asks through me: {team}. You can reach a person here: {contact}"
    ),
    Sentence.INQUIRY_GENUINE: (
        "Who is behind this: {team}. You came to me by a link or a code of theirs, and I ask for no money and no "
        "passwords; to be sure, or to hear who pays for this, ask here: {contact}"
    ),
    Sentence.INQUIRY_WHO_READS: "Nobody reads this live. Who reads it later, under a code: {team}.",
    Sentence.INQUIRY_ANONYMOUS: (
        "Your answers are kept under a code, not under your name. The account that I write to is kept apart from them. "
        "What you write stays as it is, so please leave out names."
    ),
    Sentence.INQUIRY_BOSS_OR_DOCTOR: (
        "I send your answers to no employer and to no doctor of yours. Who reads them, under a code: {team}. "
        "If you want to be sure, ask here: {contact}"
    ),
    Sentence.INQUIRY_HOW_LONG: (
        "It takes a few minutes. You can write “pause” or “later” at any time, and we go on where you left off."
    ),
    Sentence.INQUIRY_HOW_FAR: (
        "We are at question {n} of {m}. You can write “pause” or “later” at any time, "
        "and we go on where you left off."
    ),
    Sentence.INQUIRY_WHY: "Your answers show what works and what should be better. Who wants to know: {team}.",
    Sentence.INQUIRY_WHAT_HAPPENS: (
        "Your answers are kept under a code. Who reads them: {team}. Your words are kept at most {time} after our last "
        "contact. To see them, write “my data”. To have them deleted, write “delete my data”."
    ),
    Sentence.INQUIRY_NOT_PLANNED: "No day is planned on which I write to you again.",
    Sentence.INQUIRY_MAY_REMIND: "While this talk is open, I may remind you of it.",
    Sentence.INQUIRY_PUT_OFF: "If I am to write no sooner than a day, write it like this: until Monday",
    Sentence.INQUIRY_VOLUNTARY: (
        "You do not have to. All of this is voluntary: “skip” leaves a question out, and “stop” ends everything."
    ),
    Sentence.INQUIRY_MEDICAL: (
        "I am a bot, so I can not advise on health. Please ask the care team or a pharmacist. "
        "If it is urgent, call {number}."
    ),
    Sentence.INQUIRY_HELLO: "Hello. It is good to hear from you.",
    Sentence.INQUIRY_THANKS: "You are welcome.",
    Sentence.INQUIRY_LANGUAGES: "Which language would you like? Please write its name: {languages}",
    Sentence.RESTARTED: "We begin again. Your old answers are kept apart.",
    Sentence.WELCOME_BACK: "Welcome back. We go on where you left off.",
    Sentence.RETURNED: "Welcome back. Our talk had run out. Shall we go on where we were?",
    Sentence.RETURNED_ANEW: "Start anew",
    Sentence.RETURNED_NOT_NOW: "Not now",
    Sentence.HELD: (
        "I will not write to you before {when}; you can write to me at any time. "
        "If this was your answer, please say it in other words."
    ),
    Sentence.HELD_IDLE: "I will not write to you before {when}. You can write to me before then.",
    Sentence.HOLD_STANDS: (
        "You told me that you are away until {when}, so I will not write before then. "
        "To end that sooner, write: until tomorrow"
    ),
    Sentence.CONSENT_CHANGED: (
        "Hello from the automated helper for {team}. "
        "What you said yes to has changed since then, so I ask you once more."
    ),
    Sentence.CHOICES: (
        "You said yes to this:\n{given}\n"
        "To take back one of it, write “no contact” or “not my words”. To end everything, write “stop”."
    ),
    Sentence.CHOICES_NONE: "There is nothing of the kind that you have said yes to.",
    Sentence.CONSENT_TAKEN_BACK: "Thank you for telling me. From now on I keep to your no.",
    Sentence.HUMAN_TOLD: (
        "I have told the team that you want to hear from a person. You can also write to them: {contact}"
    ),
    Sentence.LINK_CODE: ("In the other app, write this to me in the next 15 minutes: link {code}"),
    Sentence.LINK_DONE: "Done. From now on we can talk here as well as in the other app.",
    Sentence.LINK_WRONG: (
        "I do not know this code, or it is too old. Write “link” in the other app to get a new one."
    ),
    Sentence.LINK_TRIED_OUT: "That was too many tries. Please wait an hour, and then get a new code.",
    Sentence.LINK_TAKEN: (
        "We have talked here before, so I can not join the two. If you want to, write “delete my data” "
        "here first, and then use a new code."
    ),
    Sentence.LINK_SAME: "The code is for your other app. Please write it there.",
    Sentence.MY_DATA_HERE: "Here is all that you told me, as a file that you can read and keep.",
    Sentence.DELETE_SURE: (
        "Shall I delete your answers for good, and forget how to reach you? This can not be undone."
    ),
    Sentence.DELETE_YES: "Yes, delete all",
    Sentence.DELETE_NO: "No, keep it",
    Sentence.DELETE_KEPT: "All right. I have deleted nothing.",
    Sentence.DELETED: (
        "Your answers are gone, and this is my last message. "
        "I keep no way to reach you, only how much there was."
    ),
    Sentence.DELETED_BUT_REPORT: (
        "Your answers are gone, and this is my last message. "
        "I keep no way to reach you, but a safety report that was sent before must be kept by law."
    ),
    Sentence.OWN_TITLE: "What you told us",
    Sentence.OWN_ANSWERS: "Your answers",
    Sentence.OWN_REMARKS: "What you wrote besides",
    Sentence.OWN_SAFETY: "What we keep for your safety",
    Sentence.OWN_COMMITMENTS: "Your plans",
    Sentence.OWN_REPORTS: "What you said came of your plans",
    Sentence.OWN_CONSENTS: "What you agreed to",
    Sentence.OWN_NOTHING: "Nothing yet.",
    Sentence.OWN_SKIPPED: "(left out)",
    Sentence.OWN_CHANGED: "(changed later)",
    Sentence.OWN_TAKEN: "(since taken as an answer)",
    Sentence.OWN_READ: "(read by somebody of the team: {at})",
    Sentence.OWN_NO_QUESTION: "(no question was open)",
    Sentence.OWN_GRANTED: "You said yes.",
    Sentence.OWN_DECLINED: "You said no.",
    Sentence.OWN_ENDED: "It ended when you stopped, and is asked anew.",
    Sentence.SAFETY_INTRO: (
        "Thank you for telling me. That may matter for the safety of a medicine, so I must pass it on. "
        "You can skip any question."
    ),
    Sentence.SAFETY_INTRO_HEARD: (
        "That may matter for the safety of a medicine, so I must pass it on. You can skip any question."
    ),
    Sentence.SAFETY_WHAT: "What happened, in a few words?",
    Sentence.SAFETY_WHICH: "Which medicine or product is it about?",
    Sentence.SAFETY_NO_MEDICINE: "Not a medicine",
    Sentence.SAFETY_WHO: "Who did it happen to?",
    Sentence.SAFETY_WHO_SELF: "To me",
    Sentence.SAFETY_WHO_CARED_FOR: "To somebody I care for",
    Sentence.SAFETY_WHO_OTHER: "To somebody else",
    Sentence.SAFETY_CONTACT: "May our safety team contact you about this?",
    Sentence.SAFETY_THANKS: "Thank you. That is all for the safety team.",
    Sentence.SAFETY_CLOSED: "That is fine, thank you. I won't ask more about it.",
    Sentence.SAFETY_NOTED: (
        "Thank you for telling me. I pass this on to our safety team. They may not see it right away."
    ),
    Sentence.UPSET: "Thank you for telling me. That sounds hard. You decide how we go on.",
    Sentence.UPSET_HEARD: "That sounds hard. You can pause, skip a question or stop at any time.",
    Sentence.UPSET_GO_ON: "Go on",
    Sentence.UPSET_SKIP: "Leave out the next question",
    Sentence.UPSET_PAUSE: "Pause for now",
    Sentence.UPSET_STOP: "Stop for good",
    Sentence.CARE: (
        "I am a bot, so I can not keep you safe. If you might be in danger now, call your local emergency "
        "number ({number}) or go to the nearest emergency department. I have stopped the questions and told "
        "our team; they may not see it right away. Your answers are saved."
    ),
    Sentence.CARE_LINES: (
        "I am a bot, so I can not keep you safe. If you might be in danger now, call your local emergency "
        "number ({number}) or go to the nearest emergency department. You can also talk to someone here:\n"
        "{lines}\n"
        "I have stopped the questions and told our team; they may not see it right away. Your answers are saved."
    ),
    Sentence.CARE_ANYWHERE: (
        "I am a bot, so I can not keep you safe. If you might be in danger now, call your local emergency "
        "number or go to the nearest emergency department. Nobody in our team sees what you write here."
    ),
    Sentence.CARE_AGAIN: (
        "Nobody reads this live. If you might be in danger now, please call {number}. "
        "The questions can wait as long as you like."
    ),
    Sentence.CARE_GO_ON: "Go on with the questions",
    Sentence.HELP_NEAR: (
        "If things feel very hard right now, you need not be alone with that. I am a bot, so in an emergency please "
        "call {number}. If all is well, simply leave this aside."
    ),
    Sentence.HELP_NEAR_LINES: (
        "If things feel very hard right now, you need not be alone with that. I am a bot, so in an emergency please "
        "call {number}, or talk to someone here:\n"
        "{lines}\n"
        "If all is well, simply leave this aside."
    ),
    Sentence.REMINDER: (
        "You may not have seen this yet. It is fine to answer in a few words, or to write “later”."
    ),
    Sentence.REMINDER_BEGUN: (
        "You have answered some of my questions, and I keep that. "
        "It is fine to answer in a few words, or to write “later”."
    ),
    Sentence.REOPENED: "You can hear from me again. Here is where we were.",
    Sentence.MISSED_COMES: (
        "I could not reach you for a while. What I wanted to ask comes on {when}, or the next day that suits."
    ),
    Sentence.MISSED_GONE: (
        "I could not reach you for a while. I had a question for you, and its time is over."
    ),
    Sentence.MEDIA_VOICE: "I can not listen to voice notes. Please write it in a few words.",
    Sentence.MEDIA_PHOTO: (
        "I can not look at pictures, and I have not kept yours. Please write it in a few words."
    ),
    Sentence.MEDIA_STICKER: "I can not read stickers. Please write it in a few words.",
    Sentence.MEDIA_OTHER: "I can only read words. Please write it in a few words.",
    Sentence.TOO_MANY_STEPS: "Something is wrong with my script, so I must stop here. Your answers are safe.",
    Sentence.PUT_ASIDE: ("Something went wrong on our side. Your words are kept, and our team will look."),
    Sentence.TOO_FAST: "You write faster than I can answer. Nothing is lost: I go through it all, one after the other.",
    Sentence.INVITATION_WRONG: "I do not know this invitation. Please check that you have all of it, or ask the team.",
    Sentence.INVITATION_USED: "This invitation has been used before. Please ask the team for a new one.",
    Sentence.INVITATION_EXPIRED: "This invitation is too old now. Please ask the team for a new one.",
    Sentence.INVITATION_NOT_READY: (
        "This talk is not ready yet, so I ask nothing. Your link stays good; the team can tell you more: {contact}"
    ),
    Sentence.INVITATION_CLOSED: "“{title}” has ended, so nobody new can join. The team can tell you more: {contact}",
    Sentence.PROGRAM_CLOSED: (
        "“{title}” has come to its end. I ask no more questions, and I will not write to you about it again. "
        "Thank you for all that you told us. If you want to ask the team something: {contact}"
    ),
    Sentence.INVITATION_ROLE: (
        "This link can not be used in this app. Please ask the team who sent it for the right one."
    ),
    Sentence.PARTNER_FORWARD: (
        "Please pass the next message on to your patient partner. What it holds works once, for {days} days."
    ),
    Sentence.PARTNER_LINK: (
        "Hello. You helped us to teach, and we have written about it for {team}."
        " Please read it and say if you agree. It takes about 3 minutes: {link}"
    ),
    Sentence.PARTNER_COMMAND: (
        "Hello. You helped us to teach, and we have written about it for {team}."
        " Please read it and say if you agree. It takes about 3 minutes."
        " Write this to the helper of {team} in this app: {command}"
    ),
    Sentence.PARTNER_NO_LINK: (
        "I can not make a link for a patient partner from here. Please ask for one: {contact}."
        " What you wrote is kept, and your partner can read it later."
    ),
    Sentence.PARTNER_TAKEN_BACK: (
        "The team took back what they wrote, so there is nothing left to read or to answer."
        " Thank you for your help."
    ),
    Sentence.CHANNEL_REFUSED: (
        "To keep what you say safe, we can not talk in this app."
        " Your link stays good: please ask the team where to open it ({contact})."
    ),
    Sentence.CHANNEL_REFUSED_LINK: (
        "To keep what you say safe, we can not talk in this app. Please open your link here: {link}"
    ),
    Sentence.IDENTIFIERS: (
        "Please leave out phone numbers, e-mails, dates of birth and the like."
        " I have kept your answer, and I hide them before the team reads it."
    ),
    Sentence.INVITATION_NEEDED: "To begin, please use the link or code that the team sent you.",
    Sentence.WAY_IN_TELEGRAM: "Open your link and press Start, or paste it here.",
    Sentence.WAY_IN_SLACK: "Paste your link or code here or in the Home tab, or type “/said start CODE”.",
    Sentence.WAY_IN_ELSEWHERE: "Paste your link or code here, or type “/start CODE” with your code.",
    Sentence.NO_CONVERSATION: "There is no open question right now. I will write to you when there is one.",
    Sentence.NO_QUESTION: "There is no open question right now.",
    Sentence.CONVERSATION_QUEUED: "Thank you. We finish this talk first, and then start the new one.",
    Sentence.CONVERSATION_ENDED: "This talk is over, so I can not change it here. Your answers are safe.",
    Sentence.CONVERSATION_OPEN: "You have begun this before. We go on where you left off.",
    Sentence.BUTTON_UNKNOWN: "I do not know this button, so nothing has changed.",
    Sentence.BUTTON_DONE: "Done",
    Sentence.BUTTON_SKIP: "Skip",
    Sentence.BUTTON_PICK: "Pick",
    Sentence.BUTTON_WRITE: "Write",
    Sentence.BUTTON_PICK_DAY: "Pick a day",
    Sentence.BUTTON_CHANGE: "Change",
    Sentence.BUTTON_OVER: "This button does nothing any more.",
    Sentence.TAP_CHANGE: "That is your answer. Tap “Change” to give another one.",
    Sentence.ASKED_BELOW: "This question is open, further down.",
    Sentence.ASKED_NO_MORE: "This is no longer on your list, so nothing has changed.",
    Sentence.YES: "Yes",
    Sentence.NO: "No",
    Sentence.PROGRESS: "{n} of {m}",
    Sentence.TYPE_NUMBERS: "type the numbers, such as 1, 3",
    Sentence.TYPE_DATE: "type a date, such as 1 March or in two weeks",
    Sentence.LANGUAGE_WHICH: "Which language would you like?",
    Sentence.LANGUAGE_SET: "We go on in English.",
    Sentence.LANGUAGE_ONLY: "We can only talk in English for now.",
    Sentence.LANGUAGE_NOT_YET: "We can not talk in that language yet.",
    Sentence.LANGUAGE_OFFER: "We can also talk in English. Would you like that?",
    Sentence.ZONE_WHICH: "Which is nearest to your time now? You can also type a city.",
    Sentence.ZONE_IS_IT: "Is it {time} where you are?",
    Sentence.ZONE_CITY: "Which city has your time all year? You can also type another one.",
    Sentence.ZONE_UNKNOWN: "I do not know that place. A large city near you will do, or the time there now.",
    Sentence.ZONE_SET: "Thank you. I go by the time in {city}, where it is {time} now.",
    Sentence.ZONE_HOW: "To change it, write a city with it, such as “time zone Vienna”.",
    Sentence.ZONE_NOW: "I go by the time in {city}, where it is {time} now.",
    Sentence.MENU_SKIP: "Leave this question out",
    Sentence.MENU_BACK: "Go back one question",
    Sentence.MENU_PAUSE: "Stop here and go on another time",
    Sentence.MENU_LATER: "Choose when I come back",
    Sentence.MENU_LANGUAGE: "Choose another language",
    Sentence.MENU_HELP: "What I do and what you can say",
    Sentence.MENU_RESTART: "Begin this talk again",
    Sentence.MENU_STOP: "End everything; I will not write again",
    Sentence.SLACK_WRITE_TITLE: "Your answer",
    Sentence.SLACK_WRITE_LABEL: "In your own words",
    Sentence.SLACK_SEND: "Send",
    Sentence.SLACK_CANCEL: "Cancel",
    Sentence.SLACK_HOME_TITLE: "Welcome",
    Sentence.SLACK_HOME_TEXT: (
        "This is where you start. If you were given a link or a code, paste it below. "
        "Then choose Start: I will write to you in the Messages tab."
    ),
    Sentence.SLACK_HOME_CODE: "Your code (leave it empty if you have none)",
    Sentence.SLACK_HOME_START: "Start",
    Sentence.SLACK_HOME_OPEN: "We go on in the Messages tab.",
    Sentence.SLACK_HOME_DATA: "My data",
    Sentence.SLACK_HOME_HELP: "Help",
    Sentence.SLACK_STARTED: "Thank you. I will write to you in a direct message.",
    Sentence.SLACK_HELP: (
        "To start, type `/said start CODE` with the code that you were given, "
        "or paste your link or code in this app's Home tab or in our direct messages. "
        "In our direct messages you can type help, pause or stop at any time."
    ),
    **PAGE_ENGLISH,
}
"""The sentences in English: what is translated, and what is said where a language lacks one."""
