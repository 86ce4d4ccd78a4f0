"""Give all models of what authors write their base and the two texts that most of them hold."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from flows.script.bounds import WrittenCondition

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A name of a step, choice or list: lower case, digits and underscores, at most 40. Kept for ever, see
`Step.key`.
"""

Condition = Annotated[str, Field(min_length=1), WrittenCondition()]
"""A condition in CEL, for example `c2 == 'will_change' && participant.role == 'hcp'`."""


class FrozenModel(BaseModel):
    """A model that cannot be changed and refuses unknown keys: a misspelt key must not pass in silence."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
