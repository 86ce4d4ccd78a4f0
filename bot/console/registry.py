"""The table of all pages of the console: a page that is not in it cannot be reached."""

from typing import Final

from bot.console.access import accounts, sign_in
from bot.console.pages import (
    acts,
    figures,
    invitations,
    members,
    people,
    person,
    programs,
    reading,
    reconciliation,
    reports,
    safety,
    system,
    themes,
    today,
)
from bot.console.pages.words import coded_sentences, quotations, rereadings, samples
from bot.console.visit import ConsolePage

PAGES: Final[tuple[ConsolePage, ...]] = (
    *sign_in.PAGES,
    *accounts.PAGES,
    *today.PAGES,
    *reading.PAGES,
    *rereadings.PAGES,
    *quotations.PAGES,
    *people.PAGES,
    *person.PAGES,
    *safety.PAGES,
    *reconciliation.PAGES,
    *samples.PAGES,
    *invitations.PAGES,
    *figures.PAGES,
    *themes.PAGES,
    *coded_sentences.PAGES,
    *programs.PAGES,
    *reports.PAGES,
    *members.PAGES,
    *acts.PAGES,
    *system.PAGES,
)
"""Those that need somebody to be signed in."""
PUBLIC_PAGES: Final[tuple[ConsolePage, ...]] = (*sign_in.PUBLIC_PAGES, *accounts.PUBLIC_PAGES)
"""Those that let somebody in."""
