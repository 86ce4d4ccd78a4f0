"""Say how much of a safety case's time is used.

It stands apart from what else the team is told, so that the list of cases starts without all of that.
"""

from datetime import datetime
from typing import Final

from flows.i18n.say_to_team import TeamSentence, tell
from flows.schedule.business_days import BANDS, share_used
from storage.safety.cases import Case

_CLOCKS: Final = (TeamSentence.CLOCK_LATE, TeamSentence.CLOCK_HALF)


def clock_of(case: Case, now: datetime, language: str) -> str:
    """Return how much of the time for a safety case is gone, as words in `language`; for a settled one, when it was.

    Words, since a colour alone would not be seen by everybody.
    """
    if not case.is_open:
        return tell(TeamSentence.CLOCK_STOPPED, language, today=now, at=case.settled_at or now)
    share = share_used(case.opened_at, case.due_at, now)
    if share >= BANDS[0]:
        return tell(TeamSentence.CLOCK_OVER, language, time=now - case.due_at)
    for band, sentence in zip(BANDS[1:], _CLOCKS, strict=True):
        if share >= band:
            return tell(sentence, language, share=share)
    return tell(TeamSentence.CLOCK_IN_TIME, language, share=share)
