"""People on the emulated Telegram do what people really do, and it comes as Telegram would hand it over."""

from typing import Any

import pytest
from telegram.constants import MessageType

from tests.emulators.telegram.contents import MAX_TEXT_UNITS, PEOPLE_SEND, SERVICE, units
from tests.emulators.telegram.methods import perform
from tests.emulators.telegram.person import Person, Shown
from tests.emulators.telegram.state import ApiError, TelegramState

REACTIONS = "message_reaction"


@pytest.fixture
def state() -> TelegramState:
    return TelegramState("7:x", allowed=frozenset({"message", "edited_message", "callback_query", REACTIONS}))


@pytest.fixture
async def ada(state: TelegramState) -> Person:
    person = state.person(1)
    await person.start()
    state.pending.clear()
    return person


def keyboard(*labels: str) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": label, "callback_data": f"1.2.{label}"}] for label in labels]}


async def ask(state: TelegramState, text: str, *labels: str) -> Shown:
    """The bot asks something."""
    await perform(state, "sendMessage", {"chat_id": 1, "text": text, "reply_markup": keyboard(*labels)})
    return state.person(1).last


async def refused(state: TelegramState, method: str, **params: Any) -> str:
    """Telegram's words for why not."""
    with pytest.raises(ApiError) as error:
        await perform(state, method, params)
    return error.value.description


def came(state: TelegramState) -> list[dict[str, Any]]:
    """What the bot is told, without the numbers of the updates; it is forgotten then."""
    bodies = [next(body for key, body in update.items() if key != "update_id") for update in state.pending]
    state.pending.clear()
    return bodies


async def test_numbers_rise_over_both_sides(state: TelegramState, ada: Person) -> None:
    """Whoever writes, and whatever, the newer message of a chat has the higher number."""
    await ada.type("one")
    await ask(state, "Well?", "Yes")
    await ada.burst("two", "three")
    await perform(state, "sendDocument", {"chat_id": 1, "document": ("a.csv", b"a")})
    await ada.send_album(None, "words")
    await ada.cause("pinned_message")
    await ask(state, "And now?")
    numbers = [message.message_id for message in ada.messages]
    assert len(numbers) == 10
    assert numbers == sorted(set(numbers))


async def test_a_reply_names_what_it_quotes(state: TelegramState, ada: Person) -> None:
    """The bot's message comes with it, with its buttons; words of it too where they were chosen."""
    question = await ask(state, "How are you today?", "Well")
    await ada.reply("Well", question)
    await ada.reply("today yes", question, quote="today")
    mine = await ada.type("first")
    await ada.reply("as I said", mine)
    await ada.reply_elsewhere("look at this")
    whole, part, _, own, elsewhere = came(state)
    assert whole["reply_to_message"]["message_id"] == question.message_id
    assert whole["reply_to_message"]["from"]["is_bot"]
    assert whole["reply_to_message"]["reply_markup"] == keyboard("Well")
    assert part["quote"] == {"text": "today", "position": 12}
    assert (own["reply_to_message"]["from"]["id"], own["reply_to_message"]["text"]) == (1, "first")
    assert "reply_to_message" not in elsewhere
    assert elsewhere["external_reply"]["origin"]["type"] == "hidden_user"


async def test_a_reply_to_what_was_deleted_quotes_nothing(state: TelegramState, ada: Person) -> None:
    """Telegram leaves the message out then, and tells nobody of the deletion; it can no longer be edited."""
    question = await ask(state, "Well?", "Yes")
    await ada.delete(question)
    await ada.reply("Yes", question)
    (reply,) = came(state)
    assert "reply_to_message" not in reply
    where = {"chat_id": 1, "message_id": question.message_id}
    assert "not found" in await refused(state, "editMessageReplyMarkup", **where)


async def test_forwards_say_where_they_come_from(state: TelegramState, ada: Person) -> None:
    """Somebody's words, the bot's own, and a picture with words."""
    question = await ask(state, "Well?", "Yes")
    await ada.forward("news")
    await ada.forward(message=question)
    await ada.forward(photo=PEOPLE_SEND["photo"], caption="my arm")
    words, ours, picture = came(state)
    assert (words["text"], words["forward_origin"]["type"]) == ("news", "hidden_user")
    assert (ours["text"], ours["forward_origin"]["sender_user"]["is_bot"]) == ("Well?", True)
    assert (picture["caption"], "text" in picture, "forward_origin" in picture) == ("my arm", False, True)
    assert all(body["from"]["id"] == 1 for body in (words, ours, picture))


