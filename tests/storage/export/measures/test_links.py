"""What became of links: each case has one disposition, and rates only where the number of invited is known."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlmodel import SQLModel

from flows.engine.effects import Outcome, PromptKind
from flows.script.model import Purpose, Role
from storage.export.measures.links import DISPOSITIONS, LINKS
from storage.export.measures.measure import Figure, MeasureCell, MeasureTable
from storage.schema import ConversationStatus, InvitationKind, ParticipantStatus
from tests.support.export_rows import NOW, Rows

FLOW = "patient_interview"


class Links(Rows):
    """A program whose people come in by links."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self.add("program", slug="p", title="P", settings={}, hash="1", loaded_at=NOW)
        self.made = 0

    def link(self, source: str = "clinic", kind: InvitationKind = InvitationKind.SINGLE) -> int:
        self.made += 1
        return self.add(
            "invitation", token_hash=b"%d" % self.made, program_id=1, role=Role.PATIENT, flow=FLOW, source=source,
            kind=kind, uses=0, created_at=NOW + timedelta(days=self.made),
        )  # fmt: skip

    def person(self, link: int | None, status: ParticipantStatus = ParticipantStatus.ACTIVE) -> int:
        self.made += 1
        number = self.add(
            "participant", code=f"P-{self.made}", role=Role.PATIENT, status=status, created_at=NOW
        )
        at = NOW + timedelta(days=30 + self.made)
        self.add("enrollment", program_id=1, participant_id=number, invitation_id=link, enrolled_at=at)
        return number

    def talk(self, person: int, answers: int, outcome: Outcome | None, *, agreed: bool = True) -> None:
        ended = outcome is not None
        status = ConversationStatus.ENDED if ended else ConversationStatus.OPEN
        number = self.add(
            "conversation", participant_id=person, address_id=1, program_id=1, flow=FLOW, flow_hash="h", channel="t",
            state="", status=status, outcome=outcome, started_at=NOW, last_turn_at=NOW, ended_at=NOW if ended else None,
        )  # fmt: skip
        for place in range(answers):
            self.answer(number, f"a{place}", PromptKind.TEXT, "x")
        self.add(
            "consent", participant_id=person, program_id=1, conversation_id=number, purpose=Purpose.TAKE_PART,
            granted=agreed, shown_text="", text_hash="h", language="en", decided_at=NOW,
        )  # fmt: skip

    def rows(self, table: MeasureTable) -> dict[str, dict[str, MeasureCell]]:
        """The rows of a table by source, each by column."""
        found = table.count(self.connection, "p")
        return {str(row[3]): dict(zip(table.columns, row, strict=True)) for row in found}


@pytest.fixture
def links() -> Iterator[Links]:
    engine = sa.create_engine("sqlite://")
    SQLModel.metadata.create_all(engine)
    with engine.begin() as connection:
        yield Links(connection)
    engine.dispose()


CASES = (
    ("complete", 10, Outcome.COMPLETED, ParticipantStatus.ACTIVE),
    ("complete", 10, Outcome.COMPLETED, ParticipantStatus.DELETED),
    ("not_eligible", 2, Outcome.NOT_RELEVANT, ParticipantStatus.ACTIVE),
    ("under_way", 8, None, ParticipantStatus.ACTIVE),
    ("partial", 5, Outcome.EXPIRED, ParticipantStatus.ACTIVE),
    ("partial", 6, Outcome.WITHDRAWN, ParticipantStatus.WITHDRAWN),
    ("refusal", 4, Outcome.WITHDRAWN, ParticipantStatus.WITHDRAWN),
    ("refusal", 0, Outcome.DECLINED, ParticipantStatus.ACTIVE),
    ("break_off", 4, Outcome.EXPIRED, ParticipantStatus.ACTIVE),
    ("opened_only", 0, Outcome.EXPIRED, ParticipantStatus.ACTIVE),
)
"""A disposition with the answers, the outcome and the participant's status that make it; ten answers are usual."""


