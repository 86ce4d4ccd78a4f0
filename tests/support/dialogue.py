"""Golden conversations: text that anyone can read, played by a driver, compared, and rewritten on request.

    flow: hcp_commitment          which script
    facts: hcp                    what is known from outside, see tests/support/dialogue_facts.py
    language: es                  in which language, English where it does not say
    at: 2026-03-02T09:00Z         when it begins

    bot> Your role?               a message; further lines are indented, buttons stand in brackets,
         [Nurse] (Skip)           controls in round ones, ticked ones with an x; last, how far along
         2 of 10
    bot~ [x Cost] (Done)          a message shown anew where it stands
    bot! No more than 3.          words that answer a tap and pass
    me> nurse                     the person types
    tap> Nurse                    the person taps a button of the latest message that has it
    tap> Nurse < Your role?       ... of the latest message whose text begins so
    picks> Cost, Time             the person sends checkboxes
    day> 2026-03-05               the person uses a date picker
    form> words                   the person fills in the form under the question
    edit> old => new              the person edits a message
    media> voice                  a voice note, photo, sticker or other
    clock> +3d                    time passes (d, h or m)
    remind>   resume>             our own events
    =>   answer c1 = "nurse"      what is kept

`play` plays a script through any `Driver`: the pure engine here, channels and their emulators elsewhere.
"""

import json
import re
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from flows.engine.advance import advance
from flows.engine.answered_question import names_a_choice
from flows.engine.compiled import compile_flow
from flows.engine.effects import (
    AnswerInquiry,
    AskFor,
    Effect,
    EndConversation,
    EndRemark,
    ForgetWords,
    Hold,
    InvitePartner,
    OpenCase,
    Pause,
    Prompt,
    RecordAnswer,
    RecordCommitment,
    RecordConsent,
    RecordImplementation,
    RecordRemark,
    RecordReportAnswer,
    Refresh,
    Restart,
    ReviseCommitment,
    ScheduleWaves,
    SendMessage,
    ShowTrace,
    Snooze,
    TellTeam,
    Toast,
    Withdraw,
)
from flows.engine.events import (
    DatePicked,
    Edited,
    Event,
    MediaKind,
    MediaSent,
    Picked,
    Reminded,
    Replied,
    Resumed,
    Started,
    Tapped,
    TextSubmitted,
)
from flows.engine.interruptions.safety_notice import SafetyNotice
from flows.engine.state import ConversationState, decode_state, encode_state
from flows.script.facts import Facts
from flows.script.model import Flow
from tests.support.dialogue_safety import notice_of

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
INDENT = " " * 5
_MOVES = ("me", "tap", "picks", "day", "form", "edit", "media", "clock", "remind", "resume")
_MOVE = re.compile(rf"^({'|'.join(_MOVES)})>(?: (.*))?$")
_BUTTON = re.compile(r"\[(x )?([^\]]+)\]|\(([^)]+)\)")
_AGO = re.compile(r"^\+(\d+)([dhm])$")


@dataclass(frozen=True)
class Button:
    """A button as a person sees it."""

    label: str
    ticked: bool = False
    control: bool = False

    def __str__(self) -> str:
        if self.control:
            return f"({self.label})"
        return f"[x {self.label}]" if self.ticked else f"[{self.label}]"


@dataclass(frozen=True)
class Seen:
    """A message as a person sees it. `again` when it was shown anew where it stands.

    A `toast` is no message: words that pass, in answer to a tap.
    """

    text: str
    buttons: tuple[Button, ...] = ()
    progress: str = ""
    again: bool = False
    toast: bool = False

    def lines(self) -> list[str]:
        """The message as it stands in a transcript."""
        buttons = " ".join(map(str, self.buttons))
        below = [line for line in (buttons, self.progress) if line]
        if self.again:
            return [f"bot~ {buttons}"]
        first, *rest = [*self.text.split("\n"), *below]
        return [f"bot{'!' if self.toast else '>'} {first}", *((INDENT + line).rstrip() for line in rest)]


@dataclass(frozen=True)
class Move:
    """What the person does, or what time does. `under` is how a message's text begins, '' for the latest."""

    kind: str
    text: str = ""
    under: str = ""

    def lines(self) -> list[str]:
        first, *rest = self.text.split("\n")
        tail = f" < {self.under}" if self.under else ""
        return [f"{self.kind}> {first}".rstrip() + tail, *(INDENT + line for line in rest)]


@dataclass
class Exchange:
    """A move, the first of a script being its start, and what came of it."""

    move: Move | None
    seen: list[Seen] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        moved = self.move.lines() if self.move else []
        kept = (f"=>   {line}" for line in self.kept)
        return [
            *moved,
            *kept,
            *(line for seen in self.seen for line in seen.lines()),
        ]


