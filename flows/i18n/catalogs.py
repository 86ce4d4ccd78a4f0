"""Load translations as a conversation uses them: each file once, and only what is safe to show.

A translation whose placeholders are not those of its text is not used: the original is shown instead.
"""

import gettext
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Message
from babel.messages.mofile import write_mo

from flows.formats.po_files import PoFile, ReviewStatus, read_po_file, strings_of, texts_of
from flows.i18n.mail_messages import MailSentence
from flows.i18n.messages import ENGLISH
from flows.i18n.placeholders import PlaceholderStyle
from flows.i18n.sentences import Sentence
from flows.i18n.team_messages import TeamSentence
from flows.i18n.translator_notes import PLURALS
from flows.text.hidden_characters import first_hidden
from flows.text.templates import fields_of

SHIPPED: Final = Path(__file__).parents[1] / "library" / "translations"
"""The shipped translations: `<file>.pot` for each file, and a folder for each language."""

WORDS: Final = "words"
"""The file of the bot's own sentences."""
TEAM: Final = "team"
"""The file of what the team is told."""
MAIL: Final = "mail"
"""The file of what mails say."""
CONSOLE: Final = "console"
"""The file of the team's pages in a browser."""
CODE_LISTS: Final = "code_lists"
"""The file of the shared code lists."""
FUZZY: Final = "fuzzy"
"""The mark of a translation that a person must look at: its text has changed since."""
BEFORE: Final = "before:"
"""Begins the comment with the text that a fuzzy translation was made for."""


def translation_path(folder: Path, language: str, name: str) -> Path:
    """Return the path of the PO file that translates the file `name` into a language; it need not be there."""
    return folder / language / f"{name}.po"


def style_of(name: str) -> PlaceholderStyle:
    """Return how the placeholders are written in the texts of the file called `name`."""
    return PlaceholderStyle.PERCENT if name == CONSOLE else PlaceholderStyle.BRACES


def languages_in(folder: Path) -> tuple[str, ...]:
    """Return the languages that a folder of translations has a folder for, sorted; empty if there is no folder."""
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir())) if folder.is_dir() else ()


@dataclass(frozen=True, slots=True)
class Catalog:
    """The translations of one file into one language.

    `strings` has the text that was translated and its translation, by context: the string's lasting name.
    """

    strings: Mapping[str, tuple[str, str]]
    sure: frozenset[str]
    """The contexts that need no second look."""
    status: ReviewStatus
    outdated: frozenset[str] = frozenset()
    """The contexts that need one since their text was changed: what stands there was right before."""

    def translation(self, context: str, text: str) -> str | None:
        """Return the translation of the string of that context; None where none may be shown.

        `text` is what the script says now. A context never gets another meaning, so the translation of a text
        that was reworded since still serves, as long as the placeholders are the same.
        """
        known = self.strings.get(context)
        if known is None:
            return None
        original, translated = known
        return translated if original == text or fields_of(text) == fields_of(translated) else None

    def has(self, context: str, text: str) -> bool:
        """Tell whether the string of that context has a translation made for just this text, and not fuzzy."""
        return context in self.sure and self.strings[context][0] == text

    def has_former(self, context: str, text: str) -> bool:
        """Tell whether the string of that context has the translation of a text that was reworded since.

        It stands in until somebody has looked at it; one with other placeholders cannot.
        """
        if self.translation(context, text) is None:
            return False
        was_reworded = context in self.sure and self.strings[context][0] != text
        return was_reworded or context in self.outdated


@lru_cache(maxsize=256)
def load_catalog(path: Path) -> Catalog | None:
    """Load the translations of a PO file, once; None where there is no such file.

    Those with other placeholders than their text are left out. Obsolete ones are of strings that are gone from the
    script: conversations that began before still say them.

    Raises:
        TranslationError: The file cannot be read.
    """
    if not path.exists():
        return None
    file = read_po_file(path)
    style = style_of(path.stem)
    found = _translated(file, style)
    fuzzy = {message.context for message in file if FUZZY in message.flags}
    outdated = {message.context for message in file if any(map(_tells_text_before, message.auto_comments))}
    gone = _translated(file.obsolete.values(), style)
    return Catalog(
        {**gone, **found},
        frozenset(found.keys() - fuzzy),
        file.review_status,
        frozenset(found.keys() & fuzzy & outdated),
    )


def _tells_text_before(comment: str) -> bool:
    """Tell whether a comment above a translation holds the text that it was made for."""
    return comment.startswith(BEFORE)


def _translated(messages: Iterable[Message], style: PlaceholderStyle) -> dict[str, tuple[str, str]]:
    """Return the usable translations among entries of a PO file, each with its text, by context."""
    return {
        message.context or "": (texts_of(message)[0], strings_of(message)[0])
        for message in messages
        if message.id and all(strings_of(message)) and fits(texts_of(message), strings_of(message), style)
    }


