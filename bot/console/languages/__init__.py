"""Say what the pages say in the language of whoever reads: sentences and codes, English first.

`marks` marks sentences in Python, `codes` names the codes that pages show, `act_words` tells what the team did,
`page_words` is what templates call, and `extraction` gathers all of it for translators.
"""

__all__ = ["act_words", "codes", "extraction", "marks", "page_words"]
