"""Count what only the outcomes report shows, a module for each of its sections."""

__all__: list[str] = []
