"""The team and its cases, what people may ask for at any time, and what a bot that is stopped leaves behind."""

from datetime import timedelta
from functools import partial
from typing import Any

from house import NOW, RICH, House, Reply, T, code_in, code_of, opens, planned

from bot.channels.base import Inbound, InboundKind
from flows.loader import library
from flows.script import Flow, Role
from storage import case_work, coordinators, safety_cases, safety_flags, safety_samples, turns
from storage.case_work import Act
from storage.models import InvitationKind

ES = (
    "mi hija viene conmigo porque me lio con las fechas y los nombres de todo",
    "la enfermera siempre nos llama por teléfono antes de la siguiente visita",
)
RISK = "I don't want to live any more"
SAD = "I felt so sad that I cried"
ADVERSE = "Since I started Revlimid I have had terrible nausea"


def take_care(house: House) -> None:
    """Plan what the team does and what people ask for, and what is left at the end."""
    team(house)
    safety(house)
    wishes(house)
    house.at(0, 12.45, partial(unfinished_business, house))


def team(house: House) -> None:
    """Two coordinators, the second in Spanish, and a third who has not opened the link."""

    @planned(house, 12, 8)
    async def _() -> None:
        for code, address, language in (("TEAM-1", "cora", "en"), ("TEAM-2", "carl", "es")):
            await enrol(house, code, language)
            await house.person(address).start(f"team-{code}")

    @planned(house, 1, 8)
    async def _() -> None:
        await enrol(house, "TEAM-3", "en")

    house.at(60, 8, partial(changed_key, house))


async def enrol(house: House, code: str, language: str) -> None:
    hashed, now = house.identity.token_hash(f"team-{code}"), house.clock.now()
    house.write(lambda c: coordinators.enrol(c, code, token_hash=hashed, language=language, now=now))


async def changed_key(house: House) -> None:
    house.change_key()


def safety(house: House) -> None:
    """Cases of each kind, open and settled, and the questions that the engine puts because of them."""
    at = {"flow": "patient_interview", "role": Role.PATIENT}
    words: tuple[tuple[str, str, dict[str, Reply]], ...] = (
        ("@care", RISK, {}),
        ("@upset", SAD, {}),
        ("@safety_what", "an overdose", {}),
        ("@safety_who", "an overdose", {"@safety_what": "Two doses on one day", "@safety_which": "Velcade"}),
    )
    for slot, text, replies in words:
        opens(house, f"safety{slot[1:]}", until=slot, **at, a3=text, **replies)
    for days, name, text in ((11, "sent", ADVERSE), (10, "cleared", RISK), (8, "no-event", ADVERSE)):

        @planned(house, days, 12)
        async def _(name: str = name, text: str = text) -> None:
            person = house.person(f"case-{name}")
            await person.start(house.token("patient_interview", Role.PATIENT))
            await person.play("a3")
            await person.say(text)

    house.at(7, 12, partial(settle_cases, house))
    house.at(6, 12, partial(draw, house))
    for name, until in (("sent", "a5"), ("cleared", "a4")):
        house.at(4, 13, lambda name=name, until=until: house.person(f"case-{name}").play(until))


async def settle_cases(house: House) -> None:
    """One report is sent and confirmed, distress is cleared, and somebody says that one is no event."""
    now = house.clock.now()
    by = house.database.read_now(coordinators.listed)[0]
    acts = {
        "sent": (Act.REVIEW, Act.SENT, Act.ACKNOWLEDGED),
        "cleared": (Act.CLEAR,),
        "no-event": (Act.NOT_EVENT,),
    }
    for name, todo in acts.items():
        code = code_of(house, house.person(f"case-{name}"))
        for what in todo:
            sent = what is Act.ACKNOWLEDGED
            cases = house.database.read_now(partial(safety_cases.listed, only_open=not sent))
            [case] = [one for one in cases if one.participant == code and (not sent or one.status == "sent")]
            house.write(partial(case_work.act, case=case, what=what, by=by, reason="Seen to.", now=now))


async def draw(house: House) -> None:
    """Words that the rules passed over are drawn and looked at, and one of them is flagged by hand."""
    now = house.clock.now()
    by = house.database.read_now(coordinators.listed)[0]
    sample = house.write(lambda c: safety_samples.draw(c, share=5, seed=7, by=by, now=now))
    house.write(lambda c: safety_samples.looked(c, sample, by=by, now=now))
    code = code_of(house, house.person("again-e0"))
    [row] = house.rows(
        "SELECT answer.id FROM answer JOIN conversation ON conversation.id = conversation_id"
        " JOIN participant p ON p.id = conversation.participant_id WHERE p.code = :code AND slot = 'a5'", code=code,
    )  # fmt: skip
    house.write(lambda c: safety_flags.flag(c, code=code, answer_id=row.id, by=by, now=now))
    themes = house.rows("SELECT id FROM theme ORDER BY id")
    excerpt = house.write(
        lambda c: (
            c.execute(T["excerpt"].insert().values(answer_id=row.id, start=0, end=10)).inserted_primary_key
        )
    )[0]
    coded = {"excerpt_id": excerpt, "theme_id": themes[2].id, "coordinator_id": by.id, "coded_at": now}
    house.write(lambda c: c.execute(T["coding"].insert().values(**coded)))


