"""Do what else happens in a conversation: each kind of noise with its action.

An action returns False, with nothing done, where it cannot be: nobody edits an answer before there is one.
"""

import re
from collections.abc import Awaitable, Callable, Mapping

from flows.engine.effects import PromptKind
from flows.engine.events import MediaKind
from tests.walks import people
from tests.walks.evidence import Done, Fate, Shown
from tests.walks.kinds import Noise
from tests.walks.people import Fill, Type
from tests.walks.walker import Walker

Action = Callable[[Walker], Awaitable[bool]]
_CODE = re.compile(r"link ([A-Z0-9]{8})")
_CLOSED = frozenset(PromptKind) - {PromptKind.SAY, PromptKind.TEXT}


async def _burst(one: Walker) -> bool:
    """Several quick messages under one question, handed over together or one by one."""
    phone, chance = one.phone, one.chance
    shown = phone.question
    if shown is None:
        return False
    if chance.random() < 0.4:
        phone.lag()
    text = shown.prompt.kind is PromptKind.TEXT
    for _ in range(chance.randint(2, 4)):
        words = one.words() if text or chance.random() < 0.3 else chance.choice(("yes", "1", "ok", "no", "2"))
        await phone.write(words, noise=Noise.BURST)
    one.has_answered()
    return True


async def _backlog(one: Walker) -> bool:
    """What is written while nobody hears it, and is handed over in one go."""
    phone, chance = one.phone, one.chance
    phone.hold(chance.randint(2, 4))
    if phone.question is not None and chance.random() < 0.6:
        await phone.act(people.reply_to(phone.question.prompt, chance, one.words), phone.question)
    for _ in range(chance.randint(1, 3)):
        words = one.words() if chance.random() < 0.3 else chance.choice(people.HELLOS)
        await phone.write(words, noise=Noise.BACKLOG)
    one.has_answered()
    return True


def _answers(one: Walker) -> tuple[list[Done], list[Done]]:
    """Their messages that stand right under a question, and the others."""
    first: list[Done] = []
    others: list[Done] = []
    for done in one.phone.written:
        (first if done.noise is None else others).append(done)
    return first, others


async def _edit_of_answer(one: Walker) -> bool:
    answers, _ = _answers(one)
    if not answers:
        return False
    await _edit(one, one.chance.choice(answers[-4:]), Noise.EDIT_OF_ANSWER)
    return True


async def _edit_of_other(one: Walker) -> bool:
    _, others = _answers(one)
    if not others:
        return False
    await _edit(one, one.chance.choice(others[-4:]), Noise.EDIT_OF_OTHER)
    return True


async def _edit(one: Walker, done: Done, noise: Noise) -> None:
    text = one.words() if len(done.text) > 12 else one.chance.choice(("yes", "no", "2", "skip", one.words()))
    await one.phone.edit(done, text, noise=noise)


async def _deletion(one: Walker) -> bool:
    if not one.phone.is_slack or not one.phone.written:
        return False
    await one.phone.delete(one.chance.choice(one.phone.written[-4:]), noise=Noise.DELETION)
    return True


async def _forward(one: Walker) -> bool:
    for _ in range(one.chance.randint(1, 3)):
        await one.phone.write(one.words(), noise=Noise.FORWARD)
    one.has_answered()
    return True


async def _sticker(one: Walker) -> bool:
    await one.phone.media(MediaKind.STICKER, noise=Noise.STICKER)
    return True


async def _photo(one: Walker) -> bool:
    await one.phone.media(MediaKind.PHOTO, noise=Noise.PHOTO)
    return True


async def _caption(one: Walker) -> bool:
    await one.phone.media(MediaKind.PHOTO, noise=Noise.CAPTION, caption=one.words())
    one.has_answered()
    return True


async def _album(one: Walker) -> bool:
    caption = one.words() if one.chance.random() < 0.5 else ""
    await one.phone.media(MediaKind.PHOTO, noise=Noise.ALBUM, caption=caption, album=3)
    if caption:
        one.has_answered()
    return True


