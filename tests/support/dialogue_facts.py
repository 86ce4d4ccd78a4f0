"""What the conversations of the transcripts know from outside, by name. All of it is made up."""

from copy import deepcopy
from functools import cache
from typing import Any

from flows.i18n.localized_flow import LanguagePolicy, Localizations, ProgramLocalizations
from flows.i18n.localized_program import ProgramTranslations, StoredTranslations, translations_beside
from flows.program.loader import PROGRAMS, load_program
from flows.program.model import ProgramFile, program_facts
from flows.script.facts import Facts
from flows.script.loader import library
from flows.script.model import Choice, SelectMany

CONVERSATIONS = [
    ("patient_interview", "patient"),
    ("hcp_commitment", "hcp"),
    ("hcp_follow_up", "hcp_wave_1"),
    ("hcp_follow_up", "hcp_wave_last"),
]
"""The flows that begin a talk, each with the facts that it knows."""
_PAGE = {
    "en": "We give out a plan on one page.",
    "es": "Entregamos un plan en una página.",
    "fr": "Nous donnons un plan sur une page.",
    "de": "Wir geben einen Plan auf einer Seite aus.",
    "it": "Diamo un piano su una pagina.",
    "pt": "Entregamos um plano numa página.",
    "ar": "نقدم خطة في صفحة واحدة.",
}
_WAVES = {"wave_days": [30, 60, 90], "wave_dates": ["2026-04-01", "2026-05-04", "2026-06-01"]}

_TINGLING = {
    "id": 11,
    "follow_up_id": 21,
    "statement": "Ask every new patient about numbness {and tingling} at each visit",
    "made_on": "2026-03-02",
    "level": 4,
    "foreseen_barriers": ["time", "memory"],
    "if_then": "When I see a new patient, I will ask about {numb} hands first",
    "coping": "I will ask the nurse to do it",
}
_PLAN = {
    "id": 12,
    "follow_up_id": 22,
    "statement": "Send a one-page plan after each change of treatment",
    "made_on": "2026-03-02",
    "level": 5,
    "foreseen_barriers": [],
}


_GOES_ON = {"last": False, "starts_later": False}
"""Of a commitment that has begun, and is asked about again."""
_BASELINE = ("body", "being_heard", "other")
_AT = {"activity": "spring_symposium", "label": ""}
_BEHAVIOURS = [
    {"code": "ask_neuropathy", "theme": "body", **_AT},
    {"code": "ask_what_matters", "theme": "being_heard", **_AT},
]
_CHANGES = [
    {"code": "side_effects_hour", "text": "", "theme": "body", "on": "2026-05-25"},
    {"code": "page", "text": "", "theme": None, "on": "2026-05-25"},
]
_PEERS = [{"code": "ask_neuropathy", "people": 10}, {"code": "teach_back", "people": 5}]
_QUOTED = {
    "en": "Nobody asked about my feet until I could not feel the stairs.",
    "es": "Nadie me preguntó por los pies hasta que dejé de notar los escalones.",
    "fr": "Personne ne m'a parlé de mes pieds avant que je ne sente plus les marches.",
    "de": "Niemand hat nach meinen Füßen gefragt, bis ich die Stufen nicht mehr spürte.",
    "it": "Nessuno mi ha chiesto dei piedi finché non ho più sentito i gradini.",
    "pt": "Ninguém me perguntou pelos pés até eu deixar de sentir os degraus.",
    "ar": "لم يسألني أحد عن قدميّ حتى لم أعد أشعر بالدرج.",
}
_OTHERS = {
    "raised": [{"code": "body", "people": 20}, {"code": "being_heard", "people": 10}],
    "did": 10,
    "barriers": [{"code": "time", "people": 10}, {"code": "memory", "people": 5}],
}
_DONE = {"code": "ask_neuropathy", "label": "", "activity": "spring_symposium"}


