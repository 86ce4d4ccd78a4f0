"""Make the outcomes report: its figures, the draft of an abstract, and what a team enters elsewhere.

`figures` draws, `abstract` drafts the structured abstract of an activity, `pars` lists what PARS asks for.
"""

__all__ = ["abstract", "figures", "pars"]
