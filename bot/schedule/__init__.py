"""Act on what is due: timers, digests, retention, and the detection of languages in the background.

`scheduler` ticks and takes the timers that are due; `timers`, `waves` and `follow_ons` act on one each.
"""
