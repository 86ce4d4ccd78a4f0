"""Define what an author writes: a flow, its steps and their choices. The models are immutable, and nothing else.

A script is YAML, one file a flow. `flows.script.loader` turns the file into a `Flow` and names the place of
every problem; `flows.check.run` finds what a well-formed script still gets wrong; `flows.engine.advance`
plays it. These models are also the JSON Schema that editors use, so every field's description is written for
an author.
"""

import hashlib
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Literal

from pydantic import ConfigDict, Field
from pydantic.json_schema import SkipJsonSchema

from flows.script.bounds import CENTURY_DAYS, NumberBounds
from flows.script.choices import Amount as Amount  # noqa: PLC0414 - as below
from flows.script.choices import Band as Band  # noqa: PLC0414 - part of a script: taken from here, too
from flows.script.choices import Choice as Choice  # noqa: PLC0414 - as above
from flows.script.choices import Promote as Promote  # noqa: PLC0414 - as above
from flows.script.choices import Shortcut as Shortcut  # noqa: PLC0414 - as above
from flows.script.frozen_model import Condition as Condition  # noqa: PLC0414 - taken from here, too
from flows.script.frozen_model import FrozenModel as FrozenModel  # noqa: PLC0414 - as above
from flows.script.frozen_model import Key as Key  # noqa: PLC0414 - as above
from flows.script.roles import Purpose as Purpose  # noqa: PLC0414 - a script names them: taken from here, too
from flows.script.roles import QuestionTopic as QuestionTopic  # noqa: PLC0414 - as above
from flows.script.roles import Role as Role  # noqa: PLC0414 - as above

Picks = Annotated[int, NumberBounds(0, 100)]
Point = Annotated[int, NumberBounds(-100, 100)]
DaysFromToday = Annotated[int, NumberBounds(-CENTURY_DAYS, CENTURY_DAYS, CENTURY_DAYS)]
Characters = Annotated[int, NumberBounds(1, 20_000)]


class ConditionalText(FrozenModel):
    """A text, and when it is the one that is shown."""

    when: Condition = Field(description="Shown if this holds.")
    text: str = Field(
        min_length=1, description="What is shown. {placeholders} quote earlier answers and facts."
    )


class Probe(FrozenModel):
    """One further question, asked only when an answer is thin."""

    when: Condition = Field(
        description="The rule, in CEL over `answer` (the text), `words` (how many), `has_reason`,"
        " `specificity` (0 to 4) and its points `says_who`, `says_what`, `says_when` and `says_measure`. For example"
        " `words < 6`."
    )
    text: str = Field(min_length=1, description="What is asked.")
    instead: tuple[ConditionalText, ...] = Field(
        (),
        description="What is asked in its place: the first of these whose `when` holds, over the same names. So that"
        " only what is missing is asked for.",
    )
    joins: Literal["separate", "append"] = Field(
        "separate",
        description="'separate' keeps the reply as an answer of its own under '<key>_more';"
        " 'append' adds it to the first words, after a comma; a reply that says those again takes their place.",
    )


class Wording(FrozenModel):
    """Other words for a question, for some people: for those who care for somebody, say."""

    code: Key = Field(description="The wording's name, for translations. Kept for ever.")
    when: Condition = Field(description="Used where this holds; of several, the first that does.")
    text: str = Field(min_length=1, description="The question in these words.")


class StepBase(FrozenModel):
    """The keys that all steps of a script share; each kind of step is a model of its own below."""

    key: Key = Field(description="The step's name: stable for ever, and never given another meaning.")
    when: Condition | None = Field(None, description="The step is passed over unless this holds.")
    goto: Key | None = Field(None, description="The step to go on with afterwards; the next one if absent.")


class Say(StepBase):
    """A message that expects no reply."""

    kind: Literal["say"]
    text: str = Field(
        min_length=1, description="What is said. {placeholders} quote earlier answers and facts."
    )
    thanks: bool = Field(False, description="True leaves it out where a safety response thanks, too.")


