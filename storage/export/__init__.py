"""Write answers, commitments and figures as files for a spreadsheet or a statistics program.

`export` writes them, as `options` says. `tables` says what is exported and `formats` how; `funnel`, `rates`
and `statistics` count what became of commitments, `measures` response and the closed loop. `small_cells` hides figures
that would tell of one person, `manifest` says what a file was made of.
"""

__all__ = [
    "export",
    "formats",
    "funnel",
    "manifest",
    "measures",
    "options",
    "rates",
    "small_cells",
    "statistics",
    "tables",
]
