"""Hold names to the glossary: packages, modules and public classes are made of its words, or of plain English."""

import ast
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from tests.house.source import Module, read_module, read_modules

ROOT = Path(__file__).parents[1]
GLOSSARY = ROOT / "docs" / "glossary.md"

_PLAIN_ENGLISH = """
a album all already amount app apply arabic ask attempt background backup bare base batch begin bound box
broken bulk busy calendar characters check cli client common config confirm connection control corrupt count csv data
database date db decide deleted destination diff difference do down draw due each earlier edit embedded enclosing end
entry enums error even expected explanation expressions failed field figures fill filter finish fire first for forget
free frozen give given global going gone grant group guarded heavy hidden i18n in index inline interval join json
keeper kept kind known large later launch layout lazy length letter level loaded local lock log long lost made make
manual many media memory model movable move name new no node not note nothing notice now number one operators ordered
other over package page palette part pause pending person phrases picked place plain plan possible privacy private
process protocol query reach refresh refusal refused rejected render repeat resources restart result resumed root rule
run same say screen section select self send sent shape shown sort source span spreadsheet started statements status
stop stored stroke style submitted such summary system tapped tell ticker to too topic translatable tree tuple unasked
unblocked unclear understood unheard unknown unread unreadable unwritable usage use used validation verification
visible wait watch weekday whole why withdraw withdrawn work workbooks written wrong xlsx yaml
"""
ORDINARY = tuple(_PLAIN_ENGLISH.split())
"""Words of any program, in which nothing of this field hides; sorted. What needs a line goes to the glossary."""

REPLACED = {
    "edition": "a localization",
    "programme": "a program",
    "talk": "a conversation",
    "tongue": "a language",
}
"""Words that documents for people may use, and what code says instead."""

_ROW = re.compile(r"^\|[^|]*\|", re.MULTILINE)
_TERM = re.compile(r"\*\*([^*]+)\*\*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+")
"""A word of a name in CamelCase or snake_case; capitals that stand together are one."""


def words_of(name: str) -> list[str]:
    """Return the words of a name or term, in lower case; `PIIError` and `pii_error` read the same."""
    return [word.lower() for word in _WORD.findall(name)]


def glossary_words(text: str) -> frozenset[str]:
    """Return the words of the terms of a glossary: what stands in bold in the first column of its tables.

    Words with a hyphen are known both ways: `wake-up` as `wake`, `up` and `wakeup`.
    """
    terms = [term for row in _ROW.findall(text) for term in _TERM.findall(row)]
    return frozenset(
        word for term in [*terms, *(one.replace("-", "") for one in terms)] for word in words_of(term)
    )


ENDINGS = ("ation", "ing", "ion", "ed", "er", "or")
"""What makes another word of the same: `translation`, `translator` and `translated` of `translate`."""


def base_forms(word: str) -> frozenset[str]:
    """Return a word and what it may be made of by an ending: `reply` for `replies`, `plan` for `planned`.

    Some of these are no words; two words are taken for the same where they have a form in common.
    """
    forms = {word, word.removesuffix("s"), word.removesuffix("es")}
    if word.endswith("ies"):
        forms.add(f"{word.removesuffix('ies')}y")
    for form in tuple(forms):
        for ending in ENDINGS:
            stem = form.removesuffix(ending)
            if stem != form and len(stem) > 2:  # `red` and `offer` are no forms of shorter words
                forms |= {stem, f"{stem}e"} | _without_spelling(stem)
    return frozenset(forms)


def _without_spelling(stem: str) -> set[str]:
    """Undo what an ending does to the spelling: `plann` is `plan`, `appli` is `apply`."""
    if stem[-1] == stem[-2]:
        return {stem[:-1]}
    return {f"{stem[:-1]}y"} if stem.endswith("i") else set()


def names_of(module: Module, *, private: bool = False) -> Iterator[tuple[str, str]]:
    """Yield the last part of a module's name and the names of its classes, each with its place.

    With `private`, classes of one underscore are among them.
    """
    if module.file.stem != "__main__":
        yield module.name.rpartition(".")[2], module.name
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef) and (private or not node.name.startswith("_")):
            yield node.name, f"{module.name}.{node.name}"


