"""The pages of the console: each module has the pages of a subject, and what their forms do, in its table `PAGES`."""

__all__ = ["members", "people", "person", "reading", "safety", "today"]
