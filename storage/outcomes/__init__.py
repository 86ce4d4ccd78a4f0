"""Make the outcomes report: its sections T1 to T10, each with its tables of measures, and its figures.

`registry` lists the sections in order, `tables` has those tables of measures that only the report shows, `people_file`
reads who planned and taught. `figures` draws, `abstract` drafts the structured abstract of an activity, `pars` lists
what PARS asks for.
"""

__all__ = ["abstract", "figures", "pars", "people_file", "registry"]
