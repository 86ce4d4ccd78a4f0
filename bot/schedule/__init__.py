"""Act on what is due: timers, digests, retention, and the work in the background on what was written.

`scheduler` ticks (`ticker`) and takes the timers that are due; `waves` acts on many at once, `timers`, `wave_ends` and
`follow_ons` on one each.

Public modules:

- `language_detection`: Find the language of what participants wrote, after it is stored, and offer to go on in it.
- `rechecks`: Check again, at the moment of sending, what was queued of our own accord: it may have waited for long.
- `retention`: Delete once a day what has been kept for long enough, and log the audit trail's anchor.
- `scheduler`: Act on the timers that are due, each checked again, in due order, in short transactions.
- `second_reading`: Read what participants wrote once more, after it is stored, by the second reader: it notices what
  the rules missed.
- `sentence_encoder`: Turn texts into sentence vectors by a package that need not be installed.
"""

__all__ = [
    "language_detection",
    "rechecks",
    "retention",
    "scheduler",
    "second_reading",
    "sentence_encoder",
]
