"""Write the outcomes report as one HTML page that needs nothing else: `render` makes it.

`view` lays tables out and `first_page` the first page, in `steps`; `supporter_steps` has the numbers of a supporter's.
`cells` puts cells into words; the templates hold how it looks.
"""

__all__ = ["render"]
