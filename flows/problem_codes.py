"""List every code that a problem of a script or a program file may carry, with what it means.

Codes are kept for ever: people search for them and quote them. F is the file, S its shape, G the way through
the steps, C conditions, T texts, L the length, R what is asked and kept, P program files, B codebooks.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class ProblemCode(StrEnum):
    """Name each problem that a script or a program file can have; the letter of its code is its family."""

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
    HIDDEN_CHARACTER = "F012"

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
    MINUTES_PROMISED = "T014"

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
    NO_BANDS = "R015"
    SAME_AS = "R016"
    MERGED_CHOICE = "R017"
    EARLIER_QUESTION = "R018"
    NO_ENDS = "R019"

    PROGRAM_DUPLICATE = "P001"
    PROGRAM_REFERENCE = "P002"
    PROGRAM_SCHEDULE = "P003"
    PROGRAM_EMERGENCY = "P004"
    PROGRAM_FLOW = "P005"
    PROGRAM_LABEL = "P006"
    PROGRAM_ANSWER = "P007"
    PROGRAM_HELP = "P008"
    PROGRAM_MEDICINE = "P009"

    CODEBOOK_DUPLICATE = "B001"
    CODEBOOK_PARENT = "B002"
    CODEBOOK_CYCLE = "B003"
    CODEBOOK_WORDS = "B004"
    CODEBOOK_TYPED = "B005"


class Explanation(NamedTuple):
    """The heading of a problem's code in the reference, and why it is a problem."""

    title: str
    why: str


