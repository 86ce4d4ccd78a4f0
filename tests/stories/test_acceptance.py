"""What must hold before anybody is asked anything, by the numbers of the acceptance list; each as a user meets it.

Messages go in through the runtime, time is passed in, and what is asserted is what people read and what stands in
the database, and in the files that leave.
"""

import contextlib
import csv
import json
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bench.safety import PRODUCTS, Phrase, Score, phrases
from bot.channels.base import InboundKind
from bot.delivery.sender import Delivery, DeliveryOptions, clock_sleep
from bot.schedule.scheduler import Scheduler
from bot.settings.settings import load_settings
from flows.check.length import counted
from flows.check.outline import Outline
from flows.check.readability import BANNED, CONSENT_SENTENCES, GRADE, grade, labels, prompts, sentences
from flows.check.run import check_flow_text
from flows.formats.yaml_source import read_source
from flows.i18n.say import Sentence, say
from flows.parsing.vocabulary import languages, vocabulary
from flows.problem_codes import ProblemCode
from flows.safety.scan import FindingKind
from flows.script.loader import flow_source, library, library_paths
from flows.script.model import AskConsent, Role
from flows.text.templates import END_ISOLATE, ISOLATE
from storage.database import audit
from storage.export.export import ExportDestination, export, export_for_supporters
from storage.export.funnel import funnels
from storage.export.options import ExportFormat
from storage.export.small_cells import HiddenMark
from storage.export.statistics import Funnel, Proportion, percent
from storage.export.tables.table import ExportSelection
from storage.export.tables.waves import supporter_cells
from tests.support.coordinators import enrolled
from tests.support.disclosure import revealed
from tests.support.fake_channel import FakeChannel
from tests.support.follow_on_world import COMMITMENT, Story, converse
from tests.support.turn_world import IDENTITY, Someone, World, make_runtime, make_world

LONDON = ZoneInfo("Europe/London")
ADVERSE = "Since I started Revlimid I have had terrible nausea"
ODD = (
    "{program.team} {{x}} %s \\n {",
    "two\n\n  lines\n- e\u0301 \u00e9 \U0001f469\U0001f3fd\u200d\u2695\ufe0f *_~`<b>&amp;",
    "\u05e9\u05dc\u05d5\u05dd \u200f(5%)\u200e \u0645\u0631\u062d\u0628\u0627",
)


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path)
    yield made
    made.world.database.close()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = make_world(tmp_path)
    yield made
    made.database.close()


def restart(story: Story) -> None:
    """The process ends and begins again: only what is in the file is left."""
    story.world.restart()
    story.scheduler = Scheduler(story.world.database, story.world.runtime, story.world.clock)


def texts(person: Someone) -> list[str]:
    return [shown.text for shown in person.look()]


# 1 verbatim in == quote-back out, byte for byte, through edits and restarts


@pytest.mark.parametrize("odd", ODD)
async def test_01_words_come_back_byte_for_byte(story: Story, odd: str) -> None:
    """Typed, edited, and after restarts quoted at the read-back and a month later: not a byte is another."""
    first, final = f"I will ask {odd}", f"I will ask every patient: {odd}"
    ann = await story.someone("ann", "hcp_commitment", Role.HCP)
    for reply in ("yes", "yes", "nurse", "1", "1"):
        await ann.say(reply)
    restart(story)
    ann.world = story.world
    await ann.say(first, message_id="m1")
    restart(story)
    ann.world = story.world
    shown = await ann.does(InboundKind.EDIT, text=final, message_id="m1")
    assert shown
    await ann.say("skip")
    await converse(ann, COMMITMENT)
    assert ann.world.rows("SELECT statement FROM commitment") == [(final,)]
    restart(story)
    ann.world = story.world
    ann.look()
    await story.pass_time(days=32)
    asked = next(text for text in texts(ann) if text.startswith("On "))
    assert asked.replace(f"{ISOLATE}{final}{END_ISOLATE}", final).split("wrote:\n", 1)[1] == (
        f'"{final}"\nWhere is it now?'
    )


