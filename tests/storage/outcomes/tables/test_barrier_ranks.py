"""Barriers foreseen and met, of the same commitments, with their ranks."""

from storage.export.measures.measure import Figure
from storage.outcomes.tables.barrier_ranks import BARRIER_RANKS
from storage.schema import FollowUpStatus, ImplementationStatus
from tests.support.report_rows import put_in_everything, small_report


def test_what_mattered_more_than_was_thought() -> None:
    """Of three commitments that are not done in full: memory was foreseen for one and met for three."""
    with small_report() as rows:
        talk = rows.talk(rows.person())
        foreseen = (["time"], ["time", "none"], ["time", "memory"])
        statuses = (ImplementationStatus.PARTIAL, ImplementationStatus.PLANNED, ImplementationStatus.DROPPED)
        for barriers, status in zip(foreseen, statuses, strict=True):
            one = rows.commit(talk, foreseen_barriers=barriers)
            rows.wave(one, 30, FollowUpStatus.ANSWERED, status, "memory", "none")
        found = rows.rows(BARRIER_RANKS)
    assert found == {
        ("memory",): {
            "foreseen": Figure(1, 3, 1),
            "met": Figure(3, 3, 1),
            "rank_foreseen": 2,
            "rank_met": 1,
            "rank_change": 1,
        },
        ("time",): {
            "foreseen": Figure(3, 3, 1),
            "met": Figure(0, 3, 1),
            "rank_foreseen": 1,
            "rank_met": None,
            "rank_change": None,
        },
    }


def test_a_report_of_full_is_not_compared() -> None:
    """Neither what was met there, nor a commitment that has no other report; a late report counts."""
    with small_report() as rows:
        done = rows.commit(rows.talk(rows.person()), foreseen_barriers=["skill"])
        rows.wave(done, 30, FollowUpStatus.ANSWERED, ImplementationStatus.FULL, "skill")
        put_in_everything(rows)
        found = {code: (row["foreseen"], row["met"]) for (code,), row in rows.rows(BARRIER_RANKS).items()}
    assert found == {
        "memory": (Figure(0, 3, 2), Figure(2, 3, 2)),
        "peers": (Figure(0, 3, 2), Figure(1, 3, 2)),
        "time": (Figure(1, 3, 2), Figure(1, 3, 2)),
    }
