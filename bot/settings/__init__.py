"""Read the settings once at start: `settings` has all of them, `mail` and `console` the tables of a part each.

`section` is what every table is made of.
"""

__all__ = ["console", "mail", "section", "settings"]
