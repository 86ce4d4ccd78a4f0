"""A changed consent text asks again, before anything else is asked: conversations over real rows."""

import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text as text_of

from bot.conversations.reconsent import ChangedConsent, changed_consents
from bot.team.reasons import in_words
from flows.i18n.say import Sentence, say
from flows.script.loader import library
from flows.script.model import AskConsent, Purpose, Role
from flows.script.reconsent import source_of
from storage.programs import flow_versions
from storage.reports import operators
from tests.support.consent_change import ASKS, NEW, change
from tests.support.follow_on_world import AGAIN, COMMITMENT, DAILY, Story, converse, texts
from tests.support.retelling import LOCALIZATIONS

FOLLOW = "May I check back later, with your own words, to ask how it went?"
NO = say(Sentence.CONSENT_TAKEN_BACK, "en")


@pytest.fixture
def story(tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, **DAILY, follow_on=[])
    yield made
    made.world.database.close()


def consents(story: Story) -> list[tuple[Any, ...]]:
    return story.world.rows(
        "SELECT purpose, granted, shown_text, language FROM consent WHERE purpose = 'contact_again' ORDER BY id"
    )


def waves(story: Story) -> list[tuple[Any, ...]]:
    return story.world.rows("SELECT wave_days, status, reason FROM follow_up ORDER BY wave_days")


async def test_the_new_text_is_asked_before_the_wave(story: Story) -> None:
    """Changed between the commitment and day 30: the new text first, alone; after yes the wave, in one contact."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    texts(amy)
    await story.pass_time(days=31)
    assert texts(amy) == [ASKS, NEW]
    assert story.contacts("wave") == [("sent", "consent_changed", "2026-04-01")]
    assert story.world.rows("SELECT count(*) FROM answer WHERE conversation_id = 2") == [(0,)]
    await amy.say("yes")
    told = [shown.text for shown in amy.shown]
    assert told[0].startswith("Hello again from the Myeloma Learning Team")
    assert told[-1].startswith("On 2 March 2026 you wrote:")
    assert consents(story) == [
        ("contact_again", 1, FOLLOW, "en"),
        ("contact_again", 1, NEW, "en"),
    ]
    await amy.say("Doing it fully")
    assert story.world.rows("SELECT status FROM implementation") == [("full",)]
    await story.pass_time(days=31)
    assert ASKS not in texts(amy), "the new text was agreed to: it is not asked a third time"
    assert len([one for one in story.contacts("wave") if one[0] == "sent"]) <= 2


async def test_a_new_process_reads_the_text_that_was_agreed_to(
    story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new text is asked, though no version of the script has been parsed yet."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    texts(amy)
    monkeypatch.setattr(flow_versions, "_parsed", {})
    await story.pass_time(days=31)
    assert texts(amy) == [ASKS, NEW]


async def test_no_is_heeded_in_the_same_turn(story: Story) -> None:
    """No to the new text: nothing more is asked, all waves and reminders end with the reason, on every channel."""
    amy = await story.clinician("amy")
    await amy.say("link")
    code = amy.shown[-1].text.rsplit(" ", 1)[1]
    other = story.world.someone("amy-elsewhere")
    await other.say(f"link {code}")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    texts(amy)
    texts(other)
    await story.pass_time(days=31)
    [asked] = [one for one in (amy, other) if NEW in texts(one)]
    await asked.say("Yes to now, no to later")
    assert [shown.text for shown in asked.shown] == [NO, say(Sentence.FOLLOW_UP_NONE, "en")]
    assert waves(story) == [(days, "opted_out", "no_consent") for days in (30, 60, 90)]
    assert story.world.rows("SELECT kind FROM timer WHERE done_at IS NULL") == []
    assert story.world.rows("SELECT outcome FROM conversation WHERE id = 2") == [("declined",)]
    assert {row for row in story.contacts("wave") if row[0] == "not_sent"} == {
        ("not_sent", "no_consent", "2026-04-02")
    }
    assert consents(story)[-1][:3] == ("contact_again", 0, NEW)
    await story.pass_time(days=200)
    assert texts(amy) == texts(other) == []


async def test_begun_again_it_is_asked_again(story: Story) -> None:
    """'Start over' under the new text is no way round it; once it is decided, it is not asked a second time."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    await story.pass_time(days=31)
    texts(amy)
    await amy.say("start over")
    assert [shown.text for shown in amy.shown] == [say(Sentence.RESTARTED, "en"), ASKS, NEW]
    assert [shown.text for shown in await amy.say("yes")][-1].startswith("On 2 March 2026 you wrote:")
    await amy.say("start over")
    told = [shown.text for shown in amy.shown]
    assert NEW not in told
    assert told[-1].startswith("On 2 March 2026 you wrote:")


