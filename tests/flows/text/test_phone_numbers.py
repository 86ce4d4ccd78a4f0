"""Phone numbers of every country are found, and nothing that is no number to call."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from flows.text.phone_numbers import phone_numbers
from flows.text.phone_regions import nowhere

KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)
EXAMPLES = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in KINDS
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]
"""A number of each kind and region, from the library's own tables."""


def found(text: str, *regions: str) -> list[str]:
    """Return the numbers found in a text."""
    return [text[start:end] for start, end in phone_numbers(text, lambda: regions)]


def digits(text: str) -> int:
    return sum(map(str.isdecimal, text))


@pytest.mark.parametrize("form", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL])
def test_a_number_with_its_country_is_found(form: int) -> None:
    """Of every region, wherever the person is; those of seven digits and fewer are too short to be sure."""
    written = [phonenumbers.format_number(number, form) for _, number in EXAMPLES]
    missed = [one for one in written if digits(one) > 7 and found(f"try {one} first") != [one]]
    assert len(written) > 400
    assert missed == []


def test_a_number_at_home_is_found_in_its_region() -> None:
    """As 97 in 100 regions write theirs, from seven digits on; the others look like a list of amounts."""
    written = [
        (region, phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL))
        for region, number in EXAMPLES
    ]
    long_enough = [(region, one) for region, one in written if digits(one) >= 7]
    missed = [(region, one) for region, one in long_enough if found(f"try {one} first", region) != [one]]
    assert len(missed) <= len(long_enough) * 0.03, missed


def test_a_word_of_calling_tells_the_region_is_not_needed() -> None:
    """Where a word beside it says that it is for calling, no region has to be known."""
    written = [phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL) for _, number in EXAMPLES]
    missed = [one for one in written if digits(one) >= 7 and found(f"please call me on {one} today") != [one]]
    assert missed == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("reach me at 467 3395", "467 3395"),
        ("Handy: 664 1234567", "664 1234567"),
        ("ruf mich an: 78 651 450", "78 651 450"),
        ("mon portable 6 12 34 56 78", "6 12 34 56 78"),
        ("mi móvil es 612 34 56 78", "612 34 56 78"),
        ("il mio cellulare: 347 123 4567", "347 123 4567"),
        ("o meu telemóvel é 912 345 678", "912 345 678"),
        ("رقمي 501 234 567", "501 234 567"),
        ("416 60 039 office", "416 60 039"),
        ("+41 (0)44 668 18 00", "+41 (0)44 668 18 00"),
        ("+1-984-182-0190 is it", "+1-984-182-0190"),
        ("0044 20 7946 0958", "0044 20 7946 0958"),
        ("0494 92 82 32", "0494 92 82 32"),
        ("(08) 8747 6301", "(08) 8747 6301"),
        ("541-714-1388 or so", "541-714-1388"),
        ("345-899-3560x4587", "345-899-3560x4587"),
    ],
)
def test_as_people_write_them(text: str, number: str) -> None:
    """With a word of calling, with a country, with the 0 of an area, or with an extension."""
    assert found(text) == [number]


def test_where_people_are_is_not_asked_in_vain() -> None:
    """The look-up runs where no other rule decides, and not for a text without a long number."""
    asked = []

    def look_up() -> tuple[str, ...]:
        asked.append(1)
        return ("NO",)

    for text in ("nothing", "5 mg twice", "+44 20 7946 0958", "call me on 467 3395", "150-400"):
        list(phone_numbers(text, look_up))
    assert asked == []
    assert list(phone_numbers("try 22 61 45 03 first", look_up)) == [(4, 15)]
    assert asked == [1]
    assert list(phone_numbers("try 22 61 45 03 first", nowhere)) == []
