"""Set the command menu beside the text field: the words that work everywhere, with what each does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import structlog
from telegram import Bot, BotCommand
from telegram.error import BadRequest, TelegramError

from bot.channels.telegram.errors import UNREADABLE, asked_to_wait, reason_of
from flows.i18n.say import FALLBACK, Sentence, say

log = structlog.get_logger(__name__)

COMMANDS: Final = ("skip", "back", "pause", "later", "language", "help", "restart", "stop")
"""The same in every language: Telegram takes Latin letters only. What each does is said in the person's."""
_LONGEST_PAUSE: Final = 3600.0
"""Seconds between two tries, where Telegram asks for no more."""
_LETTERS: Final = 2
"""Of a `language_code`: https://core.telegram.org/bots/api#setmycommands"""


def menu(language: str) -> dict[str, str]:
    """Return what each command of the menu does, in words of a language: `skip` -> words, in the menu's order."""
    return {name: say(Sentence[f"MENU_{name.upper()}"], language) for name in COMMANDS}


def menu_languages(languages: Iterable[str]) -> tuple[str, ...]:
    """Choose which of the bot's languages get a menu of their own, as the two letters that Telegram knows them by.

    English is none of them: everybody else sees the menu without a language, which is in English.
    """
    bases = dict.fromkeys(language.partition("-")[0] for language in languages)
    return tuple(base for base in bases if len(base) == _LETTERS and base != FALLBACK)


async def keep_menus(
    bot: Callable[[], Bot],
    languages: Callable[[], Iterable[str]],
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    """Set the bot's command menu in English for everybody, then in each of these languages; then return.

    A menu that is as it should be is let be. Trouble of any kind is waited out, for up to an hour at a time, and logged
    once; a menu that Telegram does not take is left out. It runs beside everything else, since conversations work
    without it. `bot` returns the bot and is called each time, since the channel may make it anew; `sleep` waits some
    seconds. `languages` is called in a thread, after the menu for everybody is set.
    """
    left: list[str | None] = [None]
    failed = 0
    while left:
        pause = 0.0
        try:
            await _set_menu(bot(), left[0])
        except BadRequest as error:
            log.warning("menu_not_set", channel="telegram", reason=reason_of(error))
        except (TelegramError, *UNREADABLE) as error:
            failed += 1
            pause = max(min(2.0 ** min(failed, 16), _LONGEST_PAUSE), asked_to_wait(error))
            if failed == 1:
                log.warning(
                    "menu_postponed", channel="telegram", reason=reason_of(error), retry_after_s=pause
                )
        if pause:
            await sleep(pause)
            continue
        if left.pop(0) is None:
            left.extend(menu_languages(await asyncio.to_thread(languages)))


async def _set_menu(bot: Bot, language: str | None) -> None:
    wanted = [BotCommand(name, does) for name, does in menu(language or FALLBACK).items()]
    if list(await bot.get_my_commands(language_code=language)) != wanted:
        await bot.set_my_commands(wanted, language_code=language)