_POINTS = [
    {"text": "Numb feet {at night}", "decision": "used", "reason": "It is on slide 7 now."},
    {"text": "On the slide about nerves", "decision": "partly", "reason": "It has a slide of its own."},
    {"text": "Page 4 is hard to read", "decision": "not_used", "reason": "The page was taken out."},
]


_SUBMISSION = {
    "there": True,
    "language": "en",
    "activity": "A webinar on {living with} myeloma, March 2026, for nurses",
    "team": "The webinar team",
    "did": ["Sat on the planning group", "Taught or told their story"],
    "partners": "2 to 3",
    "found": "Through a patient group; we met twice, and they were paid",
    "changed": "We took out half of the slides",
    "without": "It would have been about drugs alone",
    "evidence": ["Data from learners"],
    "not_well": None,
    "tips": "Ask early, pay, and send the slides a week before",
}


_COSIGN = {"activity": _SUBMISSION["activity"], "changes": None}


def _own_themes(baseline: list[dict[str, str]]) -> list[Facts]:
    """The first of them raised by many others, with what clinicians did; the second by few, and only promised."""
    known: Facts = {"others": 20, "promised": 10, "did": 5, "done": [_DONE]}
    fewer: Facts = {"others": None, "promised": 5, "did": None, "done": []}
    return [{**baseline[0], **known}, {**baseline[1], **fewer}]


def _after(**more: Any) -> Facts:
    """What a conversation that follows on another is told, nothing but its day unless it is named."""
    nothing: Facts = {
        "baseline": [],
        "behaviours": [],
        "commitments": [],
        "peers": {"top": []},
        "changes": [],
        "points": [],
        "cosign": {},
    }
    return {"earlier": {"on": "2026-03-02", "again": False, "about": None}, **nothing, **more}


@cache
def example() -> tuple[ProgramFile, StoredTranslations]:
    """The example program with its translations, and one more change to tell of."""
    path = PROGRAMS / "myeloma.yaml"
    program = load_program(path)
    page = program.changes[0].model_copy(update={"code": "page", "text": _PAGE["en"], "theme": None})
    kept = deepcopy(translations_beside(path, program))
    for language, found in kept.items():
        found["strings"]["myeloma:changes.page.text"] = [_PAGE["en"], _PAGE[language]]
    return program.model_copy(update={"changes": (*program.changes, page)}), kept


def _baseline(language: str) -> list[dict[str, str]]:
    """What was picked in the interview, as it was seen in that language."""
    flow = Localizations(policy=LanguagePolicy(only=(language,))).localized(
        library()["patient_interview"], language
    )
    [asked] = [step for step in flow.steps if isinstance(step, SelectMany)]
    labels = {choice.code: choice.label for choice in asked.choices if isinstance(choice, Choice)}
    return [{"code": code, "label": labels[code]} for code in _BASELINE]


