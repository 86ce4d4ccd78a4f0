"""Name who takes part, and what a consent is for. By itself: it needs no models of scripts."""

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
