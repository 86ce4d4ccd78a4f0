"""Localize programs: what of a program's file people see, and the file in another language.

A string's context is its name for ever, made of the codes of the file:
`myeloma:activities.spring_symposium.suggestions.teach_back.label`. What is stored of a conversation are
those codes.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from flows.formats.po_files import ReviewStatus
from flows.i18n.catalogs import Catalog, languages_in, load_catalog, translation_path
from flows.i18n.extraction import LIMITS_OF_PLACES, TranslatableString, TranslationDomain, serves
from flows.program.model import ActivityFile, ProgramFile, Suggestion
from flows.script.facts import Facts
from flows.script.strings import StringPlace, StringRewriter

FOLDER: Final = "translations"
"""Beside the program file: `translations/es/program-myeloma.po`."""

IN_CONSENTS: Final = ("title", "team", "condition")
"""The words of a program that stand in what people consent to, beside those that `_in_consents` adds."""
StoredTranslations = dict[str, dict[str, Any]]
"""Translations as they are stored with the program, by language."""


def rewrite_program(program: ProgramFile, change: StringRewriter) -> ProgramFile:
    """Return the program with every string that people see replaced by what `change` gives. Codes stay.

    `change` is given the string's context, its text and where it is shown.
    """

    def says(at: str, text: str, place: StringPlace) -> str:
        """Rewrite a string of the program; `at` is its context without the program's name."""
        return change(f"{program.program}:{at}", text, place)

    themes = (
        one.model_copy(update={"label": says(f"themes.{one.code}.label", one.label, StringPlace.NAME)})
        for one in program.themes
    )
    changes = (
        one.model_copy(update={"text": says(f"changes.{one.code}.text", one.text, StringPlace.MESSAGE)})
        for one in program.changes
    )
    reviews = (
        one.model_copy(
            update={
                "title": says(f"reviews.{one.slug}.title", one.title, StringPlace.NAME),
                "role": says(f"reviews.{one.slug}.role", one.role, StringPlace.NAME),
            }
        )
        for one in program.reviews
    )
    answers = program.answers
    if answers is not None:
        told = {key: says(f"answers.{key}", text, StringPlace.MESSAGE) for key, text in answers.given.items()}
        answers = answers.model_copy(update=told)
    helps = {
        code: says(f"help.{code}", text, StringPlace.MESSAGE) for code, text in (program.help or {}).items()
    }
    return program.model_copy(
        update={
            "answers": answers,
            "help": None if program.help is None else helps,
            "title": says("title", program.title, StringPlace.NAME),
            "team": says("team", program.team, StringPlace.NAME),
            "condition": says("condition", program.condition, StringPlace.NAME),
            "themes": tuple(themes),
            "activities": tuple(_activity(one, says) for one in program.activities),
            "changes": tuple(changes),
            "reviews": tuple(reviews),
        }
    )


def _activity(activity: ActivityFile, says: StringRewriter) -> ActivityFile:
    """Rewrite the strings of an activity."""
    at = f"activities.{activity.slug}"
    suggestions = tuple(
        _suggestion(one, f"{at}.suggestions.{one.code}", says) for one in activity.suggestions
    )
    title = says(f"{at}.title", activity.title, StringPlace.NAME)
    return activity.model_copy(update={"title": title, "suggestions": suggestions})


def _suggestion(one: Suggestion, at: str, says: StringRewriter) -> Suggestion:
    """Rewrite the labels of a suggestion."""
    new = {"label": says(f"{at}.label", one.label, StringPlace.BUTTON)}
    if one.patient_label is not None:
        new["patient_label"] = says(f"{at}.patient_label", one.patient_label, StringPlace.BUTTON)
    return one.model_copy(update=new)


def program_domain(program: ProgramFile) -> TranslationDomain:
    """Extract the strings of a program that are to be translated, as one domain.

    It is named `program-` and the program, so that its PO file cannot have the name of a script's.
    """
    found: list[TranslatableString] = []

    agreed_to = {f"{program.program}:{field}" for field in _in_consents(program)}

    def note(context: str, text: str, place: StringPlace) -> str:
        """Note a string and leave it as it is."""
        limit, is_agreed_to = LIMITS_OF_PLACES.get(place), context in agreed_to
        found.append(TranslatableString(context, (text,), place.value, limit, is_agreed_to=is_agreed_to))
        return text

    rewrite_program(program, note)
    texts = [(entry.context, entry.texts) for entry in found]
    version = hashlib.sha256(repr(texts).encode()).hexdigest()
    return TranslationDomain(f"program-{program.program}", program.language, version, tuple(found))


