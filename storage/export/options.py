"""What an export can be written as, and for whom. Apart, so that naming a format costs no start-up time."""

from enum import StrEnum


class ExportFormat(StrEnum):
    """What the tables of an export are written as; answers and remarks stand beside them as JSON Lines in either."""

    CSV = "csv"
    XLSX = "xlsx"


class ExportAudience(StrEnum):
    """Who an export is for: the team, who gets all tables, or supporters, who get figures alone."""

    TEAM = "team"
    SUPPORTERS = "supporters"
    """Figures alone, with small cells hidden: see `storage.export.small_cells`."""
