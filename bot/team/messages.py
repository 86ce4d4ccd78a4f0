"""Write what the team reads in chat: lists, cases, a participant's story, the digest. Codes and numbers only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from bot.team.clocks import clock_of
from bot.team.reasons import known_reason
from flows.i18n.say_to_team import TeamSentence, tell, written
from flows.schedule.local_time import at_local, local
from flows.text.templates import isolated
from storage.people.coordinators import CoordinatorRecord
from storage.reports.digest import DigestCounts
from storage.reports.operators import Story, StoryLine
from storage.reports.team import TeamListLine
from storage.safety.cases import Case
from storage.schema import SafetyKind

PAGE: Final = 20
"""Lines of a list in one message."""
STORY: Final = 15
"""Lines of a story in one message, the latest."""
_CONTACT: Final = {"yes": TeamSentence.YES, "no": TeamSentence.NO}
_CODES: Final = {"purpose": "PURPOSE", "what": "TIMER"}
"""The fields of a story's lines that are codes, and how the sentences for them begin."""


def kind_of(kind: SafetyKind) -> TeamSentence:
    """Return the sentence that names a kind of safety case, for use as a field of another sentence."""
    return TeamSentence[f"KIND_{kind.name}"]


def status_of(case: Case) -> TeamSentence:
    """Return the sentence that names how far a safety case is, from new to settled."""
    return TeamSentence[f"STATUS_{case.status.name}"]


def tonight(timezone: str, now: datetime) -> datetime:
    """Return the next midnight after `now` in an IANA time zone."""
    day = local(now, timezone).date() + timedelta(days=1)
    return at_local(day, datetime.min.time(), timezone)