async def _emoji(one: Walker) -> bool:
    await one.phone.write(one.chance.choice(people.EMOJI), noise=Noise.EMOJI)
    return True


async def _emoji_name(one: Walker) -> bool:
    await one.phone.write(one.chance.choice(people.EMOJI_NAMES), noise=Noise.EMOJI_NAME)
    return True


async def _reaction(one: Walker) -> bool:
    if not one.phone.screen:
        return False
    shown = one.phone.question if one.chance.random() < 0.7 else one.chance.choice(one.phone.screen)
    if shown is None:
        return False
    await one.phone.react(shown, one.chance.choice(people.EMOJI), noise=Noise.REACTION)
    return True


def _earlier(one: Walker) -> Shown | None:
    """A question before the open one, as it stands now."""
    question = one.phone.question
    earlier = [shown for shown in one.phone.keyboards if question is None or shown.key != question.key]
    return one.chance.choice(earlier) if earlier else None


def _as_it_was(one: Walker) -> Shown | None:
    """A question before the open one as it was put, which an app shows that has not heard of its trace."""
    question = one.phone.question
    former = [
        shown
        for shown in one.phone.screen
        if shown.key
        and shown.prompt.options
        and not shown.edit
        and (not question or shown.key != question.key)
    ]
    return one.chance.choice(former) if former else None


async def _late_tap(one: Walker) -> bool:
    shown = _as_it_was(one) if one.chance.random() < 0.5 else _earlier(one)
    if shown is None:
        return False
    await one.phone.tap(shown, one.chance.randrange(len(shown.prompt.options)), noise=Noise.LATE_TAP)
    return True


async def _double_tap(one: Walker) -> bool:
    shown = one.phone.question
    if shown is None or not shown.prompt.options:
        return False
    option = one.chance.randrange(len(shown.prompt.options))
    other = option if one.chance.random() < 0.6 else one.chance.randrange(len(shown.prompt.options))
    await one.phone.tap(shown, option, noise=Noise.DOUBLE_TAP)
    await one.phone.tap(shown, other, noise=Noise.DOUBLE_TAP)
    return True


async def _strange_tap(one: Walker) -> bool:
    """A button as a forged client would send it: of a conversation that is somebody else's."""
    shown = one.strange_keyboard()
    if shown is None:
        return False
    option = one.chance.randrange(len(shown.prompt.options))
    return await one.phone.forge(shown, option, noise=Noise.STRANGE_TAP)


async def _under_open(one: Walker, noise: Noise, *, slack: bool) -> bool:
    shown = one.phone.question
    if shown is None or one.phone.is_slack is not slack:
        return False
    await _reply_under(one, shown, noise)
    return True


async def _under_earlier(one: Walker, noise: Noise, *, slack: bool) -> bool:
    earlier = [shown for shown in one.phone.screen if shown.key and not shown.edit][:-1]
    if not earlier or one.phone.is_slack is not slack:
        return False
    await _reply_under(one, one.chance.choice(earlier), noise)
    return True


async def _reply_under(one: Walker, shown: Shown, noise: Noise) -> None:
    act = people.reply_to(shown.prompt, one.chance, one.words)
    text = act.text if isinstance(act, Type | Fill) else one.chance.choice(("yes", "1", "2", one.words()))
    await one.phone.write(text, under=shown, noise=noise)


async def _again(one: Walker, noise: Noise) -> bool:
    if not one.phone.written:
        return False
    done = one.chance.choice(one.phone.written[-3:])
    await one.phone.again(done, renamed=noise is Noise.RENAMED, noise=noise)
    return True


