"""List the facts that a condition or a placeholder may name.

A test compares this table with the facts that conversations are given.
"""

from collections.abc import Mapping
from typing import Any

FACTS: Mapping[str, frozenset[str]] = {
    "participant": frozenset({"code", "role", "language", "timezone", "countries"}),
    "program": frozenset(
        {"slug", "title", "team", "contact", "condition", "emergency_number", "contact_again_weeks"}
        | {"ask_about_medicine"}
    ),
    "activity": frozenset({"slug", "title", "held_on", "objectives", "suggestions"}),
    "schedule": frozenset({"wave_days", "wave_dates"}),
    "wave": frozenset({"days", "last", "final", "late", "next_on", "last_on"}),
    "earlier": frozenset({"on", "again", "points", "used", "about"}),
    "review": frozenset({"slug", "title", "version", "role"}),
    "peers": frozenset({"top"}),
    "others": frozenset({"raised", "quotation", "did", "barriers"}),
    "submission": frozenset(
        {"there", "language", "activity", "team", "did", "partners", "found", "changed", "without"}
        | {"evidence", "not_well", "tips"}
    ),
    "cosign": frozenset({"answer", "changes", "activity"}),
}
"""What each fact holds.

`wave` and `commitments` are there in follow-ups, `schedule` before them; `earlier`, `peers` and the lists `baseline`,
`behaviours`, `changes`, `points` and `own_themes` in a conversation that follows on another; `review` in a review and
what follows it; `submission` for the partner who co-signs one, `cosign` for who submitted it. `others` is what is told
of other people, in every conversation whose script names it.
"""

ITEMS: Mapping[str, frozenset[str]] = {
    "commitments": frozenset(
        {
            "id",
            "follow_up_id",
            "statement",
            "made_on",
            "level",
            "foreseen_barriers",
            "start_on",
            "status",
            "suggestion",
            "confirmed",
            "if_then",
            "coping",
            "foreseen_other",
            "baseline_of_10",
            "baseline_did",
            "baseline_had",
            "last",
            "starts_later",
        }
    ),
    "activity.suggestions": frozenset(
        {"code", "label", "type", "theme", "objective", "raised_by", "patient_label"}
    ),
    "baseline": frozenset({"code", "label"}),
    "behaviours": frozenset({"code", "label", "theme"}),
    "changes": frozenset({"code", "text", "theme", "on"}),
    "points": frozenset({"text", "decision", "reason"}),
    "help": frozenset({"code", "text"}),
    "own_themes": frozenset({"code", "label", "others", "promised", "did", "done"}),
}
"""What each item of a list holds."""

LIST_FACTS = frozenset(ITEMS)
"""The facts that a block may go through."""

EARLIER = frozenset(
    {"earlier", "wave", "peers", "cosign", "commitments", "baseline", "behaviours", "changes", "points"}
    | {"own_themes"}
)
"""What is there only in a conversation that follows on an earlier one."""

PICK = frozenset({"code", "label"})
"""What the item of a block over picks holds."""

EVERY_ITEM = frozenset({"index", "count"})
"""What every item has beside: its number from 1, and how many there are."""

PROBE = frozenset({"answer", "words", "has_reason", "specificity"}) | frozenset(
    {"says_who", "says_what", "says_when", "says_measure"}
)
"""What a probe's rule may name beside answers and facts."""

ROUND = "round"
"""The number, from 1, of the round of an `up_to` block; known inside of one."""

ROOTS = frozenset(FACTS) | {name for name in ITEMS if "." not in name}

CHOICE_FACTS = frozenset({"activity.suggestions", "behaviours"})
"""The lists whose items have a code and a label, so that they can be choices."""

LIST_PARTS = frozenset({"foreseen_barriers"})
"""The parts of items that are lists of codes."""


Facts = dict[str, Any]
"""What a conversation knows from outside, as JSON values. Frozen when it starts, but for the program's own
words, which are those of its language. Keys that the engine knows:

participant  {code, role, language, timezone, countries: the program's where the zone is not known, else none}
program      {slug, title, team, contact, condition, emergency_number, ask_about_medicine: bool, ...}
activity     {slug, title, suggestions: [{code, label, type, theme, objective, raised_by}]}
help         [{code, text}]: what the program says that helps against a barrier, by the barrier's code
schedule     {wave_days: [30, 60, 90], wave_dates: ["2026-04-01", ...], rules: {waves, close_after, window}}; once
             commitments are made, wave_dates are the days on which they are asked about, by `rules` and their starts
commitments  (follow-up) [{id, follow_up_id, statement, made_on, level, foreseen_barriers, ...}], oldest first;
             made_on is the day of its newest words; confirmed: whether its author said that it is so.
             if_then and coping are the author's plans, foreseen_other their words for another barrier. With
             baseline_did of the last baseline_had patients it was done before; baseline_of_10 is the first where
             these were ten. Each is None where it is not known, and not there in conversations that began long ago.
             last: no later wave asks about it; starts_later: its start lies after the day of the wave
wave         (follow-up) {days, last: whether it is the last of all of them, final: whether none is planned of any
             commitment after the same activity, late: whether it is asked more than a week after its day, next_on:
             date or None, last_on: the same of the last wave}

Of other people, counted from five on and told in steps (5, 10, 20, 50: at least so many), where the script names it:
others       {raised: [{code, people, label}]: the themes of the activity's suggestions that patients raised,
             quotation: what a patient said about the theme of a commitment, released and permitted, or None,
             did: how many after the same activity do what they planned, or None,
             barriers: [{code, people, label}]: what stood in their way}

In a conversation that follows on an earlier one, beside its commitments:
earlier      {on: its day, again: whether this flow would come once more, points: n, used: n of them,
             about: self or other, whom its answers are about, None where that was not asked}
baseline     [{code, label}]: what was picked there, to be asked about again
behaviours   [{code, label, theme, activity}]: what clinicians promised for these themes, in patients' words
peers        {top: [{code, people, label}]}: what others chose most, with at least how many people did
own_themes   [{code, label, others, promised, did, done: [{code, label, activity}]}]: what was picked there, how many
             others did, and how many clinicians promised something about it, do it, and what; None for fewer than five
changes      [{code, text, theme, on}]: what was changed because of what people said
points       [{text, decision, reason}]: what a review said, and what became of it

In a review, and after it:
review       {slug, title, version, role}: what is looked at, and as what

For a patient partner who is to co-sign a submission, and for who made it once the partner has answered:
submission   {there: bool, language, activity, team, did, partners, found, changed, without, evidence, not_well,
             tips}: what was submitted, in texts; only `there` where it was taken back
cosign       {answer: agree, changes or rather_not, changes, activity}: what the partner said to it
"""