async def test_reactions_come_and_go(state: TelegramState, ada: Person) -> None:
    """Each change is an update with what was there and what is there now."""
    question = await ask(state, "Well?")
    await ada.react(question, "\U0001f44d")
    await ada.react(question)
    put, taken = came(state)
    emoji = [{"type": "emoji", "emoji": "\U0001f44d"}]
    assert (put["message_id"], put["old_reaction"], put["new_reaction"]) == (question.message_id, [], emoji)
    assert (taken["old_reaction"], taken["new_reaction"]) == (emoji, [])


@pytest.mark.parametrize("allowed", [None, frozenset({"message"})])
async def test_reactions_are_told_only_on_request(
    state: TelegramState, ada: Person, allowed: frozenset[str] | None
) -> None:
    """They are in no list that a bot has by default."""
    question = await ask(state, "Well?")
    state.allowed = allowed
    assert await ada.react(question, "\U0001f44d") is None
    assert came(state) == []


async def test_an_album_is_one_name_and_many_messages(state: TelegramState, ada: Person) -> None:
    """Each item is a message of its own; words stand under whichever the person chose; no two albums share a name."""
    await ada.send_album(None, "my arm", None)
    await ada.send_album("clip", kind="video")
    *first, second = came(state)
    assert len({item["media_group_id"] for item in first}) == 1
    assert [item.get("caption") for item in first] == [None, "my arm", None]
    assert second["media_group_id"] != first[0]["media_group_id"]
    assert "video" in second


async def test_words_under_a_picture_are_edited_as_such(state: TelegramState, ada: Person) -> None:
    """The picture stays, its caption changes, and the date of the edit is there."""
    picture = await ada.send_photo("my arm")
    await ada.edit(picture, "my left arm")
    _, edited = came(state)
    assert (edited["caption"], "photo" in edited, edited["edit_date"] > 0) == ("my left arm", True, True)