async def _fate(one: Walker, noise: Noise, fate: Fate) -> bool:
    """The next messages of ours meet this; the person goes on, and may not know what was asked."""
    shown = one.phone.question
    if shown is None:
        return False
    times = 1 if fate is Fate.REFUSED else one.chance.randint(1, 3)
    one.phone.fates.extend([fate] * times)
    one.evidence.remark(one.phone.address, f"the next message of ours: {fate.value}")
    await one.phone.act(people.reply_to(shown.prompt, one.chance, one.words), shown)
    if one.chance.random() < 0.5:
        text = one.words() if one.chance.random() < 0.4 else one.chance.choice(people.HELLOS)
        await one.phone.write(text, noise=noise)
    one.has_answered()
    return True


async def _long_text(one: Walker) -> bool:
    await one.phone.write(one.words(long=True), noise=Noise.LONG_TEXT)
    one.has_answered()
    return True


async def _global_word(one: Walker) -> bool:
    await one.phone.write(one.chance.choice(people.COMMANDS), noise=Noise.GLOBAL_WORD)
    return True


async def _stop(one: Walker) -> bool:
    """Whenever, also among other words that come at once."""
    if one.chance.random() < 0.3:
        await one.phone.write(one.words(), noise=Noise.BURST)
    await one.phone.write("stop", noise=Noise.STOP)
    return True


async def _delete(one: Walker) -> bool:
    """Some go on writing before they are asked whether they are sure."""
    await one.phone.write("delete my data", noise=Noise.DELETE)
    if one.chance.random() < 0.3:
        await one.phone.write(one.chance.choice(("yes", "stop", "help", one.words())), noise=Noise.DELETE)
    one.todo.append(_decide)
    return True


async def _decide(one: Walker) -> None:
    """Say something to 'Shall I delete all?', which need not be an answer."""
    way = one.chance.randrange(5)
    shown = one.phone.question
    if way == 0:
        await one.phone.write(one.chance.choice(people.EMOJI), noise=Noise.EMOJI)
    elif way == 1:
        await one.phone.write(one.chance.choice(people.EMOJI_NAMES), noise=Noise.EMOJI_NAME)
    elif way == 2 or shown is None:
        await one.phone.write("yes", noise=Noise.DELETE)
    elif way == 3:
        await one.phone.write(one.words(), noise=Noise.DELETE)
    else:
        await one.phone.tap(shown, one.chance.randrange(2), noise=Noise.DELETE)


async def _story_at_tap(one: Walker) -> bool:
    shown = one.phone.question
    if shown is None or shown.prompt.kind not in _CLOSED:
        return False
    for _ in range(one.chance.randint(1, 2)):
        await one.phone.write(one.words(), noise=Noise.STORY_AT_TAP)
    return True


async def _question_back(one: Walker) -> bool:
    """Alone, or behind a story."""
    asked = one.chance.choice(people.QUESTIONS)
    words = asked if one.chance.random() < 0.7 else f"{one.words()} {asked}"
    await one.phone.write(words, noise=Noise.QUESTION_BACK)
    return True


async def _thanks(one: Walker) -> bool:
    await one.phone.write(one.chance.choice(people.THANKS), noise=Noise.THANKS)
    return True


async def _distress(one: Walker) -> bool:
    """Alone, or as the second of two quick messages."""
    if one.chance.random() < 0.4:
        await one.phone.write(one.words(), noise=Noise.BURST)
    await one.phone.write(one.chance.choice(people.DISTRESS), noise=Noise.DISTRESS)
    return True


async def _indirect(one: Walker) -> bool:
    """Whatever is asked; some delete or stop in the same breath."""
    await one.phone.write(one.words(of=people.INDIRECT), noise=Noise.INDIRECT)
    then = one.chance.random()
    if then < 0.15:
        await one.phone.write("stop", noise=Noise.STOP)
    elif then < 0.3:
        await one.phone.write("delete my data", noise=Noise.DELETE)
        one.todo.append(_decide)
    return True


async def _second_address(one: Walker) -> bool:
    """Ask for a code, and write it in the other app; from then on the person has two, and changes between them."""
    if len(one.phones) > 1:
        if one.joined:
            one.change_phone()
            return True
        return False
    if one.make_phone is None:
        return False
    await one.phone.write("link", noise=Noise.SECOND_ADDRESS)
    one.todo.append(_write_code)
    return True


