"""What people do in the emulated Slack arrives as Slack delivers it, and they see what Slack would show them."""

import asyncio
import itertools

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.emulators.faults import Fault
from tests.emulators.slack.control import SlackSteering
from tests.emulators.slack.emoji import delivered, rich_text
from tests.emulators.slack.person import NotOnScreen
from tests.emulators.slack.workspace import BOT, SCOPES


@pytest.fixture
def ana(slack):
    person = slack.person("Ana")
    slack.room_of(person)
    return person


def client(slack):
    return AsyncWebClient(token=slack.bot_token, base_url=slack.api_url, retry_handlers=[])


def buttons(*labels):
    made = [
        {"type": "button", "text": {"type": "plain_text", "text": label}, "value": label} for label in labels
    ]
    return [
        {"type": "section", "text": {"type": "plain_text", "text": "Yes or no?"}},
        {"type": "actions", "elements": made},
    ]


async def post(slack, person, text="a question", **more):
    """Post to a person as the bot, and return the message's `ts`."""
    answer = await client(slack).chat_postMessage(channel=person.room, text=text, **more)
    return answer["ts"]


async def answer(url, **body):
    """Answer a tap by its response_url; returns the status and Slack's words."""
    async with aiohttp.ClientSession(trust_env=False) as session, session.post(url, json=body) as response:
        return response.status, await response.text()


EMOJI = [
    ("👎", ":-1:", "-1", "1f44e", None),
    ("👍🏼", ":+1::skin-tone-3:", "+1", "1f44d-1f3fc", 3),
    ("5️⃣", ":five:", "five", "0035-fe0f-20e3", None),
    ("✅", ":white_check_mark:", "white_check_mark", "2705", None),
    ("🤷‍♂️", ":man-shrugging:", "man-shrugging", "1f937-200d-2642-fe0f", None),
    ("🇩🇪", ":flag-de:", "flag-de", "1f1e9-1f1ea", None),
    (":+1:", ":+1:", "+1", "1f44d", None),
    (":+1::skin-tone-3:", ":+1::skin-tone-3:", "+1", "1f44d-1f3fc", 3),
]


@pytest.mark.parametrize(("typed", "text", "name", "unicode", "tone"), EMOJI)
def test_emoji_arrive_by_name(typed, text, name, unicode, tone):
    """An emoji is a name between colons in `text`, and carries its code points in the rich text."""
    expected = {"type": "emoji", "name": name, "unicode": unicode} | ({"skin_tone": tone} if tone else {})
    assert delivered(typed) == text
    assert rich_text(typed)[0]["elements"][0]["elements"] == [expected]


@pytest.mark.parametrize("words", ["10:30:45", "a:b:c", "at 9:15: yes", ":no such name:"])
def test_words_stay_words(words):
    """Colons in times and prose are no emoji."""
    assert delivered(words) == words
    assert rich_text(words)[0]["elements"][0]["elements"] == [{"type": "text", "text": words}]


def test_links_and_signs_among_words():
    """Words are escaped, and a link stands in angle brackets."""
    assert delivered("a<b 👍 https://x.org/?a=1&b=2 end") == "a&lt;b :+1: <https://x.org/?a=1&amp;b=2> end"


async def test_an_older_client_sends_no_blocks(slack, ana):
    """Rich text comes beside the words from today's clients only."""
    new = await ana.type("👎")
    await ana.change_client(rich_text=False)
    old = await ana.type("👎")
    assert [one.payload["event"]["text"] for one in (new, old)] == [":-1:", ":-1:"]
    assert ["blocks" in one.payload["event"] for one in (new, old)] == [True, False]
    assert [one.text for one in ana.messages] == ["👎", "👎"]


async def test_every_ts_is_later_than_those_before(slack, ana):
    """The `ts` of messages of both sides rise, also when many come within a moment or the clock goes back."""
    now = 1_000_000_000.5
    slack.clock = lambda: now
    for number in range(3):
        await ana.burst("one", "two")
        await post(slack, ana, str(number))
        now -= 100
    order = [one.ts for one in ana.messages]
    assert order[0] == "1000000000.500000"
    assert all(float(a) < float(b) for a, b in itertools.pairwise(order))
    assert order == sorted(order)


async def test_one_message_under_several_event_ids(slack, ana):
    """The same message may be handed over more than once, under other names or the same."""
    slack.more_event_ids = 1
    first = await ana.type("once")
    slack.send_again(first, new_id=False)
    await asyncio.sleep(0)
    told = [one.payload for one in slack.dispatcher.deliveries]
    assert {one["event"]["ts"] for one in told} == {ana.messages[0].ts}
    assert len(told) == 3
    assert len({one["event_id"] for one in told}) == 2


