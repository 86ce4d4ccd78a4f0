"""Read scripts: their models, conditions, facts and code lists, and how to load them.

`loader` is the entry; `model` is what the engine plays.

Public modules:

- `bounds`: Bound what an author may write: the least and the greatest of every number and date, and how much a
  condition holds.
- `code_lists`: Load the shipped code lists, with their versions and sources.
- `conditions`: Compile and evaluate conditions, which are written in CEL: a standard, sandboxed language without side
  effects.
- `facts`: List the facts that a condition or a placeholder may name.
- `frozen_model`: Give all models of what authors write their base and the two texts that most of them hold.
- `loader`: Load scripts: YAML to `Flow`, with every problem at once, each at its place in the file.
- `model`: Define what an author writes: a flow, its steps and their choices.
- `question_parts`: Tell the parts of a question that several readers of scripts need: its texts, and the numbers that
  it offers.
- `reconsent`: Ask anew for a consent whose text was changed: what counts as changed, and how it comes before all
  else.
- `roles`: Name who takes part, what a consent is for, and what a question is about. By itself: it needs no models of
  scripts.
- `strings`: Walk over every string of a flow that a participant may see, to list or to replace them.
- `time_limit`: Hold a turn to its time: whoever runs it says when the time is over, and each step and condition asks
  before it runs.
- `validation`: Translate what pydantic finds wrong with a file into an author's words, at its place in the file.
"""

__all__ = [
    "bounds",
    "code_lists",
    "conditions",
    "facts",
    "frozen_model",
    "loader",
    "model",
    "question_parts",
    "reconsent",
    "roles",
    "strings",
    "time_limit",
    "validation",
]
