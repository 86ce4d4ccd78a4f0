"""The Bot API's methods, as strict as Telegram is, refusing in Telegram's words."""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.emulators.telegram.contents import MAX_TEXT_UNITS, units
from tests.emulators.telegram.person import Person, Shown, Toast
from tests.emulators.telegram.state import BOT_ID, ApiError, TelegramState, Webhook

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup"
    " are exactly the same as a current content and reply markup of the message"
)
STALE_QUERY = "Bad Request: query is too old and response timeout expired or query ID is invalid"
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active;"
    " use deleteWebhook to delete the webhook first"
)
BAD_BUTTON = "Bad Request: can't parse inline keyboard button: "
ACTIONS = frozenset({"typing", "upload_photo", "upload_document", "record_voice", "upload_voice"})
MAX_TOAST = 200
"""https://core.telegram.org/bots/api#answercallbackquery"""
MAX_BUTTONS = 100
MAX_IN_ROW = 8

Params = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Method:
    """One method: what it does, what it needs, what else it may be given."""

    do: Callable[[TelegramState, Params], Awaitable[Any]]
    required: frozenset[str]
    optional: frozenset[str]


async def get_me(state: TelegramState, _params: Params) -> Any:
    return state.bot_payload() | {
        "can_join_groups": False,
        "can_read_all_group_messages": False,
        "supports_inline_queries": False,
    }


async def get_updates(state: TelegramState, params: Params) -> Any:
    if state.webhook is not None:
        raise ApiError(409, WEBHOOK_IS_SET)
    if "allowed_updates" in params:
        state.allowed = _names(params["allowed_updates"])
    if "offset" in params:
        state.confirm_before(_whole(params["offset"], "offset"))
    limit = _whole(params.get("limit", 100), "limit")
    return await state.poll(_whole(params.get("timeout", 0), "timeout"), max(1, min(limit, 100)))


async def set_webhook(state: TelegramState, params: Params) -> Any:
    url = str(params["url"])
    if not url:
        return await delete_webhook(state, params)
    host = urlsplit(url).hostname
    if host not in ("127.0.0.1", "localhost"):
        raise ApiError(400, "Bad Request: bad webhook: Failed to resolve host: Name or service not known")
    secret = params.get("secret_token")
    if secret is not None and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", str(secret)):
        raise ApiError(400, "Bad Request: secret token contains unallowed characters")
    if "allowed_updates" in params:
        state.allowed = _names(params["allowed_updates"])
    _drop_if_asked(state, params)
    state.webhook = Webhook(url, secret, _whole(params.get("max_connections", 40), "max_connections"))
    state.wake()
    return True


async def delete_webhook(state: TelegramState, params: Params) -> Any:
    state.webhook = None
    _drop_if_asked(state, params)
    state.wake()
    return True


async def get_webhook_info(state: TelegramState, _params: Params) -> Any:
    info: dict[str, Any] = {
        "url": "",
        "has_custom_certificate": False,
        "pending_update_count": len(state.pending),
    }
    if state.allowed is not None:
        info["allowed_updates"] = sorted(state.allowed)
    if state.webhook is not None:
        info |= {"url": state.webhook.url, "max_connections": state.webhook.max_connections}
        if state.webhook.last_error is not None:
            info |= {
                "last_error_date": state.webhook.last_error_date,
                "last_error_message": state.webhook.last_error,
            }
    return info


async def send_message(state: TelegramState, params: Params) -> Any:
    person = _person(state, params)
    text = _text(params["text"])
    rows = _keyboard(params.get("reply_markup"))
    paid = _true(params.get("allow_paid_broadcast", "false"))
    state.count_send(person.id, paid=paid)
    message = Shown(state.next_message_id(), text, from_bot=True, rows=rows, date=state.now())
    message.paid = paid
    message.previews = not _object(params.get("link_preview_options")).get("is_disabled", False)
    person.show(message)
    return state.message_payload(person, message, {"text": text})


async def send_document(state: TelegramState, params: Params) -> Any:
    person = _person(state, params)
    state.count_send(person.id)
    given = params["document"]
    name, content = given if isinstance(given, tuple) else (str(given), b"")
    message_id = state.next_message_id()
    file_id = f"D{message_id}"
    state.documents[file_id] = content
    caption = str(params.get("caption", ""))
    person.show(Shown(message_id, caption, from_bot=True, date=state.now(), document=file_id))
    document = _file(file_id, len(content)) | {"file_name": name}
    return state.message_payload(person, person.last, {"document": document, "caption": caption})