async def test_threads_are_apart_from_the_room(slack, ana):
    """What is written under a message names it, and stands in the thread; a broadcast stands in both."""
    root = await post(slack, ana, "Yes or no?")
    replied = await ana.reply("yes", "Yes or no?")
    told = await ana.reply("to all", root, broadcast=True)
    await post(slack, ana, "thank you", thread_ts=ana.messages[1].ts)
    assert (await ana.wait_for_reply(root, "thank")).text == "thank you"
    event, broadcast = replied.payload["event"], told.payload["event"]
    assert (event["thread_ts"], event["parent_user_id"]) == (root, BOT)
    assert (broadcast["subtype"], broadcast["root"]["ts"]) == ("thread_broadcast", root)
    assert [one.text for one in ana.thread(root)] == ["yes", "to all", "thank you"]
    assert [one.text for one in ana.from_bot] == ["Yes or no?"]


async def test_a_thread_needs_its_first_message(slack, ana):
    """Nothing is posted under what is not there; a deleted message with replies leaves a stone."""
    await ana.type("mine")
    await ana.reply("more", "mine")
    stone = await ana.delete("mine")
    assert stone.payload["event"]["message"]["subtype"] == "tombstone"
    await post(slack, ana, "still here", thread_ts=stone.payload["event"]["message"]["ts"])
    with pytest.raises(SlackApiError) as refused:
        await post(slack, ana, "nowhere", thread_ts="1.000001")
    assert refused.value.response["error"] == "thread_not_found"


async def test_reactions_name_the_message(slack, ana):
    """A reaction tells who put what on which message; without its scope the app hears nothing."""
    ts = await post(slack, ana)
    added = (await ana.react("👍🏼", ts)).payload["event"]
    removed = (await ana.unreact("👍🏼", ts)).payload["event"]
    assert (added["type"], added["reaction"], added["item_user"]) == (
        "reaction_added",
        "+1::skin-tone-3",
        BOT,
    )
    assert added["item"] == {"type": "message", "channel": ana.room, "ts": ts}
    assert removed["type"] == "reaction_removed"
    slack.scopes = tuple(set(SCOPES) - {"reactions:read"})
    unheard = await (await ana.react("👎", ts)).settled()
    assert (unheard.attempts, unheard.acknowledged) == (0, False)


async def test_what_a_message_showed_before_can_be_tapped(slack, ana):
    """A button that an update took away is tapped all the same by whoever still sees it."""
    ts = await post(slack, ana, blocks=buttons("Yes", "No"))
    await client(slack).chat_update(channel=ana.room, ts=ts, text="You said yes.", blocks=buttons("Change"))
    tap = (await ana.tap("No")).payload
    assert (tap["actions"][0]["value"], tap["container"]["message_ts"]) == ("No", ts)
    assert ana.last.labels == ["Change"]
    with pytest.raises(NotOnScreen):
        await ana.tap("Maybe")


async def test_two_taps_in_a_moment(slack, ana):
    """A double tap is two taps, each with a time and a response_url of its own."""
    await post(slack, ana, blocks=buttons("Yes", "No"))
    taps = [one.payload for one in await ana.double_tap("Yes")]
    assert len({one["actions"][0]["action_ts"] for one in taps}) == 2
    assert len({one["response_url"] for one in taps}) == 2


async def test_a_response_url_replaces_whispers_and_deletes(slack, ana):
    """By its response_url a tap's message is replaced or deleted, or the person alone is told something."""
    await post(slack, ana, blocks=buttons("Yes", "No"))
    url = (await ana.tap("Yes")).payload["response_url"]
    assert await answer(url, text="not yet", response_type="ephemeral", replace_original=False) == (200, "ok")
    assert await answer(url, text="done", replace_original=True, blocks=buttons("Change")) == (200, "ok")
    assert (ana.ephemerals, ana.last.labels, ana.last.edited) == (["not yet"], ["Change"], True)
    assert await answer(url, text="bad", blocks=[{"type": "section"}]) != (200, "ok")
    assert await answer(url, delete_original="true") == (200, "ok")
    assert ana.from_bot == []
    assert len(slack.said("response_url")) == 3


