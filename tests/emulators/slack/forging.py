"""What an old or forged client would send, whatever is on the screen."""

from tests.emulators.slack.delivery import Delivery, Kind
from tests.emulators.slack.person import Message, Person

_CHANGES = {
    "tap": ("tap", "button", "value"),
    "picks": ("done", "button", "value"),
    "date": ("day", "datepicker", "selected_date"),
}
"""By kind: what our ids of the control begin with, what Slack calls it, and where it holds what was chosen."""
_DAY = "2026-03-09"


def forge(person: Person, kind: str, payload: str) -> Delivery:
    """Tap a button, tick the first of several, pick a day or send a form with this payload."""
    if kind == "form":
        values = {"answer": {"text": {"type": "plain_text_input", "value": "forged"}}}
        view = {"id": f"V{person.slack.next_number()}", "hash": "forged", "type": "modal"}
        view |= {"callback_id": "write", "private_metadata": payload, "state": {"values": values}}
        submission = person._interaction("view_submission") | {"view": view}
        return person.slack.hand_over(Kind.INTERACTION, submission, person)
    name, element, field = _CHANGES[kind]
    message = Message(person.slack.next_ts(), "", "", from_bot=True)
    if kind == "picks":
        ticked = {"type": "checkboxes", "selected_options": [{"value": f"{payload}.0"}]}
        message.state = {"b": {f"picks:{payload}": ticked}}
    chosen = {field: _DAY if kind == "date" else payload}
    person.slack.room_of(person)
    control = {"type": element, "action_id": f"{name}:{payload}"}
    return person._act_in(message, {"block_id": "b"}, control, chosen)