class Question(StepBase):
    """The keys that all questions of a script share; each kind of question is a model of its own below."""

    text: str = Field(
        min_length=1, description="The question. {placeholders} quote earlier answers and facts."
    )
    short: str | None = Field(
        None,
        min_length=1,
        max_length=40,
        description="A few words for the question, on the button with which its answer can be changed.",
    )
    required: bool = Field(False, description="True where 'skip' is not taken (a consent, a read-back).")
    counted: bool = Field(True, description="False leaves it out of 'n of m'.")
    personal: bool = Field(False, description="True keeps the answer out of exports.")
    about: QuestionTopic | None = Field(
        None,
        description="What the answer is about, for the safety scan. 'medicine' (effects, how it is borne, leaving it"
        " off): a sign needs no medicine named beside it. 'care': how care is given. 'plan': what somebody means to do"
        " for patients: signs named there are no event.",
    )


class AskConsent(Question):
    """Asks for consent to one purpose, with two choices."""

    kind: Literal["consent"]
    purpose: Purpose = Field(description="What is agreed to.")
    agree: str = Field("I agree", description="The label of yes.")
    decline: str = Field("No", description="The label of no.")
    on_decline: Key | None = Field(None, description="Where to go on after no; the next step if absent.")
    same_as: tuple[Annotated[str, Field(min_length=1)], ...] = Field(
        (),
        description="Earlier texts of this consent that say the same, word for word as they stood in the script."
        " Who agreed to one of them is not asked anew.",
    )
    required: bool = True
    counted: bool = False
    renews: SkipJsonSchema[str | None] = None
    """`flow:key` of the consent whose changed text this asks anew: made by the bot, never written by an author."""


class WordedQuestion(Question):
    """The keys of questions that may be put in other words to some people. A consent is the same for everybody."""

    wordings: tuple[Wording, ...] = Field(
        (),
        description="Other words for the question, by condition. The answer is the same one, under the same key.",
    )


class OwnWords(FrozenModel):
    """What becomes of words that are none of the choices."""

    choice: Key = Field(description="The code of the choice that they stand for.")
    question: Key = Field(description="The text or date question right after this one.")


class SelectOne(WordedQuestion):
    """Exactly one of the choices."""

    kind: Literal["select_one"]
    choices: tuple[Choice, ...] | Key = Field((), description="The choices, or the name of a list.")
    choices_from: str | None = Field(
        None,
        description="Adds choices from a fact, such as `activity.suggestions` (each with code and label).",
    )
    own_words: OwnWords | None = Field(
        None,
        description="Takes a sentence that is none of the choices as the answer to the next question, and says"
        " so. Without it, and for one or two words, the question is put again.",
    )
    promote: Promote | None = Field(None, description="Puts what was picked earlier first.")
    binding: bool = Field(
        default=False,
        description="An emoji alone is no answer: a tap or words are asked for, as under a consent. So it is without"
        " this for a choice that ends the conversation.",
    )


class SelectMany(WordedQuestion):
    """Several of the choices, up to a maximum."""

    kind: Literal["select_many"]
    choices: tuple[Choice, ...] | Key = Field((), description="The choices, or the name of a list.")
    choices_from: str | None = Field(None, description="As in select_one.")
    promote: Promote | None = Field(None, description="Puts what was picked earlier first.")
    min: Picks = Field(1, ge=0, description="The fewest that may be picked.")
    max: Picks | None = Field(None, ge=1, description="The most that may be picked; all if absent.")
    rotates: Key | None = Field(
        None,
        description="Each conversation shows the choices from another one on, round and round, so that none is always"
        " the first. Exclusive choices and `other` stay last. The place of the first, from 1, is kept under this key.",
    )


