"""Extract what there is to translate: each flow's strings, the shared code lists, the bot's own sentences."""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

from flows.formats.po_files import read_po_file, texts_of
from flows.i18n.catalogs import CODE_LISTS, CONSOLE, MAIL, TEAM, WORDS, Catalog
from flows.i18n.mail_messages import MAIL_NOTES, MailSentence
from flows.i18n.messages import ENGLISH
from flows.i18n.placeholders import PlaceholderStyle
from flows.i18n.team_messages import TEAM_NOTES, TeamSentence
from flows.i18n.translator_notes import LIMITS, NOTES, PLURALS
from flows.script.code_lists import code_lists, codes_of
from flows.script.model import Flow
from flows.script.strings import StringPlace, consent_contexts, rewrite, shared_contexts, write_aliases

SENTENCES_LANGUAGE: Final = "en"
"""What both are written in."""

_IN_A_CODEBOOK: Final = "in the codebook of an export, for those who read its columns; no participant sees it"
"""What translators are told of the labels that no script offers."""
BUTTON: Final = 64
LIMITS_OF_PLACES: Final[Mapping[StringPlace, int]] = {
    StringPlace.TITLE: 150,
    StringPlace.NAME: 150,
    StringPlace.MESSAGE: 3000,
    StringPlace.BUTTON: BUTTON,
    StringPlace.SCALE_END: BUTTON,
    StringPlace.MARK: 40,
    StringPlace.SHORT: 40,
}
"""Characters, as `flows.check.texts` holds the script itself to them."""


class TranslatableString(NamedTuple):
    """A string to translate, with what the translator should know."""

    context: str
    texts: tuple[str, ...]
    """One, or a singular and a plural."""
    note: str = ""
    """What the translator should know."""
    limit: int | None = None
    """The most characters of it; None is open."""
    is_template: bool = True
    """Whether there are placeholders in it, where it has signs that can be ones."""
    is_agreed_to: bool = False
    """Whether it is part of what people consent to: only a translation of just this text may stand for it."""
    style: PlaceholderStyle = PlaceholderStyle.BRACES


class TranslationDomain(NamedTuple):
    """All strings that one PO file translates (gettext's word)."""

    name: str
    language: str
    """The language it is written in."""
    version: str
    entries: tuple[TranslatableString, ...]


def serves(catalog: Catalog, entry: TranslatableString) -> bool:
    """Tell whether a catalog has a translation of a string that may be shown to whoever chooses the language."""
    text = entry.texts[0]
    return catalog.has(entry.context, text) or (
        not entry.is_agreed_to and catalog.has_former(entry.context, text)
    )


def flow_domain(flow: Flow) -> TranslationDomain:
    """Extract the strings of a flow that are to be translated, as one domain, without those of shared lists."""
    own = tuple(entry for entry in shown_entries(flow) if entry.context.startswith(f"{flow.flow}:"))
    return TranslationDomain(flow.flow, flow.language, flow.hash, own)


def shown_entries(flow: Flow) -> tuple[TranslatableString, ...]:
    """Extract all strings that a flow shows to participants, those of shared lists too, each context once."""
    found: dict[str, TranslatableString] = {}
    consents = consent_contexts(flow)

    def note(context: str, text: str, place: StringPlace) -> str:
        """Note a string and leave it as it is."""
        is_template = place in {StringPlace.MESSAGE, StringPlace.SHORT, StringPlace.MARK}
        found.setdefault(
            context,
            TranslatableString(
                context,
                (text,),
                place.value,
                LIMITS_OF_PLACES.get(place),
                is_template,
                is_agreed_to=context.startswith(consents),
            ),
        )
        return text

    rewrite(flow, note)
    return tuple(found.values())


def code_lists_domain() -> TranslationDomain:
    """Extract the labels and aliases of all shared code lists as one domain, each once."""
    found: dict[str, TranslatableString] = {}
    for name, a_list in code_lists().items():
        contexts = shared_contexts(name)
        for code in codes_of(a_list):
            label, aliases = contexts[code.code]
            place, most = (StringPlace.BUTTON.value, BUTTON) if a_list.offered else (_IN_A_CODEBOOK, None)
            found.setdefault(label, TranslatableString(label, (code.label,), place, most, is_template=False))
            if code.aliases:
                words = write_aliases(code.aliases)
                found.setdefault(
                    aliases, TranslatableString(aliases, (words,), StringPlace.WORDS.value, is_template=False)
                )
    return versioned(CODE_LISTS, found.values())


def words_domain() -> TranslationDomain:
    """Extract the bot's own sentences to participants as one domain."""
    return versioned(
        WORDS,
        (
            TranslatableString(
                sentence.name,
                (text, text) if sentence in PLURALS else (text,),
                NOTES.get(sentence, ""),
                LIMITS.get(sentence),
            )
            for sentence, text in ENGLISH.items()
        ),
    )


def team_domain() -> TranslationDomain:
    """Extract the bot's sentences to the team as one domain."""
    return versioned(
        TEAM,
        (
            TranslatableString(sentence.name, (sentence.value,), TEAM_NOTES.get(sentence, ""))
            for sentence in TeamSentence
        ),
    )


def mail_domain() -> TranslationDomain:
    """Extract what mails say as one domain."""
    return versioned(
        MAIL,
        (
            TranslatableString(sentence.name, (sentence.value,), MAIL_NOTES.get(sentence, ""))
            for sentence in MailSentence
        ),
    )


def domains(flows: Iterable[Flow]) -> tuple[TranslationDomain, ...]:
    """Extract all that is to be translated, by domain.

    The bot's own sentences, those to the team, those of mails, the shared code lists, and each of these flows.
    """
    return (words_domain(), team_domain(), mail_domain(), code_lists_domain(), *map(flow_domain, flows))


def console_domain(template: Path) -> TranslationDomain | None:
    """List the sentences of the team's pages as their template (.pot) has them; None where there is no such file.

    They stand in the pages themselves, which nothing here may read: `said translate extract` gathers them.

    Raises:
        TranslationError: the template cannot be read.
    """
    if not template.exists():
        return None
    return versioned(
        CONSOLE,
        (
            TranslatableString(message.context or "", texts_of(message), style=PlaceholderStyle.PERCENT)
            for message in read_po_file(template)
            if message.id
        ),
    )


def versioned(name: str, entries: Iterable[TranslatableString]) -> TranslationDomain:
    """Make a domain of sentences, in English, whose version is a hash of its strings."""
    listed = tuple(entries)
    version = hashlib.sha256(repr([(entry.context, entry.texts) for entry in listed]).encode()).hexdigest()
    return TranslationDomain(name, SENTENCES_LANGUAGE, version, listed)
