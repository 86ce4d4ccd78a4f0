"""Conversations in a browser: `port` says what a page shows."""

__all__ = ["port"]
