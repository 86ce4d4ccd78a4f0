"""Read what a page posts, and turn it into an `Inbound`: pure, so that every form can be tried without a browser."""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl

from bot.channels.base import LARGEST, Inbound, InboundKind, read_button
from bot.channels.web.port import AnswerDraft, FormField, FormProblem
from flows.i18n.localized_flow import name_of

MOST_WORDS = 40_000
"""Characters of one message; what Slack takes."""
MOST_FIELDS = 400
"""Fields of one form: a question has fewer choices by far."""
MOST_OF_DAY = 40
"""Characters that are shown again of what is no day."""

_MARKS = frozenset({FormField.KEY, FormField.NEWEST, FormField.ABOUT, FormField.CSRF, FormField.ZONE})
_KEY = re.compile(r"[A-Za-z0-9_-]{32,96}")
_NUMBER = re.compile(r"[0-9]{1,18}")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")
_ZONE = re.compile(r"[A-Za-z0-9_+/-]{1,64}")
_PLACE = re.compile(r"[0-9]{1,3}")


@dataclass(frozen=True, slots=True)
class FilledForm:
    """The fields of a form as they were posted; what is not ours among them is passed over."""

    fields: Mapping[FormField, tuple[str, ...]]

    def value(self, field: FormField) -> str:
        """Return the value of a field, the last one where it came several times; '' where it did not come."""
        values = self.fields.get(field, ())
        return values[-1] if values else ""

    def has(self, field: FormField) -> bool:
        """Return whether a field came, be it empty."""
        return field in self.fields

    @property
    def key(self) -> str | None:
        """The name of the form; None where it has none that could be ours."""
        found = self.value(FormField.KEY)
        return found if _KEY.fullmatch(found) else None

    @property
    def digest(self) -> str:
        """What tells what the form says from all else that could be said by it: 12 hexadecimal digits.

        So a form that is posted again says nothing twice, and one that is gone back to and answered otherwise does.
        """
        said = sorted((field, values) for field, values in self.fields.items() if field not in _MARKS)
        return hashlib.sha256(repr(said).encode("utf-8", "surrogatepass")).hexdigest()[:12]

    @property
    def newest(self) -> int | None:
        """The number of the newest message that the page showed, 0 for none; None where it tells nothing of it."""
        found = self.value(FormField.NEWEST)
        return int(found) if _NUMBER.fullmatch(found) and int(found) <= LARGEST else None

    @property
    def about(self) -> str | None:
        """The number of the message under which the form stood; None for none."""
        found = self.value(FormField.ABOUT)
        return found if _NUMBER.fullmatch(found) else None

    @property
    def language(self) -> str | None:
        """The language that was chosen, by its code; None for none."""
        return language_code(self.value(FormField.LANGUAGE))

    @property
    def zone(self) -> str | None:
        """The time zone that the browser tells, as far as that can be one; None where it tells none."""
        found = self.value(FormField.ZONE)
        return found if _ZONE.fullmatch(found) else None

    @property
    def words(self) -> str:
        """What was typed, with line ends as we have them."""
        return self.value(FormField.WORDS).replace("\r\n", "\n").strip()

    @property
    def unsent(self) -> "FilledForm | None":
        """The words alone that were typed while something else was done, to be shown again; None for none."""
        is_beside = self.has(FormField.TAP) or not self.has(FormField.SAY)
        if not self.words or not (is_beside and any(map(self.has, _BESIDE_WORDS))):
            return None
        return FilledForm({FormField.WORDS: self.fields[FormField.WORDS]})

    @property
    def draft(self) -> AnswerDraft:
        """What stood in the fields, to be shown again where it could not be taken."""
        ticked = self.fields.get(FormField.PICK, ())
        has_boxes = self.has(FormField.DONE) and all(map(_PLACE.fullmatch, ticked))
        return AnswerDraft(
            question=self.value(FormField.DONE) or self.value(FormField.DATE),
            picks=frozenset(_places(ticked)) if has_boxes else None,
            day=self.value(FormField.DAY).strip()[:MOST_OF_DAY],
            step=self.value(FormField.STEP),
            words=self.words,
        )


def language_code(text: str) -> str | None:
    """Return a text that has the form of a language's code; None for another one."""
    return text if _LANGUAGE.fullmatch(text) else None