def _in_consents(program: ProgramFile) -> Iterator[str]:
    """Yield the fields of a program whose words stand in what people consent to."""
    yield from IN_CONSENTS
    for activity in program.activities:
        yield f"activities.{activity.slug}.title"
    for review in program.reviews:
        yield f"reviews.{review.slug}.title"
        yield f"reviews.{review.slug}.role"


def translations_beside(file: Path, program: ProgramFile) -> StoredTranslations:
    """Load the translations of a program from the folder `translations` beside its file, to be stored with it.

    Raises:
        TranslationError: A PO file cannot be read.
    """
    folder, name = file.parent / FOLDER, program_domain(program).name
    load_catalog.cache_clear()  # whoever loads a program again has most likely changed it
    read = {
        language: load_catalog(translation_path(folder, language, name)) for language in languages_in(folder)
    }
    return {language: _packed(found) for language, found in read.items() if found is not None}


def _packed(found: Catalog) -> dict[str, Any]:
    """Return a catalog as JSON values."""
    strings = {context: list(pair) for context, pair in found.strings.items()}
    return {
        "status": found.status.value,
        "strings": strings,
        "sure": sorted(found.sure),
        "outdated": sorted(found.outdated),
    }


def _unpacked(kept: Mapping[str, Any]) -> Catalog:
    """Return the catalog that `_packed` made JSON of."""
    strings = {context: (text, string) for context, (text, string) in kept["strings"].items()}
    outdated = frozenset(kept.get("outdated", ()))  # what was kept by an earlier version says nothing of it
    return Catalog(strings, frozenset(kept["sure"]), ReviewStatus(kept["status"]), outdated)


