"""Explain the codes and columns of an export: what each stands for, in every language, and when it is asked.

Public modules:

- `codes`: Every code list with its labels, in every language.
- `codings`: What each coder gave each excerpt, once two have coded it, and what was settled.
- `columns`: Every column of the wide tables by its name, with the condition under which its question is asked.
- `programs`: The programs of an export with their activities, objectives and themes.
- `question_status`: What became of a question in a conversation, a closed set.
"""

__all__ = ["codes", "codings", "columns", "programs", "question_status"]
