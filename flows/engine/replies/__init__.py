"""Carry out what a participant replies, once it is known what it means.

`answering` is the way in; it hands on to the others. `inquiries` answers what people ask the bot.

Public modules:

- `answering`: Carry out a reply: it answers the open question, or corrects an answer given before.
- `correcting`: Change an answer that was given before, and find what becomes of the conversation then.
- `inquiries`: Answer what people ask the bot, and keep what goes beyond it.
- `settling`: Settle a reply whose meaning is known: keep it and go on, correct an earlier answer, or put a question
  again.
"""

__all__ = ["answering", "correcting", "inquiries", "settling"]
