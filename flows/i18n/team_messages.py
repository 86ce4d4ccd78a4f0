"""List all that the bot says to the team, in English: alerts, the digest, answers to commands.

No words of a participant are among them: what is put in is a code, a number, a time or another of these
sentences. Other languages are in `flows/library/translations`, in the file `team`. Numbers stand after a
colon, so that no sentence differs with them.
"""

from collections.abc import Mapping
from enum import Enum, unique
from typing import Final


@unique
class TeamSentence(Enum):
    """The sentences to the team: the name is the context in the PO files, the value the English."""

    # Coming in, and what can be asked.
    WELCOME = "You are enrolled as coordinator {code}. Alerts and a daily digest come here."
    WRONG_LINK = "This link is not good any more. Ask for a new one: said coordinator enrol CODE"
    HELP = (
        "You are a coordinator. You can write:\n"
        "due: what is sent until tonight\n"
        "stuck: talks that wait for an answer\n"
        "why CODE: what was sent to a person, and why\n"
        "pause CODE [DAYS]: write nothing to a person for a while\n"
        "safety: open cases\n"
        "safety NUMBER: one case\n"
        "safety NUMBER review: you look after it\n"
        "safety NUMBER sent: the report has been passed on\n"
        "safety NUMBER acknowledged: its receipt has been confirmed\n"
        "safety NUMBER not_event REASON: it is none; a second coordinator must say so too\n"
        "safety NUMBER clear REASON: somebody at risk was seen to\n"
        "safety flag CODE ANSWER: open a case for an answer that the rules missed (r12 is the remark 12)\n"
        "language NAME: the language in which I write to you\n"
        "console: a link to your pages in a browser"
    )
    CONSOLE_LINK = "This opens your pages, once, in the next 15 minutes. Pass it on to nobody: {link}"
    CONSOLE_OFF = "There are no pages in a browser: the settings of the bot have no console."
    CONSOLE_NO_ROLE = "You have no role that shows any page. Ask whoever looks after the team."
    LANGUAGE_SET = "From now on I write to you in English."
    LANGUAGE_NOT_YET = "I can not write to you in that language yet."
    UNKNOWN_PERSON = "I know nobody by the code {person}."

    # Lists.
    DUE = "Due until tonight: {count}"
    STUCK = "Waiting for an answer: {count}"
    PAGE = "Page {page} of {pages}. Write: {command}"
    PAUSED = "I write nothing to {person} of my own accord before {until}."

    PAUSE_OVER = "The quiet that the team set for {person} is over."
    PAUSE_NONE = "The team set no quiet for {person}."
    PAUSE_OWN = "{person} asked for quiet until {until}. That stands."

    # Safety: the queue.
    ALERT = "Safety case {number}: {kind}, {person}. Write: {command}"
    ALERT_PICKED = "{flow}, {person}: {answer}. Write: {command}"
    ALERT_AGAIN = "Safety case {number} once more: {kind}, {person}. Write: {command}"
    MAIL_BOUNCED = "No mail reaches {person}: it came back. Nothing more is sent to that e-mail address."
    MAIL_COMPLAINED = "{person} called a mail of ours unwanted. Nothing more is sent to that e-mail address."
    CASES = "Open safety cases: {count}"
    CASES_NONE = "No safety case is open."
    CASES_MORE = "Not shown: {count}"
    CASES_SENT = "Sent, receipt not confirmed yet: {numbers}"
    CASE = "Safety case {number}: {kind}, {status}"
    CASE_LINE = "{number}: {kind}, {person}, {status}, {owner}; {clock}"
    PERSON = "Person: {person}, programme: {program}"
    OWNER = "owner {owner}"
    OWNER_NONE = "no owner yet"
    STORED = "The words were stored: {at} ({age} ago)"
    FLAGGED = "Found by hand: {at}, by {by}. The clock runs from when the words were stored."
    CLOCK = "Due: {at}; {clock}"
    KNOWN = "Known: {known}"
    PRODUCT = "Product: {products}"
    CONTACT = "May be contacted: {contact}"
    SECOND_WANTED = "{first} says that it is no event. A second coordinator must say the same."
    NOTHING_YET = "nothing yet"
    NOT_KNOWN = "not known"
    NOT_SAID = "not said"
    YES = "yes"
    NO = "no"
    CLOCK_IN_TIME = "in time, {share} of the time gone"
    CLOCK_HALF = "half the time or more is gone: {share}"
    CLOCK_LATE = "due soon, {share} of the time gone"
    CLOCK_OVER = "OVERDUE for {time}"
    CLOCK_STOPPED = "seen to: {at}"

    # Waves.
    GOES_ON_LATER = (
        "Programme {program}: first messages that did not fit into today and go on on {at}: {count}"
    )
    ENVIRONMENT_FAULT = (
        "Follow-ups wait: the machine that runs the bot lacks something, such as the data of a time zone. Whoever runs"
        " it finds out by 'said doctor'. Nothing is lost; they go on when it is mended."
    )

    # Safety: what is done.
    NO_CASE = "There is no safety case {number}."
    CASE_NOW = "Safety case {number} is now: {status}."
    NO_EVENT_FIRST = "Noted. A second coordinator must say the same of case {number}; until then it is open."
    NO_EVENT_SECOND = "Safety case {number} is no event, as {first} and {second} say."
    REFUSED_SETTLED = "Safety case {number} is settled: {status}."
    REFUSED_NOT_SENT = "Safety case {number} has not been sent, so there is no receipt to confirm."
    REFUSED_KIND = "Distress is cleared; a report is sent, or is no event."
    REFUSED_REASON = "Say why: {command}"
    NO_ANSWER = "I have no answer {number} with words of {person}."
    NO_REMARK = "I have no remark {number} with words of {person}."
    CASE_OPENED = "Safety case {number} is open, due {at}; {clock}. Write: {command}"

    # Words for codes.
    KIND_ADVERSE_EVENT = "adverse event"
    KIND_PRODUCT_COMPLAINT = "product complaint"
    KIND_DISTRESS = "distress"
    STATUS_NEW = "new"
    STATUS_REVIEWING = "being looked at"
    STATUS_SENT = "sent"
    STATUS_ACKNOWLEDGED = "receipt confirmed"
    STATUS_NOT_AN_EVENT = "no event"
    STATUS_CLEARED = "cleared"
    ELEMENT_REPORTER = "who tells it"
    ELEMENT_PATIENT = "whom it happened to"
    ELEMENT_REACTION = "what happened"
    ELEMENT_PRODUCT = "the product"
    ROLE_PATIENT = "patient"
    ROLE_CARER = "carer"
    ROLE_HCP = "clinician"
    ROLE_EDUCATOR = "educator"
    PERSON_ACTIVE = "taking part"
    PERSON_WITHDRAWN = "said stop"
    PERSON_DELETED = "had all deleted"
    TIMER_WAVE = "follow-up"
    TIMER_WAVE_REMINDER = "reminder of a follow-up"
    TIMER_WAVE_CLOSE = "end of a follow-up"
    TIMER_INTERVIEW_REMINDER = "reminder"
    TIMER_RESUME = "going on at the hour that the person chose"
    TIMER_EXPIRE = "end of a talk without answers"
    TIMER_FOLLOW_ON = "next talk"
    TIMER_ERASE = "deletion"

    # The digest.
    DIGEST = "{day}: today"
    DIGEST_CASES = (
        "Open safety cases: {count} (overdue: {over}; from 80 %: {late}; from 50 %: {half}; younger: {young})"
    )
    DIGEST_SENT = "Reports sent, receipt not confirmed yet: {count}"
    DIGEST_REQUESTS = "People who asked for a human being: {count}"
    DIGEST_UNREAD = (
        "Texts of patients that nobody has read: {count} (risk: {risk}; event: {event}; others: {plain});"
        " over one business day: {over}"
    )
    DIGEST_ASIDE = "Turns put aside since yesterday: {count}"
    DIGEST_FAILED = "Messages and timers that failed since yesterday: {count}"

    # A participant's story.
    STORY = "{person}: {role}, {status}"
    STORY_CAME_IN = "came in"
    STORY_REACHED = "reached over {channel}"
    STORY_NOT_REACHED = "not to be reached over {channel}"
    STORY_AGREED = "agreed: {purpose}"
    STORY_REFUSED = "did not agree: {purpose}"
    PURPOSE_TAKE_PART = "to take part"
    PURPOSE_USE_WORDS = "use of their words"
    PURPOSE_CONTACT_AGAIN = "to be written to again"
    STORY_BEGAN = "talk {number} began ({flow})"
    STORY_ENDED = "talk {number} ended ({flow})"
    STORY_WAITING = "talk {number} waits for another to end ({flow})"
    STORY_OPEN = "talk {number} is open ({flow})"
    STORY_PAUSED = "talk {number} is paused ({flow})"
    STORY_REMARKED = "wrote something besides in talk {number}"
    STORY_QUEUED = "message {number} waits to be sent"
    STORY_SENDING = "message {number} is being sent"
    STORY_SENT = "message {number} sent"
    STORY_FAILED = "message {number} could not be sent"
    STORY_DROPPED = "message {number} not sent"
    STORY_TWICE = "message {number} sent, possibly twice"
    STORY_DONE = "{what}: sent"
    STORY_WAITS = "{what}: waits to be sent"
    STORY_DEFERRED = "{what}: put off"
    STORY_NOT_SENT = "{what}: not sent"
    STORY_TO_COME = "{what}: to come"
    STORY_MESSAGE = "message"
    STORY_ASKED = "follow-up after {days} days: asked"
    STORY_ANSWERED = "follow-up after {days} days: answered"
    STORY_CLOSED = "follow-up after {days} days: closed"
    STORY_HOLD_ENDS = "what waits goes on by itself"
    STORY_ASIDE = "something they wrote was put aside"

    # Reasons, by their codes.
    WHY_DUE = "its time had come"
    WHY_LANGUAGE_OFFERED = "the person writes in another language and was asked whether to go on in it"
    WHY_CONSENT_CHANGED = "the text that the person had agreed to was changed since"
    WHY_RESENT = "somebody of the team had the open question sent once more"
    WHY_WITHDRAWN = "the person said stop"
    WHY_NO_CONSENT = "the person did not agree to be contacted"
    WHY_BLOCKED = "the person blocked the bot; it goes on when they unblock it"
    WHY_UNREACHABLE = "the account is gone or cannot be written to"
    WHY_NOT_ALLOWED = "this role may not be written to on this channel"
    WHY_ALREADY_ANSWERED = "it was answered already"
    WHY_NOTHING_LEFT_TO_ASK = "nothing is left to ask or to tell"
    WHY_TALK_MOVED_ON = "the talk had moved on"
    WHY_TALK_ENDED = "the talk had ended"
    WHY_OTHER_QUESTION_OPEN = "another question of the bot's own was open, such as when to come back"
    WHY_WAVE_CLOSED = "the wave was closed"
    WHY_LATER_REMINDER_DUE = "a later reminder was due as well, so this one was left out"
    WHY_LATER_WAVE_DUE = "a later wave was due as well, so this one was left out"
    WHY_SNOOZED_AGAIN = "the person chose another hour"
    WHY_NO_LONGER_PLANNED = "the programme's file does not ask for it any more"
    WHY_PROGRAM_CLOSED = "the programme was closed; all that was planned in it has ended"
    WHY_FAILED = "it could not be done; see the log"
    WHY_QUEUED = "it waits for its turn to be sent"
    WHY_CRISIS_HELP = "help for somebody at risk went in its place"
    WHY_PROGRAM_PAUSED = "the programme is paused; it goes on when somebody resumes it"
    WHY_SAFETY_HOLD = "the person may have been at risk; nothing is sent until a coordinator has cleared it"
    WHY_ON_HOLD = "the person asked for quiet until later"
    WHY_TEAM_HOLD = "the team wanted quiet for the person until later"
    WHY_OTHER_TALK_OPEN = "another talk was open; two are never mixed"
    WHY_OUTSIDE_WINDOW = "outside the programme's hours for this person"
    WHY_CONTACT_BUDGET = "the most contacts in seven days were reached"
    WHY_QUIET_AFTER_TALK = "the person had just come to the end of a talk"
    WHY_JUST_WRITTEN_TO = "the person had just been written to, or had just written"
    WHY_FLOW_MISSING = "its script is not installed; add it, and it goes on"
    WHY_ENVIRONMENT = "the machine that runs the bot lacks something; it goes on when that is mended"
    WHY_NO_RESPONSE = "no answer came"
    WHY_CLOSED_LATE = "no answer came, and the bot was not running when the time for it ended"
    WHY_CONSENT_UNANSWERED = "what they had agreed to was changed, and they did not answer when asked again"
    WHY_EXPIRED = "the talk was left unfinished too long"
    WHY_SUPERSEDED = "a newer state of the same message was sent instead"
    WHY_OUTCOME_UNKNOWN = "the platform did not say, however often it was tried, whether it arrived"
    WHY_COMPLETED = "to the end"
    WHY_DECLINED = "the person did not agree to take part"
    WHY_NOT_RELEVANT = "it did not apply to the person"
    WHY_RESTARTED = "the person began again"
    WHY_TOO_MANY_STEPS = "the script went round in circles; see `said check`"


_COMMANDS: Final = (
    "what the team types stays as it is: due, stuck, why, pause, safety, console and the words after it"
)
TEAM_NOTES: Final[Mapping[TeamSentence, str]] = {
    TeamSentence.HELP: f"{_COMMANDS}; translate what stands after each colon",
    TeamSentence.WRONG_LINK: "'said coordinator enrol CODE' stays as it is",
    TeamSentence.ENVIRONMENT_FAULT: "'said doctor' stays as it is",
    TeamSentence.LANGUAGE_SET: "name your language, not English",
    TeamSentence.WHY_TOO_MANY_STEPS: "'said check' stays as it is",
}
"""What a translator should know of a sentence."""