def unknown_words(modules: Iterable[Module], known: Collection[str]) -> Mapping[str, list[str]]:
    """Find the words of names that are no form of a known word, with the places where they stand."""
    forms = frozenset(form for word in known for form in base_forms(word))
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        for name, place in names_of(module):
            for word in words_of(name):
                if base_forms(word).isdisjoint(forms):
                    found[word].append(place)
    return dict(sorted(found.items()))


def replaced_words(modules: Iterable[Module]) -> Mapping[str, list[str]]:
    """Find the words that code replaces by others, private classes included, with the places where they stand."""
    found: dict[str, list[str]] = defaultdict(list)
    for module in modules:
        for name, place in names_of(module, private=True):
            for word in words_of(name):
                for replaced in base_forms(word) & REPLACED.keys():
                    found[f"{replaced}: say {REPLACED[replaced]}"].append(place)
    return dict(sorted(found.items()))


MODULES = read_modules(ROOT)


def listed(found: Mapping[str, list[str]]) -> str:
    """Return one line a word, with a few of its places, for people to read."""
    return "\n".join(f"{word}: {', '.join(places[:4])}" for word, places in found.items())


def test_names_are_made_of_the_words_of_the_glossary() -> None:
    """Each word of a package, a module or a public class stands in the glossary, or is plain English."""
    known = glossary_words(GLOSSARY.read_text(encoding="utf-8")) | {*ORDINARY}
    missing = unknown_words(MODULES.values(), known)
    assert not missing, f"give these a line in docs/glossary.md, or rename:\n{listed(missing)}"


def test_plain_english_is_short() -> None:
    """The words that need no line are sorted, are used, and have no line."""
    terms = glossary_words(GLOSSARY.read_text(encoding="utf-8"))
    used = unknown_words(MODULES.values(), terms)
    forms = frozenset(form for word in used for form in base_forms(word))
    assert list(ORDINARY) == sorted(set(ORDINARY))
    assert [word for word in ORDINARY if base_forms(word).isdisjoint(forms)] == []


def test_code_uses_one_word_for_one_thing() -> None:
    """What people may read in documents as talk, programme, tongue or edition has another name in code."""
    replaced = replaced_words(MODULES.values())
    assert not replaced, listed(replaced)


def made_up(folder: Path, text: str) -> Module:
    """A module `flows.talks.wombat_files` with this text."""
    file = folder / "flows" / "talks" / "wombat_files.py"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return read_module(folder, file)


def test_an_unknown_word_is_told_with_its_place(tmp_path: Path) -> None:
    """A made-up name is found in a module and in a class; what is private is nobody else's."""
    text = "class PIIQuokkaError: ...\nclass _Numbat: ...\nclass Repliers: ..."
    found = unknown_words([made_up(tmp_path, text)], {"error", "file", "pii", "reply"})
    assert found == {
        "quokka": ["flows.talks.wombat_files.PIIQuokkaError"],
        "wombat": ["flows.talks.wombat_files"],
    }
    assert "quokka: flows.talks.wombat_files.PIIQuokkaError" in listed(found)


def test_a_replaced_word_is_told_with_its_place(tmp_path: Path) -> None:
    """Also in a private class; a longer word that only holds it is another word."""
    found = replaced_words(
        [made_up(tmp_path, "class _Editions: ...\nclass Expedition: ...\nclass Talking: ...")]
    )
    assert found == {
        "edition: say a localization": ["flows.talks.wombat_files._Editions"],
        "talk: say a conversation": ["flows.talks.wombat_files.Talking"],
    }


def test_the_glossary_is_read() -> None:
    """Terms stand in bold in the first column; bold in an explanation, or outside tables, is none."""
    text = "**one**\n\n| word | what |\n|---|---|\n| **follow-up**, **nudge** | Of a **wave**. |\n"
    assert glossary_words(text) == {"follow", "up", "followup", "nudge"}


def test_words_of_names() -> None:
    """CamelCase and snake_case give the same words, and endings are folded."""
    assert words_of("HTTPError") == words_of("http_error") == ["http", "error"]
    assert words_of("i18n") == ["i18n"]
    for word, base in (
        ("replies", "reply"),
        ("applier", "apply"),
        ("branches", "branch"),
        ("coding", "code"),
        ("planned", "plan"),
        ("translator", "translate"),
        ("localization", "localized"),
    ):
        assert not base_forms(word).isdisjoint(base_forms(base)), word
    assert base_forms("red").isdisjoint(base_forms("r"))
