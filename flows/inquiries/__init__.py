"""Read what people ask the bot, a closed set, in every language.

Public modules:

- `expressions`: Write the patterns of a language's questions as regular expressions over words that end with a space
  each.
- `inquiry`: Name what people ask the bot: a closed set.
- `inquiry_file`: Load the questions of a language: `flows/library/inquiries/<language>.yaml`; en.yaml says how it is
  written.
- `patterns`: Find and match the patterns of a language's questions.
- `reading`: Read what people ask the bot: who reads this, how long it takes, why it asks.
"""

__all__ = ["expressions", "inquiry", "inquiry_file", "patterns", "reading"]
