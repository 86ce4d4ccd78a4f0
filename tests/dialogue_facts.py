"""What the conversations of the transcripts know from outside, by name. All of it is made up."""

from typing import Any

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


_BASELINE = [
    {"code": "side_effects", "label": "Side effects"},
    {"code": "choosing", "label": "Choosing together"},
    {"code": "other", "label": "Other"},
]
_BEHAVIOURS = [
    {"code": "ask_neuropathy", "label": "Asked about numb hands or feet", "theme": "side_effects"},
    {"code": "ask_what_matters", "label": "Asked what matters to you", "theme": "choosing"},
]
_CHANGES = [
    {
        "code": "hour",
        "text": "We teach side effects for one hour.",
        "theme": "side_effects",
        "on": "2026-05-25",
    },
    {"code": "page", "text": "We give out a plan on one page.", "theme": None, "on": "2026-05-25"},
]
_PEERS = [
    {"label": "Ask about numbness at every visit (12)"},
    {"label": "Have patients say the plan back (5)"},
]


_POINTS = [
    {"text": "Numb feet {at night}", "decision": "used", "reason": "It is on slide 7 now."},
    {"text": "On the slide about nerves", "decision": "partly", "reason": "It has a slide of its own."},
    {"text": "Page 4 is hard to read", "decision": "not_used", "reason": "The page was taken out."},
]


def _after(**more: Any) -> Facts:
    """What a talk that follows on another is told, nothing but its day unless it is named."""
    nothing: Facts = {
        "baseline": [],
        "behaviours": [],
        "commitments": [],
        "peers": {"top": []},
        "changes": [],
        "points": [],
    }
    return {"earlier": {"on": "2026-03-02", "again": False}, **nothing, **more}


def facts_named(name: str) -> Facts:
    """
    `patient`, `hcp`, `hcp_wave_1` (two commitments, 30 days) or `hcp_wave_last` (one, 90 days).

    After an earlier talk: `patient_again`, `patient_last` (asked for the last time, nothing promised),
    `patient_changes`, `patient_points`, `hcp_unfinished`, `hcp_plan` (two commitments, others' choices),
    `hcp_plan_alone`. A reviewer: `patient_review`.

    Raises:
        KeyError: There are no facts of that name.
    """
    program = load_program(PROGRAMS / "myeloma.yaml")
    about = program_facts(program, program.activities[0])
    person = {"code": "P0001", "role": name.partition("_")[0], "language": "en", "timezone": "Europe/London"}
    base = {**about, "participant": person, "schedule": _WAVES}
    review = program.reviews[0].model_dump(mode="json")
    more: dict[str, Facts] = {
        "patient": {},
        "hcp": {},
        "hcp_wave_1": {
            "commitments": [_TINGLING, _PLAN],
            "wave": {"days": 30, "last": False, "next_on": "2026-05-04"},
        },
        "hcp_wave_last": {"commitments": [_TINGLING], "wave": {"days": 90, "last": True, "next_on": None}},
        "patient_again": _after(
            baseline=_BASELINE, behaviours=_BEHAVIOURS, earlier={"on": "2026-03-02", "again": True}
        ),
        "patient_last": _after(baseline=_BASELINE[:1]),
        "patient_changes": _after(changes=_CHANGES),
        "patient_review": {"review": review},
        "patient_points": _after(
            review=review,
            points=_POINTS,
            earlier={"on": "2026-03-02", "again": False, "points": 3, "used": 2},
        ),
        "hcp_unfinished": _after(),
        "hcp_plan": _after(commitments=[_TINGLING, _PLAN], peers={"top": _PEERS}),
        "hcp_plan_alone": _after(commitments=[_PLAN]),
    }
    return {**base, **more[name]}
