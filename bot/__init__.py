"""Everything that touches the world: channels, turns, delivery, the schedule, the command line.

The package holds no code of its own, and importing it loads nothing. `bot.app` wires the parts; `bot.cli` is the
command `said`.
"""