# 2 restart mid-flow resumes at the same question; a duplicate makes one answer; a due wave fires once


async def test_02_a_restart_in_the_middle_goes_on_at_the_same_question(world: World) -> None:
    """The question that was open is the one that the next reply answers."""
    ann = world.someone()
    await ann.start(world.token())
    [asked] = [shown.text for shown in await ann.say("red")]
    world.restart()
    assert [shown.text for shown in await ann.say("words")] != [asked]
    assert world.rows("SELECT question_key, raw FROM answer ORDER BY id") == [
        ("colour", "red"),
        ("words", "words"),
    ]


async def test_02_the_same_update_twice_makes_one_answer(world: World) -> None:
    """Whether it comes again at once, later, or after a restart."""
    ann = world.someone()
    await ann.start(world.token())
    twice = ann.inbound(InboundKind.TEXT, external_id="update-7", text="red")
    await world.runtime.receive([twice, twice])
    await world.runtime.drain()
    world.restart()
    await world.runtime.receive([twice])
    await world.runtime.drain()
    assert world.rows("SELECT question_key FROM answer") == [("colour",)]
    assert Counter(texts(ann))["Say something."] == 1


async def test_02_a_due_wave_fires_once(story: Story) -> None:
    """However often the scheduler ticks, and after a restart."""
    ann = await story.clinician("ann")
    ann.look()
    await story.pass_time(days=32)
    await story.scheduler.tick()
    restart(story)
    ann.world = story.world
    await story.scheduler.tick()
    assert len([text for text in texts(ann) if "look back at what you planned" in text]) == 1
    assert story.world.rows("SELECT count(*) FROM contact WHERE timer_kind = 'wave' AND action = 'sent'") == [
        (1,)
    ]


# 3 'stop' in each language, any state, cancels every wave and reminder of that person


def stop_in(language: str) -> str:
    return min(vocabulary(language).globals["stop"], key=lambda word: (len(word) < len("stop"), word))


async def in_every_state(story: Story) -> dict[str, Someone]:
    """People who stand at every point at which somebody may stop; the last wave is asked today."""
    there = {"reminded": await story.clinician("reminded")}
    await story.pass_time(days=4)
    there["wave sent"] = await story.clinician("sent")
    await story.pass_time(days=32)
    there["waves to come"] = await story.clinician("to-come")
    for name, replies in {
        "at the first question": (),
        "in the middle": ("yes", "yes"),
        "paused": ("yes", "pause"),
        "put off": ("yes", "later", "2"),
        "asked which answer": ("yes", "yes", "nurse", "change"),
        "at risk": ("yes", "I don't want to live any more"),
    }.items():
        there[name] = await story.someone(name.replace(" ", "-"), "hcp_commitment", Role.HCP)
        for reply in replies:
            await there[name].say(reply)
    there["another talk waiting"] = await story.someone("waiting", "hcp_commitment", Role.HCP)
    await there["another talk waiting"].start(story.world.token("small"))
    return there


@pytest.mark.parametrize("language", languages())
async def test_03_stop_ends_all_of_it(story: Story, language: str) -> None:
    """In no state is anything left that will be sent, and nothing is, for half a year."""
    there = await in_every_state(story)
    open_waves = "SELECT count(*) FROM follow_up WHERE status IN ('scheduled', 'sent')"
    assert story.world.rows(open_waves) > [(0,)]
    for person in there.values():
        await person.say(stop_in(language))
    assert story.world.rows("SELECT kind, participant_id FROM timer WHERE done_at IS NULL") == []
    assert story.world.rows(open_waves) == [(0,)]
    assert story.world.rows("SELECT DISTINCT status FROM participant") == [("withdrawn",)]
    await story.pass_time(days=180)
    assert {name: texts(person) for name, person in there.items()} == {name: [] for name in there}


# 4 delete leaves a tombstone, breaks the identity link, keeps a safety case that was sent


