"""Find what in a free text could tell who somebody is, before the text is shown or exported.

Names are found behind a title alone ("Dr Brown"): no list of names is worth its false alarms among the names of
medicines. The participant is asked not to send them.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from ipaddress import AddressValueError, IPv4Address, IPv6Address
from typing import Final

from flows.text.amounts import are_amounts, is_amount
from flows.text.bank_numbers import cards, ibans
from flows.text.folding import plain_digits
from flows.text.phone_numbers import phone_numbers
from flows.text.phone_regions import Regions, nowhere
from flows.text.titled_names import titled_names


class IdentifierKind(StrEnum):
    """The kinds of identifiers (PII) that are found; the value stands in place of one in the redacted text."""

    EMAIL = auto()
    PHONE = auto()
    HANDLE = auto()
    LINK = auto()
    NUMBER = auto()
    """A number of a record, an insurance or an identity card."""
    BIRTH_DATE = auto()
    IBAN = auto()
    CARD = auto()
    """A number of a payment card."""
    IP_ADDRESS = auto()
    NAME = auto()
    """A name behind a title."""


@dataclass(frozen=True, slots=True, order=True)
class IdentifierSpan:
    """Where in a text an identifier stands, in characters; `end` is not included."""

    start: int
    end: int
    kind: IdentifierKind


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
_LICENCE = (
    r"driv(?:er'?s|ing) licen[cs]e(?: number| no\b)?|(?:permiso|carn[eé]) de conducir|carta de condu[cç][aã]o|cnh"
    r"|permis de conduire|f[uü]hrerschein(?:[- ]?(?:nummer|nr\b\.?))?|patente|رخص[ةه] (?:ال)?(?:قياد[ةه]|سواق[ةه])"
)
_LABEL = "|".join((*_LABELS.values(), _LICENCE))
_LABELLED = re.compile(
    rf"(?<!\w)(?:{_LABEL})[^\w\n]{{0,4}}(?:(?:is|es|est|ist|è|é|هو|number|no|nr|num)\b\W{{0,3}})?"
    r"(?P<number>[a-z]{0,4}[ -]?\d[\d./ -]*\d-?[a-z]{0,2}\b)",
    re.IGNORECASE,
)
_DASHED = re.compile(r"(?<![\w.,/+-])[a-zA-Z]{0,3}\d{2,}(?:[- ]\d{2,}){1,4}(?![\w/-]|[.,]\d)")
_NATIONAL = re.compile(
    r"(?<!\w)(?<!\d[.,])(?:\d{3}-\d{2}-\d{4}|\d{3}\.\d{3}\.\d{3}-\d{2}|[XYZ]?\d{7,8}-?[A-Z]|[A-Z]{6}\d{2}[A-Z]\d{2}[A-Z]\d{3}[A-Z]"
    r"|[12] ?\d{2} ?(?:0[1-9]|1[0-2]|[2-9]\d) ?\d{2} ?\d{3} ?\d{3}(?: ?\d{2})?"
    r"|[A-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D])(?!\w)"
)
"""Social security (US, FR), CPF (BR), DNI and NIE (ES), codice fiscale (IT), National Insurance (GB)."""
_IP_4 = re.compile(
    r"(?<![\w.,/+-])(?P<address>\d{1,3}(?:\.\d{1,3}){3})(?:/\d{1,2}|:\d{1,5})?(?![\w-]|[.,/:]\d)"
)
_IP_6 = re.compile(
    r"(?<![\w:.])(?P<address>(?:[0-9a-f]{0,4}:){2,7}(?:[0-9a-f]{1,4}|(?:\d{1,3}\.){3}\d{1,3})?)(?:%\w{1,16}|/\d{1,3})?(?![\w:])",
    re.IGNORECASE,
)
"""Addresses on the internet, with the port, network or interface behind them."""
_HEX = re.compile(r"[0-9a-f]+", re.IGNORECASE)
_FEWEST_PARTS = 3
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
_FRENCH: Final = re.compile(r"0[1-9](?:\.\d\d){4}")
"""A phone number in which dates may be read: 06.12.03.04.05."""
_BESIDE_DATE: Final = 4
"""Digits beside dates that make no phone number yet: the hours of a visit."""
_NEAR: Final = 30
"""Characters between a word of birth and its date."""


def find_identifiers(
    text: str, *, regions: Regions = nowhere, this_year: int = 2026
) -> tuple[IdentifierSpan, ...]:
    """Find the identifiers in a text, in order, without overlaps. No text raises.

    Args:
        text: A participant's words, with digits of any script.
        regions: Where people most likely are: phone numbers are also found as these countries write them at home.
        this_year: A full date of at least 18 years before is taken for a date of birth also where no word
            says so.
    """
    plain = plain_digits(text)
    found: list[IdentifierSpan] = []
    for spans in _spans_by_kind(plain, regions, this_year):
        found.extend(span for span in spans if not any(_overlap(span, other) for other in found))
    return tuple(sorted(found))


def redact(text: str, spans: Iterable[IdentifierSpan]) -> str:
    """Return the text with each span replaced by its kind in brackets: `[phone]`. Nothing else is changed."""
    for span in sorted(spans, reverse=True):
        text = f"{text[: span.start]}[{span.kind.value.replace('_', ' ')}]{text[span.end :]}"
    return text


def _spans_by_kind(text: str, regions: Regions, this_year: int) -> Iterator[Iterable[IdentifierSpan]]:
    """Yield what each rule finds, the surest rule first: where two overlap, the first one counts."""
    yield _spans(_EMAIL, text, IdentifierKind.EMAIL)
    yield _spans(_LINK, text, IdentifierKind.LINK)
    yield _spans(_HANDLE, text, IdentifierKind.HANDLE)
    if any(map(str.isdecimal, text)):
        yield _of_kind(ibans(text), IdentifierKind.IBAN)
        yield _ip_addresses(text)
        yield _birth_dates(text, this_year)
        yield _of_kind(cards(text), IdentifierKind.CARD)
        yield _labelled(text)
        yield _spans(_NATIONAL, text, IdentifierKind.NUMBER)
        yield _phones(text, regions)
        yield _dashed(text)
    yield _of_kind(titled_names(text), IdentifierKind.NAME)


def _overlap(one: IdentifierSpan, other: IdentifierSpan) -> bool:
    """Tell whether two spans share a character."""
    return one.start < other.end and other.start < one.end


def _spans(pattern: re.Pattern[str], text: str, kind: IdentifierKind) -> Iterator[IdentifierSpan]:
    """Yield the spans that a pattern matches."""
    return (IdentifierSpan(*match.span(), kind) for match in pattern.finditer(text))


def _of_kind(places: Iterable[tuple[int, int]], kind: IdentifierKind) -> Iterator[IdentifierSpan]:
    """Yield places in a text as spans of a kind."""
    return (IdentifierSpan(start, end, kind) for start, end in places)


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
        words, groups = match[0], re.findall(r"\d+", match[0])
        behind = text[match.end() : match.end() + _NEAR]
        if "-" not in words or _digits(words) < _SHORTEST_NUMBER or _is_date(words):
            continue
        if not is_amount(words, groups, text[: match.start()], behind) and not are_amounts(words, groups):
            yield IdentifierSpan(*match.span(), IdentifierKind.NUMBER)


def _phones(text: str, regions: Regions) -> Iterator[IdentifierSpan]:
    """Yield phone numbers, which are no dates."""
    for start, end in phone_numbers(text, regions):
        if _FRENCH.fullmatch(text, start, end) or not _is_date(text[start:end]):
            yield IdentifierSpan(start, end, IdentifierKind.PHONE)


def _is_date(words: str) -> bool:
    """Return whether digits are a date or two, perhaps with an hour beside."""
    return _DATE.search(words) is not None and _digits(_DATE.sub("", words)) <= _BESIDE_DATE


def _ip_addresses(text: str) -> Iterator[IdentifierSpan]:
    """Yield addresses on the internet, of both versions; a section such as 4.2.1.3 is none."""
    for match in _IP_4.finditer(text):
        parts = match["address"].split(".")
        if max(map(len, parts)) > 1 and _is_address(IPv4Address, match["address"]):
            yield IdentifierSpan(*match.span(), IdentifierKind.IP_ADDRESS)
    for match in _IP_6.finditer(text):
        if len(_HEX.findall(match["address"])) >= _FEWEST_PARTS and _is_address(
            IPv6Address, match["address"]
        ):
            yield IdentifierSpan(*match.span(), IdentifierKind.IP_ADDRESS)


def _is_address(version: type[IPv4Address] | type[IPv6Address], words: str) -> bool:
    """Return whether words are an address of a version of the internet's protocol."""
    try:
        version(words)
    except AddressValueError:
        return False
    return True


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
