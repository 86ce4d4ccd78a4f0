"""Every code that a problem of a script or a programme file may carry, with what it means.

Codes are kept for ever: people search for them and quote them. F is the file, S its shape, G the way through
the steps, C conditions, T texts, L the length, R what is asked and kept, P programme files.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class Code(StrEnum):
    """The codes, by family."""

    UNREADABLE = "F001"
    ENCODING = "F002"
    EMPTY = "F003"
    TOO_LARGE = "F004"
    SYNTAX = "F005"
    DUPLICATE_KEY = "F006"
    NOT_A_MAPPING = "F007"
    TOO_DEEP = "F008"
    TOO_MANY_NODES = "F009"
    TAB = "F010"
    BAD_TAG = "F011"

    UNKNOWN_KEY = "S001"
    MISSING_KEY = "S002"
    UNKNOWN_KIND = "S003"
    NOT_ONE_OF = "S004"
    WRONG_TYPE = "S005"
    BAD_NAME = "S006"
    OUT_OF_BOUNDS = "S007"
    BAD_VALUE = "S008"
    UNKNOWN_LIST = "S009"
    REPEAT_SHAPE = "S010"

    DUPLICATE_STEP = "G001"
    GOTO_NOWHERE = "G002"
    UNREACHABLE = "G003"
    NO_END = "G004"
    CYCLE = "G005"
    GOTO_INTO_BLOCK = "G006"
    BLOCK_LIST = "G007"
    CHANGE_UNKNOWN = "G008"

    CONDITION_SYNTAX = "C001"
    CONDITION_NAME = "C002"
    CONDITION_LATER = "C003"
    CONDITION_FACT = "C004"
    CONDITION_CODE = "C005"

    PLACEHOLDER_SYNTAX = "T001"
    PLACEHOLDER_NAME = "T002"
    PLACEHOLDER_LATER = "T003"
    PLACEHOLDER_FACT = "T004"
    TEXT_TOO_LONG = "T005"
    BUTTON_TOO_LONG = "T006"
    TOO_MANY_BUTTONS = "T007"
    TOO_MANY_PICKS = "T008"
    READING_GRADE = "T009"
    SENTENCES = "T010"
    BANNED_WORD = "T011"
    COUNT_PROMISED = "T012"
    BLANK_TEXT = "T013"

    QUESTIONS = "L001"
    MINUTES = "L002"
    POINTS = "L003"
    OPEN_QUESTIONS = "L004"

    DUPLICATE_CODE = "R001"
    DUPLICATE_LABEL = "R002"
    NO_CHOICES = "R003"
    MAX_PICKS = "R004"
    REVERSED = "R005"
    CONSENT_LATE = "R006"
    NO_CONSENT = "R007"
    EFFECT_FIELD = "R008"
    EFFECT_FIELD_MISSING = "R009"
    BAND_OVERLAP = "R010"
    EFFECT_PLACE = "R011"
    UNKNOWN_SOURCE = "R012"
    OWN_WORDS = "R013"
    NOT_OPENED = "R014"

    PROGRAM_DUPLICATE = "P001"
    PROGRAM_REFERENCE = "P002"
    PROGRAM_SCHEDULE = "P003"
    PROGRAM_EMERGENCY = "P004"
    PROGRAM_FLOW = "P005"
    PROGRAM_LABEL = "P006"


class Explained(NamedTuple):
    """What a code means: a heading, and why it is a problem."""

    title: str
    why: str


EXPLANATIONS: Mapping[Code, Explained] = {
    Code.UNREADABLE: Explained("The file cannot be read", "It is missing, is a folder, or may not be read."),
    Code.ENCODING: Explained(
        "Not UTF-8", "The file was saved in another encoding; the place is the first byte that does not fit."
    ),
    Code.EMPTY: Explained("Empty file", "There is nothing in it but comments, if that."),
    Code.TOO_LARGE: Explained("Too large", "More than 1 MB is no script, and is not read."),
    Code.SYNTAX: Explained("Not YAML", "Indentation, quotes or brackets do not fit together."),
    Code.DUPLICATE_KEY: Explained(
        "The same key twice", "YAML readers keep one of them in silence; here it is an error."
    ),
    Code.NOT_A_MAPPING: Explained(
        "Not a mapping", "A file begins with keys such as `flow:`, not with a list."
    ),
    Code.TOO_DEEP: Explained("Nested too deeply", "Or an alias that holds itself."),
    Code.TOO_MANY_NODES: Explained("Too many values", "Aliases that multiply, mostly."),
    Code.TAB: Explained("A tab", "YAML indents with spaces only."),
    Code.BAD_TAG: Explained("A tag", "Words such as `!!python/object` are never obeyed."),
    Code.UNKNOWN_KEY: Explained(
        "Unknown key", "Nothing is ignored in silence: a misspelt key would lose what it says."
    ),
    Code.MISSING_KEY: Explained("Missing key", "The step or the file needs it."),
    Code.UNKNOWN_KIND: Explained("Unknown kind of step", "The kinds are listed above."),
    Code.NOT_ONE_OF: Explained(
        "Not one of the words allowed", "For example an unknown purpose, role or effect."
    ),
    Code.WRONG_TYPE: Explained("Wrong type", "A number where a text belongs, and the like."),
    Code.BAD_NAME: Explained(
        "Bad name", "Keys, codes and names are lower case, with digits and underscores."
    ),
    Code.OUT_OF_BOUNDS: Explained("Out of bounds", "Too short, too long, too small or too great."),
    Code.BAD_VALUE: Explained("A value that cannot be used", "For example an unknown time zone."),
    Code.UNKNOWN_LIST: Explained(
        "Unknown list of choices", "It is neither under `lists:` nor among the shipped lists."
    ),
    Code.REPEAT_SHAPE: Explained("A block without a rule", "`repeat` has one of `for_each` and `up_to`."),
    Code.DUPLICATE_STEP: Explained(
        "The same step key twice", "An answer is kept under its step's key, so keys are unique in a script."
    ),
    Code.GOTO_NOWHERE: Explained(
        "A jump to nowhere", "The step that `goto` or `on_decline` names does not exist."
    ),
    Code.UNREACHABLE: Explained("A step that is never reached", "Nothing leads to it."),
    Code.NO_END: Explained(
        "A talk that never ends", "From there no way leads to an end or past the last step."
    ),
    Code.CYCLE: Explained("A circle without a question", "The bot would talk to itself until it is stopped."),
    Code.GOTO_INTO_BLOCK: Explained(
        "A jump into a block", "Outside of the block there is no item that its steps could be about."
    ),
    Code.BLOCK_LIST: Explained(
        "A block over no list", "`for_each` names a select_many question before it, or a list of facts."
    ),
    Code.CHANGE_UNKNOWN: Explained(
        "A change of an unknown question", "A read-back can only change what was asked before it."
    ),
    Code.CONDITION_SYNTAX: Explained(
        "A condition that does not compile", "It is not CEL, or calls an unknown function."
    ),
    Code.CONDITION_NAME: Explained(
        "A condition with an unknown name",
        "No question and no fact is called that, or not as it is written.",
    ),
    Code.CONDITION_LATER: Explained("A condition about a later answer", "It could never hold."),
    Code.CONDITION_FACT: Explained("A fact without that part", "For example `program.teem`."),
    Code.CONDITION_CODE: Explained(
        "A comparison with an unknown code",
        "The question has no such choice, or its answer is a list: it could never hold.",
    ),
    Code.PLACEHOLDER_SYNTAX: Explained(
        "A placeholder that cannot be read", "A brace is left open, or something else stands in it."
    ),
    Code.PLACEHOLDER_NAME: Explained("A placeholder with an unknown name", "Nothing can fill it."),
    Code.PLACEHOLDER_LATER: Explained(
        "A placeholder that may be empty", "The answer comes later, or was perhaps never asked for."
    ),
    Code.PLACEHOLDER_FACT: Explained(
        "A placeholder for a part that is not there", "For example `{program.teem}`, or a label of free text."
    ),
    Code.TEXT_TOO_LONG: Explained(
        "A text over a platform's limit",
        "Slack takes 3,000 characters in a section and 150 in a title, Telegram 4,096.",
    ),
    Code.BUTTON_TOO_LONG: Explained(
        "A button that would be cut off", "At most 64 characters; with a mark, Slack's 75."
    ),
    Code.TOO_MANY_BUTTONS: Explained("More buttons than can be shown", "At most 24 of one question."),
    Code.TOO_MANY_PICKS: Explained("More choices than can be ticked", "Slack's checkboxes take ten."),
    Code.READING_GRADE: Explained(
        "Hard to read for patients",
        "Above grade 6 by Flesch-Kincaid (English; placeholders are not counted).",
    ),
    Code.SENTENCES: Explained(
        "Too much in one question",
        "Patients get at most two sentences; a consent, whose exact text is kept, five.",
    ),
    Code.BANNED_WORD: Explained(
        "A word that patients stumble over", "'decisions', 'options' and 'preferences'."
    ),
    Code.COUNT_PROMISED: Explained(
        "A promise that is not kept", "'I ask 11 questions' must be the number that is counted."
    ),
    Code.BLANK_TEXT: Explained("A blank text", "Blanks alone are nothing to say."),
    Code.QUESTIONS: Explained(
        "Too many questions", "More counted questions on the longest way than `limits.questions` (12)."
    ),
    Code.MINUTES: Explained("Too long", "More than `limits.minutes` (10) on the longest way."),
    Code.POINTS: Explained(
        "Too heavy for patients",
        "More than 85 points, which is 15 minutes by Pew's reckoning; holds also where `limits` are raised.",
    ),
    Code.OPEN_QUESTIONS: Explained(
        "Too many open questions for patients", "At most five on the longest way."
    ),
    Code.DUPLICATE_CODE: Explained("The same code twice", "Two choices of one question share a code."),
    Code.DUPLICATE_LABEL: Explained(
        "The same label twice",
        "Two choices share a label or an alias, so that a typed reply could mean both.",
    ),
    Code.NO_CHOICES: Explained("Nothing to choose from", "A choice needs two."),
    Code.MAX_PICKS: Explained("More picks than choices", "`min` or `max` is above the number of choices."),
    Code.REVERSED: Explained("Bounds the wrong way round", "The lower bound is above the upper one."),
    Code.CONSENT_LATE: Explained(
        "Consent too late", "Something is asked before the consent to take part, or after a no."
    ),
    Code.NO_CONSENT: Explained("No consent", "Patients are asked only after they agreed to take part."),
    Code.EFFECT_FIELD: Explained(
        "A field that the effect does not take", "What is kept is listed above, by effect."
    ),
    Code.EFFECT_FIELD_MISSING: Explained(
        "A field that the effect needs", "Without it the record would mean nothing."
    ),
    Code.BAND_OVERLAP: Explained("Bands that overlap", "A number would fall into two of them."),
    Code.EFFECT_PLACE: Explained(
        "An effect in the wrong place",
        "It is about a commitment, and stands outside of a block over `commitments`.",
    ),
    Code.UNKNOWN_SOURCE: Explained(
        "Choices from nowhere", "`choices_from` or `promote` names no fact or answer that is a list."
    ),
    Code.OWN_WORDS: Explained(
        "Own words without a place",
        "`own_words` names a choice of its question, and the text question right after it.",
    ),
    Code.NOT_OPENED: Explained(
        "Questions that no link leads to",
        "A link opens only what asks whether the person takes part, whoever that is. What follows on an earlier talk"
        " needs no question of its own for that, and names something of that talk.",
    ),
    Code.PROGRAM_DUPLICATE: Explained(
        "The same code twice", "Themes, activities, objectives and suggestions have codes of their own."
    ),
    Code.PROGRAM_REFERENCE: Explained(
        "A name that refers to nothing", "A theme, objective or type of change that is not there."
    ),
    Code.PROGRAM_SCHEDULE: Explained(
        "Days that do not fit",
        "Not in rising order, or a reminder after the wave is closed.",
    ),
    Code.PROGRAM_EMERGENCY: Explained(
        "An emergency number that is missing or wrong", "`default` is for people whose country is not known."
    ),
    Code.PROGRAM_FLOW: Explained(
        "An unknown script", "`follow_ups` or `follow_on` names a script that is not there."
    ),
    Code.PROGRAM_LABEL: Explained("A suggestion too long for a button", "At most 64 characters."),
}
"""One for each code; a test holds that none is missing and that each code has a script that triggers it."""