async def test_04_deletion_keeps_a_tombstone_and_the_report_that_was_sent(
    story: Story, tmp_path: Path
) -> None:
    """The words and the account are gone from every byte of the file; how much there was, and the report, stay."""
    world = story.world
    cora = await enrolled(world)
    ann = await story.clinician("ann", You_picked="I will ask plantzq every day, from Monday, at each visit.")
    ben = await story.someone("ben", "small", Role.HCP)
    for person in (ann, ben):
        await person.start(world.token("small"))
        await person.say("red")
        await person.say(ADVERSE)
    await cora.say("/safety 1 sent")
    assert world.rows("SELECT status FROM safety_case ORDER BY id") == [("sent",), ("new",)]
    for person in (ann, ben):
        for _ in range(6):
            await person.say("skip")
        await person.say("delete my data")
        await person.say("yes")
    await delivered(story)
    assert world.rows("SELECT count(*) FROM tombstone") == [(2,)]
    assert world.rows("SELECT kind, status FROM safety_case") == [("adverse_event", "sent")]
    assert world.rows("SELECT count(*) FROM address WHERE participant_id IS NOT NULL") == [(0,)]
    assert world.rows("SELECT count(*) FROM commitment WHERE statement LIKE '%plantzq%'") == [(0,)]
    world.database.close()
    left = every_byte(tmp_path)
    for person in (ann, ben):
        assert IDENTITY.lookup(person.address) not in left
    assert b"plantzq" not in left