def read_form(body: bytes) -> FilledForm | None:
    """Return the form in a request's body, `application/x-www-form-urlencoded` in UTF-8; None where it is none."""
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:  # not ASCII, no UTF-8 behind the signs, or too many fields
        return None
    known = {field.value: field for field in FormField}
    fields: dict[FormField, list[str]] = {}
    for name, value in pairs:
        if name in known and "\0" not in value:
            fields.setdefault(known[name], []).append(value)
    return FilledForm({field: tuple(values) for field, values in fields.items()})


def inbound_of(form: FilledForm, address: str, order: int) -> Inbound | FormProblem:
    """Turn a form into what its writer did, or say why it cannot be taken.

    `order` is its place in the conversation: above the newest message that the page showed, and below what came since.
    """
    if form.key is None or form.newest is None:
        return FormProblem.STALE
    made = _Maker(form, address, f"{address.partition(':')[0]}-{form.key}-{form.digest}", order)
    ways = {
        FormField.TAP: made.tap,
        FormField.SAY: made.words,
        FormField.DONE: made.picks,
        FormField.DATE: made.day,
        FormField.MARK: made.step,
        FormField.COMMAND: made.command,
        FormField.LANGUAGE: made.language,
        FormField.STEP: made.step,
        FormField.WORDS: made.words,
    }
    way = next((way for field, way in ways.items() if form.has(field)), None)
    return FormProblem.NOTHING_PICKED if way is None else way()


_BESIDE_WORDS = (
    FormField.TAP,
    FormField.DONE,
    FormField.DATE,
    FormField.MARK,
    FormField.COMMAND,
    FormField.LANGUAGE,
    FormField.STEP,
)
"""What may be done while words that were typed are not sent, and stay."""


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes the `Inbound` of one form."""

    form: FilledForm
    address: str
    external_id: str
    order: int

    def tap(self) -> Inbound | FormProblem:
        return self._tapped(self.form.value(FormField.TAP))

    def step(self) -> Inbound | FormProblem:
        if not self.form.has(FormField.STEP):
            return FormProblem.NOTHING_PICKED
        return self._tapped(self.form.value(FormField.STEP))

    def _tapped(self, payload: str) -> Inbound | FormProblem:
        return FormProblem.STALE if read_button(payload) is None else self._button(InboundKind.TAP, payload)

    def picks(self) -> Inbound | FormProblem:
        payload, ticked = self.form.value(FormField.DONE), self.form.fields.get(FormField.PICK, ())
        if read_button(payload) is None or not all(map(_PLACE.fullmatch, ticked)):
            return FormProblem.STALE
        return self._button(InboundKind.PICKS, payload, options=_places(ticked))

    def day(self) -> Inbound | FormProblem:
        payload = self.form.value(FormField.DATE)
        if read_button(payload) is None:
            return FormProblem.STALE
        try:
            day = date.fromisoformat(self.form.value(FormField.DAY).strip())
        except ValueError:
            return FormProblem.NO_DAY
        return self._button(InboundKind.DATE, payload, day=day)

    def command(self) -> Inbound | FormProblem:
        return self._text(self.form.value(FormField.COMMAND).strip())

    def language(self) -> Inbound | FormProblem:
        code = self.form.language
        return FormProblem.STALE if code is None else self._text(f"language {name_of(code)}")

    def words(self) -> Inbound | FormProblem:
        return self._text(self.form.words)

    def _text(self, words: str) -> Inbound | FormProblem:
        if not words:
            return FormProblem.NO_WORDS
        if len(words) > MOST_WORDS:
            return FormProblem.TOO_LONG
        return Inbound(
            address=self.address,
            external_id=self.external_id,
            kind=InboundKind.TEXT,
            text=words,
            message_id=str(self.order),
            order=self.order,
            about=self.form.about,
            timezone=self.form.zone,
        )

    def _button(
        self, kind: InboundKind, payload: str, options: tuple[int, ...] = (), day: date | None = None
    ) -> Inbound:
        return Inbound(
            address=self.address,
            external_id=self.external_id,
            kind=kind,
            message_id=self.form.about,
            button=payload,
            options=options,
            day=day,
            order=self.order,
            timezone=self.form.zone,
        )


def _places(ticked: Iterable[str]) -> tuple[int, ...]:
    return tuple(sorted({int(place) for place in ticked}))