@dataclass
class Script:
    """A transcript as written."""

    name: str
    preface: list[str]
    flow: str
    facts: str
    at: datetime
    exchanges: list[Exchange]
    source: str = ""
    language: str = "en"

    def moves(self) -> list[Move]:
        return [exchange.move for exchange in self.exchanges if exchange.move is not None]

    def text(self, exchanges: list[Exchange]) -> str:
        """The file, with these exchanges in it."""
        blocks = ["\n".join(exchange.lines()) for exchange in exchanges]
        return "\n".join(self.preface).rstrip() + "\n\n" + "\n\n".join(blocks) + "\n"


class Driver(Protocol):
    """Plays one person through one conversation. Each method gives back the messages that were seen."""

    async def start(self, script: Script) -> list[Seen]: ...
    async def type(self, text: str) -> list[Seen]: ...
    async def tap(self, label: str, under: str) -> list[Seen]: ...
    async def picks(self, labels: list[str]) -> list[Seen]: ...
    async def pick_day(self, day: date) -> list[Seen]: ...
    async def form(self, text: str) -> list[Seen]: ...
    async def edit(self, old: str, new: str) -> list[Seen]: ...
    async def media(self, kind: MediaKind) -> list[Seen]: ...
    async def wait(self, duration: timedelta) -> list[Seen]: ...
    async def remind(self) -> list[Seen]: ...
    async def resume(self) -> list[Seen]: ...
    def kept(self) -> list[str]:
        """What was kept since it was last asked, as `kept_line` writes it."""
        ...


async def play(script: Script, driver: Driver, moves: list[Move] | None = None) -> list[Exchange]:
    """Play the script's moves, or those given instead, and note what came of each."""
    exchanges = [Exchange(None, await driver.start(script), driver.kept())]
    for move in script.moves() if moves is None else moves:
        seen = await make(driver, move)
        exchanges.append(Exchange(move, seen, driver.kept()))
    return exchanges


async def make(driver: Driver, move: Move) -> list[Seen]:
    """Make one move; what is seen afterwards."""
    old, _, new = move.text.partition(" => ")
    makes: dict[str, Callable[[], Awaitable[list[Seen]]]] = {
        "me": lambda: driver.type(move.text),
        "tap": lambda: driver.tap(move.text, move.under),
        "picks": lambda: driver.picks(move.text.split(", ")),
        "day": lambda: driver.pick_day(date.fromisoformat(move.text)),
        "form": lambda: driver.form(move.text),
        "edit": lambda: driver.edit(old, new),
        "media": lambda: driver.media(MediaKind(move.text)),
        "clock": lambda: driver.wait(duration(move.text)),
        "remind": driver.remind,
        "resume": driver.resume,
    }
    return await makes[move.kind]()


def typed_moves(script: Script) -> list[Move] | None:
    """The same conversation without buttons: labels are typed, ticks together. None where a tap cannot be typed."""
    moves: list[Move] = []
    latest = Seen("")
    for exchange in script.exchanges:
        move = exchange.move
        several = latest.buttons[-1:] == (Button("Done", control=True),)
        if move is not None and move.under:
            return None
        if move is None or (several and move.kind == "tap" and move.text not in {"Done", "Skip"}):
            pass  # a tick is typed with the others, at Done
        elif several and move.text == "Done":
            moves.append(Move("me", ", ".join(button.label for button in latest.buttons if button.ticked)))
        else:
            moves.append(replace(move, kind="me") if move.kind in {"tap", "picks"} else move)
        latest = next((seen for seen in reversed(exchange.seen) if seen.buttons), latest)
    return moves


def duration(text: str) -> timedelta:
    """`+3d`, `+2h` or `+30m`."""
    found = _AGO.match(text)
    assert found, f"write a time such as +3d, not {text!r}"
    unit = {"d": "days", "h": "hours", "m": "minutes"}[found[2]]
    return timedelta(**{unit: int(found[1])})


def read_script(path: Path) -> Script:
    """A transcript from its file."""
    source = path.read_text(encoding="utf-8")
    lines = source.splitlines()
    start = next((n for n, line in enumerate(lines) if re.match(r"^(bot[>~!]|=>|\w+>)", line)), len(lines))
    header = dict(line.split(": ", 1) for line in lines[:start] if re.match(r"^\w+: ", line))
    at = datetime.fromisoformat(header["at"]).astimezone(UTC)
    exchanges = list(_exchanges(lines[start:]))
    language = header.get("language", "en")
    return Script(path.stem, lines[:start], header["flow"], header["facts"], at, exchanges, source, language)


def write(path: Path, told: str) -> None:
    """Rewrite a transcript, to be reviewed as a diff."""
    path.write_text(told, encoding="utf-8")


