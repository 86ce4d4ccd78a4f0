"""What becomes of the rows of both sides on a page."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.base import HOUSE, InboundKind, button_payload, read_button
from bot.channels.web.port import DATA_PATH, PageAuthor, PageMessage
from bot.pages import history
from bot.pages.history import HistoryEntry, HistoryMessages, newest_of
from bot.pages.sent_rows import moment_of
from flows.engine.effects import PromptKind
from flows.script.model import Role
from storage.conversations.page_history import InboundEntry, SentRow
from storage.schema import OutboxKind
from tests.support.page_readers import Visitor, asked_on
from tests.support.page_rows import NOON, came, prompt, sent

QUESTION = sent(prompt())
ONE_TAP = {PromptKind.SELECT_ONE, PromptKind.SCALE, PromptKind.NUMBER, PromptKind.CONSENT, PromptKind.CONFIRM}


def reader(*rows: SentRow, zone: str = "UTC") -> HistoryMessages:
    """A reader with these rows at hand, and nobody's others: it may look up nothing."""
    return HistoryMessages(None, 5, None, zone, rows)  # type: ignore[arg-type]


def theirs(
    *said: InboundEntry, rows: Sequence[SentRow] = (QUESTION,), zone: str = "UTC"
) -> list[PageMessage]:
    return [entry.message for entry in reader(*rows, zone=zone).theirs(said)]


def test_ours_are_shown_once_and_the_open_question_elsewhere():
    """Each message with words stands there, under a name of its own; not what is asked now, nor what lost its words."""
    rows = [
        QUESTION,
        sent(prompt(PromptKind.SAY, ask=None, lead="Hello.", text="Welcome."), id=2),
        sent("", id=3),
        sent(prompt(PromptKind.SAY, text=""), id=4),
        sent(prompt(), id=5, ask=2),
    ]
    shown = [entry.message for entry in reader(*rows).ours(QUESTION, [])]
    assert [(one.name, one.text) for one in shown] == [("m2", "Hello.\n\nWelcome."), ("m5", "How is it?")]
    assert {one.author for one in shown} == {PageAuthor.BOT}
    everything = [entry.message.name for entry in reader(*rows).ours(None, [])]
    assert everything == ["m1", "m2", "m5"]


@pytest.mark.parametrize("kind", PromptKind)
def test_only_what_one_tap_answers_keeps_its_buttons(kind: PromptKind):
    """And only where they still do something; each names its own option, and each option has one."""
    row = sent(prompt(kind), id=9)
    [alone] = reader(row).ours(None, [])
    assert alone.message.buttons == ()
    [beside] = reader(row).ours(None, [row])
    buttons = beside.message.buttons
    if kind not in ONE_TAP:
        assert buttons == ()
        return
    assert [one.label for one in buttons] == ["Yes, often", "No <never>", "Skip"]
    assert [read_button(one.payload) for one in buttons] == [(7, 1, place) for place in range(3)]
    [outside] = reader(sent(prompt(kind), id=9, conversation_id=None)).ours(None, [row])
    assert outside.message.buttons == ()


@pytest.mark.parametrize("kind", [OutboxKind.MESSAGE, OutboxKind.HELP, OutboxKind.TEAM, OutboxKind.DOCUMENT])
def test_help_and_a_file_are_marked(kind: OutboxKind):
    """Help has its numbers to call, and a file its link; no other message has."""
    [entry] = reader(sent(prompt(PromptKind.SAY), kind=kind)).ours(None, [])
    assert entry.message.is_help is (kind is OutboxKind.HELP)
    assert entry.message.file == (DATA_PATH if kind is OutboxKind.DOCUMENT else "")


@pytest.mark.parametrize(
    ("zone", "at", "clock"),
    [
        ("Europe/Berlin", datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "2026-03-29 01:59"),
        ("Europe/Berlin", datetime(2026, 3, 29, 1, 0, tzinfo=UTC), "2026-03-29 03:00"),
        ("America/St_Johns", datetime(2026, 1, 1, 2, 0, tzinfo=UTC), "2025-12-31 22:30"),
        ("Asia/Kathmandu", datetime(2026, 1, 1, 20, 0, tzinfo=UTC), "2026-01-02 01:45"),
    ],
)
def test_both_sides_have_the_clock_of_the_reader(zone: str, at: datetime, clock: str):
    """Over a change of the clock and over midnight too; the moment itself stays the same."""
    [ours] = reader(QUESTION._replace(sent_at=at), zone=zone).ours(None, [])
    [mine] = theirs(came(InboundKind.TEXT, at=at, text="x"), zone=zone)
    for shown in (ours.message.at, mine.at):
        assert shown == at
        assert shown is not None
        assert f"{shown:%Y-%m-%d %H:%M}" == clock
        assert shown.utcoffset() == at.astimezone(ZoneInfo(zone)).utcoffset()