def every_byte(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def delivered(story: Story) -> None:
    """All that is to be sent is sent, and what waits for it is done."""
    world = story.world
    channel = FakeChannel(world.clock.now, name="terminal")
    delivery = Delivery(
        world.database,
        {"terminal": channel},
        world.clock,
        DeliveryOptions(identity=IDENTITY, sleep=clock_sleep(world.clock)),
    )
    for _ in range(3):
        await delivery.drain()
        world.clock.move(timedelta(minutes=2))
        await story.scheduler.tick()


# 5 funnel identity, per wave: committed = responded + waiting + no_response + opted_out + not_due


def figures(story: Story) -> dict[str, Funnel]:
    """By wave."""
    found = story.world.database.read_now(lambda connection: funnels(connection, ExportSelection()))
    return {one.wave: one.funnel for one in found}


async def test_05_every_commitment_is_in_one_place_of_each_wave(story: Story) -> None:
    """Who answers, who is silent, who stops, who drops it, who says no to more, for whom it is too early, and who has
    just been asked: nobody is lost or double, and nobody is in two places.
    """
    people = {name: await story.clinician(name) for name in ("answers", "silent", "stops", "drops")}
    people["says no"] = await story.clinician("says no", May_I_check="no")
    await story.pass_time(days=40)
    for _ in range(3):
        await people["answers"].say("1")
    await people["drops"].say("6")
    await converse(people["drops"], {"What": "skip", "I have noted": "yes"})
    await people["stops"].say("stop")
    people["asked"] = await story.clinician("asked")
    await story.pass_time(days=15)
    people["early"] = await story.clinician("early")
    await story.pass_time(days=18)
    [(committed,)] = story.world.rows("SELECT count(*) FROM commitment")
    found = figures(story)
    assert list(found) == ["30", "60", "90", "latest"]
    for one in found.values():
        assert one.committed == committed == len(people) == sum(cell.n for cell in one.places.values())
    assert {place.value: cell.n for place, cell in found["30"].places.items()} == {
        "responded": 2,
        "waiting": 1,
        "no_response": 1,
        "opted_out": 2,
        "not_due": 1,
    }


# 6 both denominators are always there; the literature's own numbers come out as they were computed


@pytest.mark.parametrize(
    ("full", "responded", "committed", "of_responders", "of_all"),
    [
        # Lockyer 2001, statements: https://www.ncbi.nlm.nih.gov/pubmed/11420869. It prints 66.5 % of about 935 who
        # reported, which 602 of 935 is not (602 of 905 would be): what is held to here is arithmetic.
        (602, 935, 1635, 64.4, 36.8),
        # The COPD program, people: https://pmc.ncbi.nlm.nih.gov/articles/PMC3538496/
        (92, 132, 271, 69.7, 33.9),
    ],
)
def test_06_the_literature_comes_out(
    full: int, responded: int, committed: int, of_responders: float, of_all: float
) -> None:
    """Of those who responded, and of all who committed."""
    found = Proportion(full, responded, committed)
    assert (percent(found.of_responders.value), percent(found.of_due.value)) == (of_responders, of_all)
    assert f"{of_responders} %" in str(found)
    assert f"{of_all} %" in str(found)
    assert found.basis == "self-reported"


async def test_06_no_figure_leaves_without_both(story: Story, tmp_path: Path) -> None:
    """In the export each row has both denominators with their shares, and says that it is self-reported."""
    ann, _ben = await story.clinician("ann"), await story.clinician("ben")
    await story.pass_time(days=32)
    for _ in range(3):
        await ann.say("1")
    await story.pass_time(days=20)
    with story.world.database.reading() as connection:
        export(connection, ExportDestination(tmp_path / "out", ExportFormat.CSV), ExportSelection())
    rows = read_csv(tmp_path / "out" / "waves.csv")
    full = next(row for row in rows if (row["wave"], row["implementation"]) == ("30", "full"))
    assert [full[name] for name in ("n", "responded", "of_responders", "due", "of_due")] == [
        "1",
        "1",
        "100.0",
        "2",
        "50.0",
    ]
    for row in rows:
        assert row["basis"] == "self-reported"
        assert (row["of_responders"] == "") is (row["responded"] == "0")
        assert (row["of_due"] == "") is (row["due"] == "0")


def read_csv(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


# 7 an adverse event on Friday 17:30 is due the next business day; clocks that change; holidays


@pytest.mark.parametrize(
    ("told", "due"),
    [
        ((2026, 11, 20, 17, 30), (2026, 11, 23, 17, 30)),  # a Friday
        ((2026, 3, 27, 17, 30), (2026, 3, 30, 17, 30)),  # summer time begins on the Sunday between
        ((2026, 10, 23, 17, 30), (2026, 10, 26, 17, 30)),  # and ends
        ((2026, 4, 2, 17, 30), (2026, 4, 7, 17, 30)),  # the Thursday before Easter, in England
    ],
)
async def test_07_a_report_is_due_on_the_next_business_day(
    world: World, told: tuple[int, ...], due: tuple[int, ...]
) -> None:
    """By the program's zone and calendar, from the minute in which the words were stored."""
    world.clock.set(datetime(*told, tzinfo=LONDON).astimezone(UTC))
    ann = world.someone()
    await ann.start(world.token())
    await ann.say("red")
    await ann.say(ADVERSE)
    [(at,)] = world.rows("SELECT due_at FROM safety_case")
    assert datetime.fromisoformat(at).replace(tzinfo=UTC).astimezone(LONDON) == datetime(*due, tzinfo=LONDON)


# 8 recall on the labelled set, by language, with the misses named


@pytest.mark.parametrize("language", languages())
async def test_08_what_people_say_of_harm_and_distress_is_flagged(story: Story, language: str) -> None:
    """Each labelled phrase is somebody's answer: of a hundred at least ninety-five are flagged as what they are."""
    world = story.world
    story.load(
        products=[
            {"code": one.code, "brand": one.brand, "generic": one.generic, "aliases": list(one.aliases)}
            for one in PRODUCTS
        ]
    )
    told = [phrase for phrase in phrases() if phrase.language == language and phrase.label != "harmless"]
    token = world.group()
    people = [world.someone(f"p{number}") for number in range(len(told))]
    for kind, said in (
        (InboundKind.START, [token] * len(told)),
        (InboundKind.TEXT, ["red"] * len(told)),
        (InboundKind.TEXT, [phrase.text for phrase in told]),
    ):
        await world.runtime.receive(
            [person.inbound(kind, text=text) for person, text in zip(people, said, strict=True)]
        )
        await world.runtime.drain()
    score = Score()
    for person, phrase in zip(people, told, strict=True):
        score.add(phrase, flagged(world, person))
    assert len(told) >= 40
    assert score.recall >= 0.95, score.misses


_READ_AHEAD = {
    "event": (FindingKind.ADVERSE_EVENT, FindingKind.PRODUCT_COMPLAINT),
    "risk": (FindingKind.RISK,),
}
"""What a weak hit may be of, by the class in which the text is read before others."""


def flagged(world: World, person: Someone) -> frozenset[FindingKind]:
    """What a person's words were flagged as, or put near the head of the reading queue for."""
    rows = world.rows(
        "SELECT details FROM audit_event JOIN address USING (participant_id) WHERE kind = 'flag' AND lookup = :who",
        who=IDENTITY.lookup(person.address),
    )
    ahead = world.rows(
        "SELECT reading_class FROM text_signal JOIN address USING (participant_id) WHERE lookup = :who",
        who=IDENTITY.lookup(person.address),
    )
    strong = {FindingKind(kind) for (row,) in rows for kind in json.loads(row).get("kinds", ())}
    return frozenset(strong.union(*(_READ_AHEAD[one] for (one,) in ahead)))


def test_08_a_miss_would_be_named() -> None:
    """What is not flagged stands among the misses."""
    score = Score()
    score.add(Phrase("en", "dev", FindingKind.ADVERSE_EVENT.value, "a rash"), frozenset())
    assert (score.recall, len(score.misses)) == (0, 1)


# 9 what patients are asked: grade six, two sentences, twelve questions, no word that is known to be a barrier

FOR_PATIENTS = sorted(name for name, flow in library().items() if Role.PATIENT in flow.audience)
BAD = {
    ProblemCode.READING_GRADE: "Considering pharmacological possibilities,"
    " what constitutes satisfactory communication?",
    ProblemCode.SENTENCES: "I am here. You are there. What was it?",
    ProblemCode.BANNED_WORD: f"Was it {min(BANNED)}?",
}


@pytest.mark.parametrize("name", FOR_PATIENTS)
def test_09_every_shipped_patient_flow_is_plain_and_short(name: str) -> None:
    """Measured on every prompt and button, not by the checks' own verdict; a consent says more at once."""
    [path] = [path for path in library_paths() if path.stem == name]
    read = flow_source(read_source(path))
    assert read.flow is not None
    outline = Outline(read.flow, read.source, read.lists, frozenset())
    assert {text.text: grade(text.text) for text in prompts(outline) if grade(text.text) > GRADE} == {}
    for text in prompts(outline):
        step = text.node.step
        if step.kind not in {"say", "end"}:
            assert sentences(text.text) <= (CONSENT_SENTENCES if isinstance(step, AskConsent) else 2), (
                text.text
            )
    words = " ".join(text.text for text in (*prompts(outline), *labels(outline))).lower().split()
    assert set(words) & set(BANNED) == set()
    assert counted(outline) <= 12


@pytest.mark.parametrize("code", BAD)
def test_09_what_is_not_plain_is_refused(code: ProblemCode) -> None:
    """`said check` names it."""
    script = (
        "flow: bad\ntitle: Bad\nlanguage: en\naudience: [patient]\nsteps:\n"
        f'  - {{key: q, kind: text, text: "{BAD[code]}"}}\n  - {{key: bye, kind: end, text: Bye.}}\n'
    )
    assert code in {problem.code for problem in check_flow_text(script)}


# 10 small cells are hidden in the supporters' cut, by subtraction too


async def test_10_nothing_small_is_told_to_supporters(story: Story, tmp_path: Path) -> None:
    """Nine did it, one dropped it, six are silent: no table that fits the file tells who is behind a small cell."""
    people = [await story.clinician(f"p{number}") for number in range(16)]
    await story.pass_time(days=32)
    for number, person in enumerate(people[:10]):
        await person.say("6" if number == 0 else "1")
        for _ in range(2):
            await person.say("skip")
    await story.pass_time(days=20)
    with story.world.database.reading() as connection:
        [file] = export_for_supporters(connection, ExportDestination(tmp_path / "cut", ExportFormat.CSV))
        [wave] = [one for one in funnels(connection, ExportSelection()) if one.wave == "latest"]
    rows = read_csv(file.path)
    shown = {name: mark(rows[0][name]) for name in ("due", "responded", "no_answer")}
    shown |= {row["implementation"]: mark(row["n"]) for row in rows}
    assert {name: cell for name, cell in shown.items() if cell is not HiddenMark.SMALL} == {
        "due": 16,
        "responded": 10,
        "no_answer": 6,
        "full": HiddenMark.COVER,
    }
    assert revealed(supporter_cells(wave), shown) == []
    code = story.world.rows("SELECT code FROM participant")[0][0]
    assert code not in file.path.read_text(encoding="utf-8")


def mark(cell: str) -> int | HiddenMark:
    return int(cell) if cell.isdecimal() else HiddenMark(cell)


# 11 patients on Slack are refused unless somebody says otherwise


@pytest.mark.parametrize(
    ("role", "flow", "let_in"), [(Role.PATIENT, "patient_interview", 0), (Role.HCP, "small", 1)]
)
async def test_11_patients_are_not_talked_to_on_slack(
    world: World, role: Role, flow: str, let_in: int
) -> None:
    """With settings that say nothing: a kind word, nobody is made, and a clinician is let in."""
    world.runtime = make_runtime(world.database, world.clock, load_settings().policy_now())
    there = Someone(world, "slack:U123")
    shown = await there.start(world.token(flow, role=role))
    assert world.rows("SELECT count(*) FROM conversation") == [(let_in,)]
    assert world.rows("SELECT count(*) FROM participant") == [(let_in,)]
    refusal = say(Sentence.CHANNEL_REFUSED, "en", contact="team@example.org")
    assert (refusal in [one.text for one in shown]) is not let_in
    elsewhere = await world.someone().start(world.token(flow, role=role))
    assert elsewhere[0].text != refusal


# 12 the audit chain holds; one altered row is named


async def test_12_one_altered_row_is_named(story: Story) -> None:
    """After a conversation the chain holds; whichever row is touched, it is the one that is named."""
    await story.clinician("ann")
    database = story.world.database
    assert database.read_now(audit.verify).broken is None
    [(rows,)] = story.world.rows("SELECT max(id) FROM audit_event")
    for row in (1, rows // 2, rows):
        [(details,)] = story.world.rows("SELECT details FROM audit_event WHERE id = :row", row=row)
        altered(database.path, row, "{}")
        broken = database.read_now(audit.verify).broken
        assert broken is not None
        assert broken.row == row
        altered(database.path, row, details)
    assert database.read_now(audit.verify).broken is None


def altered(path: Path, row: int, details: str) -> None:
    """Somebody with the file in their hands writes to it."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE audit_event SET details = ? WHERE id = ?", (details, row))
        connection.commit()


# 13 free text at a question with buttons: matched, or asked again once, then stored as it is


@pytest.mark.parametrize(
    ("replies", "kept"),
    [
        (["the blue one, please"], ("blue", "the blue one, please", "answered")),
        (["purple elephant", "2"], ("blue", "2", "answered")),
        (["purple elephant", "an elephant, I said"], (None, "an elephant, I said", "unparsed")),
    ],
)
async def test_13_free_text_under_buttons(
    world: World, replies: list[str], kept: tuple[str | None, ...]
) -> None:
    """What can be read is taken; what cannot is asked again once, with the buttons; then it is kept and on it goes."""
    ann = world.someone()
    await ann.start(world.token())
    for place, reply in enumerate(replies):
        shown = await ann.say(reply)
        again = [one for one in shown if one.text.endswith("Which colour?")]
        assert bool(again) is (place < len(replies) - 1)
        assert all(
            [option.label for option in one.prompt.options][:3] == ["Red", "Blue", "Green"] for one in again
        )
    [(value, raw, status)] = world.rows("SELECT value, raw, status FROM answer")
    assert (json.loads(value or "null"), raw, status) == kept
    assert shown[-1].text == "Say something."
