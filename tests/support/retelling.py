"""The transcripts in other languages: the same moves, made by somebody who reads and writes that language.

A tap is the choice at the same place of the same message. What is typed is the label in that language, its own
word for what works everywhere, or what `tests/data/typed.yaml` has for it. Digits, days and clocks stay.
"""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from flows.engine.effects import Prompt
from flows.formats.yaml_source import read_source
from flows.i18n.localized_flow import LanguagePolicy, Localizations
from flows.parsing.vocabulary import FOLDER, vocabulary
from flows.script.loader import library
from flows.text.folding import fold
from tests.support.dialogue import TRANSCRIPTS, EngineDriver, Exchange, Move, Script, make, play, read_script
from tests.support.dialogue_facts import facts_named

RETOLD = (
    "best_practice",
    "best_practice_answer",
    "best_practice_cosign",
    "best_practice_cosign_changes",
    "commitment_nudge",
    "commitment_nudge_quoted",
    "commitment_reask",
    "content_review",
    "hcp_commitment_global_words",
    "hcp_commitment_kept_pick",
    "hcp_commitment_heard",
    "hcp_commitment_own_words",
    "hcp_commitment_three",
    "hcp_follow_up_adverse_event",
    "hcp_follow_up_not_yet",
    "hcp_follow_up_others",
    "hcp_follow_up_two",
    "patient_follow_up",
    "patient_follow_up_carer",
    "patient_interview",
    "patient_interview_adverse_event",
    "patient_interview_at_risk",
    "patient_interview_carer",
    "patient_interview_typed",
    "review_answer",
    "what_we_changed",
    "what_we_changed_own",
)
"""Every shipped flow, the words that work everywhere, and a conversation that is typed throughout."""
LANGUAGES = ("ar", "de", "es", "fr", "it", "pt")
LOCALIZATIONS = Localizations(policy=LanguagePolicy(only=("en", *LANGUAGES)))
TYPED = Path(__file__).parents[1] / "data" / "typed.yaml"
_BEGINNING = 30
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_CODE = re.compile(r"[a-z0-9_-]+")


def complete() -> tuple[str, ...]:
    """The languages in which every shipped flow can be had, but for the one that they are written in."""
    drafts = Localizations(policy=LanguagePolicy(allow_drafts=True))
    offered = [set(drafts.offered(flow)) for flow in library().values()]
    return tuple(sorted(set.intersection(*offered) - {"en"}))


def path_of(name: str, language: str) -> Path:
    """Where a transcript in a language is."""
    return TRANSCRIPTS / language / f"{name}.txt"


def driver_of(script: Script, language: str) -> EngineDriver:
    """The engine with the script's flow in a language."""
    flow = LOCALIZATIONS.localized(library()[script.flow], language)
    return EngineDriver(flow, facts_named(script.facts, language))


@cache
def _typed() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = read_source(TYPED).value
    return found


def typed_in(text: str, language: str) -> str | None:
    """What somebody types in a language for what an English transcript types; None where nothing is known for it."""
    return _typed().get(text, {}).get(language)


@cache
def _words(language: str) -> dict[str, Any]:
    found: dict[str, Any] = read_source(FOLDER / f"{language}.yaml").value
    return found


def word_in(text: str, language: str) -> str | None:
    """The first word of a language for what an English one means: skip, back, yes, no."""
    key, english, words = fold(text), vocabulary("en"), _words(language)
    for name, phrases in english.globals.items():
        if key in phrases:
            return _first(words["globals"][name])
    named = {"yes": english.yes, "no": english.no, **english.dates.phrases}
    found = next((name for name, phrases in named.items() if key in phrases), None)
    if found is None:
        return None
    return _first(words[found] if found in words else words["dates"][found])


def _first(phrases: str) -> str:
    """The first that is more than a letter."""
    listed = (phrase.strip() for phrase in phrases.replace("،", ",").split(","))
    return next(phrase for phrase in listed if len(phrase) > 1)


