"""Make the outcomes report: its sections T1 to T10, each with its tables of measures, as a page and a workbook.

`report` makes it as data, `files` writes it into a folder. `registry` lists the sections in order; `tables` has those
tables of measures that only the report shows, `summary` that of its first page.
"""

__all__ = ["files", "registry", "report", "summary"]
