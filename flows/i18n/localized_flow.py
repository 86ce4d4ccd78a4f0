"""Localize flows: make a flow in another language, and decide which languages are offered.

A language is offered where everything that a participant would see is translated and reviewed, unless the policy says
otherwise. A text that was reworded since is said by its former translation; a consent is not.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Final

from babel.core import Locale, UnknownLocaleError
from msgspec import Struct

from flows.formats.po_files import ReviewStatus
from flows.i18n.catalogs import (
    CODE_LISTS,
    CONSOLE,
    SHIPPED,
    TEAM,
    WORDS,
    Catalog,
    languages_in,
    load_catalog,
    translation_path,
)
from flows.i18n.extraction import (
    TranslatableString,
    console_domain,
    serves,
    shown_entries,
    team_domain,
    words_domain,
)
from flows.i18n.localized_program import ProgramTranslations, relabelled
from flows.i18n.sync import template_path
from flows.script.code_lists import code_lists, codes_of
from flows.script.facts import Facts
from flows.script.model import Flow
from flows.script.reconsent import lenders
from flows.script.strings import StringPlace, rewrite, shared_contexts

ENGLISH: Final = "en"
BARRIERS: Final = ("barriers", "barriers_met")
"""The shared lists of what gets in the way; the second words some codes as a report does."""


@dataclass(frozen=True, slots=True)
class LanguagePolicy:
    """Which languages are offered: those that are complete and reviewed, unless this says otherwise."""

    only: tuple[str, ...] = ()
    """These and no others, as far as they are translated; what they lack is shown in the script's language."""
    allow_drafts: bool = False
    """Offers also what is complete but has not been reviewed."""


