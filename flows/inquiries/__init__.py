"""Read what people ask the bot, a closed set, in every language.

Public modules:

- `inquiry`: Name what people ask the bot: a closed set.
- `patterns`: Load and compile the patterns of a language's questions: `flows/library/inquiries/<language>.yaml`, read
  once.
- `reading`: Read what people ask the bot: who reads this, how long it takes, why it asks.
"""

__all__ = ["inquiry", "patterns", "reading"]
