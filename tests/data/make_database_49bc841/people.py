"""Who takes part in the flows, and how far each has come when the bot is stopped."""

from datetime import date
from typing import Any

from house import RICH, THIN, House, Person, Reply, code_of, last_token, opens, planned

from bot.channels.base import InboundKind, button_payload
from flows.script import Role
from storage import reviews
from storage.models import PointDecision


def take_part(house: House) -> None:
    """Plan what everybody does."""
    commitments(house)
    first_waves(house)
    last_waves(house)
    interviews(house)
    asked_again(house)
    reviewers(house)
    educators(house)
    endings(house)


def commitments(house: House) -> None:
    """Clinicians at each kind of question of their first conversation."""
    at = {"flow": "hcp_commitment", "role": Role.HCP}
    opens(house, "c0", until="c0", **at, language="de")
    opens(house, "c1", until="c1", **at, channel="slack", days=2, hours=12)
    opens(house, "c2b", until="c2b", **at, c2=3, language="fr")
    opens(house, "c4", until="c4", **at, days=8, hours=11.5, c3=1)  # long enough ago to be asked once more
    opens(house, "c4_more", until="c4_more", **at, c3="write my own", c4="Ask more", channel="telegram")
    opens(house, "c6", until="c6", **at, language="es", c5="skip")
    opens(house, "c7", until="c7", **at, language="ar")
    opens(house, "c10", until="c10", **at, language="pt", c9=(1, 2))
    opens(house, "askschange", until="@change", **at, c10=1, c9a="skip")

    @planned(house, 30, 12)
    async def _() -> None:
        for name, language in (
            ("due-1", "en"),
            ("due-2", "de"),
        ):  # whose wave is due at the end, and not begun
            person = house.person(name, language=language)
            await person.start(house.token("hcp_commitment", Role.HCP), timezone="Europe/London")
            await person.play(c11=1, c5="skip")

    @planned(house, 10, 12)
    async def _() -> None:
        person = house.person("planned", "slack")  # whose waves and reminder of the plan are to come
        await person.start(house.token("hcp_commitment", Role.HCP))
        await person.play(c11=1, c9=(0, 1), c6=date(2026, 9, 21))


def first_waves(house: House) -> None:
    """Clinicians at each kind of question of their first wave."""
    wanted: tuple[tuple[str, str, dict[str, Reply]], ...] = (
        ("d1", "en", {}),
        ("d2", "fr", {"d1": 1}),
        ("d3", "en", {"d1": 1}),
        ("d4", "es", {"d1": 0}),
        ("d6_start", "de", {"d1": 2, "d6": 1}),
        ("d10", "ar", {"d1": 5}),
    )
    for key, language, replies in wanted:
        person = house.person(f"first-{key}", language=language)
        house.at(33, 12, lambda person=person: committed(house, person))
        house.at(0, 10.8, lambda person=person, key=key, replies=replies: person.play(key, **replies))


async def committed(house: House, person: Person, **replies: Reply) -> None:
    await person.start(house.token("hcp_commitment", Role.HCP))
    await person.play(**({"c11": 1, "c9": "none"} | replies))


def last_waves(house: House) -> None:
    """A clinician whose first wave is answered and whose second is closed, at a question of the last wave alone."""
    person = house.person("answers", "telegram", "it")
    house.at(93, 12, lambda: committed(house, person, c9=(0, 2)))
    words = {"d6_words": RICH["it"].replace("lunedì", "martedì")}
    house.at(61, 15, lambda: person.play(d1=2, d3=(0, 1), d6=1, **words))
    house.at(0, 10.9, lambda: person.play("d7"))


def interviews(house: House) -> None:
    """Patients at each kind of question of the interview."""
    at = {"flow": "patient_interview", "role": Role.PATIENT}
    opens(house, "a00", until="a00", **at, channel="telegram")
    opens(house, "a01", until="a01", **at, language="ar")
    opens(house, "a3", until="a3", **at, days=4, hours=11)
    opens(house, "a3_more", until="a3_more", **at, language="es", a3=THIN["es"])
    opens(house, "a7", until="a7", **at | {"role": Role.CARER}, language="pt", a4="skip", a6=(0, 2))
    opens(house, "a10", until="a10", **at, language="it", a8="skip", a9="skip")

    @planned(house, 0, 11.2)
    async def _() -> None:
        person = house.person("edits")  # who corrected an answer, and ticked some of the next one
        await person.start(house.token("patient_interview", Role.PATIENT))
        await person.play("a4")
        await person.does(InboundKind.EDIT, text=f"{RICH['en']} Yes.", message_id=f"{person.sent}")
        await person.play("a6")
        conversation, ask, _ = person.asked() or (0, 0, "")
        await person.does(InboundKind.TAP, button=button_payload(conversation, ask, 1))


def asked_again(house: House) -> None:
    """Patients who are asked some weeks later, at each kind of question; one who was and has answered."""
    replies: dict[str, Reply] = {"a6": (2,), "a8": "skip", "a9": "skip", "a3": "skip", "a4": "skip"}
    ends = (("e0", "de"), ("e1", "en"), ("e2", "fr"), ("e4", "en"), ("e5", "pt"), ("e5_more", "es"))
    for key, language in ends:
        person = house.person(f"again-{key}", language=language)

        @planned(house, 85, 12)
        async def _(person: Person = person) -> None:
            await person.start(house.token("patient_interview", Role.PATIENT))
            await person.play(**replies)

        thin = {"e5": THIN[language]} if key == "e5_more" else {}
        house.at(0, 11.3, lambda person=person, key=key, thin=thin: person.play(key, **thin))

    @planned(house, 150, 12)
    async def _() -> None:
        person = house.person("again-done", "telegram")
        await person.start(house.token("patient_interview", Role.PATIENT))
        await person.play(**replies)

    house.at(64, 12, lambda: house.person("again-done", "telegram").play(e3=2))
    house.at(50, 12, lambda: house.person("again-done", "telegram").say("no contact"))