@pytest.mark.parametrize("text", ["word " * 2000, "line\n" * 1700, "x" * 9000, "\U0001f600" * 5000])
async def test_long_words_are_cut_by_the_app(state: TelegramState, ada: Person, text: str) -> None:
    """Into messages that Telegram takes, at words or lines where there are any, and nothing is lost."""
    sent = await ada.type_long(text)
    assert all(0 < units(message.text) <= MAX_TEXT_UNITS for message in sent)
    assert len(sent) == -(-units(text) // MAX_TEXT_UNITS)
    assert "".join(message.text for message in sent).split() == text.split() or " " in text or "\n" in text
    assert sum(message.text.count("word") + message.text.count("line") for message in sent) in (0, 1700, 2000)
    assert [body["text"] for body in came(state)] == [message.text for message in sent]


async def test_an_old_keyboard_can_be_tapped(state: TelegramState, ada: Person) -> None:
    """An app that has not looked since shows the buttons of before; what came after them is tapped first."""
    question = await ask(state, "Well?", "Yes", "No")
    where = {"chat_id": 1, "message_id": question.message_id}
    await perform(state, "editMessageReplyMarkup", where | {"reply_markup": keyboard("Change")})
    await ada.tap("No")
    await ada.tap("Change")
    await perform(state, "editMessageReplyMarkup", where)
    await ada.tap("Yes", question)
    taps = came(state)
    assert [tap["data"] for tap in taps] == ["1.2.No", "1.2.Change", "1.2.Yes"]
    assert taps[0]["message"]["reply_markup"] == keyboard("Change")
    assert "reply_markup" not in taps[2]["message"]
    with pytest.raises(AssertionError, match="no button 'Perhaps'"):
        await ada.tap("Perhaps")


async def test_a_keyboard_that_stays_as_it_is_is_no_edit(state: TelegramState, ada: Person) -> None:
    """The same again is refused in Telegram's words, also none where there is none; both keep no history."""
    question = await ask(state, "Well?", "Yes")
    where = {"chat_id": 1, "message_id": question.message_id}
    same = keyboard("Yes")
    assert "message is not modified" in await refused(
        state, "editMessageReplyMarkup", **where, reply_markup=same
    )
    await perform(state, "editMessageReplyMarkup", where)
    for nothing in ({}, {"reply_markup": {"inline_keyboard": []}}):
        assert "not modified" in await refused(state, "editMessageReplyMarkup", **where, **nothing)
    assert (question.labels, len(question.former_rows), question.edits) == ([], 1, 1)


async def test_impatient_taps_are_taps(state: TelegramState, ada: Person) -> None:
    """Two taps are two updates, each to be answered on its own."""
    await ask(state, "Well?", "Yes")
    first, second = await ada.double_tap("Yes")
    assert [tap["id"] for tap in came(state)] == [first, second]
    assert first != second


async def test_what_is_said_to_a_tap_is_seen(state: TelegramState, ada: Person) -> None:
    """Words are seen by who tapped; no words are no toast, and nothing is said twice or to nobody."""
    await ask(state, "Well?", "Yes")
    one, two, three = await ada.double_tap("Yes", times=3)
    await perform(state, "answerCallbackQuery", {"callback_query_id": one, "text": "No more than 3"})
    await perform(
        state, "answerCallbackQuery", {"callback_query_id": two, "text": "Stop", "show_alert": "true"}
    )
    long = await refused(state, "answerCallbackQuery", callback_query_id=three, text="x" * 201)
    await perform(state, "answerCallbackQuery", {"callback_query_id": three})
    assert [(toast.text, toast.alert) for toast in ada.toasts] == [("No more than 3", False), ("Stop", True)]
    assert "MESSAGE_TOO_LONG" in long
    for query in (one, "12345"):
        assert "query ID is invalid" in await refused(state, "answerCallbackQuery", callback_query_id=query)


async def test_an_update_can_come_again(state: TelegramState, ada: Person) -> None:
    """Under the same number, confirmed or not, and whatever number is asked for."""
    await ada.type("one")
    (update,) = await state.poll(0, 100)
    await perform(state, "getUpdates", {"offset": update["update_id"] + 1})
    state.deliver_again()
    assert await perform(state, "getUpdates", {"offset": update["update_id"] + 1}) == [update]
    assert state.waiting == []


async def test_a_backlog_waits_for_the_bot(state: TelegramState, ada: Person) -> None:
    """What is said while nobody asks is kept, in its order."""
    await ada.type("hello")
    await ada.burst("ok", "yes")
    assert [update["message"]["text"] for update in await state.poll(0, 100)] == ["hello", "ok", "yes"]


@pytest.mark.parametrize("kind", [*SERVICE, "hologram_switched_on"])
async def test_service_messages_are_a_persons_and_wordless(
    state: TelegramState, ada: Person, kind: str
) -> None:
    """They come from who caused them, also kinds that nobody knows yet."""
    await (ada.cause(kind) if kind in SERVICE else ada.cause(kind, {"on": True}))
    (body,) = came(state)
    assert (kind in body, body["from"]["id"], "text" in body) == (True, 1, False)


@pytest.mark.parametrize("kind", PEOPLE_SEND)
async def test_things_can_be_sent_with_words_or_without(state: TelegramState, ada: Person, kind: str) -> None:
    """As Telegram names them."""
    await ada.send(kind)
    await ada.send(kind, caption="look")
    bare, worded = came(state)
    assert (kind in bare, bare.get("caption"), worded["caption"]) == (True, None, "look")


def test_every_kind_that_the_library_knows_is_here() -> None:
    """So that nothing is forgotten when Telegram adds a kind and the library follows."""
    no_content = {
        "business_connection_id", "effect_id", "reply_to_story", "sender_boost_count", "sender_business_bot",
        "suggested_post_info", "text",
    }  # fmt: skip
    assert {kind.value for kind in MessageType} - no_content <= PEOPLE_SEND.keys() | SERVICE.keys()


async def test_kinds_of_updates_that_nobody_knows(state: TelegramState, ada: Person) -> None:
    """They can be handed over, whether asked for or not."""
    number = state.hand_over("hologram", {"id": 1})
    assert state.pending[-1] == {"update_id": number, "hologram": {"id": 1}}


async def test_the_menu_can_be_read_back(state: TelegramState) -> None:
    """By language, and empty where none was set."""
    menu = [{"command": "stop", "description": "End it"}]
    await perform(state, "setMyCommands", {"commands": menu, "language_code": "de"})
    assert await perform(state, "getMyCommands", {"language_code": "de"}) == menu
    assert await perform(state, "getMyCommands", {}) == []
