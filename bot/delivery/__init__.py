"""Send what is queued in the outbox through the channels: in order, at a bearable rate, again where it failed.

`sender` runs it; `retry_policy` decides what follows from an error, `rate_limits` how fast messages may go,
`paid_pace` what is paid for beyond that, `admission` how many conversations may be begun, `channel_queue` what goes on
a line (a channel, or one workspace of it: `lines`) now, `results` marks and writes the rows, and `rows` makes rows for
others to queue.
"""

__all__ = ["rate_limits", "results", "rows", "sender"]
