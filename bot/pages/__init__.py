"""Find what the pages of conversations show: `conversation_pages` makes them, of `history` and `questions`.

`drafts` are answers that were given and not taken, and `sent_rows` reads the rows of what was sent.
"""

__all__ = ["conversation_pages", "drafts", "history", "questions", "sent_rows"]