def fits(
    texts: tuple[str, ...], strings: tuple[str, ...], style: PlaceholderStyle = PlaceholderStyle.BRACES
) -> bool:
    """Tell whether a translation has the placeholders of its text and no others; a plural form may leave some out.

    One with characters that nobody sees, such as overrides of direction, does not fit.
    """
    if any(map(first_hidden, strings)):
        return False
    wanted = style.names_in(texts[-1])
    if wanted is None:  # braces that are no placeholders: a label
        return True
    found = [style.names_in(string) for string in strings]
    if len(texts) > 1:
        return all(fields is not None and fields <= wanted for fields in found)
    return found == [wanted]


def sentence_in(sentence: Sentence, language: str, number: float | None) -> str:
    """Return one of the bot's own sentences in a language, in English where it has none.

    `number` chooses the form of a sentence that has a plural; None for all others. Its fields are not filled
    in.
    """
    translations = _sentences(language, WORDS)
    text = ENGLISH[sentence]
    if translations is None:
        return text
    if sentence in PLURALS and number is not None:
        return translations.npgettext(sentence.name, text, text, int(number))
    return translations.pgettext(sentence.name, text)


def _texts(domain: str) -> dict[str, tuple[str, ...]] | None:
    """Return what the bot's own sentences of a file say now, by context: one text, or two where there is a plural.

    None for the team's pages, in which a sentence is looked for by its own text.
    """
    match domain:
        case "words":
            return {one.name: (text, text) if one in PLURALS else (text,) for one, text in ENGLISH.items()}
        case "team":
            return {one.name: (one.value,) for one in TeamSentence}
        case "console":
            return None
        case _:
            return {one.name: (one.value,) for one in MailSentence}


def team_sentence_in(sentence: TeamSentence, language: str) -> str:
    """Return a sentence to the team in a language, in English where it has none.

    Its fields are not filled in.
    """
    translations = _sentences(language, TEAM)
    return sentence.value if translations is None else translations.pgettext(sentence.name, sentence.value)


def mail_sentence_in(sentence: MailSentence, language: str) -> str:
    """Return a sentence of a mail in a language, in English where it has none.

    Its fields are not filled in.
    """
    translations = _sentences(language, MAIL)
    return sentence.value if translations is None else translations.pgettext(sentence.name, sentence.value)


def page_sentence_in(context: str, text: str, language: str) -> str:
    """Return a sentence of the team's pages in a language, in English where it has none.

    `context` is its lasting name, `text` its English. Its fields are not filled in.
    """
    translations = _sentences(language, CONSOLE)
    return text if translations is None else translations.pgettext(context, text)


def counted_page_sentence_in(context: str, texts: tuple[str, str], number: int, language: str) -> str:
    """Return the form of a sentence of the team's pages that a number asks for; `texts` are those for one and more."""
    translations = _sentences(language, CONSOLE)
    if translations is None:
        return texts[number != 1]
    return translations.npgettext(context, *texts, number)


@lru_cache(maxsize=64)
def words_language(language: str) -> str:
    """Return the language in which the bot's own sentences are said where this one is wanted: 'de' for 'de-AT'.

    English where they are not translated.
    """
    names = (language, language.partition("-")[0])
    return next((name for name in names if any(_files(name, WORDS))), "en")


def _pages_language(language: str) -> str:
    """Return the language whose file has the team's pages where this one is wanted: 'pt' for 'pt-BR'."""
    names = (language, language.partition("-")[0])
    return next((name for name in names if any(_files(name, CONSOLE))), language)


_own: list[Path] = []
"""Folders whose sentences come before the shipped ones."""


def use_folders(folders: Iterable[Path]) -> None:
    """Say the bot's own sentences as these folders of translations have them, from now on, else as shipped."""
    _own[:] = folders
    words_language.cache_clear()
    _sentences.cache_clear()


def _files(language: str, domain: str) -> list[Path]:
    """Return the files of a language that translate the sentences of a domain, the one that counts most first."""
    paths = (translation_path(folder, language, domain) for folder in (*_own, SHIPPED))
    return [path for path in paths if path.exists()]


@cache
def _sentences(language: str, domain: str) -> gettext.GNUTranslations | None:
    """Load the usable translations of a file of sentences; None where the language has no such file.

    What was made for an earlier text stands for the text of now, if it has the same placeholders.
    """
    name = _pages_language(language) if domain == CONSOLE else words_language(language)
    files, texts, style = _files(name, domain), _texts(domain), style_of(domain)
    if not files:
        return None
    usable = PoFile(name)
    for path in reversed(files):  # the first comes last: it replaces what the others say
        for message in read_po_file(path, name):
            if not message.id:
                continue
            says = texts_of(message) if texts is None else texts.get(message.context or "")
            strings = strings_of(message)
            if (
                says is not None
                and len(says) == len(texts_of(message))
                and all(strings)
                and fits(says, strings, style)
            ):
                usable.delete(says[0], message.context)
                usable.add(says if len(says) > 1 else says[0], message.string, context=message.context)
    compiled = BytesIO()
    write_mo(compiled, usable)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
