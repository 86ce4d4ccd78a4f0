"""Slack, over Socket Mode or signed HTTP. Bolt only receives: it converts, stores, and then acknowledges.

Bolt's own ways around a reply (say, respond, retries, a session of its own per workspace) are not used;
what is sent comes from the outbox through `send`. Why: docs/why/slack-bolt-receives.md.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import msgspec
import structlog
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.web.async_client import AsyncWebClient
from starlette.routing import Route

from bot.channels.base import (
    CatchUpPoints,
    ChannelDown,
    ChannelRefused,
    Diagnosis,
    Inbound,
    MessageRejected,
    Outbound,
    OutcomeUnknown,
    Receive,
    SendError,
)
from bot.channels.slack import inbound
from bot.channels.slack import outbound as blocks
from bot.channels.slack.app import ANY, Ack, Body, acknowledge_others, library_logger, make_app
from bot.channels.slack.catch_up import CatchUp, HistoryReader, Outage
from bot.channels.slack.diagnostics import findings
from bot.channels.slack.errors import FAILURES, NO_THREAD, STALE_MESSAGE, about_the_app, from_failure
from bot.channels.slack.home_tab import HomeTab
from bot.channels.slack.labels import words
from bot.channels.slack.options import SlackConfig
from bot.channels.slack.ordering import NotStored, OrderedDelivery
from bot.channels.slack.payloads.fields import word
from bot.channels.slack.profiles import SlackProfiles
from bot.channels.slack.responses import TapResponses
from bot.channels.slack.socket_mode import INTERVAL, Sleep, SocketKeeper
from bot.channels.slack.webhook import webhook_route

log = structlog.get_logger(__name__)

COMMAND = "/said"
EVENTS_PATH = "/slack/events"
VIEW_PATIENCE = timedelta(seconds=2)
"""For showing a form or the Home tab: the acknowledgement waits for it, and Slack waits three seconds."""


class SlackChannel:
    """The channel to a Slack app: it receives over Socket Mode or signed HTTP, and sends.

    `sleep` waits some seconds; tests hand in their own.
    """

    name = inbound.CHANNEL
    edits = True

    def __init__(self, config: SlackConfig, *, sleep: Sleep = asyncio.sleep) -> None:
        self._config, self._sleep = config, sleep
        self._log = library_logger()
        self._client = self._web_client(config.bot_token)
        self._app = self._make_app()
        self._stored: OrderedDelivery | None = None
        self._ended: asyncio.Future[None] | None = None
        self._doubts: asyncio.Task[None] | None = None
        self._rooms: dict[str, str] = {}
        self._people = SlackProfiles(self._fetch_profile)
        self._catch_up: CatchUp | None = None
        self._unstored: Outage | None = None
        self.home_tab = HomeTab(self._publish_home, self._people.locale)
        self.responses = TapResponses(self._log)
        self.hearing = Outage(self._missed)
        self.keeper: SocketKeeper | None = None

    def _web_client(self, token: str) -> AsyncWebClient:
        """Make a web client without retries: a message whose answer was lost would be sent twice unnoticed."""
        timeout = max(1, int(self._config.timeout.total_seconds()))
        return AsyncWebClient(
            token=token, base_url=self._config.api_url, timeout=timeout, retry_handlers=[], logger=self._log
        )

    def _make_app(self) -> AsyncApp:
        app = make_app(self._config, self._log)
        app.command(COMMAND)(self._on_command)
        app.action(ANY)(self._on_actions)
        app.view(ANY)(self._on_view)
        for event, listener in self._listeners().items():
            app.event(event)(listener)
        acknowledge_others(app)
        return app

    def _listeners(self) -> dict[str, Callable[..., Awaitable[None]]]:
        return {
            "message": self._on_message,
            "reaction_added": self._on_reaction,
            "app_home_opened": self._on_home,
            "user_change": self._on_user_change,
            "tokens_revoked": self._on_revoked,
            "app_uninstalled": self._on_uninstalled,
        }

    # Receiving

    def catch_up_from(self, points: CatchUpPoints) -> None:
        """Fetch what was missed, at a start and after an outage, for those whom `points` finds."""
        reader = HistoryReader(
            room=self._room,
            history=partial(self._ask, self._client.conversations_history),
            replies=partial(self._ask, self._client.conversations_replies),
        )
        self._catch_up = CatchUp(
            points, reader, self._store_missed, sleep=asyncio.sleep, pace=self._config.history_pace
        )

    async def _ask(self, method: Callable[..., Awaitable[Any]], **arguments: object) -> Body:
        answer = (await self._call(method(**arguments))).data
        return answer if isinstance(answer, dict) else {}

    def _missed(self, ago: timedelta) -> None:
        if self._catch_up is not None:
            self._catch_up.missed(ago)

    async def _store_missed(self, inbounds: Sequence[Inbound], at: str) -> None:
        if self._stored is None:
            raise NotStored("nobody receives yet")
        await self._stored.put(inbounds, at=at)

    async def run(self, receive: Receive) -> None:
        """Take what participants do in Slack, and hand it to `receive` to be stored, until cancelled.

        In HTTP mode requests come in through `routes()`, and this only watches whether the token is still good.

        Raises:
            ChannelRefused: the token was revoked or the app was removed.
        """
        over = asyncio.get_running_loop().time() + self._config.former_names.total_seconds()

        async def store(inbounds: list[Inbound]) -> None:
            renamed = asyncio.get_running_loop().time() < over
            known = [one if renamed else msgspec.structs.replace(one, former_id=None) for one in inbounds]
            await self._receive(receive, [await self._people.with_profile(one) for one in known])

        self._missed(timedelta(0))  # all that was written since the last run
        self._ended = asyncio.get_running_loop().create_future()
        self._stored = OrderedDelivery(store, gather=self._config.gather)
        listening = self._keep_socket if self._config.app_token else self._keep_watch
        work = asyncio.create_task(listening(self.hearing))
        behind = [] if self._catch_up is None else [asyncio.create_task(self._catch_up.run())]
        try:
            await asyncio.wait({work, self._ended}, return_when=asyncio.FIRST_COMPLETED)
            await (self._ended if self._ended.done() else work)
        finally:
            self._stored = None
            await self._people.stop()
            for task in (work, *behind, *([self._doubts] if self._doubts is not None else [])):
                await _cancelled(task)
            self._ended.cancel()

    async def _receive(self, receive: Receive, inbounds: list[Inbound]) -> None:
        """Hand on what came in. While nothing can be stored Slack gives up its deliveries, as if we did not listen."""
        try:
            await receive(inbounds)
        except Exception:  # whatever it is: raised again, and logged in `app`
            self._unstored = self._unstored or Outage(self._missed)
            raise
        if self._unstored is not None:
            self._unstored.well()
            self._unstored = None

    async def _keep_socket(self, outage: Outage) -> None:
        client = self._web_client(self._config.app_token or "")
        self.keeper = SocketKeeper(self._app, client, probe=self._probe, outage=outage, sleep=self._sleep)
        await self.keeper.run()

    async def _keep_watch(self, outage: Outage) -> None:
        while True:
            try:
                await self._probe()
                outage.well()
            except ChannelRefused:
                raise
            except SendError as error:
                log.warning("slack_is_out_of_reach", channel="slack", reason=error.reason)
            await self._sleep(INTERVAL.total_seconds())

    async def _probe(self) -> None:
        try:
            await self._client.auth_test()
        except FAILURES as error:
            raise about_the_app(error) from error

    def routes(self, path: str = EVENTS_PATH) -> list[Route]:
        """Return the one route, at `path`, to which Slack posts events, interactions and commands.

        The list is empty without a signing secret: then all comes over Socket Mode.
        """
        if not self._config.signing_secret:
            return []
        return [webhook_route(path, self._config.signing_secret, self._app)]

    async def _store(self, body: Body, inbounds: Sequence[Inbound]) -> None:
        """Store what came in, and return when all is committed.

        Raises:
            NotStored: it must not be acknowledged; Slack will send it again.
        """
        if not inbounds:
            return
        if self._stored is None:
            raise NotStored("nobody receives yet")
        await self._stored.put(inbounds, at=inbound.sent_at(body))
        self._people.learn(inbounds[0].address, self._tell)

    async def _tell(self, profile: Inbound) -> None:
        if self._stored is not None:
            await self._stored.put([profile], at="")

    async def _fetch_profile(self, user: str) -> Body:
        profile = await self._call(self._client.users_info(user=user, include_locale=True), "user")
        if not isinstance(profile, dict):
            raise ChannelDown("users.info tells no profile")
        return {"id": user, **profile}

    async def _on_message(self, body: Body) -> None:
        await self._store(body, inbound.from_message(body))

    async def _on_reaction(self, body: Body) -> None:
        await self._store(body, inbound.from_reaction(body))

    async def _on_command(self, body: Body, ack: Ack) -> None:
        said = inbound.from_command(body)
        labels = words(self._people.locale(inbound.address(body, word(body, "user_id"))))
        if said is None:
            await ack(text=labels.command_help)
            return
        await self._store(body, [said])
        await ack(text=labels.command_started)

    async def _on_actions(self, body: Body, ack: Ack) -> None:
        question = inbound.write_request(body)
        if question is not None:
            await self._open_form(body, question)
        self.home_tab.notice(body)
        await self._store(body, self.responses.came(body, inbound.from_actions(body)))
        await ack()

    def turn_taken(self, external_id: str, toast: str | None) -> None:
        """Answer a tap by words that only whoever tapped sees, in the background; by nothing where there are none."""
        self.responses.whisper(external_id, toast)

    async def _on_view(self, body: Body, ack: Ack) -> None:
        form = inbound.from_submission(body)
        await self._store(body, [form] if form else [])
        await ack()

    async def _on_home(self, body: Body) -> None:
        await self.home_tab.opened(body)

    async def _publish_home(self, user: str, view: Body) -> None:
        await self._show(self._client.views_publish(user_id=user, view=view), "views.publish")

    async def _open_form(self, body: Body, question: str) -> None:
        """Open the form for a long text at once: Slack forgets the trigger after three seconds.

        Without the form the participant can still type.
        """
        shown = blocks.shown_question(body.get("message") or {})
        locale = self._people.locale(inbound.address(body, body["user"]["id"]))
        view = blocks.write_view(question, shown, locale)
        await self._show(self._client.views_open(trigger_id=body["trigger_id"], view=view), "views.open")

    async def _show(self, call: Awaitable[object], what: str) -> None:
        try:
            async with asyncio.timeout(VIEW_PATIENCE.total_seconds()):
                await self._call(call)
        except (SendError, TimeoutError) as error:
            log.warning("slack_showed_no_view", channel="slack", where=what, reason=str(error))

    async def _on_revoked(self, body: Body) -> None:
        if (body["event"].get("tokens") or {}).get("bot"):
            self._doubt()

    async def _on_uninstalled(self) -> None:
        self._doubt()

    def _doubt(self) -> None:
        """Check in the background whether our token is still good: the news that it is not may be old by now."""
        self._doubts = asyncio.create_task(self._end_if_refused())

    async def _end_if_refused(self) -> None:
        try:
            await self._probe()
        except ChannelRefused as refused:
            if self._ended is not None and not self._ended.done():
                self._ended.set_exception(refused)
        except SendError as error:  # the regular look will find out
            log.warning("slack_is_out_of_reach", channel="slack", reason=error.reason)

    async def _on_user_change(self, body: Body) -> None:
        """Store a participant's new profile.

        Slack sends everybody's in the workspace; only those who wrote to us count.
        """
        user = body["event"]["user"]
        address = inbound.address(body, user["id"])
        if self._people.known(address):
            profile = inbound.read_profile(user)
            self._people.remember(address, profile)
            await self._store(body, [inbound.from_profile(address, profile)])

    # Sending

    async def send(self, message: Outbound) -> str | None:
        """Send a message, or show it anew where it stands; return Slack's name of its last part, a timestamp.

        None comes back for a message that was to be shown anew and has no `message_id`.

        Raises:
            SendError: with flags that say what to do.
        """
        try:
            parts = blocks.messages(message) if message.trace is None else [blocks.traced(message)]
        except SlackObjectFormationError as error:
            raise MessageRejected(f"invalid_blocks: {error}") from error
        if message.refresh:
            return await self._refresh(message, parts[-1])
        sent = None
        for part in parts:
            try:
                sent = await self._post(message.address, replace(part, thread=message.thread))
            except SendError as error:
                if sent is not None and error.retryable:
                    raise OutcomeUnknown(
                        f"sent in part: {error.reason}", retry_after=error.retry_after
                    ) from error
                raise
        await self.home_tab.after_message(message.address)
        return sent

    async def send_document(self, address: str, name: str, content: str, caption: str, /) -> str | None:
        """Send a text file with the words `caption` beside it; return None, since Slack names no message for it.

        Raises `SendError`, as `Channel.send_document`.
        https://docs.slack.dev/reference/methods/files.getUploadURLExternal
        """
        room = await self._room(inbound.user_of(address))
        call = self._client.files_upload_v2(
            channel=room, filename=name, title=name, content=content, initial_comment=caption
        )
        await self._call(call, repeatable=False)
        await self.home_tab.after_message(address)
        return None

    async def _post(self, address: str, part: blocks.SlackMessage) -> str:
        """Post one part in a participant's room.

        A room that we remember may be gone; then it is asked for once more.
        """
        user = inbound.user_of(address)
        remembered = self._rooms.get(user)
        try:
            return await self._post_in(remembered or await self._room(user), part)
        except SendError as error:
            if remembered is None or not error.reason.startswith("channel_not_found"):
                raise
        del self._rooms[user]
        return await self._post_in(await self._room(user), part)

    async def _post_in(self, room: str, part: blocks.SlackMessage) -> str:
        """Post one part in a room, in its thread where it has one; in the room itself if that thread is gone."""
        try:
            return await self._post_at(room, part)
        except SendError as error:
            if part.thread is None or error.reason.partition(":")[0] not in NO_THREAD:
                raise
        return await self._post_at(room, replace(part, thread=None))

    async def _post_at(self, room: str, part: blocks.SlackMessage) -> str:
        call = self._client.chat_postMessage(
            channel=room,
            text=part.text,
            blocks=part.blocks,
            thread_ts=part.thread,
            mrkdwn=False,
            parse="none",
            link_names=False,
            unfurl_links=False,
            unfurl_media=False,
        )
        return str(await self._call(call, "ts", repeatable=False))

    async def _refresh(self, message: Outbound, part: blocks.SlackMessage) -> str | None:
        if message.message_id is None:
            return None
        if await self.responses.replace(message, part):
            return message.message_id
        room = await self._room(inbound.user_of(message.address))
        call = self._client.chat_update(
            channel=room, ts=message.message_id, text=part.text, blocks=part.blocks
        )
        try:
            await self._call(call)
        except SendError as error:
            if error.reason.partition(":")[0] not in STALE_MESSAGE:
                raise
        return message.message_id

    async def _room(self, user: str) -> str:
        if user not in self._rooms:
            opened = self._client.conversations_open(users=user)
            self._rooms[user] = str(await self._call(opened, "channel", "id"))
        return self._rooms[user]

    async def _call(self, call: Awaitable[Any], *names: str, repeatable: bool = True) -> Any:
        """Return what a call answered, or what stands in its answer under these names, one within the other.

        Raises `SendError`, also where the answer has no such field.
        """
        try:
            answer = await call
            for name in names:
                answer = answer[name]
            if answer is None:
                raise KeyError(names)
        except FAILURES as error:
            raise from_failure(error, repeatable=repeatable) from error
        else:
            return answer

    async def check(self) -> list[Diagnosis]:
        """Check the tokens, their scopes and the way in, and return what was found, for `said doctor`."""
        app = self._web_client(self._config.app_token) if self._config.app_token else None
        return await findings(self._client, app, signed=bool(self._config.signing_secret))

    async def close(self) -> None:
        """Stop asking Slack for users' profiles; nothing else is open, for other calls had connections of their own."""
        await self._people.stop()


async def _cancelled(task: asyncio.Task[Any]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