def _exchanges(lines: list[str]) -> Iterator[Exchange]:
    now = Exchange(None)
    for block in _blocks(lines):
        moved = _MOVE.match(block[0])
        if moved:
            yield now
            now = Exchange(_move(moved, block))
        elif block[0].startswith("=>"):
            now.kept.append(block[0][5:])
        else:
            now.seen.append(_seen(block))
    yield now


def _blocks(lines: list[str]) -> Iterator[list[str]]:
    """A line that begins something, with the indented lines that belong to it."""
    block: list[str] = []
    for line in lines:
        if line.startswith(INDENT) or (block and not line):
            block.append(line[len(INDENT) :])
            continue
        if block:
            yield _trimmed(block)
        block = [line] if line else []
    if block:
        yield _trimmed(block)


def _trimmed(block: list[str]) -> list[str]:
    while len(block) > 1 and not block[-1]:
        block.pop()
    return block


def _move(moved: re.Match[str], block: list[str]) -> Move:
    text = "\n".join([moved[2] or "", *block[1:]])
    if moved[1] == "tap" and " < " in text:
        label, under = text.split(" < ", 1)
        return Move("tap", label, under)
    return Move(moved[1], text)


def _seen(block: list[str]) -> Seen:
    again, toast = block[0].startswith("bot~"), block[0].startswith("bot!")
    lines = [block[0][5:], *block[1:]]
    progress = lines.pop() if len(lines) > 1 and re.match(r"^\d+ of \d+$", lines[-1]) else ""
    buttons: tuple[Button, ...] = ()
    if (again or len(lines) > 1) and re.match(r"^(\[[^\]]+\]|\([^)]+\))( |$)", lines[-1]):
        buttons = tuple(
            Button(found[2] or found[3], ticked=bool(found[1]), control=bool(found[3]))
            for found in _BUTTON.finditer(lines.pop())
        )
    return Seen("\n".join(lines), buttons, progress, again, toast)


def seen_of(prompt: Prompt, *, again: bool = False) -> Seen:
    """What a person sees of a message, whatever the channel."""
    buttons = tuple(Button(option.label, option.picked, option.control) for option in prompt.options)
    progress = f"{prompt.progress[0]} of {prompt.progress[1]}" if prompt.progress else ""
    return Seen(prompt.whole_text, buttons, progress, again)


def said_by(seen: Iterable[Seen]) -> list[str]:
    """Each thing that was said, in order: what is said in a row is one message, with blank lines in it."""
    return [part for one in seen for part in one.text.split("\n\n")]


def begins(text: str, under: str) -> bool:
    """Whether a message begins with these words, or what is asked in it does: steps said in a row are one message."""
    return text.startswith(under) or f"\n\n{under}" in text


def ends(text: str, asked: str) -> bool:
    """Whether a message is these words, or has them last: what a question's buttons stand under."""
    return text == asked or text.endswith(f"\n\n{asked}")


def kept_line(effect: Effect) -> str | None:
    """An effect as a transcript writes it; None for messages."""
    if isinstance(effect, SendMessage | Refresh | ShowTrace | Toast):
        return None
    line = _kept_plainly(effect) or _kept_with_fields(effect)
    return line.replace("\n", "\\n")


def _kept_plainly(effect: Effect) -> str:  # noqa: PLR0911, PLR0912 - one line an effect
    match effect:
        case RecordAnswer():
            how = "corrected" if effect.corrects else "answer"
            status = "" if effect.status == "answered" else f" ({effect.status})"
            raw = "" if effect.raw in {str(effect.value), ""} else f' from "{effect.raw}"'
            return f"{how} {effect.slot} = {_json(effect.value)}{status}{raw}"
        case RecordRemark():
            again = " again" if effect.corrects else ""
            return f'remark {effect.number}{again} at {effect.slot or "no question"} from "{effect.raw}"'
        case EndRemark():
            return f"remark {effect.number} becomes {effect.slot}"
        case RecordConsent():
            return f"consent {effect.purpose} {'given' if effect.granted else 'refused'}"
        case Snooze():
            return f"snooze until {effect.until:%Y-%m-%dT%H:%MZ}"
        case EndConversation():
            return f"end {effect.outcome}"
        case RecordReportAnswer():
            return (
                f"concern {effect.name} = {_json(effect.words)}{'' if effect.tells else ' (tells nothing)'}"
            )
        case OpenCase():
            return f"case of {effect.slot}"
        case AskFor():
            return f"asks for {effect.wish}"
        case AnswerInquiry():
            return f"answers {effect.inquiry}"
        case TellTeam():
            return f"tells the team {effect.question_key} = {effect.code}"
        case Hold():
            return f"hold until {effect.until:%Y-%m-%dT%H:%MZ}"
        case _:
            plain: dict[type, str] = {
                ScheduleWaves: "waves",
                InvitePartner: "partner invited",
                Pause: "pause",
                Withdraw: "withdraw",
                Restart: "begin again",
                ForgetWords: "forget what was said",
            }
            return plain.get(type(effect), "")


