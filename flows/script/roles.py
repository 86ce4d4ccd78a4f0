"""Name who takes part, what a consent is for, and what a question is about: it needs no models of scripts."""

from enum import StrEnum


class Role(StrEnum):
    """Who takes part in a conversation."""

    PATIENT = "patient"
    CARER = "carer"
    HCP = "hcp"
    EDUCATOR = "educator"


class Purpose(StrEnum):
    """What a consent is for; one purpose a tap."""

    TAKE_PART = "take_part"
    USE_WORDS = "use_words"
    CONTACT_AGAIN = "contact_again"
    PUBLISH = "publish"
    NAME_TEAM = "name_team"


class QuestionTopic(StrEnum):
    """What a question is about, as far as the safety scan must know it to read the answer."""

    MEDICINE = "medicine"
    """The writer's own medicine: its effects, how it is borne, leaving it off. A sign in the answer needs no medicine
    named beside it."""
    CARE = "care"
    """How care is given, and what is wished of it."""
    PLAN = "plan"
    """What somebody means to do for patients. Signs that are named there are no event."""
