"""Load ahead what the first turns need: nobody who holds the writer is to read word lists or parse a file."""

import gc

from sqlalchemy import Connection

from bot.conversations.flow_registry import FlowRegistry
from bot.conversations.safety import get_ready
from bot.memory import gather_memory
from flows.inquiries import reading
from flows.parsing import language_names, number_words, vocabulary
from storage.programs import programs

MADE_BETWEEN_COLLECTIONS = 10_000
"""Containers: about what a batch of turns makes. Python's own 700 is ten turns."""


def settle() -> None:
    """Load word lists ahead of the first turn, and have the garbage collector pass over all objects there are now.

    Those objects are many (word lists, scripts, modules) and mostly needed until the end: a collection that walks
    through them takes a tenth of a second of somebody's turn. What a batch of turns makes is freed without
    a collector, so it is also set to run less often, for the whole process. And they are put into large pages.
    """
    get_ready()
    vocabulary.warm()
    language_names.warm()
    number_words.warm()
    reading.warm()
    gc.freeze()  # without a collection before it: there is nothing to collect, and it would hold up the start
    gc.set_threshold(MADE_BETWEEN_COLLECTIONS)
    gather_memory()


def load_ahead(connection: Connection, *, registry: FlowRegistry) -> None:
    """Parse the programs' files, the versions of flows that were kept last, and which languages the bot speaks."""
    programs.warm(connection)
    registry.warm(connection)
    assert registry.localizations.languages