class ProgramTranslations:
    """A program in the languages that its words are translated into; each is made once."""

    def __init__(self, program: ProgramFile, kept: StoredTranslations | None = None) -> None:
        self.program = program
        self._kept = kept or {}
        self._catalogs: dict[str, Catalog] = {}
        self._localizations: dict[str, ProgramFile] = {}

    @cached_property
    def entries(self) -> tuple[TranslatableString, ...]:
        """The program's strings that are to be translated."""
        return program_domain(self.program).entries

    @property
    def kept(self) -> StoredTranslations:
        """The translations as they are stored."""
        return self._kept

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages with translations, finished or not."""
        return tuple(sorted(self._kept))

    def status(self, language: str) -> ReviewStatus:
        """Return whether the translation into one of `languages` was reviewed."""
        return self._of(language).status

    def missing(self, language: str) -> tuple[str, ...]:
        """Return the contexts of the strings without a translation into one of `languages` that may be shown."""
        found = self._of(language)
        return tuple(one.context for one in self.entries if not serves(found, one))

    def outdated(self, language: str) -> tuple[str, ...]:
        """Return the contexts of the strings that are said by the translation of an earlier text."""
        found = self._of(language)
        return tuple(
            one.context
            for one in self.entries
            if serves(found, one) and not found.has(one.context, one.texts[0])
        )

    def named(self, language: str) -> str | None:
        """Return which of `languages` serves a language: itself, or 'es' for 'es-MX'; None if none does."""
        return next((name for name in (language, _base(language)) if name in self._kept), None)

    def is_own(self, language: str) -> bool:
        """Tell whether the program file itself is written in that language, whatever the region."""
        return _base(language) == _base(self.program.language)

    def in_language(self, language: str) -> ProgramFile:
        """Return the program in a language; a string without a translation stays as the file has it."""
        name = None if language == self.program.language else self.named(language)
        if name is None:
            return self.program
        if name not in self._localizations:
            found = self._of(name)
            self._localizations[name] = rewrite_program(
                self.program, lambda context, text, _place: found.translation(context, text) or text
            )
        return self._localizations[name]

    def facts(self, facts: Facts, language: str) -> Facts:
        """Return the facts with the program's words, found by their codes, in a language.

        A word without a translation is as the program file has it, and so is every one where `named` gives
        None; one whose code the program no longer has stays as it is, and so does whatever a participant
        said.
        """
        return localized_facts(facts, self.in_language(language))

    def _of(self, language: str) -> Catalog:
        """Return the catalog of a language."""
        if language not in self._catalogs:
            self._catalogs[language] = _unpacked(self._kept[language])
        return self._catalogs[language]


def localized_facts(facts: Facts, program: ProgramFile) -> Facts:
    """Return a conversation's facts with the words that this localized program has for the codes in them.

    What the program has no code for any more keeps its words.
    """
    about, activity = facts.get("program") or {}, facts.get("activity") or {}
    new: Facts = {**facts}
    if about:
        words = {"title": program.title, "team": program.team, "condition": program.condition}
        new["program"] = {**about, **words}
    if activity:
        new["activity"] = _retold_activity(activity, program)
    review = program.review((facts.get("review") or {}).get("slug"))
    if review is not None:
        new["review"] = {**facts["review"], "title": review.title, "role": review.role}
    if facts.get("behaviours"):
        new["behaviours"] = [_behaviour(one, program) for one in facts["behaviours"]]
    new.update(_retold_texts(facts, program))
    return {**new, **_of_others(facts, program)}


def _of_others(facts: Facts, program: ProgramFile) -> Facts:
    """Return the facts about other people, as far as there are any, in the words of the program."""
    new: Facts = {}
    peers = facts.get("peers") or {}
    if peers.get("top"):
        own = program.activity((facts.get("activity") or {}).get("slug"))
        new["peers"] = {**peers, "top": [_peer(one, own) for one in peers["top"]]}
    others = facts.get("others") or {}
    if others.get("raised"):
        themes = {one.code: one.label for one in program.themes}
        new["others"] = {**others, "raised": relabelled(others["raised"], themes)}
    if facts.get("own_themes"):
        new["own_themes"] = [
            {**one, "done": [_behaviour(each, program) for each in one["done"]]}
            for one in facts["own_themes"]
        ]
    return new


def _retold_texts(facts: Facts, program: ProgramFile) -> Facts:
    """Return the facts that are lists of texts, with their codes, in the words of the program."""
    texts = {"changes": {one.code: one.text for one in program.changes}, "help": program.help or {}}
    return {
        name: [{**one, "text": known.get(one["code"], one["text"])} for one in facts[name]]
        for name, known in texts.items()
        if facts.get(name)
    }


def relabelled(lines: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return lines of figures about people with these labels, by code; one without a label stays as it is."""
    return [
        {**one, **peer_line(one["code"], labels[one["code"]], one["people"])}
        if one["code"] in labels
        else {**one}
        for one in lines
    ]


def _retold_activity(activity: dict[str, Any], program: ProgramFile) -> dict[str, Any]:
    """Return the fact `activity` in the words of the program."""
    if not activity.get("slug"):
        return {**activity, "title": program.title}
    own = program.activity(activity["slug"])
    if own is None:
        return activity
    known = {one.code: one for one in own.suggestions}
    suggestions = [
        {**one, "label": known[one["code"]].label, "patient_label": known[one["code"]].patient_label}
        if one["code"] in known
        else one
        for one in activity.get("suggestions", ())
    ]
    return {**activity, "title": own.title, "suggestions": suggestions}


def _behaviour(one: dict[str, Any], program: ProgramFile) -> dict[str, Any]:
    """Return an item of the fact `behaviours` in the words of the program."""
    own = program.activity(one.get("activity"))
    labels = {each.code: each.patient_label for each in (own.suggestions if own else ())}
    return {**one, "label": labels.get(one["code"]) or one["label"]}


def _peer(one: dict[str, Any], own: ActivityFile | None) -> dict[str, Any]:
    """Return an item of the fact `peers` in the words of the program; it keeps its figure."""
    [line] = relabelled([one], {each.code: each.label for each in (own.suggestions if own else ())})
    return line


def peer_line(code: str, label: str, people: int) -> dict[str, Any]:
    """Return how many people chose, raised or met something, as an item of a fact: its label is `label (people)`."""
    return {"code": code, "people": people, "label": f"{label} ({people})"}


def _base(language: str) -> str:
    """Return the language without its region."""
    return language.partition("-")[0]