async def test_silence_closes_the_wave_with_its_own_reason(story: Story) -> None:
    """Nobody answers: reminders ask for the consent alone, the wave closes as ever, and `why` says what it was."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    texts(amy)
    await story.pass_time(days=46)
    told = texts(amy)
    assert told.count(NEW) == 3
    assert not any(text.startswith("On 2 March") for text in told)
    assert waves(story)[0] == (30, "no_response", "consent_unanswered")
    [(code,)] = story.world.rows("SELECT code FROM participant")
    found = story.world.database.read_now(lambda c: operators.participant_story(c, code))
    assert found is not None
    reasons = [line.reason for line in found.lines]
    assert {"consent_changed", "consent_unanswered"} <= set(reasons)
    assert in_words("consent_unanswered") != "consent_unanswered"


@pytest.mark.parametrize(
    ("fields", "program", "asks"),
    [
        ({}, {}, False),
        ({"text": f"{FOLLOW}\n"}, {}, False),
        ({"agree": "Please do"}, {}, False),
        ({"text": NEW}, {}, True),
        ({"text": "May {program.team} check back later?"}, {}, True),
        ({}, {"team": "Another team"}, True),
        ({}, {"contact_again_weeks": 20}, False),
    ],
)
async def test_what_counts_as_changed(
    story: Story, fields: dict[str, str], program: dict[str, Any], asks: bool
) -> None:
    """Another text of the author's, another team in it; no line breaks, no words on a button, nothing not named."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", **fields)
    story.load(**DAILY, follow_on=[], **program)
    texts(amy)
    await story.pass_time(days=31)
    [(_, reason, _)] = story.contacts("wave")
    assert (reason == "consent_changed") is asks


@pytest.mark.parametrize(
    ("then", "now", "same"),
    [
        ("May I?", "May  I?\n", True),
        ("May I?", "May we?", False),
        ("{program.team} asks", "{program.team} asks", True),
        ("In {program.contact_again_weeks} weeks", "In {program.contact_again_weeks} weeks", False),
        ("In 12 weeks", "In 52 weeks", False),
        ("In 52 weeks", "In {program.contact_again_weeks:weeks}", True),
        ("In 52 weeks", "In {program.contact_again_weeks} weeks", True),
        ("In 52 weeks", "In {program.contact_again_weeks}", False),
        ("Call {program.emergency_number}", "Call {program.emergency_number}", True),
        ("On {activity.title}", "On {activity.title}", True),
    ],
)
def test_the_hash_of_a_text(then: str, now: str, same: bool) -> None:
    """Values of the program count where they stand; what differs by person or by event does not."""
    before = {"team": "T", "contact_again_weeks": 12, "emergency_number": "112"}
    after = {"team": "T", "contact_again_weeks": 52, "emergency_number": "999"}
    assert (source_of(then, before, "en") == source_of(now, after, "en")) is same


async def test_another_language_is_no_change(story: Story) -> None:
    """Agreed to in Spanish; asked at day 30 in German: the text is the same, and nothing is asked anew."""
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    change(story, "hcp_commitment", "c0_follow")
    await amy.say("language español")
    for reply in ("1", "1"):
        await amy.say(reply)
    await amy.say("language english")
    await converse(amy, COMMITMENT)
    assert {row[3] for row in consents(story)} == {"es"}
    await amy.say("language deutsch")
    texts(amy)
    await story.pass_time(days=31)
    assert story.contacts("wave") == [("sent", "due", "2026-04-01")]


async def test_the_new_text_is_asked_in_the_persons_language(story: Story) -> None:
    """Where it is translated, and kept as it was shown."""
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    amy = await story.clinician("amy", May_I_write="yes")
    await amy.say("language español")
    change(story, "hcp_commitment", "c0_follow", text=FOLLOW)
    texts(amy)
    await story.pass_time(days=31)
    spanish = LOCALIZATIONS.localized(library()["hcp_commitment"], "es")
    [step] = [step for step in spanish.steps if step.key == "c0_follow"]
    assert isinstance(step, AskConsent)
    intro, asked = texts(amy)
    assert intro.startswith("Hola, soy el ayudante automático que trabaja para el Equipo")
    assert asked == step.text
    await amy.say("sí")
    assert consents(story)[-1] == ("contact_again", 1, step.text, "es")
    assert amy.shown[-1].text.startswith("El 2 de marzo de 2026")


