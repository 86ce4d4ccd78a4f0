"""Set the command menu beside the text field: the words that work everywhere, with what each does."""

from collections.abc import Iterable
from typing import Final

import structlog
from telegram import Bot, BotCommand
from telegram.error import BadRequest

from bot.channels.telegram.errors import reason_of
from flows.i18n.say import FALLBACK, Sentence, say

log = structlog.get_logger(__name__)

COMMANDS: Final = ("skip", "back", "pause", "later", "language", "help", "restart", "stop")
"""The same in every language: Telegram takes Latin letters only. What each does is said in the person's."""
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


async def set_menus(bot: Bot, languages: Iterable[str]) -> None:
    """Set the bot's command menu in each of these languages, and in English for everybody else.

    A menu that Telegram does not take is logged and left out: a conversation works without it.
    """
    for language in (None, *menu_languages(languages)):
        commands = [BotCommand(name, does) for name, does in menu(language or FALLBACK).items()]
        try:
            await bot.set_my_commands(commands, language_code=language)
        except BadRequest as error:
            log.warning("menu_not_set", channel="telegram", reason=reason_of(error))
