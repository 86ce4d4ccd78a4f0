"""Find what in a free text could tell who somebody is, before the text is shown or exported.

Names are not found: no list of names is worth its false alarms among the names of medicines. The participant
is asked not to send them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Final

import phonenumbers

from flows.text.folding import plain_digits


class IdentifierKind(StrEnum):
    """The kinds of identifiers (PII) that are found; the value stands in place of one in the redacted text."""

    EMAIL = auto()
    PHONE = auto()
    HANDLE = auto()
    LINK = auto()
    NUMBER = auto()
    """A number of a record, an insurance or an identity card."""
    BIRTH_DATE = auto()


@dataclass(frozen=True, slots=True, order=True)
class IdentifierSpan:
    """Where in a text an identifier stands, in characters; `end` is not included."""

    start: int
    end: int
    kind: IdentifierKind


REGIONS: Final = ("GB", "US", "ES", "FR", "DE", "IT", "PT", "BR", "SA", "EG", "AE")
"""Whose ways of writing a number without its country are tried where the participant's region is not known."""
_ADULT: Final = 18

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}\s?@\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_LINK = re.compile(r"(?:https?://|www\.|t\.me/|wa\.me/)[^\s<>]*[^\s<>.,;:!?)\]'\"]", re.IGNORECASE)
_HANDLE = re.compile(r"(?<![\w.@])@\w[\w.]{1,30}\w|<@\w+>")

_LABELS = {
    "en": r"mrn|nhs|ssn|(?:patient|hospital|record|chart|case|file|insurance|member|policy|passport|id|identity"
    r"|study|medicare|social security)(?:'s)?(?: ?card)? ?(?:number|no\b|num\b|nr\b|id\b|\#)",
    "es": r"(?:n[uú]mero|n[ºo°]\.?|num\.?) de (?:historia|paciente|afiliaci[oó]n|seguridad social|ss|expediente"
    r"|tarjeta)(?: cl[ií]nica)?|historia cl[ií]nica|dni|nie|nif|nhc",
    "pt": r"(?:n[uú]mero|n[ºo°]\.?|num\.?) d[eao] (?:prontu[aá]rio|processo|utente|paciente|doente|cart[aã]o"
    r"|benefici[aá]rio)|prontu[aá]rio|utente|cpf|sns|cart[aã]o (?:do )?sus",
    "fr": r"(?:num[eé]ro|n[°o]) (?:de )?(?:dossier|patient|s[eé]curit[eé] sociale|s[eé]cu|carte)|ipp|nir|carte vitale",
    "de": r"(?:patienten|fall|versicherten|versicherungs|akten|kranken(?:kassen|versicherungs)|ausweis)"
    r"[- ]?(?:nummer|nr\b\.?)",
    "it": r"(?:numero )?(?:di )?(?:cartella(?: clinica)?|tessera(?: sanitaria)?)|numero (?:di )?paziente"
    r"|codice (?:fiscale|paziente|sanitario)",
    "ar": r"رقم (?:ال)?(?:ملف|مريض|هوي[ةه]|سجل|[إا]قام[ةه]|ت[أا]مين|بطاق[ةه]|جواز)(?: الطبي)?"
    r"|رقمي (?:الطبي|القومي)|الرقم (?:القومي|الوطني|الطبي)",
}
"""What stands before the number of a record or a card, by language."""
_LABEL = "|".join(_LABELS.values())
_LABELLED = re.compile(
    rf"(?<!\w)(?:{_LABEL})[^\w\n]{{0,4}}(?:(?:is|es|est|ist|è|é|هو|number|no|nr|num)\b\W{{0,3}})?"
    r"(?P<number>[a-z]{0,4}[ -]?\d[\d./ -]*\d-?[a-z]{0,2}\b)",
    re.IGNORECASE,
)
_DASHED = re.compile(r"(?<![\w.,/+-])[a-zA-Z]{0,3}\d{2,}(?:[- ]\d{2,}){1,4}(?![\w/-]|[.,]\d)")
_NATIONAL = re.compile(
    r"(?<!\w)(?:\d{3}-\d{2}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|[XYZ]?\d{7,8}-?[A-Z]|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"
    r"|[12] ?\d{2} ?\d{2} ?\d{2} ?\d{3} ?\d{3}(?: ?\d{2})?|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])(?!\w)"
)
"""Social security (US, FR), CPF (BR), DNI and NIE (ES), codice fiscale (IT), National Insurance (GB)."""
_SHORTEST_NUMBER = 6
_SHORTEST_LABELLED = 4

