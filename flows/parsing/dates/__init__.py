"""Read dates and lengths of time as people type them, given today's date.

Public modules:

- `days`: Read a day: 'tomorrow', '3 March', 'the third Tuesday of September'.
- `unclear_days`: Tell a day that was named in full from one that must be said back.
- `durations`: Read how long something has lasted, in completed years: '8 months', 'since 2019'.
- `later`: Read when to come back: one of the times that are offered, or a day.
- `day_rules`: Work out the days that phrases and shortcuts mean.
"""

__all__ = ["day_rules", "days", "durations", "later", "unclear_days"]
