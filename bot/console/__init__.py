"""Show coordinators their work in a browser, at `/team`: server-rendered pages on what the commands do, too.

`options` is what it is made with, `visit` what every page stands on, `routes` guards and answers them, and `registry`
is the table of the pages in `pages`. `access` lets members in, `languages` says it all in the language of whoever
reads, and `jobs` runs beside the bot what takes long. It keeps nothing of its own but who is signed in
(`storage.team`).
"""

__all__ = ["access", "jobs", "languages", "options", "pages", "registry", "routes", "visit"]