def wishes(house: House) -> None:
    """The engine's own questions, and what people may ask for at any time."""
    at = {"flow": "patient_interview", "role": Role.PATIENT}
    for words, slot, language in (
        ("later", "@later", "en"),
        ("Sprache", "@language", "de"),
    ):

        @planned(house, 0, 11.6)
        async def _(words: str = words, slot: str = slot, language: str = language) -> None:
            person = house.person(f"asks{slot[1:]}", language=language)
            await person.start(house.token(**at))
            await person.play("a1")
            await person.say(words)
            await person.play(slot)

    @planned(house, 0, 11.7)
    async def _() -> None:
        person = house.person("offered", "telegram")
        await person.start(house.token(**at))
        await person.play("a3")
        for text in ES:
            await person.say(text)
        await person.play("@offer")

    @planned(house, 0, 11.7)
    async def _() -> None:
        for name, words in (
            ("snoozed", ("later", "1")),
            ("paused", ("pause",)),
            ("away", ("I am away until 3 October",)),
        ):
            person = house.person(name)
            await person.start(house.token(**at))
            await person.play("a02")
            for text in words:
                await person.say(text)

    @planned(house, 3, 11.7)
    async def _() -> None:
        person = house.person("joined", "slack")  # who writes at two addresses
        await person.start(house.token(**at))
        await person.play("a2")
        await person.say("link")
        [code] = code_in(house, person)
        await house.person("joined", "telegram").say(f"link {code}")
        stranger = house.person("stranger")
        await stranger.say("link 22222222")
        await stranger.say("hello?")

    @planned(house, 0, 12.4)
    async def _() -> None:
        person = house.person("asks", "telegram")  # who was asked whether everything is to be deleted
        await person.start(house.token(**at))
        await person.play("a01")
        for words in ("human", "my data", "link", "delete my data"):
            await person.say(words)

    opens(house, "queue", "patient_interview", Role.PATIENT, "a01", days=1, hours=12.1)

    @planned(house, 1, 12.2)
    async def _() -> None:
        person = house.person("queue")  # whose second link waits behind the first
        await person.start(house.token("content_review", Role.PATIENT, item="side_effect_slides"))

    @planned(house, 2, 12.2)
    async def _() -> None:
        await house.person("refused", "telegram").start(house.token(**at))
        blocked = house.person("blocked", "telegram")
        await blocked.start(house.token(**at))
        await blocked.play("a01")
        await blocked.does(InboundKind.BLOCKED)
        group = house.token("hcp_commitment", Role.HCP, kind=InvitationKind.GROUP, max_uses=40)
        await house.person("group").start(group)
        house.token(
            "hcp_commitment", Role.HCP, name="open-link", language="fr", expires_at=NOW + timedelta(days=20)
        )


async def unfinished_business(house: House) -> None:
    """What a bot that was stopped leaves: a consent to be given anew, words not taken, a message on its way."""
    await asked_anew(house)
    identity, now = house.identity, house.clock.now()
    broken = turns.Arrival("terminal:a11", "terminal", "broken/1", '{"kind":"of a later version"}')
    house.write(lambda c: turns.store(c, [broken], identity, now))
    await house.runtime.drain()
    waiting = [
        house.person("a3").inbound(InboundKind.TEXT, text=RICH["en"], message_id="late"),
        house.person("b0").inbound(InboundKind.MEDIA, media="sticker"),
        house.person("c1", "slack").inbound(InboundKind.TEXT, text="nurse"),
        house.person("unknown").inbound(InboundKind.START, text=house.token("patient_interview", Role.CARER)),
        house.person("cora").inbound(InboundKind.TEXT, text="/due"),
    ]
    late = [
        Inbound(**{**as_fields(one), "external_id": f"late/{place}"}) for place, one in enumerate(waiting)
    ]
    await house.runtime.receive(late)
    [first] = house.rows("SELECT min(id) AS id FROM outbox WHERE status = 'queued'")
    sending = T["outbox"].update().where(T["outbox"].c.id == first.id).values(status="sending", attempts=1)
    house.write(lambda c: c.execute(sending))


def as_fields(inbound: Inbound) -> dict[str, Any]:
    return {name: getattr(inbound, name) for name in Inbound.__slots__}


async def asked_anew(house: House) -> None:
    """A wave of somebody is begun under a consent that was written anew: that is what they are asked first."""
    flow = library()["hcp_commitment"]
    steps = tuple(
        step.model_copy(update={"text": "May I write to you three times, to ask how it went?"})
        if step.key == "c0_follow"
        else step
        for step in flow.steps
    )
    changed = Flow.model_validate(flow.model_copy(update={"steps": steps}).model_dump(by_alias=True))
    _, scheduler = house.wire({**library(), "hcp_commitment": changed})
    person = house.person("due-1")
    [timer] = house.rows(
        "SELECT timer.id FROM timer JOIN address a ON a.participant_id = timer.participant_id"
        " WHERE a.lookup = :lookup AND kind = 'wave' AND done_at IS NULL ORDER BY due_at LIMIT 1",
        lookup=house.identity.lookup(person.address),
    )
    assert await scheduler._attempt([timer.id], house.clock.now()) is None
    assert person.asked() is not None
