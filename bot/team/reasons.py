"""Put codes of reasons in plain words, for `said why` and `/why`. A code without words is shown as it is."""

from typing import Final

from flows.i18n.team_messages import TeamSentence

_PREFIX: Final = "WHY_"
REASONS: Final = {
    sentence.name.removeprefix(_PREFIX).lower(): sentence
    for sentence in TeamSentence
    if sentence.name.startswith(_PREFIX)
}
"""Every code that has words: the sentences that begin with WHY_."""


def known_reason(code: str | None) -> TeamSentence | None:
    """Return the sentence that explains the code of a contact's reason; None for no code or one without words.

    What follows a colon is left aside: `failed: ...` is explained as `failed`.
    """
    return None if code is None else REASONS.get(code.partition(":")[0])


def in_words(code: str | None) -> str:
    """Return the plain English words for the code of a contact's reason; the code itself where it has none.

    '' for None.
    """
    if code is None:
        return ""
    return REASONS[code].value if code in REASONS else code
