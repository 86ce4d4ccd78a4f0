"""Send what is queued in the outbox through the channels: in order, at a bearable rate, again where it failed.

`sender` runs it; `retry_policy` decides what follows from an error, `rate_limits` how fast messages may go,
`results` marks and writes the rows, and `rows` makes rows for others to queue.
"""

__all__ = ["rows", "sender"]
