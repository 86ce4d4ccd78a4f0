"""Values that databases hold, or are compared with, are what they were when those databases were written.

Another hash of a flow is another version of it; another hash of a consent's text has everybody asked for consent again;
a state that is written otherwise may not be read by the program that wrote it. So a change of code changes none of
these. Whoever changes a script, or adds a migration, writes the values anew and says so in the change log:

    python -m tests.stories.test_stored_values
"""

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from flows.engine.advance import advance
from flows.engine.events import Event, LanguageDetected, Replied
from flows.engine.state import decode_state, encode_state
from flows.i18n.localized_flow import LanguagePolicy, Localizations, LocalizedFlow
from flows.i18n.localized_program import translations_beside
from flows.program.loader import load_program, program_paths
from flows.program.model import program_facts
from flows.script.loader import library
from flows.script.model import AskConsent, Block, Flow, Purpose, Step
from flows.script.reconsent import ConsentText, changed, source_of
from storage.database.migrate import prepare
from storage.programs.programs import program_hash
from tests.support.dialogue import TRANSCRIPTS, EngineDriver, make, read_script
from tests.support.dialogue_facts import facts_named
from tests.support.dialogue_safety import notice_of

DATA = Path(__file__).parents[1] / "data"
VALUES = DATA / "stored_values.json"
CONSENTS_OF_BEFORE = DATA / "consents_of_before.json"
"""What is kept with decisions on texts that were in force once; lines are only added, when a text is changed."""
STATES = DATA / "stored_states.jsonl"
NAMES = sorted(path.stem for path in TRANSCRIPTS.glob("*.txt"))
LOCALIZATIONS = Localizations(policy=LanguagePolicy(only=("en", "es", "fr")))
SAD = Replied("I feel hopeless and cannot stop crying")
MOMENTS: dict[str, tuple[str, int, Event | None]] = {
    "before the consent to take part": ("patient_interview", 1, None),
    "at a select_one": ("patient_interview", 4, None),
    "at a text": ("patient_interview", 6, None),
    "at a probe": ("patient_interview", 7, None),
    "at a select_many, one ticked": ("patient_interview", 12, None),
    "at a scale, asked of each": ("patient_interview", 17, None),
    "at a read-back": ("patient_interview", 21, None),
    "at an answer to be changed": ("patient_interview", 22, None),
    "at a date": ("hcp_commitment_one", 7, None),
    "after what is done once": ("hcp_commitment_one", 18, None),
    "at a follow-up's second commitment": ("hcp_follow_up_two", 7, None),
    "at later": ("hcp_commitment_global_words", 15, None),
    "paused": ("hcp_commitment_global_words", 17, None),
    "at change which": ("best_practice", 17, None),
    "at language": ("patient_interview", 4, Replied("language")),
    "at a language offer": ("patient_interview", 6, LanguageDetected("es")),
    "upset": ("patient_interview", 6, SAD),
    "at risk, paused, with care": ("patient_interview_at_risk", 7, None),
    "at risk, gone on": ("patient_interview_at_risk", 11, None),
    "at a safety report's first question": ("patient_interview_adverse_event", 7, None),
    "at a safety report's last question": ("patient_interview_adverse_event", 10, None),
    "misread once": ("hcp_commitment_unreadable", 1, None),
    "over": ("patient_interview", 25, None),
}
"""A transcript, how many of its moves are made, and what happens then."""


def flow_hashes() -> dict[str, str]:
    """Return the version name of every shipped flow."""
    return {name: flow.hash for name, flow in sorted(library().items())}


def program_hashes() -> dict[str, str]:
    """Return the version name of every shipped program file, alone and with its translations."""
    found = {}
    for path in program_paths():
        program = load_program(path)
        found[path.stem] = program_hash(program)
        found[f"{path.stem}, translated"] = program_hash(program, translations_beside(path, program))
    return found


def consent_sources() -> dict[str, str]:
    """Return what is kept of every consent's text with the decision, for every shipped program."""
    found = {}
    for path in program_paths():
        facts = program_facts(load_program(path), None)["program"]
        for name, flow in sorted(library().items()):
            for step in _consents(flow.steps):
                found[f"{path.stem}, {name}.{step.key}, {step.purpose.value}"] = source_of(
                    step.text, facts, flow.language
                )
    return found


def _consents(steps: tuple[Step, ...]) -> Iterator[AskConsent]:
    for step in steps:
        if isinstance(step, Block):
            yield from _consents(step.steps)
        elif isinstance(step, AskConsent):
            yield step


def schema_hashes(path: Path) -> dict[str, str]:
    """
    Return a hash of how each table, index and trigger of a new database is created.

    The lines of a statement are put in order first: SQLAlchemy names the foreign keys of a table that a migration
    rebuilds in the order of a set.
    """
    prepare(path)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY 1, 2"
        )
        return {
            f"{kind} {name}": _hash(*sorted(line.strip(" \t,") for line in sql.splitlines()))
            for kind, name, sql in rows
        }


