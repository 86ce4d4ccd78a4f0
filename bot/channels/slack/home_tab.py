"""Show Slack's Home tab: where its reader stands, how to come in, and buttons for what works everywhere."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, assert_never

import structlog
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    DividerBlock,
    HeaderBlock,
    InputBlock,
    PlainTextInputElement,
    PlainTextObject,
    SectionBlock,
)
from slack_sdk.models.views import View

from bot.channels.home import HomeQuery, HomeStanding, HomeState, nothing_known
from bot.channels.slack import inbound as ids
from bot.channels.slack.labels import words
from bot.channels.slack.payloads.fields import Payload, items, user_of, within, word
from bot.channels.slack.payloads.fields import address as address_of
from flows.i18n.say import FALLBACK, Sentence, say

log = structlog.get_logger(__name__)

_REMEMBERED = 1000
"""How many people's next message is waited for; an older one sees the tab anew when they open it."""


class HomeTab:
    """Publishes Home tabs: when one is opened, and once what was asked for on it has been answered.

    `publish` calls views.publish with a user's id and a view as JSON, and does not raise; `locale` gives what Slack
    says of the language at an address. `query` finds where somebody stands; whoever wires the channel sets it.
    """

    def __init__(
        self, publish: Callable[[str, dict[str, Any]], Awaitable[None]], locale: Callable[[str], str | None]
    ) -> None:
        self._publish = publish
        self._locale = locale
        self._asked: dict[str, None] = {}
        self.query: HomeQuery = nothing_known

    async def show(self, address: str) -> None:
        """Show where somebody stands now; where that cannot be, a line is logged and what is shown stays.

        Nothing is raised: a message that was sent before counts as sent.
        """
        try:
            view = home_view(await self.query(address), self._locale(address))
        # Any error: the query reads a database that this layer does not know, the view is refused by slack_sdk in many
        # ways, and what is raised here would count as a message that failed. The talk goes on without the tab.
        except Exception as error:  # noqa: BLE001
            log.warning("slack_home_not_read", channel="slack", error=type(error).__name__)
        else:
            await self._publish(user_of(address), view)

    async def opened(self, body: Payload) -> None:
        """Show the tab to whoever opened it, out of an `app_home_opened` event; nothing for other tabs."""
        event = within(body, "event")
        user = word(event, "user")
        if event.get("tab", "home") == "home" and user:
            await self.show(address_of(body, user))

    def notice(self, body: Payload) -> None:
        """Note whether something was asked for on the tab, so that it is shown anew after the answer."""
        actions = items(body, "actions")
        if not any(word(action, "action_id").startswith("home:") for action in actions):
            return
        self._asked[address_of(body, word(body, "user", "id"))] = None
        if len(self._asked) > _REMEMBERED:
            del self._asked[next(iter(self._asked))]

    async def after_message(self, address: str) -> None:
        """Show the tab anew if this message answers what was asked for on it."""
        if address in self._asked:
            del self._asked[address]
            await self.show(address)


def home_view(state: HomeState, locale: str | None = None) -> dict[str, Any]:
    """Make what the Home tab shows, as JSON for views.publish.

    It is in the language of `state`, else in `locale`, the reader's in Slack; None means English.
    """
    language = state.language or locale or FALLBACK
    labels = words(language)
    blocks: list[Block] = [HeaderBlock(text=_plain(labels.home_title))]
    if state.standing is not HomeStanding.STRANGER:
        blocks += [*_standing(state, language), _buttons(state.standing, language), DividerBlock()]
    blocks += [
        SectionBlock(text=_plain(labels.home_text)),
        InputBlock(
            block_id=ids.HOME_BLOCK,
            label=_plain(labels.home_code),
            element=PlainTextInputElement(action_id=ids.HOME_CODE),
            optional=True,
        ),
        ActionsBlock(
            elements=[
                ButtonElement(text=_plain(labels.home_start), action_id=ids.HOME_START, style="primary")
            ]
        ),
    ]
    return View(type="home", blocks=blocks).to_dict()


def _standing(state: HomeState, language: str) -> Iterator[Block]:
    """Say where they stand, with the title of what is open and how far it is."""
    if state.title:
        yield SectionBlock(
            text=_plain(f"\N{LEFT DOUBLE QUOTATION MARK}{state.title}\N{RIGHT DOUBLE QUOTATION MARK}")
        )
    if state.progress is not None:
        number, total = state.progress
        yield ContextBlock(elements=[_plain(say(Sentence.PROGRESS, language, n=number, m=total))])
    yield SectionBlock(text=_plain(_sentence(state, language)))


def _sentence(state: HomeState, language: str) -> str:
    match state.standing:
        case HomeStanding.OPEN | HomeStanding.STRANGER:
            return say(Sentence.SLACK_HOME_OPEN, language)
        case HomeStanding.PAUSED if state.until is not None:
            return say(Sentence.SNOOZED, language, when=state.until)
        case HomeStanding.PAUSED:
            return say(Sentence.PAUSED, language)
        case HomeStanding.IDLE if state.until is not None:
            return say(Sentence.HELD_IDLE, language, when=state.until)
        case HomeStanding.IDLE:
            return say(Sentence.NO_CONVERSATION if state.expects_us else Sentence.NO_QUESTION, language)
        case HomeStanding.STOPPED:
            return say(Sentence.STOPPED_BEFORE, language)
        case _:
            assert_never(state.standing)


def _buttons(standing: HomeStanding, language: str) -> ActionsBlock:
    """Make the buttons: go on, stop, my data, help; those alone that lead somewhere now."""
    buttons = []
    if standing in (HomeStanding.OPEN, HomeStanding.PAUSED):
        buttons.append(_button(ids.HOME_GO_ON, Sentence.UPSET_GO_ON, language))
    if standing is not HomeStanding.STOPPED:
        buttons.append(_button(ids.HOME_STOP, Sentence.UPSET_STOP, language))
        buttons[-1].confirm = _sure(language)
    buttons.append(_button(ids.HOME_DATA, Sentence.SLACK_HOME_DATA, language))
    buttons.append(_button(ids.HOME_HELP, Sentence.SLACK_HOME_HELP, language))
    return ActionsBlock(elements=buttons)


def _button(action: str, label: Sentence, language: str) -> ButtonElement:
    return ButtonElement(text=_plain(say(label, language)), action_id=action)


def _sure(language: str) -> ConfirmObject:
    """Ask before stopping: Slack shows the question itself."""
    stop = say(Sentence.UPSET_STOP, language)
    return ConfirmObject(
        title=_plain(stop),
        text=_plain(say(Sentence.MENU_STOP, language)),
        confirm=_plain(say(Sentence.YES, language)),
        deny=_plain(say(Sentence.SLACK_CANCEL, language)),
    )


def _plain(text: str) -> PlainTextObject:
    return PlainTextObject(text=text, emoji=True)
