"""Tell amounts from numbers that may say who somebody is: doses, lab values, years, times, and several in a row.

All texts have their digits as 0-9 (`flows.text.folding.plain_digits`).
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_UNIT: Final = re.compile(
    r"^\s?(?:%|[€$£]|(?:mg|mcg|[µμu]g|g|kg|ng|pg|ml|dl|l|cl|iu|ie|ui|u|units?|mmol|[µμ]mol|mm|cm|m|km|cells?|copies"
    r"|euros?|dollars?|pounds|patients?|people|steps|hours?|days?|weeks?|months?|years?|times|tablets?|pills?|calories"
    r"|kcal|tage?n?|wochen?|monate?n?|jahre?n?|mal|d[ií]as|semanas|meses|a[ñn]os|veces|jours?|semaines|mois|ans|fois"
    r"|giorni|settimane|mesi|anni|volte|dias|anos|vezes|يوم\w*|أيام|ملغ\w*|مجم|مل|سنة|سنوات)(?!\w))",
    re.IGNORECASE,
)
"""What stands behind an amount."""
_TIMES: Final = re.compile(r"(?:(?<!\w)[x×]|[*=<>≤≥~€$£#])\s?$", re.IGNORECASE)  # noqa: RUF001 - the signs themselves
"""What stands before one."""
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3])[0-5][05]")
_PRESSURES: Final = re.compile(r"\d{2,3} ?/ ?\d{2,3}\D+\d{2,3} ?/ ?\d{2,3}(?!\d)")
_DECIMALS: Final = re.compile(r"(?<![\d.])\d{1,3}\.\d{1,3}(?:[ /-]+\d{1,3}\.\d{1,3})+(?![\d.])")
_THOUSANDS: Final = re.compile(r"[1-9]\d{0,2}(?:[ \u00a0\u202f.]\d{3})*[ \u00a0\u202f.]000")
_DECIMAL: Final = re.compile(r"(?:0|[1-9]\d*)\.\d+")
_ROUND: Final = re.compile(r"[1-9]\d*0000")
_PART_OF_DATE: Final = re.compile(
    r"(?:19|20)\d\d ?[-/. ] ?(?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2]) ?[-/. ] ?(?:19|20)\d\d"
    r"|(?:19|20)\d\d ?[-/] ?\d\d|\d{1,2} \d{1,2} (?:19|20)\d\d|(?:19|20)\d\d \d{1,2} \d{1,2}"
    r"|\d{1,2}[/.]\d{1,2}\.? \d{1,2}\.\d\d"
)
"""A month with its year, two years, a date that is written with spaces, or a day with the time."""
_RANGE: Final = re.compile(
    r"([1-9]\d{0,2}) ?- ?(\d{1,3})|([1-9]\d{2,4}0) ?- ?(\d{3,5}0)|([1-9]\d{0,3}) ?- ?(\d{2,4}00)"
)
"""From one amount to another: long ones are round."""
_FEW, _SEVERAL = 3, 4
"""Groups that are a list where they are round or evenly spaced, and where they rise or fall."""


def is_amount(words: str, groups: Sequence[str], before: str, behind: str) -> bool:
    """Return whether digits are an amount, whatever is said of them: a dose, years, blood pressures, thousands.

    Args:
        words: The digits with what stands between them.
        groups: The groups of digits in it.
        before: What stands before it in the text.
        behind: What stands behind it.
    """
    return (
        _UNIT.match(behind) is not None
        or _TIMES.search(before) is not None
        or all(_YEAR.fullmatch(group) for group in groups)
        or any(form.fullmatch(words) for form in (_THOUSANDS, _DECIMAL, _ROUND, _PART_OF_DATE))
    )


def are_amounts(words: str, groups: Sequence[str]) -> bool:
    """Return whether digits are rather several amounts: 10 20 30 40, 350-410, 120/80 130/85, 9.8 1.24, 0800 1400.

    `words` are the digits with what stands between them, `groups` the groups of digits.
    """
    if _PRESSURES.search(words) or _DECIMALS.search(words):
        return True
    between = _RANGE.fullmatch(words)
    if between:
        low, high = (int(bound) for bound in between.groups() if bound is not None)
        return low < high
    if all(map(_CLOCK.fullmatch, groups)) or sum(len(group) == 1 for group in groups) > 1:
        return len(groups) > 1
    return not groups[0].startswith("0") and _is_in_order(groups)


def _is_in_order(groups: Sequence[str]) -> bool:
    """Return whether groups of one length are round, evenly spaced, much the same, or many that rise or fall."""
    if len(groups) < _FEW or len({len(group) for group in groups}) > 1:
        return False
    numbers = [int(group) for group in groups]
    in_order = numbers in (sorted(numbers), sorted(numbers, reverse=True))
    steps = {one - other for one, other in pairwise(numbers)}
    much_the_same = max(numbers) - min(numbers) <= max(numbers) // 5  # one value over time: 132 128 141
    are_round = all(group.endswith("0") for group in groups)
    return much_the_same or are_round or len(steps) == 1 or (in_order and len(groups) >= _SEVERAL)
