"""Make the outcomes report: its sections T1 to T10, each with its tables of measures.

`registry` lists the sections in order; `tables` has those tables of measures that only the report shows; `people_file`
reads who had which function in which activity, by code.
"""

__all__ = ["people_file", "registry", "tables"]