async def test_a_text_that_is_not_translated_yet_is_shown_as_it_was_written(story: Story) -> None:
    """No earlier text is passed off as the new one: the whole conversation is in the script's language then."""
    amy = await story.clinician("amy")
    await amy.say("language español")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    texts(amy)
    await story.pass_time(days=31)
    assert texts(amy) == [ASKS, NEW]


async def test_patients_are_asked_each_changed_purpose(tmp_path: Path) -> None:
    """One purpose a tap: use of words and contact, each with its new text; the flow asks taking part itself."""
    story = Story(tmp_path, **DAILY)
    pat = await story.patient()
    change(story, "patient_interview", "a01", text="Do you agree to take part in this?")
    change(story, "patient_interview", "a02", text="May we show your words, without your name?")
    change(story, "patient_interview", "a03", text="May I write to you again?")
    texts(pat)
    await story.pass_time(weeks=12, hours=2)
    assert texts(pat) == [ASKS, "May we show your words, without your name?"]
    await pat.say("no")
    assert [shown.text for shown in pat.shown] == [NO, "May I write to you again?"]
    await pat.say("yes")
    assert "May I ask how it is now?" in pat.shown[-1].text
    await converse(pat, AGAIN)
    purposes = story.world.rows("SELECT purpose, granted FROM consent ORDER BY id")
    assert purposes[3:6] == [("use_words", 0), ("contact_again", 1), ("take_part", 1)]
    story.world.database.close()


@pytest.mark.parametrize(("reply", "told"), [("yes", True), ("Yes to now, no to later", False)])
async def test_what_asks_nothing_waits_for_the_yes_too(tmp_path: Path, reply: str, told: bool) -> None:
    """A reminder of a plan is a contact like any other: the changed text comes first."""
    story = Story(tmp_path, **DAILY)
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    texts(amy)
    await story.pass_time(days=14, hours=1)
    assert texts(amy) == [ASKS, NEW]
    await amy.say(reply)
    assert any("just a reminder" in shown.text for shown in amy.shown) is told
    story.world.database.close()


async def test_an_open_conversation_keeps_its_text(tmp_path: Path) -> None:
    """Changed while a conversation is open: it goes on as it began; only what comes of our own accord is left out."""
    story = Story(tmp_path, **DAILY)
    amy = await story.someone("amy", "hcp_commitment", Role.HCP)
    for reply in ("yes", "yes", "nurse"):
        await amy.say(reply)
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    texts(amy)
    await story.pass_time(days=8)
    assert story.contacts() == [("not_sent", "consent_changed", "2026-03-09")]
    assert not any("began to write" in text or text == NEW for text in texts(amy))
    await amy.say("1")
    assert amy.shown[-1].text.startswith("Pick one")
    story.world.database.close()


async def test_a_decision_from_before_the_hash_was_kept(story: Story) -> None:
    """Rows of an older database are compared by the flow version of their conversation."""
    amy = await story.clinician("amy")
    story.world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE consent SET source_hash = NULL, flow = NULL")
    )
    bob = await story.clinician("bob")
    texts(amy), texts(bob)
    await story.pass_time(days=31)
    assert {reason for _, reason, _ in story.contacts("wave")} == {"due"}
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    story.world.database.write_now(
        lambda c: c.exec_driver_sql("UPDATE consent SET source_hash = NULL, flow = NULL")
    )
    texts(amy)
    await story.pass_time(days=31)
    assert ASKS in texts(amy)


AFTER = "May I check back after {program.contact_again_weeks} weeks, to ask how it went?"
IN_WORDS = AFTER.replace("_weeks} weeks", "_weeks:weeks}")


def hash_of_before(text: str) -> str:
    """The hash as decisions had it while the formats of values were not looked at."""
    return sha256(re.sub(r"\{program\.contact_again_weeks[^}]*\}", "12", text).encode()).hexdigest()


