"""The terminal: a conversation by typing, the clock that moves, and going on where one left."""

import asyncio
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bot.channels.base import InboundKind, Outbound
from bot.channels.terminal import LineStyle, TerminalChannel, render
from flows.engine.effects import Option, Prompt, PromptKind
from tests.support.said import COMMITMENT, Said

STATEMENT = COMMITMENT[5]
README_REPLIES = (
    *(COMMITMENT[:2]),
    *("1", "1", "1"),
    "Ask each myeloma patient about numbness at every visit, before I prescribe",
    "I see someone before a new cycle, I will ask about numbness",
    *("today", "4", "3", "4", "1"),
    "our nurse asks in the waiting room",
    *("1", "2", "/clock +30d", "2", "7", "1", "a little", "yes", "the nurse asks first", "/quit"),
)


@pytest.fixture
def said(capsys, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    return Said(capsys, monkeypatch)


def texts(prompt: Prompt) -> list[str]:
    return [line.text for line in render(prompt)]


def options(*labels: str, skip: bool = False) -> tuple[Option, ...]:
    return (*(Option(label) for label in labels), *([Option("Skip", control=True)] if skip else []))


PICKS = (*options("A", "B", "C", skip=True), Option("Done", control=True))


@pytest.mark.parametrize(
    ("prompt", "lines"),
    [
        (Prompt("Hello\nagain"), ["Hello", "again"]),
        (Prompt(""), [""]),
        (
            Prompt("Which?", PromptKind.SELECT_ONE, options=options("Me", "You", skip=True), progress=(1, 9)),
            ["Which?", "  1. Me", "  2. You", "  (1 of 9 | skip)"],
        ),
        (
            Prompt("Help.", PromptKind.SELECT_ONE, options=options("Go on", "Stop"), numbered=False),
            ["Help.", "  - Go on", "  - Stop"],
        ),
        (
            Prompt("Which?", PromptKind.SELECT_MANY, options=PICKS, max_picks=2),
            ["Which?", "  1. A", "  2. B", "  3. C", "  (type the numbers, such as 1, 3 | skip)"],
        ),
        (
            Prompt("How?", PromptKind.SCALE, options=options("1", "2"), low_label="bad", high_label="good"),
            ["How?", "  1   2   (1: bad, 2: good)"],
        ),
        (
            Prompt("When?", PromptKind.DATE, earliest=date(2026, 1, 1)),
            ["When?", "  (type a date, such as 1 March or in two weeks)"],
        ),
    ],
)
def test_prompts_as_lines(prompt, lines):
    """Every kind of prompt is numbered text, with what else may be typed in brackets."""
    assert texts(prompt) == lines


def test_markup_in_words_is_shown_as_it_is(said):
    """What somebody wrote is never read as markup or colour."""
    words = "Ask [bold]everyone[/bold] of my patients :smile: before I prescribe"
    out = said("run", "--role", "hcp", lines=[*COMMITMENT[:5], words, *COMMITMENT[6:]]).out
    assert out.count(words) >= 2


def test_lines_become_messages():
    """A typed line is a text of this address, each with a name of its own; blank lines are nothing."""
    lines = iter(["  hello ", "", "/ours", "world", None])
    received, commands = [], []

    async def read():
        return next(lines)

    async def command(line: str) -> bool:
        commands.append(line)
        return True

    async def receive(inbounds) -> None:
        received.extend(inbounds)

    channel = TerminalChannel("hcp", read=read, write=lambda lines: None, command=command)
    asyncio.run(channel.run(receive))
    assert [(one.address, one.kind, one.text) for one in received] == [
        ("terminal:hcp", InboundKind.TEXT, "hello"),
        ("terminal:hcp", InboundKind.TEXT, "world"),
    ]
    assert len({one.external_id for one in received}) == 2
    assert commands == ["/ours"]


async def test_a_refresh_is_left_out():
    """What is on paper cannot be shown anew: only new messages are written."""
    shown = []
    channel = TerminalChannel("x", read=None, write=shown.extend, command=None)
    await channel.send(Outbound(address="terminal:x", prompt=Prompt("old"), refresh=True))
    await channel.send(Outbound(address="terminal:x", prompt=Prompt("new")))
    assert [(line.text, line.style) for line in shown] == [("new", LineStyle.BOT)]


def test_the_commitment_and_its_follow_up(said):
    """A clinician commits, the clock is moved by 30 days, and the follow-up quotes their own words."""
    result = said("run", "--role", "hcp", lines=[*COMMITMENT, "/clock +30d", "2", "1", "/quit"])
    assert result.code == 0
    after = result.out.split("/clock +30d")[1]
    assert f'"{STATEMENT}"' in after
    assert "With how many of your last 10" in after
    assert result.err == ""


@pytest.mark.parametrize("day", range(16, 23))
@pytest.mark.parametrize("hour", [0, 15, 23])
def test_a_month_brings_the_follow_up_whenever_it_is_asked_for(said, monkeypatch, day, hour):
    """`/clock +30d` goes on to the program's next hour, on whatever day and at whatever hour it is typed."""
    began = datetime(2026, 11, day, hour, 5, tzinfo=UTC)
    monkeypatch.setattr("bot.terminal.session.start_of_clock", lambda _connection: began)
    after = said("run", "--role", "hcp", lines=[*COMMITMENT, "/clock +30d", "2", "1", "/quit"]).out.split(
        "/clock +30d"
    )[1]
    assert "Where is it now?" in after
    assert "With how many of your last 10" in after


README = Path(__file__).parents[3] / "README.md"
DATE = re.compile(r"\d{1,2} [A-Z][a-z]+ \d{4}(, \d\d:\d\d)?|\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)\b")


def test_the_recorded_conversation_is_real(said):
    """The conversation in the README is what comes out when its replies are typed, but for the dates."""
    block = README.read_text(encoding="utf-8").partition("```text\n")[2].partition("```")[0]
    recorded = [DATE.sub("DATE", line.rstrip()) for line in block.splitlines() if line.strip() != "[...]"]
    out = said("run", "--role", "hcp", lines=README_REPLIES).out
    rest = iter(DATE.sub("DATE", line.rstrip()) for line in out.splitlines())
    missing = [line for line in recorded if line and line not in rest]
    assert missing == []
    assert len(recorded) > 20


def test_the_role_is_asked(said):
    """With nothing configured, the first thing asked is whom to play; a wrong answer is asked again."""
    result = said("run", lines=["nobody", "1", "/quit"])
    assert result.code == 0
    assert "A patient, in an interview" in result.out
    assert "Please type 1, 2 or 3" in result.out
    assert "automated helper" in result.out


def test_the_end_of_input_is_an_end(said):
    """A pipe that ends ends the session in peace, also at the first question."""
    assert said("run", lines=[]).code == 0
    assert said("run", "--role", "patient", lines=[]).code == 0


def test_a_restart_goes_on_where_one_left(said):
    """The same local person finds the open question again, with the earlier answers kept."""
    said("run", "--role", "hcp", lines=COMMITMENT[:6])
    result = said("run", "--role", "hcp", lines=COMMITMENT[6:])
    assert "When I see" in result.out
    assert f'"{STATEMENT}"' in result.out
    assert "Shall we start?" not in result.out


def test_patient_and_clinician_are_two_people(said):
    """Playing the other role does not touch the first one's conversation."""
    said("run", "--role", "hcp", lines=COMMITMENT[:6])
    said("run", "--role", "patient", lines=["1"])
    codes = re.findall(r"P-\w+", said("participants").out)
    assert len(set(codes)) == 2


def test_time_does_not_go_back_after_a_restart(said):
    """A database whose clock was moved goes on from what happened last."""
    moved = said("run", "--role", "hcp", lines=[*COMMITMENT, "/clock +40d", "/quit"]).out
    again = said("run", "--role", "hcp", lines=["/clock +1h", "/quit"]).out
    [*_, last] = re.findall(r"--- \w+ (\d+ \w+ \d+, \d+:\d+) ---", moved)
    [*_, now] = re.findall(r"It is now \w+ (\d+ \w+ \d+, \d+:\d+)", again)
    form = "%d %b %Y, %H:%M"
    assert datetime.strptime(now, form).replace(tzinfo=UTC) >= datetime.strptime(last, form).replace(
        tzinfo=UTC
    )


@pytest.mark.parametrize("line", ["/clock", "/clock nonsense", "/clock 2001-01-01", "/clock -3d"])
def test_a_clock_that_cannot_be(line, said):
    """A time that is none, or that is past, is explained and changes nothing."""
    out = said("run", "--role", "hcp", lines=[line, "/quit"]).out
    assert "write /clock +30d" in out
    assert "It is now" not in out


def test_nothing_is_to_come(said):
    """With nothing due, `/clock next` says so, and is not taken for a time that cannot be."""
    out = said("run", "--role", "hcp", lines=["no", "/clock next"]).out
    assert "Nothing is due" in out
    assert "is not a time to come" not in out


def test_why_and_help_inside(said):
    """/why tells this person's story, /help what can be typed; other commands are the bot's to answer."""
    out = said("run", "--role", "hcp", lines=["/why", "/help", "/quit"]).out
    assert "reached over terminal" in out
    assert "/clock +30d" in out


def test_an_invitation_for_another_role(said):
    """An invitation for patients does not let a clinician into the interview."""
    said("run", "--role", "hcp", lines=COMMITMENT)
    invite = ("invite", "myeloma", "--role", "patient", "--flow", "interview", "--source", "x", "--json")
    [link] = json.loads(said(*invite).out)
    out = said("run", "--role", "hcp", lines=[link["terminal"], "/quit"]).out
    assert "Do you agree to take part?" not in out


@pytest.mark.parametrize(
    "form", ["/start {token}", "`/start {token}`", "{token}", "/start https://t.me/said_bot?start={token}"]
)
def test_an_invitation_by_its_token(said, form):
    """A coordinator's invitation is opened by typing or pasting it, as a command or alone."""
    said("run", "--role", "patient", lines=["no", "/quit"])
    invite = ("invite", "myeloma", "--role", "hcp", "--flow", "commitment", "--source", "x", "--json")
    [link] = json.loads(said(*invite).out)
    out = said("run", "--role", "hcp", lines=["stop", form.format(token=link["token"]), "/quit"]).out
    assert out.count("Shall we start?") == 2


def test_an_invitation_in_a_language(said, monkeypatch):
    """Whoever opens it begins in that language; one that is not offered is refused, with those that are."""
    said("run", "--role", "patient", lines=["no", "/quit"])
    invite = ("invite", "myeloma", "--role", "hcp", "--flow", "commitment", "--source", "x", "--json")
    refused = said(*invite, "--language", "es")
    assert refused.code == 2
    assert "not offered in 'es'" in refused.err
    monkeypatch.setenv("SAID_LANGUAGES__ALLOW_DRAFTS", "true")
    [link] = json.loads(said(*invite, "--language", "es").out)
    out = said("run", "--role", "hcp", lines=["stop", link["terminal"], "/quit"]).out
    assert "¿Empezamos?" in out


def test_who_stopped_comes_back_by_start_and_not_by_opening_the_terminal(said):
    """Run again after a stop: how to come back is said, and nothing begins until they write it."""
    said("run", "--role", "hcp", lines=["cancel", "3", "/quit"])
    again = said("run", "--role", "hcp", lines=["/quit"]).out
    assert "You asked me to stop" in again
    assert "Shall we start?" not in again
    assert "Shall we start?" in said("run", "--role", "hcp", lines=["START", "/quit"]).out
