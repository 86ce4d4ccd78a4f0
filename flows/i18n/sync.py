"""Keep translations in step with the scripts: extract templates, merge new strings into PO files, report.

Nothing is printed here; `said translate` prints.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from babel.messages.catalog import Message

from flows.formats.po_files import PoFile, ReviewStatus, read_po_file, strings_of, texts_of, write_po_file
from flows.i18n.catalogs import BEFORE, FUZZY, SHIPPED, languages_in, translation_path
from flows.i18n.extraction import TranslatableString, TranslationDomain
from flows.i18n.placeholders import PlaceholderStyle


@dataclass(frozen=True, slots=True)
class PlaceholderDifference:
    """Which placeholders one translation leaves out (`missing`) or makes up (`extra`), against its text."""

    context: str
    missing: tuple[str, ...] = ()
    extra: tuple[str, ...] = ()
    line: int = 1
    """Where it stands in the PO file."""
    unreadable: bool = False
    """True where a brace of the translation is left open, or a per cent sign begins no placeholder."""
    style: PlaceholderStyle = PlaceholderStyle.BRACES

    def __str__(self) -> str:
        if self.unreadable and self.style is PlaceholderStyle.PERCENT:
            return f"{self.context}: a per cent sign begins no placeholder such as %(name)s; %% is the sign itself"
        if self.unreadable:
            return f"{self.context}: a brace is left open, or what stands between braces is no placeholder"
        left_out = f" leaves out {self._listed(self.missing)}" if self.missing else ""
        made_up = f" has {self._listed(self.extra)}, which the text has not" if self.extra else ""
        return f"{self.context}:{left_out}{' and' if left_out and made_up else ''}{made_up}"

    def _listed(self, names: Sequence[str]) -> str:
        """Return placeholders as they stand in texts."""
        return ", ".join(map(self.style.written, names))


@dataclass(frozen=True, slots=True)
class TranslationReport:
    """How far one file is translated into one language; the tuples of strings hold contexts."""

    language: str
    name: str
    status: ReviewStatus | None
    """None where there is no such file."""
    strings: int
    translated: int
    """Those that are translated and need no second look."""
    fuzzy: tuple[str, ...] = ()
    untranslated: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    """In the file with another text than the script's, or not in the script any more: update the file."""
    differences: tuple[PlaceholderDifference, ...] = field(default=())

    @property
    def is_complete(self) -> bool:
        """Whether every string is translated and up to date, with the placeholders of its text."""
        return self.translated == self.strings and not self.differences


def template_path(folder: Path, name: str) -> Path:
    """Return where in a folder the template (.pot) of the domain called `name` belongs; it need not be there."""
    return folder / f"{name}.pot"


def extract(domains: Iterable[TranslationDomain], folder: Path = SHIPPED) -> tuple[Path, ...]:
    """Write each domain's strings to a template (.pot) in the folder; return the paths of those that changed."""
    paths = []
    for domain in domains:
        path = template_path(folder, domain.name)
        if write_po_file(path, template_of(domain)):
            paths.append(path)
    return tuple(paths)


def template_of(domain: TranslationDomain) -> PoFile:
    """Return the strings of a domain as a PO file without translations."""
    catalog = PoFile(None, version=domain.version)
    for entry in domain.entries:
        _add(catalog, entry, "")
    return catalog


def update(
    domains: Iterable[TranslationDomain], folder: Path = SHIPPED, languages: Sequence[str] = ()
) -> tuple[Path, ...]:
    """Bring PO files up to date with the scripts; return the paths of those that changed.

    Those of the `languages` given, or else of all that the folder has. New strings come in without a translation.
    A translation is kept as long as its context is there. Where the text has changed since, it is marked fuzzy
    and the text before stands beside it; what is no longer in the script goes to the end of the file, as
    obsolete, and comes back from there.

    Raises:
        TranslationError: A PO file cannot be read; those before it are written.
    """
    every = tuple(domains)
    paths = []
    for language in languages or languages_in(folder):
        for domain in every:
            if language == domain.language:
                continue
            path = translation_path(folder, language, domain.name)
            before = read_po_file(path, language) if path.exists() else PoFile(language)
            if write_po_file(path, merged(before, domain, language)):
                paths.append(path)
    return tuple(paths)


def merged(before: PoFile, domain: TranslationDomain, language: str) -> PoFile:
    """Return a PO file with the strings of the domain and the translations of the file before.

    Translations of strings that changed since are marked fuzzy, those of strings that are gone are kept as
    obsolete.
    """
    known = {message.context: message for message in before.obsolete.values()}
    known |= {message.context: message for message in before if message.id}
    after = PoFile(language, version=domain.version, status=before.review_status)
    after.header_comment = before.header_comment
    for entry in domain.entries:
        message = known.pop(entry.context, None)
        if message is None:
            _add(after, entry, "")
        else:
            _carry(after, entry, message)
    for message in known.values():
        if message.context and any(strings_of(message)):
            after.obsolete[texts_of(message)[0], message.context] = message
    return after


@dataclass(frozen=True, slots=True)
class _Remarks:
    """What stands above a string in a PO file beside its own note."""

    flags: Sequence[str] = ()
    notes: Sequence[str] = ()
    comments: Sequence[str] = ()