TAP = {"button": button_payload(7, 1, 1)}
SHOWN: dict[InboundKind, tuple[dict[str, object], str, date | None]] = {
    InboundKind.TEXT: ({"text": "<i>words</i>"}, "<i>words</i>", None),
    InboundKind.FORM: ({"text": "a long one"}, "a long one", None),
    InboundKind.EDIT: ({"text": "other words"}, "other words", None),
    InboundKind.TAP: (TAP, "No <never>", None),
    InboundKind.PICKS: ({"button": button_payload(7, 1), "options": (0, 1)}, "Yes, often, No <never>", None),
    InboundKind.DATE: ({"button": button_payload(7, 1), "day": date(2026, 9, 1)}, "", date(2026, 9, 1)),
}
"""What of each kind that says something stands on the page. All others say nothing that a page shows."""


@pytest.mark.parametrize("kind", InboundKind)
def test_what_somebody_said_is_shown_as_they_said_it(kind: InboundKind):
    """By the words on the buttons, a day as a day, and nothing of what a platform told; a link's token least of all."""
    fields, text, day = SHOWN.get(kind, ({"text": "Secret-token", **TAP, "day": date(2026, 1, 1)}, "", None))
    found = theirs(came(kind, **fields))
    if kind not in SHOWN:
        assert found == []
        return
    assert found == [PageMessage(name="p1", author=PageAuthor.PERSON, text=text, day=day, at=NOON)]


@pytest.mark.parametrize(
    "entry",
    [
        InboundEntry(1, "", NOON),
        InboundEntry(1, "{}", NOON),
        came(InboundKind.TEXT, text=""),
        came(InboundKind.TAP),
        came(InboundKind.TAP, button="no button"),
        came(InboundKind.TAP, button=button_payload(7, 1, 99)),
        came(InboundKind.PICKS, button=button_payload(7, 1)),
        came(InboundKind.PICKS, button=button_payload(7, 1), options=(44,)),
        came(InboundKind.DATE, button=button_payload(7, 1)),
    ],
)
def test_what_says_nothing_any_more_is_passed_over(entry: InboundEntry):
    """Words that are gone, and taps on what never stood there; what came beside it is shown."""
    other = came(InboundKind.TEXT, 2, text="still here")
    assert [one.name for one in theirs(entry, other)] == ["p2"]


async def test_a_tap_is_shown_by_a_question_that_is_not_at_hand(visitor: Visitor):
    """The label is looked up in older rows of the same person; nobody else's tap finds it, nor one outside."""
    token = visitor.home.token("patient_interview", Role.PATIENT)
    page = await visitor.do(InboundKind.START, text=token)
    label = asked_on(page).prompt.options[0].label
    [(conversation, address, participant)] = visitor.home.rows(
        "SELECT id, address_id, participant_id FROM conversation"
    )
    ask = asked_on(page).prompt.ask
    assert ask is not None
    said = [came(InboundKind.TAP, button=button_payload(conversation, ask, 0))]
    outside = [came(InboundKind.TAP, button=button_payload(HOUSE, ask, 0))]

    def found(said: list[InboundEntry], address: int, participant: int | None) -> list[str]:
        def read(connection: object) -> list[str]:
            messages = HistoryMessages(connection, address, participant, "UTC", ())  # type: ignore[arg-type]
            return [entry.message.text for entry in messages.theirs(said)]

        return visitor.home.database.read_now(read)

    assert found(said, address, None) == [label]
    assert found(said, address + 1, participant) == [label]
    assert found(said, address + 1, participant + 1) == []
    assert found(outside, address, participant) == []


ENTRIES = st.lists(st.integers(0, 12), max_size=30).map(
    lambda minutes: [
        HistoryEntry(
            NOON + timedelta(minutes=minute),
            number,
            PageMessage(name=f"m{number}", author=PageAuthor.BOT, text="x"),
        )
        for number, minute in enumerate(sorted(minutes))
    ]
)


@given(ENTRIES, st.integers(1, 7))
def test_every_entry_stands_on_one_page_and_no_moment_on_two(entries: list[HistoryEntry], most: int):
    """Whoever follows the links back reads all of it, in order, once; what came together is not parted."""
    before, history.ON_A_PAGE = history.ON_A_PAGE, most
    try:
        pages: list[list[HistoryEntry]] = []
        left: Sequence[HistoryEntry] = entries
        while True:
            shown, older = newest_of(left)
            pages.insert(0, list(shown))
            if older is None:
                break
            assert len(shown) >= most
            moment = moment_of(int(older.removeprefix(history.OLDER)))
            left = [entry for entry in entries if entry.at < moment]
            assert left  # a link to an empty page helps nobody
    finally:
        history.ON_A_PAGE = before
    assert [entry for page in pages for entry in page] == entries
    moments = [{entry.at for entry in page} for page in pages]
    assert sum(map(len, moments)) == len(set().union(*moments))


def test_a_page_of_few_has_none_before_it():
    """As many as fit on a page stand on one."""
    entry = HistoryEntry(NOON, 1, PageMessage(name="m1", author=PageAuthor.BOT, text="x"))
    some = [entry._replace(message=replace(entry.message, name=f"m{n}")) for n in range(history.ON_A_PAGE)]
    assert newest_of(some) == (some, None)
    assert newest_of([]) == ([], None)
