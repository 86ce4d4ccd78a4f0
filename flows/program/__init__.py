"""Read program files: their models, and how to load them.

Public modules:

- `inquiry_answers`: Define what a program file answers to people who ask something of the bot.
- `loader`: Load program files: YAML to `ProgramFile`, with every problem at once, each at its place in the file.
- `model`: Define what a coordinator writes about a program: the program file.
- `safety`: Define what a program file says about safety: products, help lines by country, business days.
- `weekdays`: Name the days of the week. By itself: it needs no models of programs.
"""

__all__ = ["inquiry_answers", "loader", "model", "safety", "weekdays"]
