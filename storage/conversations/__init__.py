"""Keep conversations and the messages that move them.

A message comes in by `inbox`, is played to a record of `conversations`, and what comes of it is collected and committed
by `writes`; `outbox` holds what goes out, `contact_log` why something was sent or not.

Public modules:

- `catch_up`: Find up to where people were heard on a channel, for those who may have written while nobody listened.
- `contact_log`: Record what was sent, deferred or not sent of our own accord, and why.
- `conversations`: Read conversations and participants as a turn needs them.
- `detected_languages`: Keep which language an answer was found to be in, and find the answers whose language is not
  known yet.
- `inbox`: Store inbound messages before they are acknowledged, and take the oldest unhandled one of each address.
- `kept_changes`: Forget the words of changes of answers that conversations keep.
- `kept_redactions`: Keep the redacted form of words beside them, and read it where it still holds.
- `outbox`: Keep what goes out: in order per address, one at a time, and never silently lost.
- `outbox_in_doubt`: Send again what may have arrived: messages of which a crash or a time-out leaves unknown what
  became of them.
- `outbox_lines`: Name what is paced together on a channel: the channel, or one workspace of it.
- `message_names`: Forget the names of messages where another account of ours is heard from now on.
- `outbox_order`: Keep which unsent message of each address goes next.
- `outbox_edits`: Find the edits of the outbox that may be sent: traces under questions, outside the queues of their
  addresses.
- `page_history`: Read what was said at one address, by both sides, as a page shows it; and whether all is answered.
- `paid_messages`: Count the messages that were paid for, month by month.
- `showings`: Find by which messages a question was shown: what a reply to it is compared with.
- `taken_back`: Mark words whose message was taken back on the platform.
- `writes`: Collect what a batch of turns leaves behind, and write it in one transaction.
"""

__all__ = [
    "catch_up",
    "contact_log",
    "conversations",
    "detected_languages",
    "inbox",
    "kept_changes",
    "kept_redactions",
    "message_names",
    "outbox",
    "outbox_edits",
    "outbox_in_doubt",
    "outbox_lines",
    "outbox_order",
    "page_history",
    "paid_messages",
    "showings",
    "taken_back",
    "writes",
]
