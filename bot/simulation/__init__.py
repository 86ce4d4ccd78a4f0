"""Rehearse a program with synthetic participants: `run` moves the clock, `people` answer as `behaviour` says.

`channels` says where they talk, `second_ways` which waves went on by another address of theirs. What they write is in
`words` and `phrases`, and `causes` holds the safety cases against what it was meant to tell.
"""

__all__ = ["causes", "channels", "run", "second_ways"]
