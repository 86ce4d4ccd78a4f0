"""Work on single texts: folding for comparison, templates, identifiers to redact, suggestions.

Public modules:

- `arabic`: Take apart what Arabic writes onto a word: its article, and the 'and' that joins it to the word before.
- `emoji`: Read emoji: by name between colons (`:-1:`, as Slack delivers and people paste them), as keycaps, or as
  signs.
- `folding`: Fold texts for comparison: two texts that a person would call the same fold to the same key.
- `pii`: Find what in a free text could tell who somebody is, before the text is shown or exported.
- `slips`: Look up words that are one slip of the finger away: a letter too many, too few, another, or two exchanged.
- `suggest`: Suggest 'did you mean ...?' for names that an author misspelt.
- `templates`: Read and fill the placeholders in what an author writes.
"""

__all__ = ["arabic", "emoji", "folding", "pii", "slips", "suggest", "templates"]