async def edit_message_text(state: TelegramState, params: Params) -> Any:
    person, message = _own_message(state, params)
    text = _text(params["text"])
    rows = _keyboard(params.get("reply_markup"))
    if (text, rows) == (message.text, message.rows):
        raise ApiError(400, NOT_MODIFIED)
    message.text = text
    message.set_rows(rows)
    return _edited(state, person, message)


async def edit_message_reply_markup(state: TelegramState, params: Params) -> Any:
    person, message = _own_message(state, params)
    rows = _keyboard(params.get("reply_markup"))
    if rows == message.rows:
        raise ApiError(400, NOT_MODIFIED)
    message.set_rows(rows)
    return _edited(state, person, message)


async def answer_callback_query(state: TelegramState, params: Params) -> Any:
    query_id = str(params["callback_query_id"])
    if query_id not in state.open_queries:
        raise ApiError(400, STALE_QUERY)
    text = str(params.get("text") or "")
    if len(text) > MAX_TOAST:
        raise ApiError(400, "Bad Request: MESSAGE_TOO_LONG")
    person = state.people[state.open_queries.pop(query_id)]
    state.answered.append(query_id)
    if text:
        person.toasts.append(Toast(query_id, text, _true(params.get("show_alert", "false"))))
        person.show()
    return True


async def send_chat_action(state: TelegramState, params: Params) -> Any:
    person = _person(state, params)
    if params["action"] not in ACTIONS:
        raise ApiError(400, "Bad Request: wrong parameter action in request")
    person.typing_shown += 1
    return True


MOST_COMMANDS = 100
"""https://core.telegram.org/bots/api#setmycommands"""