_MONTHS = (
    "janv|jan|jän|january|ene|gen|feb|fev|fév|fevr|févr|mar|mär|maer|mrz|apr|avr|abr|may|mai|mag|maio|jun|juin|giu"
    "|jul|juil|lug|aug|aout|août|ago|sep|set|oct|okt|ott|out|nov|dec|dez|dic|déc"
    "|يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|اغسطس|سبتمبر|أكتوبر|اكتوبر|نوفمبر|ديسمبر"
)
_MONTH = rf"(?:{_MONTHS})\w*\.?"
_DATE = re.compile(
    r"(?<![\w-])(?:(?P<y1>\d{4})[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
    r"|(?:0?[1-9]|[12]\d|3[01])\s?[-/.]\s?(?:0?[1-9]|[12]\d|3[01])\s?[-/.]\s?(?P<y2>\d{4}|\d{2})"
    rf"|(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|er|º|\.)?(?: (?:of|de|di|d'))? ?{_MONTH},?"
    r"(?: (?:de|di|del|of))? (?P<y3>\d{4})"
    rf"|{_MONTH} (?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?,? (?P<y4>\d{{4}}))(?![\w-]|[.,/]\d)",
    re.IGNORECASE,
)
_BIRTH = re.compile(
    r"\b(?:born|birth\w*|d\.?o\.?b|nac[ií]\w*|nascit\w*|nasc\w*|n[ée]e?\b|naissance|naiss\w*|geb\b\.?|geboren\w*|geburt\w*|nat[oa]"
    r"|cumplea\w+|aniversari\w*|anivers\w*|compleann\w*|anniversaire|birthday)|(?:مواليد|ولد\w*|ميلاد\w*|الميلاد|مولود\w*)",
    re.IGNORECASE,
)
_NEAR: Final = 30
"""Characters between a word of birth and its date."""


def find_identifiers(
    text: str, *, region: str | None = None, this_year: int = 2026
) -> tuple[IdentifierSpan, ...]:
    """Find the identifiers in a text, in order, without overlaps. No text raises.

    Args:
        text: A participant's words, with digits of any script.
        region: Country code whose way of writing phone numbers is tried first; None tries those of `REGIONS`.
        this_year: A full date of at least 18 years before is taken for a date of birth also where no word
            says so.
    """
    plain = plain_digits(text)
    found: list[IdentifierSpan] = []
    for spans in (
        _spans(_EMAIL, plain, IdentifierKind.EMAIL),
        _spans(_LINK, plain, IdentifierKind.LINK),
        _spans(_HANDLE, plain, IdentifierKind.HANDLE),
        _birth_dates(plain, this_year),
        _labelled(plain),
        _spans(_NATIONAL, plain, IdentifierKind.NUMBER),
        _phones(plain, region),
        _dashed(plain),
    ):
        found.extend(span for span in spans if not any(_overlap(span, other) for other in found))
    return tuple(sorted(found))


def redact(text: str, spans: Iterable[IdentifierSpan]) -> str:
    """Return the text with each span replaced by its kind in brackets: `[phone]`. Nothing else is changed."""
    for span in sorted(spans, reverse=True):
        text = f"{text[: span.start]}[{span.kind.value.replace('_', ' ')}]{text[span.end :]}"
    return text


def _overlap(one: IdentifierSpan, other: IdentifierSpan) -> bool:
    """Tell whether two spans share a character."""
    return one.start < other.end and other.start < one.end


def _spans(pattern: re.Pattern[str], text: str, kind: IdentifierKind) -> Iterator[IdentifierSpan]:
    """Yield the spans that a pattern matches."""
    return (IdentifierSpan(*match.span(), kind) for match in pattern.finditer(text))


def _digits(text: str) -> int:
    """Count the digits of a text."""
    return sum(character.isdecimal() for character in text)


def _labelled(text: str) -> Iterator[IdentifierSpan]:
    """Yield numbers that stand after words such as 'patient number'."""
    for match in _LABELLED.finditer(text):
        if _digits(match["number"]) >= _SHORTEST_LABELLED:
            yield IdentifierSpan(*match.span("number"), IdentifierKind.NUMBER)


def _dashed(text: str) -> Iterator[IdentifierSpan]:
    """Yield long numbers in groups with dashes between, which are no dates."""
    for match in _DASHED.finditer(text):
        if "-" in match[0] and _digits(match[0]) >= _SHORTEST_NUMBER and not _DATE.fullmatch(match[0]):
            yield IdentifierSpan(*match.span(), IdentifierKind.NUMBER)


def _phones(text: str, region: str | None) -> Iterator[IdentifierSpan]:
    """Yield phone numbers as the region writes them."""
    if _digits(text) < _SHORTEST_NUMBER + 1:
        return
    for where in (region.upper(),) if region else REGIONS:
        for match in phonenumbers.PhoneNumberMatcher(text, where):
            if not _DATE.search(match.raw_string):
                yield IdentifierSpan(match.start, match.end, IdentifierKind.PHONE)


def _birth_dates(text: str, this_year: int) -> Iterator[IdentifierSpan]:
    """Yield dates that a word calls a birth, or that lie as far back as an adult's birth."""
    for match in _DATE.finditer(text):
        year = next(part for part in match.groups() if part is not None)
        before = text[max(0, match.start() - _NEAR) : match.start()]
        after = text[match.end() : match.end() + _NEAR // 2]
        said = _BIRTH.search(before) or _BIRTH.search(after)
        grown = len(year) > 2 and 1900 <= int(year) <= this_year - _ADULT  # noqa: PLR2004 - a year in full
        if said or grown:
            yield IdentifierSpan(*match.span(), IdentifierKind.BIRTH_DATE)
