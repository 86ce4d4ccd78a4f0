"""Define what a program file answers to people who ask something of the bot."""

from pydantic import Field

from flows.script.model import FrozenModel


class InquiryAnswers(FrozenModel):
    """What people are told who ask something of the bot. Where a key is missing they hear a plain sentence of its own.

    Write what is true of your program. The text is said as it stands, without placeholders.
    """

    genuine: str | None = Field(
        None,
        min_length=1,
        exclude_if=lambda text: text is None,  # so that a file without it keeps its hash
        description="'Is this real, or a scam?', 'Who pays for it?'",
    )
    who_are_you: str | None = Field(None, min_length=1, description="'Are you a person?'")
    who_reads: str | None = Field(None, min_length=1, description="'Who reads this?'")
    anonymous: str | None = Field(None, min_length=1, description="'Is this anonymous?'")
    boss_or_doctor: str | None = Field(
        None, min_length=1, description="'Will my doctor, or my boss, see it?'"
    )
    how_long: str | None = Field(None, min_length=1, description="'How long does it take?'")
    why: str | None = Field(None, min_length=1, description="'Why do you ask?'")
    what_happens: str | None = Field(None, min_length=1, description="'What happens with my answers?'")
    voluntary: str | None = Field(
        None,
        min_length=1,
        exclude_if=lambda text: text is None,  # so that a file without it keeps its hash
        description="'Do I have to answer?'",
    )

    @property
    def given(self) -> dict[str, str]:
        """The answers that there are, by key."""
        return {key: text for key, text in self if text is not None}