class Localizations:
    """Flows in the languages that they are translated into; each version and language is made once.

    `folders` hold translations, the shipped ones last; a file in an earlier folder comes before a later
    one's.
    """

    def __init__(self, folders: Sequence[Path] = (), policy: LanguagePolicy = LanguagePolicy()) -> None:
        self._folders = (*folders, SHIPPED)
        self._policy = policy
        self._made: dict[tuple[str, str], Flow] = {}
        self._offered: dict[tuple[str, str], tuple[str, ...]] = {}

    def localized(self, flow: Flow, language: str) -> Flow:
        """Return the flow in a language, with the same keys and hash; what is not translated stays as it is."""
        if language == flow.language:
            return flow
        key = flow.hash, language
        if key not in self._made:
            self._made[key] = localize(flow, language, self._catalogs(flow, language))
        return self._made[key]

    def offered(self, flow: Flow) -> tuple[str, ...]:
        """Return the languages in which participants may have this flow, its own first.

        The others are those into which all that it shows is translated and reviewed, or what the policy says.
        """
        key = flow.hash, flow.language
        if key not in self._offered:
            entries = shown_entries(flow)
            others = (name for name in self._candidates() if self._is_offered(flow, entries, name))
            self._offered[key] = (flow.language, *(name for name in others if name != flow.language))
        return self._offered[key]

    def enabled(self, flows: Iterable[Flow]) -> tuple[str, ...]:
        """Return the languages that people are expected to write in.

        All with translations, offered or not (or those of the policy's `only`), and those that the flows are
        written in.
        """
        return tuple(dict.fromkeys((*self._candidates(), *(flow.language for flow in flows))))

    def best(self, flow: Flow, wishes: Iterable[str | None]) -> str:
        """Return the first wished language (`pt-BR`, `es_MX`) that the flow is offered in, by its name there.

        The flow's own language if it is offered in none of them.
        """
        return first_of(wishes, self.offered(flow)) or flow.language

    def spoken(self, wishes: Iterable[str | None]) -> str:
        """Return the first wished language in which the bot's own sentences may be said; English if there is none."""
        return first_of(wishes, self.languages) or ENGLISH

    def told(self, wishes: Iterable[str | None]) -> str:
        """Return the first wished language in which the team may be told things; English if there is none."""
        return first_of(wishes, self._told) or ENGLISH

    @cached_property
    def _told(self) -> tuple[str, ...]:
        """The languages in which the team may be told things, English first."""
        others = (name for name in self._candidates() if name != ENGLISH)
        return (ENGLISH, *(name for name in others if self._tells(name)))

    def paged(self, wishes: Iterable[str | None]) -> str:
        """Return the first wished language in which the team's pages may be shown; English if there is none."""
        return first_of(wishes, self._paged) or ENGLISH

    @property
    def page_languages(self) -> tuple[str, ...]:
        """The languages in which the team's pages may be shown, English first."""
        return self._paged

    @cached_property
    def _paged(self) -> tuple[str, ...]:
        """The languages in which the team's pages may be shown, English first."""
        pages = console_domain(template_path(SHIPPED, CONSOLE))
        entries = () if pages is None else pages.entries
        others = (name for name in self._candidates() if name != ENGLISH and self._of(CONSOLE, name))
        return (ENGLISH, *(name for name in others if self._may_say(CONSOLE, entries, name)))

    def labels(self, names: Iterable[str], language: str) -> dict[str, str]:
        """Return the labels of shared code lists in a language, by code; of two lists with a code the later counts."""
        catalog = self._of(CODE_LISTS, language) or Catalog({}, frozenset(), ReviewStatus.DRAFT)
        return {
            code.code: catalog.translation(shared_contexts(name)[code.code][0], code.label) or code.label
            for name in names
            for code in codes_of(code_lists()[name])
        }

    def _tells(self, language: str) -> bool:
        """Tell whether the sentences to the team may be said in a language."""
        return self._may_say(TEAM, team_domain().entries, language)

    def _may_say(self, file: str, entries: Sequence[TranslatableString], language: str) -> bool:
        """Tell whether the sentences of a file may be said in a language."""
        if self._policy.only:
            return True
        words = self._of(file, language)
        return words is not None and self._serves((words,), entries)

    def speaks_for(self, words: ProgramTranslations, language: str) -> bool:
        """Tell whether a program's own words may be said in a language.

        They may where they are written in it, all of them are translated and reviewed (unless the policy allows
        drafts), or the policy names the languages.
        """
        if self._policy.only or words.is_own(language):
            return True
        name = words.named(language)
        if name is None or words.missing(name):
            return False
        return self._policy.allow_drafts or words.status(name) is ReviewStatus.REVIEWED

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages in which the bot's own sentences may be said, English first."""
        return (ENGLISH, *(name for name in self._candidates() if self._speaks(name)))

    def _candidates(self) -> tuple[str, ...]:
        """Return the languages that come into question: those of the policy, else all with translations."""
        found = (name for folder in self._folders for name in languages_in(folder))
        return self._policy.only or tuple(sorted({ENGLISH, *found}))

    def _is_offered(self, flow: Flow, entries: Sequence[TranslatableString], language: str) -> bool:
        """Tell whether a flow with these strings is offered in a language."""
        if self._policy.only:
            return True
        return self._speaks(language) and self._serves(self._catalogs(flow, language), entries)

    def _speaks(self, language: str) -> bool:
        """Tell whether the bot's own sentences may be said in a language."""
        return language == ENGLISH or self._may_say(WORDS, words_domain().entries, language)

    def _serves(self, catalogs: Sequence[Catalog], entries: Sequence[TranslatableString]) -> bool:
        """Tell whether these strings are all there and, unless drafts are allowed, reviewed.

        The translation of a text that was reworded since serves, but for what people consent to.
        """
        if not self._policy.allow_drafts and any(
            each.status is not ReviewStatus.REVIEWED for each in catalogs
        ):
            return False
        return all(any(serves(each, entry) for each in catalogs) for entry in entries)

    def outdated(self, flow: Flow) -> dict[str, tuple[str, ...]]:
        """Return the contexts of what a flow says by the translation of an earlier text, by offered language.

        Languages in which nothing is outdated are left out.
        """
        entries = shown_entries(flow)
        found = {
            language: tuple(one.context for one in entries if self._is_outdated(flow, one, language))
            for language in self.offered(flow)
            if language != flow.language
        }
        return {language: contexts for language, contexts in found.items() if contexts}

    def _is_outdated(self, flow: Flow, entry: TranslatableString, language: str) -> bool:
        """Tell whether a string of a flow is said by the translation of an earlier text."""
        text, catalogs = entry.texts[0], self._catalogs(flow, language)
        return not any(each.has(entry.context, text) for each in catalogs) and any(
            each.has_former(entry.context, text) for each in catalogs
        )

    def _catalogs(self, flow: Flow, language: str) -> tuple[Catalog, ...]:
        """Return the catalogs that a flow takes its strings from in a language."""
        files = (flow.flow, *lenders(flow), CODE_LISTS)
        return tuple(found for file in files if (found := self._of(file, language)) is not None)

    def _of(self, name: str, language: str) -> Catalog | None:
        """Return the catalog of a file in a language or its base, from the first folder that has it."""
        names = dict.fromkeys((language, language.partition("-")[0]))
        paths = (translation_path(folder, each, name) for each in names for folder in self._folders)
        return next((found for path in paths if (found := load_catalog(path)) is not None), None)


