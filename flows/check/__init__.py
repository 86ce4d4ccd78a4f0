"""Check scripts, program files and translations: everything that is wrong, each at its place in the file.

`run` is the entry; the other modules hold its rules, one subject each. `outline` and `scope` are what rules read.

Public modules:

- `effects`: Check the effects of a script: the fields that each takes and needs, and where it stands.
- `grades`: Measure the school year at which patients' texts are read, in each language by the formula made for it.
- `length`: Measure how long a conversation is along its longest way: questions, minutes, points, open questions.
- `promises`: Check what a script promises of itself: how many questions it asks, and how many minutes it takes.
- `readability`: Check what patients can read: the grade, the number of sentences, and words that put people off.
- `run`: Find everything that is wrong with a script or a program file.
- `texts`: Check texts: their placeholders can be filled, and no platform refuses them.
"""

__all__ = ["effects", "grades", "length", "promises", "readability", "run", "texts"]
