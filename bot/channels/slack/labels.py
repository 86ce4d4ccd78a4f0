"""What the Slack channel says of its own accord: labels of its controls, the Home tab, the slash command.

Everything that belongs to a conversation comes from the flows; these few words exist on Slack alone.
"""

from dataclasses import dataclass
from functools import lru_cache

from flows.i18n.say import FALLBACK, Sentence, say


@dataclass(frozen=True, slots=True)
class SlackLabels:
    """The words of the bot's own controls in Slack, in one language: the form, the Home tab, the answers to `/said`.

    Modal titles and buttons are at most 24 letters, Slack's limit.
    """

    write_title: str
    write_label: str
    send: str
    cancel: str
    home_title: str
    home_text: str
    home_code: str
    home_start: str
    command_started: str
    command_help: str


_SENTENCES = {
    "write_title": Sentence.SLACK_WRITE_TITLE,
    "write_label": Sentence.SLACK_WRITE_LABEL,
    "send": Sentence.SLACK_SEND,
    "cancel": Sentence.SLACK_CANCEL,
    "home_title": Sentence.SLACK_HOME_TITLE,
    "home_text": Sentence.SLACK_HOME_TEXT,
    "home_code": Sentence.SLACK_HOME_CODE,
    "home_start": Sentence.SLACK_HOME_START,
    "command_started": Sentence.SLACK_STARTED,
    "command_help": Sentence.SLACK_HELP,
}


@lru_cache(maxsize=64)
def words(language: str | None) -> SlackLabels:
    """Return the labels in a language such as `en` or `en-GB`; English for None, and where there is no translation."""
    return SlackLabels(**{name: say(sentence, language or FALLBACK) for name, sentence in _SENTENCES.items()})
