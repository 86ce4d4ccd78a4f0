"""Show words that a person of the team decides about, beside those that nobody has read: a module a page.

`coded_sentences` are those under a theme, and those whose codes were settled, `rereadings` are those that were read
with doubt, `quotations` those that may be quoted, and `samples` those in which the safety rules found nothing; each has
the table `PAGES`.
"""

__all__ = ["coded_sentences", "quotations", "rereadings", "samples"]
