"""What clinicians note of their plans: what they commit to, and what they tell of it later."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flows.program.model import Suggestion
from tests.support.oracle_notes import Given, NotedPerson, NotedPlan, NotedReport, NotedTalk


class PlanNotes:
    """Notes what somebody says of their plans. `suggestions` are by label, `zone` is where they are."""

    def __init__(self, notes: NotedPerson, suggestions: Mapping[str, Suggestion], zone: ZoneInfo) -> None:
        self.notes, self.suggestions, self.zone = notes, suggestions, zone

    def note(self, talk: NotedTalk, codes: tuple[str, ...]) -> None:
        """Note what the newest reply of a talk says of a plan, if anything: its codes, or its words."""
        given = talk.given[-1]
        if given.key == "c4":
            self._begin(talk, given, codes[0])
        elif given.key == "c3" or not given.item:
            return
        elif given.key.startswith("c"):
            self._detail(self.notes.plans[int(given.item)], given, codes)
        elif given.key.startswith("d"):
            self._report(talk, self.notes.plans[int(given.item)], given, codes)

    def _begin(self, talk: NotedTalk, given: Given, words: str) -> None:
        chosen = talk.gave("c3", given.item)
        picked = self.suggestions.get(chosen.codes[0]) if chosen and chosen.codes else None
        mark = f"about plan {len(self.notes.plans) + 1} "
        self.notes.plans.append(NotedPlan(mark, words, picked, given.at))

    def _detail(self, plan: NotedPlan, given: Given, codes: tuple[str, ...]) -> None:
        match given.key:
            case "c5":
                plan.if_then = codes[0]
            case "c6":
                assert codes[0].startswith("Today"), codes
                plan.start_on = given.at.astimezone(self.zone).date()
            case "c7":
                plan.sure = given.number
            case "c8":
                plan.confidence = given.number
            case "c8a":
                plan.baseline = given.number
            case "c9":
                plan.expected = frozenset(codes)
            case "c10" | "c10_no_date":
                plan.confirmed = True

    def _report(self, talk: NotedTalk, plan: NotedPlan, given: Given, codes: tuple[str, ...]) -> None:
        key, now = given.key, given.at
        if key == "d0":
            plan.confirmed = codes == ("mine",)
            if codes == ("not_mine",):
                plan.reports.append(NotedReport(talk.at, "dropped", now))
        elif key == "d_start" and codes != ("begun",):
            status = "dropped" if codes == ("drop",) else "not_started_yet"
            plan.reports.append(NotedReport(talk.at, status, now))
        elif key == "d1":
            plan.reports.append(NotedReport(talk.at, codes[0], now))
        elif key == "d2_of_10":
            plan.reports[-1].of_10 = given.number
        elif key == "d3":
            plan.reports[-1].barriers = frozenset(codes) - {"none"}
        elif key == "d6" and codes == ("drop",):
            plan.reports[-1].status = "dropped"