@cache
def states_of(name: str) -> tuple[str, ...]:
    """Return the stored state after the start of a transcript, and after each of its moves."""
    return tuple(asyncio.run(_played(name)))


async def _played(name: str) -> list[str]:
    script = read_script(TRANSCRIPTS / f"{name}.txt")
    driver = EngineDriver(library()[script.flow], facts_named(script.facts))
    await driver.start(script)
    states = [driver.stored]
    for move in script.moves():
        await make(driver, move)
        states.append(driver.stored)
    return states


def state_at(moment: str) -> str:
    """Return the stored state at one of `MOMENTS`."""
    name, moves, event = MOMENTS[moment]
    stored = states_of(name)[moves]
    if event is None:
        return stored
    script = read_script(TRANSCRIPTS / f"{name}.txt")
    flow: Flow = library()[script.flow]
    before = decode_state(stored)
    result = advance(
        LocalizedFlow(flow, LOCALIZATIONS), before, event, now=script.at, notice=notice_of(event)
    )
    assert result.state != before
    return encode_state(result.state)


def _hash(*lines: str) -> str:
    return sha256("\n".join(lines).encode()).hexdigest()


def _kept() -> dict[str, dict[str, str]]:
    kept: dict[str, dict[str, str]] = json.loads(VALUES.read_text(encoding="utf-8"))
    return kept


def _kept_states() -> dict[str, str]:
    lines = STATES.read_text(encoding="utf-8").splitlines()
    return {moment: _compact(state) for moment, state in map(json.loads, lines)}


def _compact(value: Any) -> str:
    """Write JSON as the engine does."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def test_flows_are_the_versions_that_they_were():
    """A conversation goes on in the flow that it began with; a new one begins no new version."""
    assert flow_hashes() == _kept()["flows"]


def test_program_files_are_the_versions_that_they_were():
    """A file that is loaded again is found unchanged."""
    assert program_hashes() == _kept()["programs"]


def test_nobody_is_asked_for_consent_again():
    """The text that was agreed to is the text in force."""
    assert consent_sources() == _kept()["consents"]


@pytest.mark.parametrize("agreed", json.loads(CONSENTS_OF_BEFORE.read_text("utf-8")).items())
def test_who_agreed_to_an_earlier_text_keeps_their_consent(agreed):
    """Texts that decisions were made on say the same as the one in force, or are named by it (`same_as`)."""
    where, source = agreed
    program, step, purpose = where.split(", ")
    [path] = [path for path in program_paths() if path.stem == program]
    flow, facts = library()[step.split(".")[0]], program_facts(load_program(path), None)["program"]
    assert changed(ConsentText(source, plain=True), flow, Purpose(purpose), facts) is None
    assert changed(ConsentText("0" * 64, plain=True), flow, Purpose(purpose), facts) is not None


def test_a_new_database_is_what_it_was(tmp_path):
    """Tables, indexes and triggers, each as it was created."""
    assert schema_hashes(tmp_path / "said.sqlite") == _kept()["schema"]


@pytest.mark.parametrize("name", NAMES)
def test_a_transcript_leaves_the_states_that_it_left(name):
    """To the letter, after each of its moves."""
    assert _hash(*states_of(name)) == _kept()["states"][name]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_state_is_written_as_it_was_written(moment):
    """The same moment of a conversation is the same JSON."""
    assert state_at(moment) == _kept_states()[moment]


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_stored_state_is_read_whole(moment):
    """What was written then is read, and written again to the letter."""
    stored = _kept_states()[moment]
    assert encode_state(decode_state(stored)) == stored


def test_another_word_would_be_seen():
    """The comparison is not blind: a word more in a consent is another text, and another version of its flow."""
    flow = library()["patient_interview"]
    [first, *_] = _consents(flow.steps)
    asked = first.model_copy(update={"text": f"{first.text} Really?"})
    steps = tuple(asked if step is first else step for step in flow.steps)
    assert source_of(asked.text, {}, "en") != source_of(first.text, {}, "en")
    assert Flow.model_validate({**flow.model_dump(by_alias=True), "steps": steps}).hash != flow.hash


def main() -> None:
    """Write the values of this checkout."""
    with tempfile.TemporaryDirectory() as folder:
        values = {
            "flows": flow_hashes(),
            "programs": program_hashes(),
            "consents": consent_sources(),
            "schema": schema_hashes(Path(folder) / "said.sqlite"),
            "states": {name: _hash(*states_of(name)) for name in NAMES},
        }
    VALUES.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    lines = [_compact([moment, json.loads(state_at(moment))]) for moment in MOMENTS]
    STATES.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
