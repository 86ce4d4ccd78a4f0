"""Tell whether what was typed is nothing but choices of the open question, as if they had been tapped."""

import re
from datetime import datetime
from typing import Final

from flows.engine.compiled import CompiledFlow
from flows.engine.effects import PromptKind
from flows.engine.interpretation import is_a_label
from flows.engine.state import ConversationState
from flows.engine.turn import Turn


def names_a_choice(compiled: CompiledFlow, state: ConversationState, text: str, now: datetime) -> bool:
    """Return whether a text is nothing but choices of the open question of the script, by label or another word.

    One choice, or where several may be picked, a list of them with commas between. False where none is open. `compiled`
    is in the conversation's language.
    """
    waiting = Turn(compiled, state, now).waiting(state.open)
    if waiting is None:
        return False
    several = waiting.context.node.kind is PromptKind.SELECT_MANY
    named = [part for part in _LISTED.split(text) if part.strip()] if several else [text]
    return bool(named) and all(is_a_label(waiting, part) for part in named)


_LISTED: Final = re.compile(r"[,،;؛\n]")
"""What stands between choices that are typed as a list."""
