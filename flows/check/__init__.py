"""Check scripts, program files and translations: everything that is wrong, each at its place in the file.

`run` is the entry; the other modules hold its rules, one subject each. `outline` and `scope` are what rules read.
"""