async def _write_code(one: Walker) -> None:
    found = [code[1] for shown in one.phone.screen if (code := _CODE.search(shown.prompt.text))]
    if found:
        one.add_phone()
        await one.phones[-1].write(f"link {found[-1]}", noise=Noise.SECOND_ADDRESS)
        one.joined = True
        if one.chance.random() < 0.7:
            one.change_phone()


async def _link_typed(one: Walker) -> bool:
    link = f"https://t.me/said_and_done_bot?start={one.token}"
    text = one.chance.choice((link, one.token, f"`{one.token}`", f"/said start {one.token}", "link ABCD2345"))
    await one.phone.write(text, noise=Noise.LINK_TYPED)
    return True


ACTIONS: Mapping[Noise, Action] = {
    Noise.BURST: _burst,
    Noise.BACKLOG: _backlog,
    Noise.EDIT_OF_ANSWER: _edit_of_answer,
    Noise.EDIT_OF_OTHER: _edit_of_other,
    Noise.DELETION: _deletion,
    Noise.FORWARD: _forward,
    Noise.STICKER: _sticker,
    Noise.PHOTO: _photo,
    Noise.CAPTION: _caption,
    Noise.ALBUM: _album,
    Noise.EMOJI: _emoji,
    Noise.EMOJI_NAME: _emoji_name,
    Noise.REACTION: _reaction,
    Noise.LATE_TAP: _late_tap,
    Noise.DOUBLE_TAP: _double_tap,
    Noise.STRANGE_TAP: _strange_tap,
    Noise.THREAD_OPEN: lambda one: _under_open(one, Noise.THREAD_OPEN, slack=True),
    Noise.THREAD_EARLIER: lambda one: _under_earlier(one, Noise.THREAD_EARLIER, slack=True),
    Noise.QUOTE_OPEN: lambda one: _under_open(one, Noise.QUOTE_OPEN, slack=False),
    Noise.QUOTE_EARLIER: lambda one: _under_earlier(one, Noise.QUOTE_EARLIER, slack=False),
    Noise.DUPLICATE: lambda one: _again(one, Noise.DUPLICATE),
    Noise.RENAMED: lambda one: _again(one, Noise.RENAMED),
    Noise.REFUSED: lambda one: _fate(one, Noise.REFUSED, Fate.REFUSED),
    Noise.LIMITED: lambda one: _fate(one, Noise.LIMITED, Fate.LIMITED),
    Noise.ARRIVED: lambda one: _fate(one, Noise.ARRIVED, Fate.ARRIVED),
    Noise.LOST: lambda one: _fate(one, Noise.LOST, Fate.LOST),
    Noise.LONG_TEXT: _long_text,
    Noise.GLOBAL_WORD: _global_word,
    Noise.STOP: _stop,
    Noise.DELETE: _delete,
    Noise.DISTRESS: _distress,
    Noise.INDIRECT: _indirect,
    Noise.STORY_AT_TAP: _story_at_tap,
    Noise.QUESTION_BACK: _question_back,
    Noise.THANKS: _thanks,
    Noise.SECOND_ADDRESS: _second_address,
    Noise.LINK_TYPED: _link_typed,
}
"""What people do; the town restarts the bot and moves the clock."""

WEIGHTS: Mapping[Noise, float] = {
    Noise.STOP: 0.6,
    Noise.DELETE: 0.8,
    Noise.DISTRESS: 0.7,
    Noise.DELETION: 2,
    Noise.THREAD_OPEN: 2,
    Noise.THREAD_EARLIER: 2,
    Noise.QUOTE_OPEN: 2,
    Noise.QUOTE_EARLIER: 2,
}
"""How much likelier than others, which have 1."""


def choose(one: Walker) -> Noise:
    """A kind of noise, by chance."""
    kinds = tuple(ACTIONS)
    return one.chance.choices(kinds, [WEIGHTS.get(kind, 1) for kind in kinds])[0]