class Scale(WordedQuestion):
    """A rating between two labelled ends."""

    kind: Literal["scale"]
    low: Point = Field(1, description="The number at the lower end.")
    high: Point = Field(5, description="The number at the upper end.")
    low_label: str = Field(min_length=1, description="What the lower end means.")
    high_label: str = Field(min_length=1, description="What the upper end means.")


class Number(WordedQuestion):
    """A number, or a band of numbers."""

    kind: Literal["number"]
    min: Amount | None = Field(None, description="The smallest number that is taken.")
    max: Amount | None = Field(None, description="The greatest number that is taken.")
    whole: bool = Field(True, description="Whole numbers only.")
    unit: str | None = Field(None, description="Named when asking again, for example 'patients'.")
    bands: tuple[Band, ...] = Field((), description="Offered as choices; a typed number falls into its band.")
    taps: bool = Field(
        False,
        description="Offers each whole number from `min` to `max` as a button. The number is what is kept; bands with"
        " no `low` come after them, such as 'I don't know'.",
    )
    no_more_than: Key | None = Field(
        None, description="The number question, of the same block, whose answer is the greatest number taken."
    )
    counts: Literal["years"] | None = Field(
        None,
        description="'years' reads how long something has lasted ('8 months', 'since 2019') as completed years.",
    )
    keeps_number: Key | None = Field(
        None,
        description="Keeps the number that was typed under this key too, beside its band. A tap on a band keeps none.",
    )


class AskDate(WordedQuestion):
    """A calendar date."""

    kind: Literal["date"]
    shortcuts: tuple[Shortcut, ...] = Field((), description="Dates by one tap; any other is typed or picked.")
    earliest_days: DaysFromToday | None = Field(
        None, description="No earlier than today plus this many days."
    )
    latest_days: DaysFromToday | None = Field(None, description="No later than today plus this many days.")


class KeptPick(FrozenModel):
    """Has own words begin from what was picked at the question before: it is kept as it is, or said another way."""

    question: Key = Field(
        description="The select_one question, of the same block, at which something was picked."
    )
    text: str = Field(
        min_length=1, description="The question where something was picked; {c3:label} of it quotes the pick."
    )
    label: str = Field(min_length=1, description="The button that keeps the pick. Yes and 'ok' keep it too.")


class AskText(WordedQuestion):
    """The person's own words."""

    kind: Literal["text"]
    min_length: Characters = Field(1, ge=1, description="In characters.")
    max_length: Characters = Field(
        4000, ge=1, description="In characters. What is longer is kept whole, and said so."
    )
    choices: tuple[Choice, ...] = Field((), description="Short cuts such as 'No' or 'Nothing', if any.")
    probe: Probe | None = Field(None, description="One further question where the answer is thin.")
    keeps_pick: KeptPick | None = Field(
        None,
        description="Shows what was picked before, with a button to keep it. The answer is the label of the pick, or"
        " the words; words that name no act are put behind the label.",
    )
    opens_case: bool = Field(
        False,
        description="The words go to the safety team, whatever they are: into the case that a choice with `opens_case`"
        " opened, or one of their own. What a report lacks is asked next.",
    )
    takes_remarks: bool = Field(
        False, description="Offer here, once, what the person wrote earlier where it answered nothing."
    )


class Confirm(Question):
    """Reads back and offers a change."""

    lines: tuple[ConditionalText, ...] = Field(
        (), description="Lines below the text, each only if its `when` holds: what was not skipped."
    )
    kind: Literal["confirm"]
    agree: str = Field("Yes", description="The label of yes.")
    change: str = Field("Change it", description="The label that leads to a change.")
    changes: tuple[Key, ...] = Field(
        min_length=1, description="The questions that may be asked again from here."
    )
    typed_only: bool = Field(
        False,
        description="Read back only what was typed and had to be understood, not what was tapped or written as it"
        " stands on a button.",
    )
    required: bool = True
    counted: bool = False


