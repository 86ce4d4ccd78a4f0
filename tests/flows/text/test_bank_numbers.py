"""Numbers of accounts and cards are found by their check digits, however they are written; others are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text.bank_numbers import IBAN_LENGTHS, cards, ibans, is_card
from flows.text.pii import IdentifierKind, find_identifiers, redact

SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COUNTRIES = st.sampled_from(sorted(IBAN_LENGTHS))
WRITTEN = st.sampled_from(["", " ", "-", "\u00a0"])


def iban(country: str, account: str) -> str:
    """Return a valid IBAN with its check digits worked out (ISO 7064)."""
    number = int("".join(str(int(sign, 36)) for sign in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02}{account}"


@st.composite
def valid_ibans(draw: st.DrawFn) -> str:
    country = draw(COUNTRIES)
    length = IBAN_LENGTHS[country] - 4
    return iban(country, draw(st.text(SIGNS, min_size=length, max_size=length)))


@st.composite
def valid_cards(draw: st.DrawFn) -> str:
    body = draw(st.sampled_from("3456")) + draw(st.text("0123456789", min_size=11, max_size=17))
    [last] = [digit for digit in "0123456789" if is_card(body + digit)]
    return body + last


def grouped(signs: str, between: str) -> str:
    """Write signs in groups of four."""
    return between.join(signs[place : place + 4] for place in range(0, len(signs), 4))


def kinds(text: str) -> set[IdentifierKind]:
    return {span.kind for span in find_identifiers(text)}


@given(valid_ibans(), WRITTEN, st.booleans())
def test_every_iban_is_redacted_whole(signs: str, between: str, lower: bool) -> None:
    """Of all countries, in one piece or in groups, in capitals or small letters."""
    written = grouped(signs.lower() if lower else signs, between)
    text = f"please pay to {written}, thanks"
    assert redact(text, find_identifiers(text)) == "please pay to [iban], thanks"


@given(valid_ibans(), st.data())
def test_another_digit_makes_it_no_iban(signs: str, data: st.DataObject) -> None:
    """The check digits tell any single slip."""
    place = data.draw(st.sampled_from([place for place, sign in enumerate(signs) if sign.isdecimal()]))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != signs[place]]))
    changed = signs[:place] + other + signs[place + 1 :]
    assert list(ibans(f"to {changed} please")) == []
    assert IdentifierKind.IBAN not in kinds(f"to {changed} please")


@given(valid_cards(), st.sampled_from(["", " ", "-"]))
def test_every_card_is_redacted_whole(digits: str, between: str) -> None:
    """Of 13 to 19 digits, in one piece or in groups of four."""
    text = f"my card is {grouped(digits, between)} thanks"
    [span] = find_identifiers(text)
    assert text[span.start : span.end] == grouped(digits, between)
    assert span.kind is IdentifierKind.CARD


def test_a_word_behind_a_number_is_no_part_of_it() -> None:
    """'is' is Iceland's code, and a word of as many letters as are missing may have the check digits by chance."""
    [span] = find_identifiers("my card is 590542198817882902 thanks")
    assert (span.kind, span.start, span.end) == (IdentifierKind.CARD, 11, 29)


@given(valid_cards(), st.data())
def test_another_digit_makes_it_no_card(digits: str, data: st.DataObject) -> None:
    """Luhn's sum tells any single slip."""
    place = data.draw(st.integers(1, len(digits) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != digits[place]]))
    for between in ("", " ", "-"):
        changed = grouped(digits[:place] + other + digits[place + 1 :], between)
        assert list(cards(f"card {changed} thanks")) == []
        assert IdentifierKind.CARD not in kinds(f"card {changed} thanks")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("it is DE89 3704 0044 0532 0130 00 there", "it is [iban] there"),
        ("iban: gb82west12345698765432.", "iban: [iban]."),
        ("FR14 2004 1010 0505 0001 3M02 606", "[iban]"),
        ("NL91-ABNA-0417-1643-00 or none", "[iban] or none"),
        ("رقم الحساب SA03 8000 0000 6080 1016 7519 شكرا", "رقم الحساب [iban] شكرا"),
        ("ZZ23 and GB", "ZZ23 and GB"),
        ("card 4111 1111 1111 1111 until 12/27", "card [card] until 12/27"),
        ("card 4111 1111 1111 1111 12/27", "card [card] 12/27"),
        ("4111-1111-1111-1111", "[card]"),
        ("amex 3782 822463 10005", "amex [card]"),
        ("بطاقة ٤١١١١١١١١١١١١١١١", "بطاقة [card]"),
        ("in 2018 2019 2020 2021", "in 2018 2019 2020 2021"),
        ("1000 2000 3000 4000 steps", "1000 2000 3000 4000 steps"),
        ("1 2 3 4 5 6 7 8 9 10 11", "1 2 3 4 5 6 7 8 9 10 11"),
    ],
)
def test_as_people_write_them(text: str, shown: str) -> None:
    """What stands beside a number stays."""
    assert redact(text, find_identifiers(text)) == shown


def test_a_country_that_joins_later() -> None:
    """In one piece its IBAN is found by the check digits alone."""
    assert list(ibans(f"to {iban('QX', '12345678901234')}")) == [(3, 21)]
