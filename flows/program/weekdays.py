"""Name the days of the week. By itself: it needs no models of programs."""

from enum import StrEnum


class Weekday(StrEnum):
    """Days of the week, as written in the file."""

    MON = "mon"
    TUE = "tue"
    WED = "wed"
    THU = "thu"
    FRI = "fri"
    SAT = "sat"
    SUN = "sun"