class ForEach(FrozenModel):
    """Repeats a block for each item of a list."""

    for_each: str = Field(description="A select_many question's key, or a fact such as `commitments`.")
    as_: Key = Field("item", alias="as", description="The name of the current item in texts and conditions.")

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class UpTo(FrozenModel):
    """Repeats a block up to n times, as long as the person wants another."""

    up_to: int = Field(ge=1, le=20, description="The most rounds that are made.")
    while_: Condition = Field(
        alias="while", description="Another round is made if this holds at the end of a round."
    )

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Block(StepBase):
    """Steps that are repeated per item, or up to n times."""

    kind: Literal["block"]
    repeat: ForEach | UpTo = Field(description="For each item of a list, or up to n times.")
    steps: "tuple[Step, ...]" = Field(min_length=1, description="What is repeated.")


class EffectName(StrEnum):
    """What a `do` step can do."""

    RECORD_COMMITMENT = "record_commitment"
    RECORD_IMPLEMENTATION = "record_implementation"
    REVISE_COMMITMENT = "revise_commitment"
    SCHEDULE_WAVES = "schedule_waves"
    INVITE_PARTNER = "invite_partner"


class Do(StepBase):
    """Makes something happen outside the conversation."""

    kind: Literal["do"]
    effect: EffectName = Field(description="What happens.")
    fields: dict[str, Condition] = Field(
        default_factory=dict,
        description="The effect's fields, each in CEL over answers and facts, for example `statement: c4`.",
    )


class End(StepBase):
    """Ends the conversation."""

    kind: Literal["end"]
    outcome: Literal["completed", "declined", "not_relevant"] = Field(
        "completed", description="How the conversation is counted."
    )
    text: str | None = Field(None, description="Said last, if anything.")


Step = Annotated[
    Say
    | AskConsent
    | SelectOne
    | SelectMany
    | Scale
    | Number
    | AskDate
    | AskText
    | Confirm
    | Block
    | Do
    | End,
    Field(discriminator="kind"),
]
AnyQuestion = AskConsent | SelectOne | SelectMany | Scale | Number | AskDate | AskText | Confirm
QUESTION_TYPES = (AskConsent, SelectOne, SelectMany, Scale, Number, AskDate, AskText, Confirm)


class Limits(FrozenModel):
    """Bounds that end a mistake politely."""

    steps_per_turn: Annotated[int, NumberBounds(5, 1_000)] = Field(
        100, ge=5, description="Steps passed in one turn before the conversation ends with a note."
    )
    questions: Annotated[int, NumberBounds(1, 500)] = Field(
        12, ge=1, description="The check fails above this many counted questions."
    )
    minutes: Annotated[float, NumberBounds(0, 1_000)] = Field(
        10, gt=0, description="The check fails above this estimate."
    )
    reminders: Annotated[int, NumberBounds(0, 100)] | None = Field(
        None,
        ge=0,
        description="The most reminders of a talk that was left unfinished; if absent, those of the programme.",
    )


class Flow(FrozenModel):
    """A script: one file."""

    flow: Key = Field(description="The flow's name.")
    title: str = Field(min_length=1, description="What people and coordinators see it called.")
    language: str = Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$", description="The language it is written in.")
    audience: tuple[Role, ...] = Field(min_length=1, description="The roles that it is for.")
    description: str = Field("", description="For other authors.")
    limits: Limits = Field(
        default_factory=Limits, description="Bounds that `said check` and the engine hold to."
    )
    lists: dict[Key, tuple[Choice, ...]] = Field(
        default_factory=dict, description="Lists of choices that several questions share."
    )
    steps: tuple[Step, ...] = Field(
        min_length=1, description="From the first to the last, unless a `goto` leads on."
    )

    @cached_property
    def hash(self) -> str:
        """The version's name: SHA-256, in hex, of what the script says. Comments and layout do not count."""
        return hashlib.sha256(self.model_dump_json(by_alias=True, exclude_defaults=True).encode()).hexdigest()