def _meant(kept: list[str]) -> list[str]:
    """What is kept without the words of a language: slots, codes, numbers and days; that there are words."""
    plain = (re.sub(r' from ".*"$', "", line) for line in kept)
    return [
        _STRING.sub(lambda found: found[0] if _CODE.fullmatch(found[1]) else "...", line) for line in plain
    ]


def _slot(driver: EngineDriver, prompt: Prompt) -> str | None:
    return None if prompt.ask is None else driver.state.asks[prompt.ask].slot


def _open(driver: EngineDriver) -> str | None:
    state = driver.state
    return None if state.open is None else state.asks[state.open].slot


class Retelling:
    """A transcript played in English and in another language, side by side."""

    def __init__(self, script: Script, language: str) -> None:
        self.script = script
        self.language = language
        self.english = driver_of(script, "en")
        self.there = driver_of(script, language)

    async def moves(self) -> list[Move]:
        """The moves in the other language."""
        await self.english.start(self.script)
        await self.there.start(self.script)
        moves: list[Move] = []
        for move in self.script.moves():
            assert _open(self.english) == _open(self.there), move
            moves.append(self._move(move))
            await make(self.english, move)
            seen = await make(self.there, moves[-1])
            kept, there = self.english.kept(), self.there.kept()
            assert _meant(there) == _meant(kept), (move, moves[-1], kept, there, seen)
        return moves

    def _move(self, move: Move) -> Move:
        match move.kind:
            case "tap":
                return self._tap(move)
            case "picks":
                picked = (self._tap(Move("tap", label)).text for label in move.text.split(", "))
                return replace(move, text=", ".join(picked))
            case "me" | "form":
                return replace(move, text=self._text(move.text))
            case "edit":
                return replace(move, text=" => ".join(map(self._text, move.text.split(" => "))))
            case _:
                return move

    def _tap(self, move: Move) -> Move:
        """The choice at the same place of the message that stands at the same place."""
        there, label = self._choice(self.english._prompt_with(move.text, move.under), move.text)
        under = there.text[:_BEGINNING].split("\n")[0].strip() if move.under else ""
        assert self.there._prompt_with(label, under) is there
        return Move("tap", label, under)

    def _choice(self, prompt: Prompt, label: str) -> tuple[Prompt, str]:
        """The same message and choice: as many times as this was asked since, so many times was that."""
        option = [option.label for option in prompt.options].index(label)
        english = [
            shown for shown in self.english.shown if _slot(self.english, shown) == _slot(self.english, prompt)
        ]
        there = [
            shown for shown in self.there.shown if _slot(self.there, shown) == _slot(self.english, prompt)
        ]
        assert len(english) == len(there)
        place = max(n for n, shown in enumerate(english) if shown is prompt)
        return there[place], there[place].options[option].label

    def _text(self, text: str) -> str:
        known = typed_in(text, self.language)
        if known is not None:
            return known
        asked = next((shown for shown in reversed(self.english.shown) if shown.options), None)
        if asked is not None:
            for option in asked.options:
                if option.label.casefold() == text.casefold():
                    return self._choice(asked, option.label)[1]
        word = word_in(text, self.language)
        if word is not None:
            return word
        assert not any(letter.isascii() and letter.isalpha() for letter in text), f"no words for {text!r}"
        return text


async def retold(name: str, language: str) -> tuple[Script, list[Exchange]]:
    """A transcript of English in another language, and all that comes of it there."""
    script = read_script(TRANSCRIPTS / f"{name}.txt")
    moves = await Retelling(script, language).moves()
    at = next(n for n, line in enumerate(script.preface) if line.startswith("at: "))
    preface = [*script.preface[:at], f"language: {language}", *script.preface[at:]]
    there = replace(script, preface=preface, language=language)
    return there, await play(there, driver_of(there, language), moves)
