"""Show coordinators their work in a browser, at `/team`: server-rendered pages on what the commands do, too.

`options` is what it is made with, `visit` what a page stands on, `routes` guards every page and answers it, `registry`
is the table of them, `jobs` runs beside the bot what takes long, and `pages` are the pages. It keeps nothing of its own
but who is signed in (`storage.team`).
"""

__all__ = ["jobs", "options", "registry", "routes", "visit"]