EXPLANATIONS: Mapping[ProblemCode, Explanation] = {
    ProblemCode.UNREADABLE: Explanation(
        "The file cannot be read", "It is missing, is a folder, or may not be read."
    ),
    ProblemCode.ENCODING: Explanation(
        "Not UTF-8", "The file was saved in another encoding; the place is the first byte that does not fit."
    ),
    ProblemCode.EMPTY: Explanation("Empty file", "There is nothing in it but comments, if that."),
    ProblemCode.TOO_LARGE: Explanation("Too large", "More than 1 MB is no script, and is not read."),
    ProblemCode.SYNTAX: Explanation("Not YAML", "Indentation, quotes or brackets do not fit together."),
    ProblemCode.DUPLICATE_KEY: Explanation(
        "The same key twice", "YAML readers keep one of them in silence; here it is an error."
    ),
    ProblemCode.NOT_A_MAPPING: Explanation(
        "Not a mapping", "A file begins with keys such as `flow:`, not with a list."
    ),
    ProblemCode.TOO_DEEP: Explanation("Nested too deeply", "Or an alias that holds itself."),
    ProblemCode.TOO_MANY_NODES: Explanation("Too many values", "Aliases that multiply, mostly."),
    ProblemCode.TAB: Explanation("A tab", "YAML indents with spaces only."),
    ProblemCode.BAD_TAG: Explanation("A tag", "Words such as `!!python/object` are never obeyed."),
    ProblemCode.HIDDEN_CHARACTER: Explanation(
        "A hidden character",
        "Controls, line separators, overrides of direction (U+202A to U+202E) and half characters can show people"
        " another text than the one that was checked.",
    ),
    ProblemCode.UNKNOWN_KEY: Explanation(
        "Unknown key", "Nothing is ignored in silence: a misspelt key would lose what it says."
    ),
    ProblemCode.MISSING_KEY: Explanation("Missing key", "The step or the file needs it."),
    ProblemCode.UNKNOWN_KIND: Explanation("Unknown kind of step", "The kinds are listed above."),
    ProblemCode.NOT_ONE_OF: Explanation(
        "Not one of the words allowed", "For example an unknown purpose, role or effect."
    ),
    ProblemCode.WRONG_TYPE: Explanation("Wrong type", "A number where a text belongs, and the like."),
    ProblemCode.BAD_NAME: Explanation(
        "Bad name", "Keys, codes and names are lower case, with digits and underscores."
    ),
    ProblemCode.OUT_OF_BOUNDS: Explanation("Out of bounds", "Too short, too long, too small or too great."),
    ProblemCode.BAD_VALUE: Explanation("A value that cannot be used", "For example an unknown time zone."),
    ProblemCode.UNKNOWN_LIST: Explanation(
        "Unknown list of choices", "It is neither under `lists:` nor among the shipped lists."
    ),
    ProblemCode.REPEAT_SHAPE: Explanation(
        "A block without a rule", "`repeat` has one of `for_each` and `up_to`."
    ),
    ProblemCode.DUPLICATE_STEP: Explanation(
        "The same step key twice", "An answer is kept under its step's key, so keys are unique in a script."
    ),
    ProblemCode.GOTO_NOWHERE: Explanation(
        "A jump to nowhere", "The step that `goto` or `on_decline` names does not exist."
    ),
    ProblemCode.UNREACHABLE: Explanation("A step that is never reached", "Nothing leads to it."),
    ProblemCode.NO_END: Explanation(
        "A talk that never ends", "From there no way leads to an end or past the last step."
    ),
    ProblemCode.CYCLE: Explanation(
        "A circle without a question", "The bot would talk to itself until it is stopped."
    ),
    ProblemCode.GOTO_INTO_BLOCK: Explanation(
        "A jump into a block", "Outside of the block there is no item that its steps could be about."
    ),
    ProblemCode.BLOCK_LIST: Explanation(
        "A block over no list", "`for_each` names a select_many question before it, or a list of facts."
    ),
    ProblemCode.CHANGE_UNKNOWN: Explanation(
        "A change of an unknown question", "A read-back can only change what was asked before it."
    ),
    ProblemCode.CONDITION_SYNTAX: Explanation(
        "A condition that does not compile", "It is not CEL, or calls an unknown function."
    ),
    ProblemCode.CONDITION_NAME: Explanation(
        "A condition with an unknown name",
        "No question and no fact is called that, or not as it is written.",
    ),
    ProblemCode.CONDITION_LATER: Explanation("A condition about a later answer", "It could never hold."),
    ProblemCode.CONDITION_FACT: Explanation("A fact without that part", "For example `program.teem`."),
    ProblemCode.CONDITION_CODE: Explanation(
        "A comparison with an unknown code",
        "The question has no such choice, or its answer is a list: it could never hold.",
    ),
    ProblemCode.PLACEHOLDER_SYNTAX: Explanation(
        "A placeholder that cannot be read", "A brace is left open, or something else stands in it."
    ),
    ProblemCode.PLACEHOLDER_NAME: Explanation("A placeholder with an unknown name", "Nothing can fill it."),
    ProblemCode.PLACEHOLDER_LATER: Explanation(
        "A placeholder that may be empty", "The answer comes later, or was perhaps never asked for."
    ),
    ProblemCode.PLACEHOLDER_FACT: Explanation(
        "A placeholder for a part that is not there", "For example `{program.teem}`, or a label of free text."
    ),
    ProblemCode.TEXT_TOO_LONG: Explanation(
        "A text over a platform's limit",
        "Slack takes 3,000 characters in a section and 150 in a title, Telegram 4,096.",
    ),
    ProblemCode.BUTTON_TOO_LONG: Explanation(
        "A button that would be cut off", "At most 64 characters; with a mark, Slack's 75."
    ),
    ProblemCode.TOO_MANY_BUTTONS: Explanation(
        "More buttons than can be shown", "At most 24 of one question."
    ),
    ProblemCode.TOO_MANY_PICKS: Explanation(
        "More choices than can be ticked", "Slack's checkboxes take ten."
    ),
    ProblemCode.READING_GRADE: Explanation(
        "Hard to read for patients",
        "Above grade 6 by Flesch-Kincaid (English; placeholders are not counted).",
    ),
    ProblemCode.SENTENCES: Explanation(
        "Too much in one question",
        "Patients get at most two sentences; a consent, whose exact text is kept, five.",
    ),
    ProblemCode.BANNED_WORD: Explanation(
        "A word that patients stumble over", "'decisions', 'options' and 'preferences'."
    ),
    ProblemCode.COUNT_PROMISED: Explanation(
        "A promise that is not kept", "'I ask 11 questions' must be the number that is counted."
    ),
    ProblemCode.MINUTES_PROMISED: Explanation(
        "A promise of minutes that is not kept",
        "'It takes 4 minutes' must lie between the smoothest run and the longest way, and say 'for each' where it is.",
    ),
    ProblemCode.BLANK_TEXT: Explanation("A blank text", "Blanks alone are nothing to say."),
    ProblemCode.QUESTIONS: Explanation(
        "Too many questions", "More counted questions on the longest way than `limits.questions` (12)."
    ),
    ProblemCode.MINUTES: Explanation("Too long", "More than `limits.minutes` (10) on the longest way."),
    ProblemCode.POINTS: Explanation(
        "Too heavy for patients",
        "More than 85 points, which is 15 minutes by Pew's reckoning; holds also where `limits` are raised.",
    ),
    ProblemCode.OPEN_QUESTIONS: Explanation(
        "Too many open questions for patients", "At most five on the longest way."
    ),
    ProblemCode.DUPLICATE_CODE: Explanation(
        "The same code twice", "Two choices of one question share a code."
    ),
    ProblemCode.DUPLICATE_LABEL: Explanation(
        "The same label twice",
        "Two choices share a label or an alias, so that a typed reply could mean both.",
    ),
    ProblemCode.NO_CHOICES: Explanation("Nothing to choose from", "A choice needs two."),
    ProblemCode.MAX_PICKS: Explanation(
        "More picks than choices", "`min` or `max` is above the number of choices."
    ),
    ProblemCode.REVERSED: Explanation(
        "Bounds the wrong way round", "The lower bound is above the upper one."
    ),
    ProblemCode.CONSENT_LATE: Explanation(
        "Consent too late", "Something is asked before the consent to take part, or after a no."
    ),
    ProblemCode.NO_CONSENT: Explanation(
        "No consent",
        "Patients are asked only after they agreed to take part. What follows on an earlier talk may take up what it"
        " tells ('Is that what you meant?') without asking for that again: uncounted, and only where there is something"
        " of that talk.",
    ),
    ProblemCode.EFFECT_FIELD: Explanation(
        "A field that the effect does not take", "What is kept is listed above, by effect."
    ),
    ProblemCode.EFFECT_FIELD_MISSING: Explanation(
        "A field that the effect needs", "Without it the record would mean nothing."
    ),
    ProblemCode.BAND_OVERLAP: Explanation("Bands that overlap", "A number would fall into two of them."),
    ProblemCode.EFFECT_PLACE: Explanation(
        "An effect in the wrong place",
        "It is about a commitment, and stands outside of a block over `commitments`.",
    ),
    ProblemCode.UNKNOWN_SOURCE: Explanation(
        "Choices from nowhere", "`choices_from` or `promote` names no fact or answer that is a list."
    ),
    ProblemCode.OWN_WORDS: Explanation(
        "Own words without a place",
        "`own_words` names a choice of its question, and the text or date question right after it.",
    ),
    ProblemCode.NOT_OPENED: Explanation(
        "Questions that no link leads to",
        "A link opens only what asks whether the person takes part, whoever that is. What follows on an earlier talk"
        " needs no question of its own for that, and names something of that talk by its first question.",
    ),
    ProblemCode.NO_BANDS: Explanation(
        "A number kept beside no bands", "`keeps_number` is for questions whose answer is a band."
    ),
    ProblemCode.SAME_AS: Explanation(
        "A consent cannot replace this text",
        "`same_as` keeps a yes only where the new text asks for no more than the earlier one did.",
    ),
    ProblemCode.MERGED_CHOICE: Explanation(
        "A choice that is part of nothing",
        "`into` names another choice of the same question, which is offered.",
    ),
    ProblemCode.EARLIER_QUESTION: Explanation(
        "Not a question before this one",
        "`keeps_pick` names a select_one question, and `no_more_than` a number, that comes before in the same block.",
    ),
    ProblemCode.NO_ENDS: Explanation(
        "Numbers to tap without ends",
        "`taps` offers each whole number from `min` to `max`; bands beside them hold no numbers.",
    ),
    ProblemCode.PROGRAM_DUPLICATE: Explanation(
        "The same code twice", "Themes, activities, objectives and suggestions have codes of their own."
    ),
    ProblemCode.PROGRAM_REFERENCE: Explanation(
        "A name that refers to nothing", "A theme, objective or type of change that is not there."
    ),
    ProblemCode.PROGRAM_SCHEDULE: Explanation(
        "Days that do not fit",
        "Not in rising order, or a reminder after the wave is closed.",
    ),
    ProblemCode.PROGRAM_EMERGENCY: Explanation(
        "An emergency number that is missing or wrong", "`default` is for people whose country is not known."
    ),
    ProblemCode.PROGRAM_FLOW: Explanation(
        "An unknown script", "`follow_ups` or `follow_on` names a script that is not there."
    ),
    ProblemCode.PROGRAM_LABEL: Explanation("A suggestion too long for a button", "At most 64 characters."),
    ProblemCode.PROGRAM_ANSWER: Explanation(
        "An answer that cannot be said as it stands",
        "What people are told under `answers` has at most 500 characters, and no placeholders.",
    ),
    ProblemCode.PROGRAM_HELP: Explanation(
        "Help that no barrier leads to, or that is not one line",
        "`help` has one line of at most 200 characters for a code of the list `barriers`, and no placeholders.",
    ),
    ProblemCode.PROGRAM_MEDICINE: Explanation(
        "A question that nobody decided on",
        "`ask_about_medicine` is `yes` or `no`: what patients then report is solicited, see"
        " [what that means](../why/solicited-reports.md). Not needed with `safety_profile: none`.",
    ),
    ProblemCode.CODEBOOK_DUPLICATE: Explanation(
        "A code that stands twice in a codebook", "What is given to words must mean one thing."
    ),
    ProblemCode.CODEBOOK_PARENT: Explanation(
        "A parent that is not there", "`parent` names another code of the same codebook."
    ),
    ProblemCode.CODEBOOK_CYCLE: Explanation(
        "A code that is its own ancestor", "Parents lead up to a code without one, over at most five."
    ),
    ProblemCode.CODEBOOK_WORDS: Explanation(
        "Words that no text can hold, or that speak for and against the same code",
        "`include` and `exclude` hold words or phrases with a letter or digit; `*` stands at the end of a word.",
    ),
    ProblemCode.CODEBOOK_TYPED: Explanation(
        "A code that cannot be typed",
        "Coders type `none`, `list`, `skip` or `quit`, or its first letter, in place of a code.",
    ),
}
"""One for each code; a test holds that none is missing and that each code has a script that triggers it."""
