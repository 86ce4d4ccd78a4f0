"""Say what the codes of a figure mean: statuses, where a commitment stands without one, and the lists of a program."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import Connection

from flows.script.code_lists import code_lists, codes_of
from storage.export.funnel import AFTER_START, LATEST
from storage.export.statistics import IN_WORDS, WaveStanding
from storage.schema import PROGRAM, ImplementationStatus

OWN_WORDS: Final = "(own words)"
NO_OBJECTIVE: Final = "(no objective)"
NO_THEME: Final = "(no theme)"
_STANDINGS: Final = {
    ImplementationStatus.NOT_STARTED_YET.value: "Starts later",
    IN_WORDS: "Answered in words only",
    WaveStanding.WAITING.value: "Asked, not answered yet",
    WaveStanding.NO_RESPONSE.value: "No answer",
    WaveStanding.OPTED_OUT.value: "No answer: does not want to be asked",
    WaveStanding.NOT_DUE.value: "Not due yet, or nothing left to ask",
}


def ending_labels() -> dict[str, str]:
    """Return what each status is called, and each place where a commitment may stand without one."""
    return {code.code: code.label for code in code_lists()["statuses"].codes} | _STANDINGS


def wave_label(wave: str) -> str:
    """Return what a wave is called, by its name: a number of days, or one of the two others."""
    match wave:
        case _ if wave == LATEST:
            return "Newest report of each"
        case _ if wave == AFTER_START:
            return "After a late start"
        case _:
            return f"{wave} days"


def wave_place(wave: str) -> tuple[bool, bool, int]:
    """Return where a wave stands: those with days in order, then the one after a late start, then all together."""
    return wave == LATEST, wave == AFTER_START, int(wave) if wave.isdecimal() else 0


def list_labels(settings: Mapping[str, Any], name: str) -> dict[str, str]:
    """Return the labels of a code list: as shipped, but as the program's file calls those that it lists itself."""
    shipped = code_lists().get(name)
    found = {} if shipped is None else {code.code: code.label for code in codes_of(shipped)}
    own = (settings.get("lists") or {}).get(name) or ()
    return found | {choice["code"]: choice["label"] for choice in own}


def program_settings(connection: Connection, program: str) -> Mapping[str, Any]:
    """Return the file of a program as it was kept, by its short name; empty where there is none."""
    query = sa.select(PROGRAM.c.settings).where(PROGRAM.c.slug == program)
    return connection.execute(query).scalar() or {}
