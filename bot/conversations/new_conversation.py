"""Describe a conversation that is to begin: whose, where, in which flow, with which facts."""

from dataclasses import dataclass, field

from bot.conversations.reconsent import NONE, Reconsents
from flows.engine.effects import Restart
from flows.script.facts import Facts


@dataclass(frozen=True, slots=True)
class NewConversation:
    """A conversation that is to begin, or to wait behind the open one: whose, where, in which flow, with which facts.

    `flow` is a flow's name; `facts` are those that the caller knows beside the usual ones.
    """

    participant_id: int
    address_id: int
    program_id: int
    activity_id: int | None
    flow: str
    facts: Facts = field(default_factory=dict)
    reconsents: Reconsents = NONE
    """Consents that are asked again before all else."""
    about_id: int | None = None
    """The submission that is co-signed in it, if any."""
    anew: Restart = field(default_factory=Restart)
    """What waits for its consent to take part: said in the conversation that it begins anew, if any."""
    waits: bool = False
    """Whether it begins only when its first words are handed over: until then it has no timers, and is not open."""