def _kept_with_fields(effect: Effect) -> str:
    match effect:
        case RecordCommitment():
            head = f"commitment {effect.slot}" + ("" if effect.confirmed else " (not confirmed)")
        case ReviseCommitment():
            head = f"revision of commitment {effect.commitment_id}"
        case RecordImplementation():
            head = f"implementation of commitment {effect.commitment_id} at {effect.follow_up_id}"
        case _:
            raise TypeError(effect)
    return f"{head} {_fields(effect.fields)}"


def _fields(fields: dict[str, Any]) -> str:
    return " ".join(f"{name}={_json(value)}" for name, value in fields.items() if value not in (None, []))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class EngineDriver:
    """The pure engine, with the state written out and read back between any two turns."""

    def __init__(self, flow: Flow, facts: Facts) -> None:
        self.flow = flow
        self.facts = facts
        self.stored = ""
        self.now = datetime.min.replace(tzinfo=UTC)
        self.effects: list[Effect] = []
        self.shown: list[Prompt] = []
        self.message_ids: dict[str, str] = {}

    @property
    def state(self) -> ConversationState:
        return decode_state(self.stored)

    def _notice(self, before: ConversationState | None, event: Event) -> SafetyNotice | None:
        """As the shell: the author's own choices, when they are typed, raise no concern."""
        if before is not None and isinstance(event, Replied):
            compiled = compile_flow(self.flow)
            if names_a_choice(compiled, before, event.text, self.now):
                return None
        return notice_of(event)

    def send(self, event: Event) -> list[Seen]:
        """One turn."""
        before = decode_state(self.stored) if self.stored else None
        result = advance(self.flow, before, event, now=self.now, notice=self._notice(before, event))
        self.stored = encode_state(result.state)
        assert decode_state(self.stored) == result.state
        self.effects += result.effects
        self.shown += [effect.prompt for effect in result.effects if isinstance(effect, SendMessage)]
        return [
            Seen(effect.text, toast=True)
            if isinstance(effect, Toast)
            else seen_of(effect.prompt, again=isinstance(effect, Refresh))
            for effect in result.effects
            if isinstance(effect, SendMessage | Refresh | Toast) and not getattr(effect, "quiet", False)
        ]

    def kept(self) -> list[str]:
        kept = [line for effect in self.effects if (line := kept_line(effect)) is not None]
        self.effects.clear()
        return kept

    async def start(self, script: Script) -> list[Seen]:
        self.now = script.at
        language = self.flow.language
        facts = {**self.facts, "participant": {**self.facts["participant"], "language": language}}
        return self.send(Started(facts, language))

    async def type(self, text: str) -> list[Seen]:
        self.message_ids[text] = f"m{len(self.message_ids) + 1}"
        return self.send(Replied(text, self.message_ids[text]))

    async def tap(self, label: str, under: str) -> list[Seen]:
        prompt = self._prompt_with(label, under)
        assert prompt.ask is not None
        labels = [option.label for option in prompt.options]
        return self.send(Tapped(prompt.ask, labels.index(label)))

    async def picks(self, labels: list[str]) -> list[Seen]:
        prompt = self._prompt_with(labels[0], "")
        assert prompt.ask is not None
        offered = [option.label for option in prompt.options]
        return self.send(Picked(prompt.ask, tuple(offered.index(label) for label in labels)))

    async def pick_day(self, day: date) -> list[Seen]:
        return self.send(DatePicked(self._latest_ask(), day))

    async def form(self, text: str) -> list[Seen]:
        return self.send(TextSubmitted(self._latest_ask(), text))

    async def edit(self, old: str, new: str) -> list[Seen]:
        return self.send(Edited(self.message_ids.get(old, "unknown"), new))

    async def media(self, kind: MediaKind) -> list[Seen]:
        return self.send(MediaSent(kind))

    async def wait(self, duration: timedelta) -> list[Seen]:
        self.now += duration
        return []

    async def remind(self) -> list[Seen]:
        return self.send(Reminded())

    async def resume(self) -> list[Seen]:
        return self.send(Resumed())

    def _prompt_with(self, label: str, under: str) -> Prompt:
        for prompt in reversed(self.shown):
            has = any(option.label == label for option in prompt.options)
            if has and (not under or begins(prompt.whole_text, under)):
                return prompt
        message = f"no button {label!r} was shown" + (f" under {under!r}" if under else "")
        raise AssertionError(message)

    def _latest_ask(self) -> int:
        return next(prompt.ask for prompt in reversed(self.shown) if prompt.ask is not None)