def reviewers(house: House) -> None:
    """Reviewers at each kind of question; two who have answered, of whom one was told what came of it."""
    at = {"flow": "content_review", "role": Role.PATIENT, "item": "side_effect_slides"}
    opens(house, "consent", until="consent", **at, language="it")
    opens(house, "b0", until="b0", **at)
    opens(house, "b2", until="b2", **at, language="es")
    opens(house, "b3", until="b3", **at, days=3, hours=12)
    opens(house, "b3_more", until="b3_more", **at, language="de", b3="Ein Spaziergang")
    opens(house, "b5", until="b5", **at, b3="skip", b4="skip")
    told = {"b3": "That a short walk helps", "b4": "Page 4 is hard to read"}
    for days, name in ((30, "reviewed"), (9, "reviewed-too")):

        @planned(house, days, 12)
        async def _(name: str = name) -> None:
            person = house.person(name)
            await person.start(house.token("content_review", Role.PATIENT, item="side_effect_slides"))
            await person.play(**told)

    @planned(house, 20, 12)
    async def _() -> None:
        decide(house, "reviewed", "b3", PointDecision.USED)
        decide(house, "reviewed", "b3_more", PointDecision.PARTLY)
        decide(house, "reviewed", "b4", PointDecision.NOT_USED)

    @planned(house, 5, 12)
    async def _() -> None:
        decide(house, "reviewed-too", "b3", PointDecision.USED)


def decide(house: House, name: str, key: str, decision: PointDecision) -> None:
    code, now = code_of(house, house.person(name)), house.clock.now()
    house.write(
        lambda c: reviews.decide(
            c, participant=code, key=key, item=None, decision=decision, reason="We looked at it.", now=now
        )
    )


def educators(house: House) -> None:
    """Teams at each kind of question; five that are done, whose partners are at each kind of question of theirs."""
    at = {"flow": "best_practice", "role": Role.EDUCATOR}
    opens(house, "f0", until="f0", **at, language="fr")
    opens(house, "f1", until="f1", **at, f0=1, channel="slack")
    opens(house, "f2", until="f2", **at, f0=1, days=2, hours=12)
    opens(house, "f3", until="f3", **at, language="ar")
    opens(house, "f5_more", until="f5_more", **at, language="pt", f0=1)
    opens(house, "read_back", until="read_back", **at, language="es", f0=1, f7="skip")
    opens(house, "f9", until="f9", **at, f0=1)
    partners: tuple[tuple[str, str | None, dict[str, Reply], str], ...] = (
        ("agreed", "", {}, "en"),
        ("asked", None, {}, "en"),
        ("reads", "consent", {}, "de"),
        ("decides", "f9_read", {}, "en"),
        ("changes", "f9_change", {"f9_read": 1}, "fr"),
    )
    for number, (name, until, replies, language) in enumerate(partners):

        @planned(house, 12 - number, 12.2)
        async def _(
            name: str = name, until: str | None = until, language: str = language, **replies: Any
        ) -> None:
            author = house.person(f"team-{name}", "slack")
            await author.start(house.token("best_practice", Role.EDUCATOR))
            await author.play(f9=2, f0_team=f"The {name} team", f7=0)
            if until is None:
                return
            partner = house.person(f"partner-{name}", language=language)
            await partner.start(last_token(house, author))

        if until is not None:
            person = house.person(f"partner-{name}", language=language)
            days = 0 if until else 10
            house.at(
                days,
                11.4,
                lambda person=person, until=until or None, replies=replies: person.play(until, **replies),
            )


def endings(house: House) -> None:
    """Talks that ended in every way."""
    hcp = ("hcp_commitment", Role.HCP)
    for name, (flow, role), replies in (
        ("declined", hcp, {"c0": 1}),
        ("not-relevant", hcp, {"c2": 2}),
    ):

        @planned(house, 25, 14)
        async def _(
            name: str = name, flow: str = flow, role: Role = role, replies: dict[str, Reply] = replies
        ) -> None:
            person = house.person(name)
            await person.start(house.token(flow, role))
            await person.play(**replies)

    opens(house, "expired", "patient_interview", Role.PATIENT, "a3", days=30, hours=11)
    house.at(0, 11.5, lambda: expect_ended(house, "expired"))

    @planned(house, 40, 12)
    async def _() -> None:
        await committed(house, house.person("withdrawn", "telegram"))

    house.at(35, 12, lambda: house.person("withdrawn", "telegram").say("stop"))

    @planned(house, 22, 12)
    async def _() -> None:
        person = house.person("erased")
        await person.start(house.token("patient_interview", Role.PATIENT))
        await person.play("a4")
        await person.say("delete my data")
        await person.say("yes")

    @planned(house, 21, 12)
    async def _() -> None:
        person = house.person("restarted")
        await person.start(house.token("patient_interview", Role.PATIENT))
        await person.play("a4")
        await person.say("start over")
        await person.play("a01")
        await person.play(a01=1)


async def expect_ended(house: House, name: str) -> None:
    assert house.person(name).asked() is None, name
