"""Show coordinators their work in a browser, at `/team`: server-rendered pages on what the commands do, too.

`options` is what it is made with, `routes` guards every page and answers it, `registry` is the table of them, and
`pages` are the pages. It keeps nothing of its own but who is signed in (`storage.team`).
"""

__all__ = ["options", "registry", "routes"]
