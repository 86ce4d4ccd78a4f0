"""Identifiers in free text are found in seven languages; clinical numbers are left alone."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.text.pii import find_identifiers, redact

FOUND = [
    ("write to anna.b+x@example.org please", None, "write to [email] please"),
    ("mein mail ist anna@example.co.uk", "DE", "mein mail ist [email]"),
    ("call me on 020 7946 0958 after six", "GB", "call me on [phone] after six"),
    ("call me on 020 7946 0958", None, "call me on [phone]"),
    ("mi movil es 612 34 56 78", "ES", "mi movil es [phone]"),
    ("mon numéro 06 12 34 56 78", "FR", "mon numéro [phone]"),
    ("erreichbar unter 030 901820", "DE", "erreichbar unter [phone]"),
    ("chiamate 06 6982 1234", "IT", "chiamate [phone]"),
    ("o meu telemóvel 912 345 678", "PT", "o meu telemóvel [phone]"),
    ("whatsapp +55 11 96123-4567", None, "whatsapp [phone]"),
    ("جوالي 0512345678", "SA", "جوالي [phone]"),
    ("رقمي ٠٥١٢٣٤٥٦٧٨", "SA", "رقمي [phone]"),
    ("i am @anna_b there", None, "i am [handle] there"),
    ("ask <@U0123ABC> about it", None, "ask [handle] about it"),
    ("see https://example.org/me?x=1.", None, "see [link]."),
    ("www.example.org and t.me/annab", None, "[link] and [link]"),
    ("my MRN is 00482913", None, "my MRN is [number]"),
    ("MRN: AB-1234567", None, "MRN: [number]"),
    ("nhs number 943 476 5919", "GB", "nhs number [number]"),
    ("hospital no. 448812", "GB", "hospital no. [number]"),
    ("mi numero de historia 554433", "ES", "mi numero de historia [number]"),
    ("DNI 12345678Z", "ES", "DNI [number]"),
    ("numéro de dossier 778812", "FR", "numéro de dossier [number]"),
    ("Patientennummer: 99 88 77", "DE", "Patientennummer: [number]"),
    ("codice fiscale RSSMRA80A01H501U", "IT", "codice fiscale [number]"),
    ("número de utente 123456789", "PT", "número de utente [number]"),
    ("CPF 123.456.789-09", "BR", "CPF [number]"),
    ("رقم الملف 445566", "SA", "رقم الملف [number]"),
    ("it says 12-345-678 on my card", None, "it says [number] on my card"),
    ("born 3 March 1961", None, "born [birth date]"),
    ("dob 03/04/61", None, "dob [birth date]"),
    ("nacido el 3 de marzo de 1961", None, "nacido el [birth date]"),
    ("née le 3 mars 1961", None, "née le [birth date]"),
    ("geboren am 3. März 1961", None, "geboren am [birth date]"),
    ("geb. 03.04.1961", None, "geb. [birth date]"),
    ("sono nata il 3 marzo 1961", None, "sono nata il [birth date]"),
    ("nascida a 3 de março de 1961", None, "nascida a [birth date]"),
    ("مواليد 3 مارس 1961", None, "مواليد [birth date]"),
    ("تاريخ الميلاد ١٩٦١/٠٣/٠٤", None, "تاريخ الميلاد [birth date]"),
    ("1961-03-04 is mine", None, "[birth date] is mine"),
    ("my grandson was born on 2 May 2021", None, "my grandson was born on [birth date]"),
]

LEFT = [
    "10 of 20 patients",
    "5 mg twice a day, then 2.5 mg",
    "2026-03-01 start",
    "next visit 12/03/2026 at 10:30",
    "platelets 150 000, hb 9.8, creatinine 1.24",
    "every 28 days, days 1-21",
    "25 mg 21/28, dex 40 mg",
    "bp 120/80, pulse 72",
    "p = 0.0421, n = 1200",
    "between 2019 and 2024",
    "IgG 3,450 mg/dl",
    "12 - 15 March",
    "it costs 1.250,00 euros",
    "3-4 times in 2-3 weeks",
    "the 2019 guideline, page 1123",
    "tomo 2 pastillas a las 8:00 y a las 20:00",
    "50% of them @ the clinic",
    "and/or, yes/no",
    "\u0665 ملغ مرتين في اليوم",
    "ich gehe 2-3 mal im monat",
    "score 7 out of 10",
    "",
]


@pytest.mark.parametrize(("text", "region", "redacted"), FOUND)
def test_what_tells_who_somebody_is_is_found(text, region, redacted):
    """The redacted text shows the kind in place of the words, and all other words as they were."""
    assert (
        redact(text, find_identifiers(text, regions=lambda: () if region is None else (region,))) == redacted
    )


@pytest.mark.parametrize("text", LEFT)
@pytest.mark.parametrize("region", [None, "GB", "US", "DE", "SA"])
def test_clinical_numbers_are_left_alone(text, region):
    """Doses, counts, dates of visits and shares are no identifiers, whatever the person's region."""
    assert find_identifiers(text, regions=lambda: () if region is None else (region,)) == ()


@given(st.text(alphabet=st.sampled_from("a1 2@./-+٣é\n😀:9") | st.characters(), max_size=60))
def test_no_text_makes_it_fail(text):
    """Any text gives ordered places inside it that do not overlap, and nothing is lost beside them."""
    spans = find_identifiers(text, regions=lambda: ("GB",))
    assert list(spans) == sorted(spans)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))
    if not spans:
        assert redact(text, spans) == text
