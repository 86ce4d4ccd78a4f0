"""Find what the pages of conversations show: `conversation_pages` makes them, of `history` and `questions`."""

__all__ = ["conversation_pages", "history", "questions"]