@pytest.mark.parametrize(("code", "answers", "outcome", "status"), CASES)
def test_each_case_has_one_disposition(
    links: Links, code: str, answers: int, outcome: Outcome | None, status: ParticipantStatus
):
    """Half of what those answer who come to the end makes a partial one."""
    for _ in range(3):
        links.talk(links.person(links.link("others")), 10, Outcome.COMPLETED)
    links.talk(links.person(links.link(), status), answers, outcome)
    row = links.rows(DISPOSITIONS)["clinic"]
    assert {name for name in DISPOSITIONS.columns[4:12] if row[name]} == {code}


def test_rates_of_all_who_were_invited(links: Links):
    """Links for one person: 2 finished, 1 in part, 1 said no, 1 still open, 3 links not opened, 1 not for them."""
    for answers, outcome in ((10, Outcome.COMPLETED), (10, Outcome.COMPLETED), (7, Outcome.EXPIRED)):
        links.talk(links.person(links.link()), answers, outcome)
    links.talk(links.person(links.link()), 0, Outcome.DECLINED, agreed=False)
    links.talk(links.person(links.link()), 3, None)
    links.talk(links.person(links.link()), 1, Outcome.NOT_RELEVANT)
    for _ in range(3):
        links.link()
    row = links.rows(DISPOSITIONS)["clinic"]
    rates = [row[name] for name in ("rr1", "rr2", "ref1", "con1", "coop1")]
    assert rates == [Figure(n, of, 3) for n, of in ((2, 8), (3, 8), (1, 8), (4, 8), (2, 4))]


def test_a_second_link_makes_no_second_case(links: Links):
    """Somebody who came in by two links of the same kind is one person, and one responder."""
    person = links.person(links.link())
    links.talk(person, 10, Outcome.COMPLETED)
    again = {"program_id": 1, "participant_id": person, "enrolled_at": NOW}
    links.add("enrollment", **again, invitation_id=links.link())
    links.link()
    row = links.rows(DISPOSITIONS)["clinic"]
    assert [row[name] for name in ("complete", "unopened", "rr1")] == [1, 1, Figure(1, 2, 1)]


def test_how_many_saw_a_group_link_is_not_known(links: Links):
    """No rate of all who were invited; of those who came in, the participation rate."""
    link = links.link(kind=InvitationKind.GROUP)
    links.talk(links.person(link), 10, Outcome.COMPLETED)
    links.talk(links.person(link), 1, Outcome.EXPIRED)
    row = links.rows(DISPOSITIONS)["clinic"]
    assert [row[name] for name in ("rr1", "rr2", "ref1", "con1", "unopened")] == [None, None, None, None, 0]
    assert row["coop1"] == Figure(1, 2, 1)


def test_links_by_source(links: Links):
    """Made, opened, agreed, begun, finished, with the first and the last day; who came without a link is apart."""
    first = links.link("clinic")
    last = links.link("clinic", InvitationKind.GROUP)
    links.talk(links.person(first), 10, Outcome.COMPLETED)
    again = links.person(last)
    links.talk(again, 0, Outcome.RESTARTED)
    links.talk(again, 2, Outcome.EXPIRED)
    links.talk(links.person(last), 0, Outcome.DECLINED, agreed=False)
    links.person(None)
    found = links.rows(LINKS)
    counts = ("single_links", "group_links", "opened", "agreed", "begun", "finished", "finished_of_opened")
    assert [found["clinic"][name] for name in counts] == [1, 1, 3, 2, 2, 1, Figure(1, 3, 3)]
    days = [found["clinic"][name] for name in ("first_made", "last_made")]
    assert days == [NOW + timedelta(days=1), NOW + timedelta(days=2)]
    assert [found[""][name] for name in ("single_links", "opened", "begun")] == [0, 1, 0]