async def test_a_response_url_is_good_five_times_in_half_an_hour(slack, ana):
    """The sixth use and a late one are refused; an answer that Slack failed to take is no use of it."""
    now = 100.0
    slack.now = lambda: now
    await post(slack, ana, blocks=buttons("Yes", "No"))
    used, late = [(await ana.tap("Yes")).payload["response_url"] for _ in range(2)]
    slack.faults.add("response_url", Fault.SERVER_ERROR)
    assert (await answer(used, text="x"))[0] == 500
    assert [(await answer(used, text="x"))[0] for _ in range(5)] == [200] * 5
    assert await answer(used, text="x") == (404, '{"ok": false, "error": "used_url"}')
    now += 30 * 60 + 1
    assert await answer(late, text="x") == (404, '{"ok": false, "error": "expired_url"}')


async def test_what_only_one_person_sees(slack, ana):
    """chat.postEphemeral is seen by its person, and is no message of the room."""
    await client(slack).chat_postEphemeral(channel=ana.room, user=ana.id, text="no more than 3")
    assert (ana.ephemerals, ana.messages) == (["no more than 3"], [])
    with pytest.raises(SlackApiError):
        await client(slack).chat_postEphemeral(channel=ana.room, user="U9999", text="x")


async def test_the_history_has_both_sides_newest_first(slack, ana):
    """conversations.history goes page by page from the newest on, without what is only in threads."""
    first = await post(slack, ana, "hello")
    await ana.burst("1", "2 👎", "3")
    await ana.reply("apart", first)
    read = client(slack)
    page = await read.conversations_history(channel=ana.room, oldest=first, limit=2)
    rest = await read.conversations_history(
        channel=ana.room, oldest=first, limit=2, cursor=page["response_metadata"]["next_cursor"]
    )
    assert [one["text"] for one in page["messages"]] == ["3", "2 :-1:"]
    assert [one["text"] for one in rest["messages"]] == ["1"]
    assert (page["has_more"], rest["has_more"]) == (True, False)
    whole = await read.conversations_history(channel=ana.room, oldest=first, inclusive=True)
    assert (whole["messages"][-1]["bot_id"], whole["messages"][-1]["reply_count"]) == ("B0001", 1)
    thread = await read.conversations_replies(channel=ana.room, ts=first)
    assert [one["text"] for one in thread["messages"]] == ["hello", "apart"]


async def test_words_to_an_absent_bot_are_lost_after_the_retries(slack, ana):
    """Without a socket the platform gives up after its retries, and only the history has the words."""
    slack.dispatcher.waits_for_socket, slack.dispatcher.time_scale = False, 0
    said = await (await ana.type("anybody there?")).settled()
    assert (said.acknowledged, said.attempts) == (False, 4)
    told = await client(slack).conversations_history(channel=ana.room)
    assert [one["text"] for one in told["messages"]] == ["anybody there?"]


async def test_an_edit_keeps_what_the_message_was(slack, ana):
    """An edit has the words before and after, each with its rich text, its files and its thread."""
    root = await post(slack, ana)
    await ana.reply("five", root)
    event = (await ana.edit("five", "5️⃣")).payload["event"]
    assert (event["message"]["text"], event["previous_message"]["text"]) == (":five:", "five")
    assert event["message"]["thread_ts"] == event["previous_message"]["thread_ts"] == root
    assert event["message"]["edited"]["ts"] == event["ts"]
    assert event["message"]["blocks"] != event["previous_message"]["blocks"]


async def test_a_forward_has_its_words_in_an_attachment(slack, ana):
    """What is forwarded stands in an attachment; `text` has only what the person adds."""
    event = (await ana.forward("my story 👍")).payload["event"]
    [shared] = event["attachments"]
    assert (event["text"], shared["is_share"], shared["text"]) == ("", True, "my story :+1:")


async def test_another_process_can_do_it_all(slack, ana):
    """Steering reacts, replies, deletes and taps twice, and names messages by what they say."""
    steering = SlackSteering(slack)
    await post(slack, ana, "Yes or no?", blocks=buttons("Yes", "No"))
    for do, details in (
        ("burst", {"texts": ["one", "two"]}),
        ("reply", {"text": "under it", "under": "Yes or no?"}),
        ("react", {"sign": "👎", "to": "Yes or no?"}),
        ("double_tap", {"label": "No", "message": "Yes or no?"}),
        ("forward", {"words": "a story"}),
        ("change_client", {"rich_text": False}),
        ("delete", {"which": "two"}),
    ):
        assert do in steering.acts
        await steering.act(ana, {"do": do, "with": details})
    assert [one.text for one in ana.messages] == ["Yes or no?", "one", "under it", ""]