@dataclass(frozen=True, slots=True)
class Teller:
    """Writes texts for one coordinator, `asker`, in one language and with times in their time zone."""

    asker: CoordinatorRecord
    language: str
    now: datetime

    @property
    def _today(self) -> date:
        """The day that it is for the coordinator."""
        return local(self.now, self.asker.timezone).date()

    def tell(self, sentence: TeamSentence, **fields: object) -> str:
        """Return a sentence as text; `fields` fill its placeholders, times among them in the coordinator's zone."""
        here = {
            name: local(value, self.asker.timezone) if isinstance(value, datetime) else value
            for name, value in fields.items()
        }
        return tell(sentence, self.language, today=self._today, **here)

    def listed(self, title: TeamSentence, items: Sequence[TeamListLine], verb: str, page: int | None) -> str:
        """Return one page of a list as text: `title` with the count, up to 20 lines, the command for the next page.

        `verb` is that command's word (due, stuck); `page` counts from 1, None is the first, and one past the end is
        the last. With a single page no command is shown.
        """
        pages = max(-(-len(items) // PAGE), 1)
        shown = min(max(page or 1, 1), pages)
        lines = [
            self._line(item.at, f"{item.code}  {self._what(item.what)}")
            for item in items[(shown - 1) * PAGE : shown * PAGE]
        ]
        command = f"{verb} {shown % pages + 1}"
        more = [self.tell(TeamSentence.PAGE, page=shown, pages=pages, command=command)] if pages > 1 else []
        return "\n".join([self.tell(title, count=len(items)), *lines, *more])

    def cases(self, cases: Sequence[Case], sent: Sequence[Case]) -> str:
        """Return the team's safety cases as text: a line for each of `cases`, the open ones, as they are ordered.

        Then the numbers of `sent`, those that were sent on and not confirmed. At most 20 of each.
        """
        lines = [self._case_line(case) for case in cases[:PAGE]]
        if len(cases) > PAGE:
            lines.append(self.tell(TeamSentence.CASES_MORE, count=len(cases) - PAGE))
        if sent:
            numbers = ", ".join(str(case.id) for case in sent[:PAGE])
            lines.append(self.tell(TeamSentence.CASES_SENT, numbers=numbers))
        title = TeamSentence.CASES if cases else TeamSentence.CASES_NONE
        return "\n".join([self.tell(title, **({"count": len(cases)} if cases else {})), *lines])

    def _case_line(self, case: Case) -> str:
        return self.tell(
            TeamSentence.CASE_LINE,
            number=str(case.id),
            kind=kind_of(case.kind),
            person=case.participant,
            status=status_of(case),
            owner=self._owner(case),
            clock=clock_of(case, self.now, self.language),
        )

    def case(self, case: Case) -> str:
        """Return all that the team may see of one safety case in chat, as text, without a word of what was said."""
        say, number = self.tell, str(case.id)
        lines = [
            say(TeamSentence.CASE, number=number, kind=kind_of(case.kind), status=status_of(case)),
            say(TeamSentence.PERSON, person=case.participant, program=case.program),
            self._owner(case),
            say(TeamSentence.STORED, at=case.opened_at, age=self.now - case.opened_at),
            *self._found_by_hand(case),
            say(TeamSentence.CLOCK, at=case.due_at, clock=clock_of(case, self.now, self.language)),
        ]
        if case.first_word is not None:
            lines.append(say(TeamSentence.SECOND_WANTED, first=case.first_word))
        return "\n".join(lines if case.kind is SafetyKind.DISTRESS else [*lines, *self._report(case)])

    def _found_by_hand(self, case: Case) -> Iterable[str]:
        if case.flagged_at is not None:
            by = case.flagged_by or ""
            yield self.tell(TeamSentence.FLAGGED, at=case.flagged_at, by=by)

    def _report(self, case: Case) -> Iterable[str]:
        known = [self.tell(TeamSentence[f"ELEMENT_{name.upper()}"]) for name in case.elements]
        contact = _CONTACT.get(case.details.get("answers", {}).get("contact", ""), TeamSentence.NOT_SAID)
        yield self.tell(TeamSentence.KNOWN, known=", ".join(known) or TeamSentence.NOTHING_YET)
        yield self.tell(TeamSentence.PRODUCT, products=", ".join(case.products) or TeamSentence.NOT_KNOWN)
        yield self.tell(TeamSentence.CONTACT, contact=contact)

    def _owner(self, case: Case) -> str:
        if case.owner is None:
            return self.tell(TeamSentence.OWNER_NONE)
        return self.tell(TeamSentence.OWNER, owner=case.owner)

    def story(self, story: Story) -> str:
        """Return a participant's story as text: what was sent or not, and why, what they did, and what is to come.

        Of what was, only the latest 15 lines; all of what is to come.
        """
        head = self.tell(
            TeamSentence.STORY,
            person=story.code,
            role=TeamSentence[f"ROLE_{story.role.name}"],
            status=TeamSentence[f"PERSON_{story.status.name}"],
        )
        lines = [self._line(line.at, self._told(line)) for line in (*story.lines[-STORY:], *story.to_come)]
        return "\n".join([head, *lines])

    def happened(self, line: StoryLine) -> str:
        """Return what a line of a participant's story tells, without its reason."""
        fields = {
            name: TeamSentence[_named(name, value)] if name in _CODES else value
            for name, value in line.fields.items()
        }
        return self.tell(TeamSentence[f"STORY_{line.phrase.upper()}"], **fields)

    def _told(self, line: StoryLine) -> str:
        what = self.happened(line)
        reason = known_reason(line.reason)
        return what if reason is None else f"{what} ({self.tell(reason)})"

    def _what(self, code: str) -> str:
        """Return the words for what is due; a flow's name as it is."""
        known = TeamSentence.__members__.get(f"TIMER_{code.upper()}")
        return isolated(code, self.language) if known is None else self.tell(known)

    def _line(self, at: datetime, text: str) -> str:
        return f"{written(local(at, self.asker.timezone), self.language, self._today)}  {text}"

    def digest(self, counts: DigestCounts) -> str:
        """Return the daily digest as text: lines with how much is due, stuck, open, put aside and failed."""
        over, late, half, young = counts.cases
        return "\n".join(
            [
                self.tell(TeamSentence.DIGEST, day=self._today),
                self.tell(TeamSentence.DUE, count=counts.due),
                self.tell(TeamSentence.STUCK, count=counts.stuck),
                self.tell(
                    TeamSentence.DIGEST_CASES,
                    count=sum(counts.cases),
                    over=over,
                    late=late,
                    half=half,
                    young=young,
                ),
                self.tell(TeamSentence.DIGEST_SENT, count=counts.unconfirmed),
                self.tell(TeamSentence.DIGEST_REQUESTS, count=counts.requests),
                self.tell(
                    TeamSentence.DIGEST_UNREAD,
                    count=counts.unread.total,
                    **{kind.value: count for kind, count in counts.unread.unread.items()},
                    over=counts.unread.total_overdue,
                ),
                self.tell(TeamSentence.DIGEST_ASIDE, count=counts.put_aside),
                self.tell(TeamSentence.DIGEST_FAILED, count=counts.failed),
            ]
        )


def _named(field: str, code: str | int) -> str:
    """Return the name of the sentence for a code of a story's line."""
    return "STORY_MESSAGE" if code == "message" else f"{_CODES[field]}_{str(code).upper()}"