_NO_REMARKS: Final = _Remarks()


def _add(
    catalog: PoFile, entry: TranslatableString, string: str | tuple[str, ...], remarks: _Remarks = _NO_REMARKS
) -> None:
    """Add a string to a PO file. An empty translation of a plural is as many empty forms as the language has."""
    is_plural = len(entry.texts) > 1
    if is_plural and not string:
        string = ("",) * catalog.num_plurals
    catalog.add(
        entry.texts if is_plural else entry.texts[0],
        string,
        context=entry.context,
        flags=remarks.flags,
        auto_comments=[*([entry.note] if entry.note else []), *remarks.notes],
        user_comments=remarks.comments,
    )


def _carry(after: PoFile, entry: TranslatableString, message: Message) -> None:
    """Add a string with the translation that its context had before."""
    strings = strings_of(message)
    changed = texts_of(message) != entry.texts
    fuzzy = any(strings) and (changed or FUZZY in message.flags)
    if len(entry.texts) > 1:
        forms = after.num_plurals
        string: str | tuple[str, ...] = (*strings, *[strings[-1]] * forms)[:forms]
    else:
        string = strings[0]
    # The text before stands in a comment of its own: Babel writes the '#|' of gettext, but does not read it.
    told = [place for place, note in enumerate(message.auto_comments) if note.startswith(BEFORE)]
    kept = message.auto_comments[told[0] :] if told else []
    notes = [f"{BEFORE} {' '.join(texts_of(message)[0].split())}"] if changed else kept
    remarks = _Remarks((FUZZY,) if fuzzy else (), notes if fuzzy else (), message.user_comments)
    _add(after, entry, string, remarks)


def report(
    domains: Iterable[TranslationDomain], folder: Path = SHIPPED, languages: Sequence[str] = ()
) -> tuple[TranslationReport, ...]:
    """Return one report for each language and domain: how far the domain is translated into the language.

    Of the `languages` given, or else of all that the folder has; none of the language a domain is written in.

    Raises:
        TranslationError: A PO file cannot be read.
    """
    every = tuple(domains)
    return tuple(
        report_on(domain, language, folder)
        for language in languages or languages_in(folder)
        for domain in every
        if domain.language != language
    )


def _stale(messages: Mapping[str, Message], wanted: Mapping[str, TranslatableString]) -> Iterator[str]:
    """Yield the contexts of messages that translate what the source no longer says so."""
    for context, message in messages.items():
        if context not in wanted or texts_of(message) != wanted[context].texts:
            yield context


def report_on(domain: TranslationDomain, language: str, folder: Path = SHIPPED) -> TranslationReport:
    """Return how far one domain is translated into one language; nothing of it is where there is no PO file.

    Raises:
        TranslationError: The PO file cannot be read.
    """
    path = translation_path(folder, language, domain.name)
    if not path.exists():
        missing = tuple(entry.context for entry in domain.entries)
        return TranslationReport(language, domain.name, None, len(missing), 0, untranslated=missing)
    catalog = read_po_file(path, language)
    messages = {message.context or "": message for message in catalog if message.id}
    wanted = {entry.context: entry for entry in domain.entries}
    fuzzy = tuple(name for name, message in messages.items() if name in wanted and FUZZY in message.flags)
    untranslated = tuple(name for name in wanted if not _is_translated(messages.get(name)))
    stale = tuple(_stale(messages, wanted))
    waiting = {*fuzzy, *untranslated, *(name for name in stale if name in wanted)}
    return TranslationReport(
        language,
        domain.name,
        catalog.review_status,
        len(wanted),
        len(wanted) - len(waiting),
        fuzzy,
        untranslated,
        stale,
        tuple(differences(domain, messages)),
    )


def _is_translated(message: Message | None) -> bool:
    """Tell whether a message has all its translations."""
    return message is not None and all(strings_of(message))


def differences(
    domain: TranslationDomain, messages: Mapping[str, Message]
) -> Iterator[PlaceholderDifference]:
    """Yield each translation whose placeholders are not those of its text.

    `messages` are the entries of the PO file by context; fuzzy ones are passed over, since they wait for a
    second look anyway. A plural form (for one, two or none) may leave its number out.
    """
    for entry in domain.entries:
        message = messages.get(entry.context)
        if message is None or not entry.is_template or not any(strings_of(message)):
            continue
        if FUZZY in message.flags:  # it waits for a second look anyway, and is not shown
            continue
        difference = _difference(entry, message)
        if difference is not None:
            yield difference


def _difference(entry: TranslatableString, message: Message) -> PlaceholderDifference | None:
    """Compare the placeholders of one translation with those of its text; None where they agree."""
    style = entry.style
    wanted = style.names_in(entry.texts[-1]) or frozenset()
    needed = wanted if len(entry.texts) == 1 else frozenset()
    line = message.lineno or 1
    missing, extra = set[str](), set[str]()
    for string in filter(None, strings_of(message)):
        fields = style.names_in(string)
        if fields is None:
            return PlaceholderDifference(entry.context, line=line, unreadable=True, style=style)
        missing |= needed - fields
        extra |= fields - wanted
    if not missing and not extra:
        return None
    return PlaceholderDifference(
        entry.context, tuple(sorted(missing)), tuple(sorted(extra)), line, style=style
    )
