"""What the Slack channel says of its own accord: labels of its controls, the Home tab, the slash command.

Everything that belongs to a talk comes from the flows; these few words exist on Slack alone.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlackWords:
    """One language's words. Modal titles and buttons are at most 24 characters, Slack's limit."""

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


_WORDS = {
    "en": SlackWords(
        write_title="Your answer",
        write_label="In your own words",
        send="Send",
        cancel="Cancel",
        home_title="Welcome",
        home_text=(
            "This is where you start. If you were given a code, paste it below. "
            "Then choose Start: I will write to you in the Messages tab."
        ),
        home_code="Your code (leave it empty if you have none)",
        home_start="Start",
        command_started="Thank you. I will write to you in a direct message.",
        command_help=(
            "To start, type `/said start CODE` with the code that you were given, "
            "or open this app's Home tab and choose Start. "
            "In our direct messages you can type help, pause or stop at any time."
        ),
    ),
}


def words(language: str | None) -> SlackWords:
    """The words of a language such as `en` or `en-GB`; English where there are none."""
    return _WORDS.get((language or "en").split("-")[0], _WORDS["en"])
