"""Let somebody try the program on this machine: `session` is the terminal's conversation, `try_page` that of a browser.

Both are in `try_mode`, by one clock that can be moved.
"""

__all__ = ["session", "try_mode", "try_page"]