@pytest.mark.parametrize("of_before", [True, False], ids=["kept before", "kept now"])
@pytest.mark.parametrize(
    ("then", "now", "asks"),
    [
        (AFTER, IN_WORDS, False),
        (IN_WORDS, AFTER, False),
        (IN_WORDS, AFTER.replace("{program.contact_again_weeks}", "12"), False),
        (IN_WORDS, IN_WORDS, False),
        (AFTER, IN_WORDS.replace("check back", "write"), True),
        (AFTER.replace(" weeks,", ","), IN_WORDS, True),
        (AFTER, AFTER.replace("{program.contact_again_weeks}", "24"), True),
    ],
)
async def test_texts_are_compared_as_they_were_shown(
    story: Story, then: str, now: str, *, asks: bool, of_before: bool
) -> None:
    """Who read '12 weeks' is not asked for '12 weeks' anew, however the script writes it; for 24 weeks they are."""
    change(story, "hcp_commitment", "c0_follow", text=then)
    amy = await story.clinician("amy")
    if of_before:
        keep(story, hash_of_before(then))
    change(story, "hcp_commitment", "c0_follow", text=now)
    texts(amy)
    await story.pass_time(days=31)
    [(_, reason, _)] = story.contacts("wave")
    assert reason == ("consent_changed" if asks else "due")


def keep(story: Story, source: str) -> None:
    """Give the decision on later contact another hash."""
    statement = "UPDATE consent SET source_hash = :source WHERE purpose = 'contact_again'"
    story.world.database.write_now(lambda c: c.execute(text_of(statement), {"source": source}))


@pytest.mark.parametrize(
    ("same_as", "asks"),
    [
        ((), True),
        (("May I write later?",), True),
        ((FOLLOW,), False),
        (("May I write later?", f"{FOLLOW}\n"), False),
    ],
)
async def test_a_text_that_says_the_same_keeps_the_consent(
    story: Story, same_as: tuple[str, ...], *, asks: bool
) -> None:
    """Written anew with the text that it replaces: nobody who agreed to that is asked anew, and the yes stands."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW, same_as=same_as)
    [changes] = changed_consents_of(story)
    assert changes == ChangedConsent("hcp_commitment", Purpose.CONTACT_AGAIN, int(not asks), int(asks))
    texts(amy)
    await story.pass_time(days=31)
    [(_, reason, _)] = story.contacts("wave")
    assert reason == ("consent_changed" if asks else "due")
    assert consents(story) == [("contact_again", 1, FOLLOW, "en")]


async def test_who_is_asked_anew_agrees_to_the_new_text(story: Story) -> None:
    """Two said yes to the text before, one to the one that is replaced: each is counted, and asked, once."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    bob = await story.clinician("bob", May_I_write="yes")
    change(story, "hcp_commitment", "c0_follow", text=f"{NEW} ", same_as=(FOLLOW,))
    assert [(one.kept, one.asked) for one in changed_consents_of(story)] == [(1, 0)]
    change(story, "hcp_commitment", "c0_follow", text="May I?", same_as=(NEW,))
    assert [(one.kept, one.asked) for one in changed_consents_of(story)] == [(1, 1)]
    await amy.say("no contact")
    assert [(one.kept, one.asked) for one in changed_consents_of(story)] == [(1, 0)]
    texts(bob)
    await story.pass_time(days=31)
    assert ASKS not in texts(bob)


async def test_a_text_agreed_to_when_asked_anew_is_kept_like_any_other(story: Story) -> None:
    """Asked anew before one wave; the next comes without, where a text that says the same stands by then."""
    amy = await story.clinician("amy")
    change(story, "hcp_commitment", "c0_follow", text=NEW)
    await story.pass_time(days=31)
    await amy.say("yes")
    await amy.say("Still working on it")
    change(story, "hcp_commitment", "c0_follow", text="May I write three times?", same_as=(NEW,))
    assert [(one.kept, one.asked) for one in changed_consents_of(story)] == [(1, 0)]
    texts(amy)
    await story.pass_time(days=31)
    assert ASKS not in texts(amy)
    assert [reason for _, reason, _ in story.contacts("wave") if reason == "consent_changed"] == [
        "consent_changed"
    ]


def changed_consents_of(story: Story) -> tuple[ChangedConsent, ...]:
    """What an operator is told when the program is loaded."""
    world = story.world
    return world.database.read_now(lambda c: changed_consents(c, world.runtime.flows, world.program_id))
