"""What messages hold besides words, as the Bot API names and shapes it.

Things that people send, and what Telegram writes itself: service messages.
"""

from typing import Any

Json = dict[str, Any]

MAX_TEXT_UNITS = 4096

_FILE: Json = {"file_id": "F1", "file_unique_id": "f1", "file_size": 9}
_VIDEO: Json = {**_FILE, "width": 9, "height": 9, "duration": 1}
_STICKER: Json = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
_USER: Json = {"id": 4242, "is_bot": False, "first_name": "Someone"}
_CHAT: Json = {"id": -100_777, "type": "channel", "title": "News"}
_PLACE: Json = {"latitude": 48.2, "longitude": 16.4}
_TASK: Json = {"id": 1, "text": "Milk"}
_GIFT: Json = {"id": "1", "sticker": _FILE | _STICKER, "star_count": 15}
_POLL: Json = {
    "id": "1",
    "question": "Tea?",
    "options": [{"text": "Yes", "voter_count": 0}, {"text": "No", "voter_count": 0}],
    "total_voter_count": 0,
    "is_closed": False,
    "is_anonymous": True,
    "type": "regular",
    "allows_multiple_answers": False,
}
_PRICE: Json = {"currency": "XTR", "total_amount": 1}

PEOPLE_SEND: dict[str, Any] = {
    "animation": _VIDEO,
    "audio": {**_FILE, "duration": 1},
    "checklist": {"title": "Shopping", "tasks": [_TASK]},
    "contact": {"phone_number": "+4312345", "first_name": "Someone"},
    "dice": {"emoji": "\U0001f3b2", "value": 5},
    "document": {**_FILE, "file_name": "letter.pdf"},
    "game": {"title": "Chess", "description": "A game", "photo": [{**_FILE, "width": 9, "height": 9}]},
    "giveaway": {"chats": [_CHAT], "winners_selection_date": 1, "winner_count": 1},
    "giveaway_winners": {
        "chat": _CHAT,
        "giveaway_message_id": 1,
        "winners_selection_date": 1,
        "winner_count": 1,
        "winners": [_USER],
    },
    "invoice": {**_PRICE, "title": "Tea", "description": "A cup", "start_parameter": "tea"},
    "live_photo": {**_VIDEO, "photo": [{**_FILE, "width": 9, "height": 9}]},
    "location": _PLACE,
    "paid_media": {"star_count": 1, "paid_media": [{"type": "preview"}]},
    "photo": [{**_FILE, "width": 90, "height": 90}],
    "poll": _POLL,
    "sticker": {**_FILE, **_STICKER},
    "story": {"chat": _CHAT, "id": 3},
    "venue": {"location": _PLACE, "title": "Clinic", "address": "Main Street 1"},
    "video": _VIDEO,
    "video_note": {**_FILE, "length": 9, "duration": 1},
    "voice": {**_FILE, "duration": 3},
}
"""What a person can send or forward instead of words, each with a body of its shape."""

SERVICE: dict[str, Any] = {
    "boost_added": {"boost_count": 1},
    "channel_chat_created": True,
    "chat_background_set": {"type": {"type": "pattern"}},
    "chat_owner_changed": {"new_owner": _USER},
    "chat_owner_left": {"new_owner": _USER},
    "chat_shared": {"request_id": 1, "chat_id": -100_777},
    "checklist_tasks_added": {"tasks": [_TASK]},
    "checklist_tasks_done": {"marked_as_done_task_ids": [1]},
    "connected_website": "example.org",
    "delete_chat_photo": True,
    "direct_message_price_changed": {"are_direct_messages_enabled": True},
    "forum_topic_closed": {},
    "forum_topic_created": {"name": "Topic", "icon_color": 7_322_096},
    "forum_topic_edited": {"name": "Topic"},
    "forum_topic_reopened": {},
    "general_forum_topic_hidden": {},
    "general_forum_topic_unhidden": {},
    "gift": {"gift": _GIFT},
    "gift_upgrade_sent": {"gift": _GIFT},
    "giveaway_completed": {"winner_count": 1},
    "giveaway_created": {},
    "group_chat_created": True,
    "left_chat_member": _USER,
    "managed_bot_created": {"bot": _USER | {"is_bot": True}},
    "message_auto_delete_timer_changed": {"message_auto_delete_time": 86_400},
    "migrate_from_chat_id": -100_777,
    "migrate_to_chat_id": -100_777,
    "new_chat_members": [_USER],
    "new_chat_photo": [{**_FILE, "width": 90, "height": 90}],
    "new_chat_title": "New title",
    "paid_message_price_changed": {"paid_message_star_count": 1},
    "passport_data": {"data": [], "credentials": {"data": "", "hash": "", "secret": ""}},
    "pinned_message": {"message_id": 1, "chat": _CHAT, "date": 0},
    "poll_option_added": {"option_persistent_id": "1", "option_text": "Maybe"},
    "poll_option_deleted": {"option_persistent_id": "1", "option_text": "Maybe"},
    "proximity_alert_triggered": {"traveler": _USER, "watcher": _USER, "distance": 5},
    "refunded_payment": {**_PRICE, "invoice_payload": "x", "telegram_payment_charge_id": "1"},
    "successful_payment": {**_PRICE, "invoice_payload": "x", "telegram_payment_charge_id": "1"},
    "suggested_post_approval_failed": {"price": {"currency": "XTR", "amount": 1}},
    "suggested_post_approved": {"send_date": 1},
    "suggested_post_declined": {},
    "suggested_post_paid": {"currency": "XTR", "amount": 1},
    "suggested_post_refunded": {"reason": "post_deleted"},
    "supergroup_chat_created": True,
    "unique_gift": {"gift": {"base_name": "Hat"}, "origin": "upgrade"},
    "users_shared": {"request_id": 1, "users": [{"user_id": 4242}]},
    "video_chat_ended": {"duration": 5},
    "video_chat_participants_invited": {"users": [_USER]},
    "video_chat_scheduled": {"start_date": 1},
    "video_chat_started": {},
    "web_app_data": {"data": "x", "button_text": "Open"},
    "write_access_allowed": {"from_request": True},
}
"""Messages that Telegram writes itself, by the field that names them; in Bot API 10.0."""


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut_by_app(text: str) -> list[str]:
    """The messages into which an app cuts words that are too long for one: at a line or a word, where there is one."""
    messages = []
    while units(text) > MAX_TEXT_UNITS:
        fits = text[:MAX_TEXT_UNITS]
        while units(fits) > MAX_TEXT_UNITS:
            fits = fits[:-1]
        ends = (fits.rfind("\n"), fits.rfind(" "))
        at = next((end for end in ends if end > len(fits) // 2), len(fits))
        messages.append(text[:at].strip())
        text = text[at:].strip()
    return [*messages, text]
