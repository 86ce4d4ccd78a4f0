"""Every code that a problem of a script or a programme file may carry, with what it means.

Codes are kept for ever: they are searched for, quoted in mail and switched on by other tools. F is the file, S its
shape, G the way through the steps, C conditions, T texts, L limits, R rules for what is asked, P programme files.
"""

from dataclasses import dataclass
from enum import StrEnum

from flows.errors import Problem, Severity


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
    BAND_GAP = "R010"

    PROGRAM_DUPLICATE = "P001"
    PROGRAM_REFERENCE = "P002"
    PROGRAM_SCHEDULE = "P003"
    PROGRAM_EMERGENCY = "P004"
    PROGRAM_FLOW = "P005"
    PROGRAM_LABEL = "P006"
