"""The funnel: nobody is lost between two steps, and what is not known has no share."""

import sqlalchemy as sa

from storage.export.measures.measure import Figure
from storage.outcomes.tables.funnel import FUNNEL
from storage.schema import InvitationKind, ParticipantStatus
from tests.support import outcome_queries as recount
from tests.support.report_rows import put_in_everything, small_report


def test_from_invitation_to_answer() -> None:
    """Seven links for one person, six people, five conversations, four who agreed, three who committed, two answers."""
    with small_report() as rows:
        put_in_everything(rows)
        found = {step: row for (by, _, step), row in rows.rows(FUNNEL).items() if by == "all"}
    assert {step: row["people"] for step, row in found.items()} == {
        "invited": 7,
        "came": 6,
        "started": 5,
        "agreed": 4,
        "committed": 3,
        "answered_30": 2,
        "answered_60": 1,
        "answered_any": 2,
    }
    previous = {step: row["of_previous"] for step, row in found.items()}
    assert previous["came"] == Figure(6, 7, 7)
    assert previous["committed"] == Figure(3, 4, 4)
    assert previous["answered_30"] == Figure(2, 3, 2)
    assert previous["answered_60"] == Figure(1, 2, 1), "whoever had dropped it is asked no more"
    assert found["answered_any"]["of_committed"] == Figure(2, 3, 2)


def test_by_channel_and_profession() -> None:
    """The first conversation says the channel; whose profession is not known stands together, erased ones too."""
    with small_report() as rows:
        put_in_everything(rows)
        found = {key: row["people"] for key, row in rows.rows(FUNNEL).items()}
    assert [found["channel", name, "committed"] for name in ("", "slack", "telegram")] == [0, 1, 2]
    assert [found["profession", name, "answered_any"] for name in ("", "nurse")] == [1, 1]
    assert ("channel", "slack", "invited") not in found


def test_how_many_saw_a_group_link_is_not_known() -> None:
    """Then there is no share of those invited; the steps after it have theirs."""
    with small_report() as rows:
        rows.talk(rows.person(link=rows.link()))
        rows.link(InvitationKind.GROUP)
        found = rows.rows(FUNNEL)
    assert found["all", "", "came"]["of_previous"] is None
    assert found["all", "", "started"]["of_previous"] == Figure(1, 1, 1)


def test_nobody_is_nought() -> None:
    """A program without people has its steps, all empty."""
    with small_report() as rows:
        found = rows.rows(FUNNEL)
    assert {by for by, _, _ in found} == {"all"}
    assert {row["people"] for row in found.values()} == {0}


def test_who_is_erased_still_counts() -> None:
    """What was due and done stays countable, without a word of theirs."""
    with small_report() as rows:
        person = rows.person(link=rows.link(), status=ParticipantStatus.DELETED)
        rows.commit(rows.talk(person), statement="")
        found = rows.rows(FUNNEL)
    assert found["all", "", "committed"]["people"] == 1


def test_the_committee_is_not_taught() -> None:
    """Clinicians who only review teaching are no step of the funnel; one who commits as well is in all of them."""
    with small_report() as rows:
        rows.link(flow="content_review")
        for commits in (False, True):
            person = rows.person(link=rows.link(flow="content_review"))
            rows.talk(person, "content_review", channel="slack")
            rows.talk(person, "review_answer", channel="slack")
            if commits:
                rows.commit(rows.talk(person))
        found = {key: row["people"] for key, row in rows.rows(FUNNEL).items()}
        recounted = rows.connection.execute(sa.text(recount.FUNNEL), {"p": "p"}).all()
    steps = ("invited", "came", "started", "agreed", "committed")
    assert [found["all", "", step] for step in steps] == [1, 1, 1, 1, 1]
    assert found["channel", "telegram", "started"] == 1
    assert ("channel", "slack", "started") not in found
    assert {tuple(row[:3]): row[3] for row in recounted} == found