def facts_named(name: str, language: str = "en") -> Facts:
    """
    `patient`, `hcp`, `hcp_heard` (patients raised what suggestions answer), `hcp_wave_1` (two commitments, 30 days),
    `hcp_wave_last` (one, 90 days), `hcp_wave_others` (one, 60 days, others have reported),
    `hcp_wave_late` (90 days; the second starts later, and has a wave to come), `hcp_wave_late_alone` (that one without
    a wave to come) or `hcp_wave_unconfirmed` (one that its author never confirmed).

    After an earlier conversation: `patient_again`, `patient_cared_for` (the same, about somebody else),
    `patient_last` (asked for the last time, nothing promised), `patient_changes`, `patient_changes_own` (with their own
    themes), `patient_points`, `hcp_unfinished`, `hcp_plan` (two commitments, others' choices), `hcp_plan_quoted` (one,
    and a patient's words), `hcp_plan_alone`. A reviewer: `patient_review`.

    A team that submits: `educator`; its patient partner: `patient_partner`, `patient_partner_late` (it was taken
    back); and the team once the partner has answered: `educator_agreed`, `educator_changes`, `educator_rather_not`.

    Raises:
        KeyError: There are no facts of that name.
    """
    program, kept = example()
    about = program_facts(program, program.activities[0])
    person = {
        "code": "P0001",
        "role": name.partition("_")[0],
        "language": language,
        "timezone": "Europe/London",
    }
    base = {**about, "participant": person, "schedule": _WAVES}
    review = program.reviews[0].model_dump(mode="json")
    baseline = _baseline(language)
    more: dict[str, Facts] = {
        "patient": {},
        "hcp": {},
        "hcp_wave_1": {
            "commitments": [_TINGLING | _GOES_ON, _PLAN | _GOES_ON],
            "wave": {
                "days": 30,
                "last": False,
                "final": False,
                "next_on": "2026-05-04",
                "last_on": "2026-07-02",
            },
        },
        "hcp_wave_unconfirmed": {
            "commitments": [_PLAN | {"confirmed": False, "starts_later": False}],
            "wave": {"days": 30, "last": False, "next_on": "2026-05-04", "last_on": "2026-07-02"},
        },
        "hcp_heard": {"others": _OTHERS},
        "hcp_wave_others": {
            "commitments": [_PLAN | {"starts_later": False}],
            "wave": {"days": 60, "last": False, "next_on": "2026-07-02", "last_on": "2026-07-02"},
            "others": _OTHERS,
        },
        "hcp_wave_late": {
            "commitments": [
                _TINGLING | {"last": True, "starts_later": False, "start_on": "2026-03-02"},
                _PLAN | {"last": False, "starts_later": True, "start_on": "2026-06-22"},
            ],
            "wave": {
                "days": 90,
                "last": False,
                "final": False,
                "next_on": "2026-07-22",
                "last_on": "2026-07-22",
            },
        },
        "hcp_wave_late_alone": {
            "commitments": [_PLAN | {"last": True, "starts_later": True, "start_on": "2026-06-22"}],
            "wave": {"days": 90, "last": True, "final": True, "next_on": None, "last_on": None},
        },
        "hcp_wave_last": {
            "commitments": [_TINGLING | {"starts_later": False}],
            "wave": {"days": 90, "last": True, "final": True, "next_on": None, "last_on": None},
        },
        "patient_again": _after(
            baseline=baseline, behaviours=_BEHAVIOURS, earlier={"on": "2026-03-02", "again": True}
        ),
        "patient_cared_for": _after(
            baseline=baseline,
            behaviours=_BEHAVIOURS,
            earlier={"on": "2026-03-02", "again": True, "about": "other"},
        ),
        "patient_last": _after(baseline=baseline[:1]),
        "patient_changes": _after(changes=_CHANGES),
        "patient_changes_own": _after(baseline=baseline, changes=_CHANGES, own_themes=_own_themes(baseline)),
        "patient_review": {"review": review},
        "patient_points": _after(
            review=review,
            points=_POINTS,
            earlier={"on": "2026-03-02", "again": False, "points": 3, "used": 2},
        ),
        "educator": {},
        "patient_partner": {"submission": _SUBMISSION},
        "patient_partner_late": {"submission": {"there": False}},
        "educator_agreed": _after(cosign=_COSIGN | {"answer": "agree"}),
        "educator_changes": _after(
            cosign=_COSIGN | {"answer": "changes", "changes": "We were {four}, not three"}
        ),
        "educator_rather_not": _after(cosign=_COSIGN | {"answer": "rather_not"}),
        "hcp_unfinished": _after(),
        "hcp_plan": _after(commitments=[_TINGLING, _PLAN], peers={"top": _PEERS}),
        "hcp_plan_quoted": _after(
            commitments=[_TINGLING], peers={"top": _PEERS}, others={"quotation": _QUOTED[language]}
        ),
        "hcp_plan_alone": _after(commitments=[_PLAN]),
    }
    words = ProgramTranslations(program, kept)
    said = ProgramLocalizations(Localizations(policy=LanguagePolicy(only=(language,))), lambda: words)
    return deepcopy(said.facts({**base, **more[name]}, language))
