"""Check scripts, program files and translations: everything that is wrong, each at its place in the file.

`run` is the entry; the other modules hold its rules, one subject each. `outline` and `scope` are what rules read.

Public modules:

- `effects`: Check the effects of a script: the fields that each takes and needs, and where it stands.
- `length`: Measure how long a conversation is along its longest way: questions, minutes, points, open questions.
- `readability`: Check what patients can read: the grade, the number of sentences, and words that put people off.
- `run`: Find everything that is wrong with a script or a program file.
- `texts`: Check texts: their placeholders can be filled, and no platform refuses them.
"""

__all__ = ["effects", "length", "readability", "run", "texts"]
