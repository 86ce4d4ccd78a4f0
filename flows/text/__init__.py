"""Work on single texts: folding for comparison, templates, identifiers to redact, suggestions.

Public modules:

- `amounts`: Tell amounts from numbers that may say who somebody is.
- `arabic`: Take apart what Arabic writes onto a word: its article, and the 'and' that joins it to the word before.
- `bank_numbers`: Find numbers of bank accounts (IBAN) and of payment cards by their check digits.
- `emoji`: Read emoji: by name between colons (`:-1:`, as Slack delivers and people paste them), as keycaps, or as
  signs.
- `folding`: Fold texts for comparison: two texts that a person would call the same fold to the same key.
- `hidden_characters`: Find characters that nobody sees and that change what is read: controls, overrides of direction,
  half characters.
- `name_words`: List the words that decide whether a word behind a title is a name.
- `phone_numbers`: Find phone numbers as people of any country write them.
- `phone_regions`: Say where people most likely are, for whoever looks for phone numbers.
- `pii`: Find what in a free text could tell who somebody is, before the text is shown or exported.
- `slips`: Look up words that are one slip of the finger away: a letter too many, too few, another, or two exchanged.
- `suggest`: Suggest 'did you mean ...?' for names that an author misspelt.
- `templates`: Read and fill the placeholders in what an author writes.
- `terminal_text`: Make texts harmless to a terminal and to whoever reads a line of output: nothing in them moves,
  colours or forges.
- `titled_names`: Find names that stand behind a title.
"""

__all__ = [
    "amounts",
    "arabic",
    "bank_numbers",
    "emoji",
    "folding",
    "hidden_characters",
    "name_words",
    "phone_numbers",
    "phone_regions",
    "pii",
    "slips",
    "suggest",
    "templates",
    "terminal_text",
    "titled_names",
]
