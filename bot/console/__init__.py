"""Show coordinators their work in a browser, at `/team`: server-rendered pages on what the commands do, too.

`options` is what it is made with, `visit` what every page stands on, `routes` guards and answers them, and `registry`
is the table of the pages in `pages`. `jobs` runs beside the bot what takes long, and `account_provider` asks for
accounts of the organisation. It keeps nothing of its own but who is
signed in (`storage.team`).
"""

__all__ = ["account_provider", "jobs", "options", "pages", "registry", "routes", "visit"]
