"""What the shell finds in a person's words and tells the engine, for conversations that are played without a shell."""

from functools import cache

from bot.conversations.safety import text_of
from flows.engine.events import Event
from flows.engine.interruptions.safety_notice import SafetyNotice, missing
from flows.engine.state import Care
from flows.program.loader import PROGRAMS, load_program
from flows.program.model import ProgramFile
from flows.program.safety import DEFAULT
from flows.safety.lexicon import SHIPPED
from flows.safety.scan import scan


@cache
def _program() -> ProgramFile:
    return load_program(PROGRAMS / "myeloma.yaml")


def notice_of(event: Event) -> SafetyNotice | None:
    """As `bot.conversations.safety.detect`, for somebody of whom no country is known."""
    text = text_of(event)
    if text is None:
        return None
    finding = scan(text, products=_program().known_products, languages=SHIPPED)
    if not finding.signals:
        return None
    care = Care(_program().emergency_numbers[DEFAULT], ())
    return SafetyNotice(finding.tier, finding.reportable, missing(finding, text), care)
