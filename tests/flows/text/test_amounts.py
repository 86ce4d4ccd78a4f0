"""Doses, dates, times, counts and lab values are never taken for identifiers, wherever somebody is."""

from datetime import date

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text.amounts import are_amounts, is_amount
from flows.text.pii import find_identifiers

HARMLESS = [
    "3 x 500 mg",
    "3 x 500 mg, then 1000 mg, then 1500 mg",
    "0.5 mg 0.25 mg 0.125 mg",
    "1-0-1-0, from Monday 1-1-1-1",
    "10 20 30",
    "10 20 30 40 50",
    "12 15 20 25",
    "10-20-30-40 mg",
    "6-8-10-12-14-16 weeks",
    "since 2019-2021",
    "2018 2019 2020 2021",
    "2017-18, 2018-19",
    "in 2019-07 and 03-2020",
    "08:30-12:15 and 14:00-18:30",
    "take it at 0800 1400 2000",
    "08.30 - 12.30 and 14.00 - 18.30",
    "2026-03-01 11:34:35",
    "from 01.02.2023 to 03.04.2024",
    "01/02/2023-03/04/2024",
    "29/03 11.00 and 30/03 12.30",
    "02 04 2019",
    "120/80 130/85 125/82 118/76",
    "platelets 150-400, neutrophils 1000-1500, sodium 136-145",
    "9.8 1.24 150000",
    "12.5 13.2 11.9 12.55",
    "Hb 132 128 141",
    "platelets 150 000 000 or 1.250.000",
    "5000000 cells, 250000000 copies",
    "0.333333333333333",
    "1,234,567.89 euros",
    "section 4.2.1.3",
    "NCT01234567 and EudraCT",
    "100000 100000 100000",
    "days 1, 8, 15, 22",
    "die letzten 6 Wochen 12345 Schritte",
    "il y a 1500 euros à payer en 12 fois",
    "٣ × ٥٠٠ ملغ ثم ١٠ ٢٠ ٣٠",  # noqa: RUF001 - Arabic digits
    "ich habe 100 mg 50 mg 25 mg genommen",
]
EVERYWHERE = tuple(sorted(phonenumbers.SUPPORTED_REGIONS))


@pytest.mark.parametrize("text", HARMLESS)
def test_what_tells_nobodys_name_stays(text: str) -> None:
    """With no country known, and with all 245 at once."""
    assert find_identifiers(text) == ()
    assert find_identifiers(text, regions=lambda: EVERYWHERE) == ()


UNITS = st.sampled_from(
    ["mg", "ml", "µg", "g", "%", "mmol/l", "Tabletten", "weeks", "Wochen", "mois", "días"]
)
DOSES = st.lists(st.tuples(st.integers(1, 2000), UNITS), min_size=1, max_size=6).map(
    lambda doses: ", ".join(f"{number} {unit}" for number, unit in doses)
)
TIMES = st.lists(st.times(), min_size=1, max_size=6).map(lambda at: " ".join(f"{one:%H:%M}" for one in at))
VISITS = st.lists(st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 1, 1)), min_size=1, max_size=4)


@given(DOSES, TIMES)
def test_doses_and_times_stay(doses: str, times: str) -> None:
    """Any number of them, in any order."""
    text = f"I take {doses} at {times}."
    assert find_identifiers(text, regions=lambda: ("GB", "DE", "ES", "NO")) == ()


@given(
    VISITS,
    st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y"]),
    st.sampled_from([", ", " - ", " and ", " "]),
)
def test_dates_of_visits_stay(days: list[date], form: str, between: str) -> None:
    """Several in a row too, as people write them."""
    text = "seen " + between.join(day.strftime(form) for day in days)
    assert find_identifiers(text, regions=lambda: ("GB", "DE", "ES", "NO")) == ()


@given(st.integers(1, 900), st.integers(1, 900))
def test_a_range_of_lab_values_stays(low: int, high: int) -> None:
    """From the lower to the higher."""
    text = f"normal is {min(low, high)}-{max(low, high) + 1}"
    assert find_identifiers(text, regions=lambda: ("GB", "DE", "ES", "NO")) == ()


def test_what_stands_beside_tells_amounts() -> None:
    """A unit behind, a sign before; and numbers that rise."""
    assert is_amount("612345678", ["612345678"], "take ", " mg")
    assert is_amount("612345678", ["612345678"], "cost €", " in all")
    assert not is_amount("612345678", ["612345678"], "call ", " today")
    assert are_amounts("10 20 30", ["10", "20", "30"])
    assert not are_amounts("612 345 670", ["612", "345", "670"])
