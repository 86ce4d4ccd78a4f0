"""Write answers, commitments and figures as files for a spreadsheet or a statistics program.

`export.export` and `export.export_for_supporters` are the entries. `tables` says what is exported and `formats` how;
`funnel` and `statistics` count what became of commitments, and `small_cells` hides what would tell of one person.
"""