async def set_my_commands(state: TelegramState, params: Params) -> Any:
    commands = _json(params["commands"])
    language = str(params.get("language_code") or "")
    if not re.fullmatch(r"([a-z]{2})?", language):
        raise ApiError(400, "Bad Request: invalid language code specified")
    if len(commands) > MOST_COMMANDS:
        raise ApiError(400, "Bad Request: BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command.get("command", "")):
            raise ApiError(400, "Bad Request: BOT_COMMAND_INVALID")
        if not 1 <= len(command.get("description", "")) <= 256:
            raise ApiError(400, "Bad Request: BOT_COMMAND_DESCRIPTION_INVALID")
    state.menus[language] = commands
    return True


async def get_my_commands(state: TelegramState, params: Params) -> Any:
    return state.menus.get(str(params.get("language_code") or ""), [])


async def get_file(state: TelegramState, params: Params) -> Any:
    file_id = str(params["file_id"])
    if file_id not in state.documents:
        raise ApiError(400, "Bad Request: wrong file_id or the file is temporarily unavailable")
    return _file(file_id, len(state.documents[file_id])) | {"file_path": f"documents/{file_id}"}


def _file(file_id: str, size: int) -> dict[str, Any]:
    return {"file_id": file_id, "file_unique_id": file_id.lower(), "file_size": size}


Do = Callable[[TelegramState, Params], Awaitable[Any]]


def _method(do: Do, required: str = "", optional: str = "") -> Method:
    return Method(do, frozenset(required.split()), frozenset(optional.split()))


_SENDING = (
    "business_connection_id message_thread_id direct_messages_topic_id disable_notification protect_content"
    " allow_paid_broadcast message_effect_id suggested_post_parameters reply_parameters reply_markup"
)
METHODS: dict[str, Method] = {
    "getMe": _method(get_me),
    "getUpdates": _method(get_updates, "", "offset limit timeout allowed_updates"),
    "setWebhook": _method(
        set_webhook,
        "url",
        "certificate ip_address max_connections allowed_updates drop_pending_updates secret_token",
    ),
    "deleteWebhook": _method(delete_webhook, "", "drop_pending_updates"),
    "getWebhookInfo": _method(get_webhook_info),
    "sendMessage": _method(
        send_message, "chat_id text", f"parse_mode entities link_preview_options {_SENDING}"
    ),
    "sendDocument": _method(
        send_document,
        "chat_id document",
        f"thumbnail caption parse_mode caption_entities disable_content_type_detection {_SENDING}",
    ),
    "editMessageText": _method(
        edit_message_text,
        "chat_id message_id text",
        "business_connection_id parse_mode entities link_preview_options reply_markup",
    ),
    "editMessageReplyMarkup": _method(
        edit_message_reply_markup, "chat_id message_id", "business_connection_id reply_markup"
    ),
    "answerCallbackQuery": _method(
        answer_callback_query, "callback_query_id", "text show_alert url cache_time"
    ),
    "sendChatAction": _method(send_chat_action, "chat_id action", "business_connection_id message_thread_id"),
    "setMyCommands": _method(set_my_commands, "commands", "scope language_code"),
    "getMyCommands": _method(get_my_commands, "", "scope language_code"),
    "getFile": _method(get_file, "file_id"),
}


async def perform(state: TelegramState, name: str, params: Params) -> Any:
    """Carry a method out; unknown ones and unknown or missing parameters are refused.

    Telegram itself passes over parameters that it does not know; here they are a mistake of ours that a test
    must see.
    """
    method = METHODS.get(name)
    if method is None:
        raise ApiError(404, "Not Found")
    if unknown := params.keys() - method.required - method.optional:
        raise ApiError(400, f"Bad Request: unknown parameter {sorted(unknown)}")
    if missing := method.required - params.keys():
        name = min(missing)
        text = "message text is empty" if name == "text" else f"parameter {name!r} is required"
        raise ApiError(400, f"Bad Request: {text}")
    if "parse_mode" in params:
        raise ApiError(400, "Bad Request: this project sends no markup")
    return await method.do(state, params)


# Reading parameters


def _json(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        raise ApiError(400, "Bad Request: can't parse JSON object") from None


def _object(value: Any) -> dict[str, Any]:
    return _json(value) if value is not None else {}


def _names(value: Any) -> frozenset[str] | None:
    return frozenset(_json(value)) or None


def _whole(value: Any, name: str) -> int:
    try:
        return int(value)
    except (TypeError, ValueError):
        raise ApiError(400, f"Bad Request: parameter {name!r} must be an integer") from None


def _true(value: Any) -> bool:
    return str(value).lower() in ("true", "1")


def _drop_if_asked(state: TelegramState, params: Params) -> None:
    if _true(params.get("drop_pending_updates", "false")):
        state.pending.clear()
        state.again.clear()


def _person(state: TelegramState, params: Params) -> Person:
    return state.reachable(_whole(params["chat_id"], "chat_id"))


def _text(value: Any) -> str:
    text = str(value).strip()
    if not text:
        raise ApiError(400, "Bad Request: message text is empty")
    if units(text) > MAX_TEXT_UNITS:
        raise ApiError(400, "Bad Request: message is too long")
    return text


def _keyboard(value: Any) -> list[list[dict[str, str]]]:
    if value is None:
        return []
    rows = _object(value).get("inline_keyboard")
    if rows is None:
        raise ApiError(400, "Bad Request: object expected as reply markup")
    for button in (button for row in rows for button in row):
        _check_button(button)
    if any(len(row) > MAX_IN_ROW for row in rows) or sum(map(len, rows)) > MAX_BUTTONS:
        raise ApiError(400, "Bad Request: reply markup is too long")
    return [row for row in rows if row]


def _check_button(button: dict[str, str]) -> None:
    if not button.get("text", "").strip():
        raise ApiError(400, BAD_BUTTON + 'Field "text" must be non-empty')
    if "callback_data" not in button and "url" not in button:
        raise ApiError(400, BAD_BUTTON + "Text buttons are unallowed in the inline keyboard")
    if len(button.get("callback_data", "-").encode()) not in range(1, 65):
        raise ApiError(400, "Bad Request: BUTTON_DATA_INVALID")


def _own_message(state: TelegramState, params: Params) -> tuple[Person, Shown]:
    person = _person(state, params)
    number = _whole(params["message_id"], "message_id")
    message = next((shown for shown in person.messages if shown.message_id == number), None)
    if message is None or message.gone:
        raise ApiError(400, "Bad Request: message to edit not found")
    if not message.from_bot:
        raise ApiError(400, "Bad Request: message can't be edited")
    return person, message


def _edited(state: TelegramState, person: Person, message: Shown) -> Any:
    message.edits += 1
    person.show()
    return state.message_payload(person, message, {"text": message.text}) | {"edit_date": state.now()}


__all__ = ["BOT_ID", "METHODS", "perform"]
