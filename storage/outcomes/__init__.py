"""Make the outcomes report: its sections T1 to T10, each with its tables of measures and figures.

`report` makes it as data, `files` writes it into a folder as a page and a workbook. `cohort` gives the connection on
which it is counted; `supporters` makes what a supporter may see of it, `cuts` keeps what was handed out, and
`supporter_report` makes a report of that alone. `registry` lists the sections in order, `tables` has those tables of
measures that only the report shows, `summary` that of its first page, `people_file` reads who planned and taught.
`figures` draws, `abstract` drafts the structured abstract of an activity, `pars` lists what PARS asks for.
"""

__all__ = [
    "abstract",
    "cohort",
    "cuts",
    "figures",
    "files",
    "pars",
    "people_file",
    "registry",
    "report",
    "summary",
    "supporter_report",
    "supporters",
]
