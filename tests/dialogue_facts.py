"""What the conversations of the transcripts know from outside, by name. All of it is made up."""

from flows.events import Facts
from flows.loader import PROGRAMS, load_program
from flows.program import program_facts

_WAVES = {"wave_days": [30, 60, 90], "wave_dates": ["2026-04-01", "2026-05-04", "2026-06-01"]}

_TINGLING = {
    "id": 11,
    "follow_up_id": 21,
    "statement": "Ask every new patient about numbness {and tingling} at each visit",
    "made_on": "2026-03-02",
    "level": 4,
    "foreseen_barriers": ["time", "memory"],
}
_PLAN = {
    "id": 12,
    "follow_up_id": 22,
    "statement": "Send a one-page plan after each change of treatment",
    "made_on": "2026-03-02",
    "level": 5,
    "foreseen_barriers": [],
}


def facts_named(name: str) -> Facts:
    """
    `patient`, `hcp`, `hcp_wave_1` (two commitments, 30 days) or `hcp_wave_last` (one, 90 days).

    Raises:
        KeyError: There are no facts of that name.
    """
    program = load_program(PROGRAMS / "myeloma.yaml")
    about = program_facts(program, program.activities[0])
    person = {"code": "P0001", "role": name.partition("_")[0], "language": "en", "timezone": "Europe/London"}
    base = {**about, "participant": person, "schedule": _WAVES}
    more: dict[str, Facts] = {
        "patient": {},
        "hcp": {},
        "hcp_wave_1": {
            "commitments": [_TINGLING, _PLAN],
            "wave": {"days": 30, "last": False, "next_on": "2026-05-04"},
        },
        "hcp_wave_last": {"commitments": [_TINGLING], "wave": {"days": 90, "last": True, "next_on": None}},
    }
    return {**base, **more[name]}
