"""Act on what is due: timers, digests, retention, and the detection of languages in the background.

`scheduler` ticks and takes the timers that are due; `waves` acts on many at once, `timers`, `wave_ends` and
`follow_ons` on one each.

Public modules:

- `language_detection`: Find the language of what participants wrote, after it is stored, and offer to go on in it.
- `rechecks`: Check again, at the moment of sending, what was queued of our own accord: it may have waited for long.
- `retention`: Delete once a day what has been kept for long enough, and log the audit trail's anchor.
- `scheduler`: Act on the timers that are due, each checked again, in due order, in short transactions.
"""

__all__ = ["language_detection", "rechecks", "retention", "scheduler"]
