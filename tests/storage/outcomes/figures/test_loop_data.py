"""The numbers of the way from theme to status: each commitment once, and none left out."""

from storage.outcomes.figures.loop_data import ENDINGS, loop_figure
from storage.schema import FollowUpStatus, ImplementationStatus
from tests.support.planned_changes import PROGRAM, Changes, changes

FULL, PLANNED = ImplementationStatus.FULL, ImplementationStatus.PLANNED
KEYS = {"theme": "body", "objective": "early", "type": "treat", "suggestion": "s"}


def ways(rows: Changes) -> dict[tuple[str, ...], int]:
    """The labels of each way, with how many commitments go it."""
    figure = loop_figure(rows.connection, PROGRAM)
    return {tuple(place.label for place in path.places): path.n for path in figure.paths}


def test_labels_are_those_of_the_program() -> None:
    """Themes by the codebook, objectives in words, types as the program's file calls them, statuses as shipped."""
    with changes() as rows:
        rows.told(rows.person(), FULL, **KEYS)
        assert ways(rows) == {
            ("Symptoms", "Ask about side effects early.", "Treating", "Doing it fully"): 1,
        }


def test_what_names_nothing_is_told_so() -> None:
    """Own words have no type, theme or objective; an objective that is gone from the file has its code."""
    with changes() as rows:
        rows.told(rows.person(), PLANNED)
        rows.told(rows.person(), PLANNED, theme="gone", objective="gone", suggestion="s")
        assert ways(rows) == {
            ("gone", "gone", "(no type)", "Not yet, still plan to"): 1,
            ("(no theme)", "(no objective)", "(own words)", "Not yet, still plan to"): 1,
        }


def test_objectives_of_two_activities_are_two() -> None:
    """The same code in another activity is another objective."""
    with changes() as rows:
        rows.told(rows.person(), FULL, **KEYS)
        rows.told(rows.person(), FULL, activity=3, **KEYS)
        figure = loop_figure(rows.connection, PROGRAM)
        assert {path.objective.code for path in figure.paths} == {"spring.early", "autumn.early"}


def test_each_commitment_ends_once() -> None:
    """In the status reported last, or where it stands without one; what was not confirmed is not there."""
    with changes() as rows:
        standings = {
            FollowUpStatus.SENT: "waiting",
            FollowUpStatus.NO_RESPONSE: "no_response",
            FollowUpStatus.OPTED_OUT: "opted_out",
            FollowUpStatus.SCHEDULED: "not_due",
            FollowUpStatus.ANSWERED: "in_words",
        }
        for status in standings:
            person = rows.person()
            rows.wave(rows.plan(person), person, status)
        person = rows.person()
        plan = rows.told(person, PLANNED)
        later = rows.wave(plan, person, FollowUpStatus.NO_RESPONSE, days=60)
        rows.connection.exec_driver_sql(
            "UPDATE implementation SET reported_at = '2026-03-20 09:00:00.000000'"
        )
        rows.report(plan, later, FULL)
        rows.plan(rows.person(), confirmed=False)
        figure = loop_figure(rows.connection, PROGRAM)
        endings = {path.ending.code: path.n for path in figure.paths}
        assert endings == {**dict.fromkeys(standings.values(), 1), "full": 1}
        assert figure.commitments == 6
        assert figure.responders == 2
        assert tuple(one.code for one in figure.endings) == ENDINGS


def test_themes_stand_in_the_order_of_the_codebook() -> None:
    """Those that it does not have come after, and commitments without a theme last."""
    with changes() as rows:
        for theme in (None, "zebra", "cost", "body"):
            rows.plan(rows.person(), theme=theme)
        figure = loop_figure(rows.connection, PROGRAM)
        assert [path.theme.code for path in figure.paths] == ["body", "cost", "zebra", ""]


def test_no_program_is_an_empty_figure() -> None:
    """A program without commitments, or none of that name, has no ways."""
    with changes() as rows:
        assert loop_figure(rows.connection, PROGRAM).commitments == 0
        assert loop_figure(rows.connection, "other").paths == ()