class ProgramLocalizations(Struct, frozen=True):
    """Flows as participants of one program may have them: in the languages that its own words have, too.

    `read_words` is called only where a language is chosen, which is rare.
    """

    localizations: Localizations
    read_words: Callable[[], ProgramTranslations]

    def localized(self, flow: Flow, language: str) -> Flow:
        """Return the flow in a language, with the same keys and hash; what is not translated stays as it is."""
        return self.localizations.localized(flow, language)

    def offered(self, flow: Flow) -> tuple[str, ...]:
        """Return the languages in which participants of the program may have this flow, its own first.

        The script's own language stays, whatever the program's is.
        """
        words = self.read_words()
        every = self.localizations.offered(flow)
        return tuple(
            each for each in every if each == flow.language or self.localizations.speaks_for(words, each)
        )

    def best(self, flow: Flow, wishes: Iterable[str | None]) -> str:
        """Return the first wished language that the flow is offered in here; the flow's own if it is in none."""
        return first_of(wishes, self.offered(flow)) or flow.language

    def facts(self, facts: Facts, language: str) -> Facts:
        """Return the facts with the program's own words in a language, as far as they are translated.

        So are the labels of barriers that others met, which are those of the shared list.
        """
        told = self.read_words().facts(facts, language)
        others = told.get("others") or {}
        if not others.get("barriers"):
            return told
        labels = self.localizations.labels(BARRIERS, language)
        return {**told, "others": {**others, "barriers": relabelled(others["barriers"], labels)}}

    def written(self, facts: Facts, language: str) -> Facts:
        """Return the facts of a conversation in `language` with the program's words as its file has them.

        A consent is kept with the hash of its text as it was written, whatever language it was shown in.
        """
        words = self.read_words()
        return facts if words.is_own(language) else words.facts(facts, words.program.language)


class LocalizedFlow(Struct, frozen=True):
    """One flow in the languages that it can be had in."""

    flow: Flow
    localizations: Localizations | ProgramLocalizations | None = None
    """None: only the language that it is written in."""

    def facts(self, facts: Facts, language: str) -> Facts:
        """Return the facts with the program's own words in a language; unchanged where no program is known."""
        return (
            self.localizations.facts(facts, language)
            if isinstance(self.localizations, ProgramLocalizations)
            else facts
        )

    def written(self, facts: Facts, language: str) -> Facts:
        """Return the facts of a conversation in a language with the program's words as its file has them."""
        return (
            self.localizations.written(facts, language)
            if isinstance(self.localizations, ProgramLocalizations)
            else facts
        )

    @property
    def offered(self) -> tuple[str, ...]:
        """The languages that are offered, the flow's own first."""
        return (self.flow.language,) if self.localizations is None else self.localizations.offered(self.flow)

    def in_language(self, language: str) -> Flow:
        """Return the flow in a language; what is not translated stays as it is."""
        return self.flow if self.localizations is None else self.localizations.localized(self.flow, language)


def localize(flow: Flow, language: str, catalogs: Sequence[Catalog]) -> Flow:
    """Return the flow with its strings translated; what has no translation stays as it is.

    Of several catalogs the first with a translation serves. Keys, codes and conditions are the same, and so is
    the hash, which names the version.
    """

    def change(context: str, text: str, _place: StringPlace) -> str:
        """Return the first translation that the catalogs have for a text, else the text."""
        found = (each.translation(context, text) for each in catalogs)
        return next((translated for translated in found if translated is not None), text)

    localized = rewrite(flow, change).model_copy(update={"language": language})
    vars(localized)["hash"] = flow.hash  # what the property has worked out, as it keeps it itself
    return localized


def first_of(wishes: Iterable[str | None], offered: Sequence[str]) -> str | None:
    """Return which of the languages offered serves the first wish that one serves; None if none serves any.

    A wish (`pt-BR`, `es_MX`; None is passed over) is served by itself, else by its base ('pt'), else by
    another region of it.
    """
    for wish in wishes:
        if not wish:
            continue
        tag = wish.replace("_", "-")
        base = tag.partition("-")[0].lower()
        for name in (tag, base):
            if name in offered:
                return name
        near = [name for name in offered if name.partition("-")[0] == base]
        if near:
            return near[0]
    return None


WRITTEN_FOR: Final = {"pt": "pt-PT"}
"""The country whose words a shipped translation uses, where most readers of the language are of another."""


@lru_cache(maxsize=64)
def name_of(language: str) -> str:
    """Return what a language calls itself: 'Español' for 'es', 'Português (Portugal)' for 'pt'.

    A language that Babel does not know is called by its code.
    """
    try:
        locale = Locale.parse(WRITTEN_FOR.get(language, language), sep="-")
    except (UnknownLocaleError, ValueError):
        return language
    name = locale.get_display_name(locale) or language
    return name[:1].upper() + name[1:]
