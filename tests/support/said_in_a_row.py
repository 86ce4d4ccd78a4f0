"""What was said in a row stands in one message; tests of what is said look at each thing that was said."""

from msgspec.structs import replace

from flows.engine.effects import Prompt


def steps_of(*prompts: Prompt) -> list[Prompt]:
    """What the messages say, step by step and in order: a prompt for each thing that was said, and each question."""
    return [step for prompt in prompts for step in _steps(prompt)]


def _steps(prompt: Prompt) -> list[Prompt]:
    before = [part for part in prompt.lead.split("\n\n") if part]
    own = replace(prompt, lead="")
    if own.ask is None and not own.options:
        *more, last = own.text.split("\n\n")
        before, own = [*before, *more], replace(own, text=last)
    return [*(Prompt(part, language=prompt.language) for part in before), own]
