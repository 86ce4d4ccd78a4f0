"""Every code of a script's problems, each with a script that has it."""

import re
from dataclasses import dataclass

import pytest

from flows.check.run import check_flow_text
from flows.problem_codes import EXPLANATIONS, ProblemCode
from flows.script.loader import LIBRARY

HEAD = """\
flow: sample
title: A sample
language: en
audience: [hcp]
steps:
  - {key: greeting, kind: say, text: "You told us on {earlier.on:date}."}
"""
"""As of a conversation that follows on an earlier one, where the consent was given."""

FIRST = HEAD.partition("  - ")[0]
PATIENTS = FIRST.replace("[hcp]", "[patient]")

AGREE = "  - {key: yes_i_do, kind: consent, purpose: take_part, text: May I ask you?, on_decline: stop}\n"
TOLD = "  - {key: told, kind: say, text: 'On {earlier.on:date} you told us this.'}\n"
ABOUT_IT = "  - {key: a, kind: text, text: Is it?, counted: false, when: size(baseline) > 0}\n"
FOR_EACH_CHANGE = """\
  - key: each
    kind: block
    repeat: {for_each: changes, as: change}
    steps:
      - {key: a, kind: text, text: Is it?, counted: false}
"""
STOP = "  - {key: stop, kind: end}\n"


@dataclass(frozen=True)
class Case:
    """A script, and where its problem stands: the text from there on, as it is in the file."""

    code: ProblemCode
    script: str
    at: str
    message: str = ""

    def __str__(self) -> str:
        return self.code.name.lower()


CASES = [
    Case(
        ProblemCode.UNKNOWN_KEY,
        HEAD + "  - {key: a, kind: text, text: What?, max_lenght: 3}",
        "max_lenght",
        "'max_length'",
    ),
    Case(ProblemCode.UNKNOWN_KEY, "titel: x\n" + HEAD + "  - {key: a, kind: say, text: Hi}", "titel"),
    Case(
        ProblemCode.UNKNOWN_KEY,
        HEAD + "  - {key: a, kind: say, text: Hi, colour: red}",
        "colour",
        "it may have goto, thanks or when",
    ),
    Case(
        ProblemCode.UNKNOWN_KEY,
        HEAD
        + "  - {key: a, kind: select_one, text: Which?, "
        + "choices: [{code: x, lable: X, label: X}, {code: y, label: Y}]}",
        "lable",
        "take it out",
    ),
    Case(ProblemCode.MISSING_KEY, HEAD + "  - {key: a, kind: say}", "{key: a", "add `text:`"),
    Case(ProblemCode.MISSING_KEY, HEAD + "  - {key: a, text: Hi}", "{key: a", "add `kind:`"),
    Case(ProblemCode.MISSING_KEY, "flow: x", "flow: x", "'title' is missing"),
    Case(
        ProblemCode.UNKNOWN_KIND,
        HEAD + "  - {key: a, kind: selectone, text: Hi}",
        "selectone",
        "'select_one'",
    ),
    Case(
        ProblemCode.NOT_ONE_OF,
        HEAD.replace("hcp", "nurse") + "  - {key: a, kind: say, text: Hi}",
        "nurse",
        "patient",
    ),
    Case(
        ProblemCode.NOT_ONE_OF,
        HEAD + "  - {key: a, kind: consent, purpose: take_prt, text: May I?}",
        "take_prt",
        "did you mean 'take_part'?",
    ),
    Case(
        ProblemCode.WRONG_TYPE,
        HEAD + "  - {key: a, kind: text, text: What?, max_length: long}",
        "long}",
        "whole number",
    ),
    Case(ProblemCode.WRONG_TYPE, HEAD + "  - {key: a, kind: say, text: 5}", "5}", "in quotes"),
    Case(ProblemCode.WRONG_TYPE, HEAD + "  - hello", "hello", "keys and values"),
    Case(ProblemCode.BAD_NAME, HEAD + "  - {key: My Step, kind: say, text: Hi}", "My Step", "lower case"),
    Case(
        ProblemCode.BAD_NAME,
        HEAD.replace("en\n", "english\n") + "  - {key: a, kind: say, text: Hi}",
        "english",
        "pt-BR",
    ),
    Case(ProblemCode.OUT_OF_BOUNDS, HEAD + "  - {key: a, kind: say, text: ''}", "''", "at least 1"),
    Case(ProblemCode.OUT_OF_BOUNDS, FIRST.replace("steps:", "steps: []"), "[]\n", "at least 1 item"),
    Case(
        ProblemCode.UNKNOWN_LIST,
        HEAD + "  - {key: a, kind: select_one, text: Which?, choices: statusses}",
        "statusses",
        "did you mean 'statuses'?",
    ),
    Case(
        ProblemCode.REPEAT_SHAPE,
        HEAD + "  - key: a\n    kind: block\n    repeat: {as: x}\n    steps: [{key: b, kind: say, text: Hi}]",
        "repeat:",
        "neither",
    ),
    Case(
        ProblemCode.REPEAT_SHAPE,
        HEAD
        + "  - key: a\n    kind: block\n    repeat: {for_each: commitments, up_to: 3}\n"
        + "    steps: [{key: b, kind: say, text: Hi}]",
        "repeat:",
        "both",
    ),
    Case(
        ProblemCode.DUPLICATE_STEP,
        HEAD + "  - {key: a, kind: say, text: Hi}\n  - {key: a, kind: say, text: Ho}",
        "a, kind: say, text: Ho",
        "(line 7)",
    ),
    Case(
        ProblemCode.GOTO_NOWHERE, HEAD + "  - {key: aa, kind: say, text: Hi, goto: bb}", "bb}", "no step 'bb'"
    ),
    Case(
        ProblemCode.GOTO_NOWHERE,
        HEAD
        + "  - {key: a, kind: select_one, text: Which?, choices: [{code: x, label: X, goto: finsh},"
        + " {code: y, label: Y}]}\n  - {key: finish, kind: end}",
        "finsh",
        "did you mean 'finish'?",
    ),
    Case(
        ProblemCode.UNREACHABLE,
        HEAD
        + "  - {key: a, kind: end}\n  - {key: lost, kind: say, text: Hi}\n  - {key: lost_too, kind: end}",
        "lost, kind",
    ),
    Case(
        ProblemCode.NO_END,
        FIRST
        + "  - {key: round, kind: text, text: 'Since {earlier.on:date}?'}\n"
        + "  - {key: back, kind: say, text: Hi, goto: round}",
        "round, kind",
    ),
    Case(
        ProblemCode.CYCLE,
        HEAD
        + "  - {key: a, kind: say, text: Hi}\n"
        + "  - {key: b, kind: say, text: Ho, when: participant.role == 'hcp', goto: a}",
        "a}",
        "a -> b",
    ),
    Case(
        ProblemCode.GOTO_INTO_BLOCK,
        HEAD
        + "  - {key: a, kind: say, text: Hi, goto: inner}\n"
        + "  - {key: each, kind: block, repeat: {for_each: commitments}, "
        + "steps: [{key: inner, kind: say, text: Hi}]}",
        "inner}\n",
        "go to 'each' itself",
    ),
    Case(
        ProblemCode.BLOCK_LIST,
        HEAD
        + "  - {key: e, kind: block, repeat: {for_each: comitments}, steps: [{key: b, kind: say, text: Hi}]}",
        "comitments",
        "did you mean 'commitments'?",
    ),
    Case(
        ProblemCode.BLOCK_LIST,
        HEAD
        + "  - {key: e, kind: block, repeat: {for_each: picks}, steps: [{key: b, kind: say, text: Hi}]}\n"
        + "  - {key: picks, kind: select_many, text: Which?, "
        + "choices: [{code: x, label: X}, {code: y, label: Y}]}",
        "picks}",
        "only after",
    ),
    Case(
        ProblemCode.CHANGE_UNKNOWN,
        HEAD + "  - {key: a, kind: text, text: What?}\n  - {key: c, kind: confirm, text: So?, changes: [b]}",
        "b]}",
    ),
    Case(
        ProblemCode.CHANGE_UNKNOWN,
        HEAD + "  - {key: c, kind: confirm, text: So?, changes: [a]}\n  - {key: a, kind: text, text: What?}",
        "a]}",
        "not been asked by then",
    ),
    Case(
        ProblemCode.CONDITION_SYNTAX,
        HEAD + "  - {key: a, kind: say, text: Hi, when: 1 == == 2}",
        "== 2",
        "does not compile",
    ),
    Case(
        ProblemCode.CONDITION_NAME,
        HEAD
        + '  - {key: ask, kind: text, text: What?}\n  - {key: b, kind: say, text: Hi, when: "aks != null"}',
        "aks !=",
        "did you mean 'ask'?",
    ),
    Case(
        ProblemCode.CONDITION_NAME,
        HEAD
        + "  - key: b\n    kind: say\n    text: Hi\n"
        + "    when: |\n      participant.role == 'hcp'\n        && nobody",
        "nobody",
    ),
    Case(
        ProblemCode.CONDITION_LATER,
        HEAD
        + "  - {key: b, kind: say, text: Hi, when: later != null}\n  - {key: later, kind: text, text: What?}",
        "later != null",
        "behind 'later'",
    ),
    Case(
        ProblemCode.CONDITION_NAME, HEAD + "  - {key: b, kind: say, text: Hi, when: round < 3}", "round < 3"
    ),
    Case(
        ProblemCode.CONDITION_FACT,
        HEAD + "  - {key: b, kind: say, text: Hi, when: program.teem == ''}",
        "teem",
        "'team'",
    ),
    Case(
        ProblemCode.CONDITION_CODE,
        HEAD
        + "  - {key: a, kind: select_one, text: Which?, "
        + "choices: [{code: xx, label: X}, {code: yy, label: Y}]}\n"
        + "  - {key: b, kind: say, text: Hi, when: \"a in ['xx', 'zz']\"}",
        "zz']",
        "it has xx or yy",
    ),
    Case(
        ProblemCode.CONDITION_CODE,
        HEAD
        + "  - {key: a, kind: select_many, text: Which?, "
        + "choices: [{code: xx, label: X}, {code: yy, label: Y}]}\n"
        + "  - {key: b, kind: say, text: Hi, when: a == 'xx'}",
        "xx'}",
        "write `'xx' in a`",
    ),
    Case(
        ProblemCode.CONDITION_CODE,
        HEAD + AGREE + "  - {key: b, kind: say, text: Hi, when: yes_i_do == 'agree'}\n" + STOP,
        "agree'}",
        "write `yes_i_do == true`",
    ),
    Case(ProblemCode.PLACEHOLDER_SYNTAX, HEAD + "  - {key: a, kind: say, text: 'Hello {you'}", "{you'}"),
    Case(
        ProblemCode.PLACEHOLDER_NAME, HEAD + "  - {key: a, kind: text, text: What?, short: 'Re {b}'}", "{b}"
    ),
    Case(ProblemCode.PLACEHOLDER_NAME, HEAD + "  - {key: a, kind: say, text: 'Hello {nobody}'}", "{nobody}"),
    Case(
        ProblemCode.PLACEHOLDER_LATER,
        HEAD + "  - {key: a, kind: say, text: 'You said {b}'}\n  - {key: b, kind: text, text: What?}",
        "{b}'",
        "behind 'b'",
    ),
    Case(
        ProblemCode.PLACEHOLDER_LATER,
        HEAD
        + "  - {key: b, kind: text, text: What?, when: participant.role == 'hcp'}\n"
        + "  - {key: a, kind: say, text: 'You said {b}'}",
        "{b}'",
        "add `when: b != null`",
    ),
    Case(
        ProblemCode.PLACEHOLDER_FACT,
        HEAD + "  - {key: a, kind: say, text: 'From {program.teem}'}",
        "{program.teem}",
        "'team'",
    ),
    Case(
        ProblemCode.PLACEHOLDER_FACT,
        HEAD + "  - {key: a, kind: say, text: 'From {program}'}",
        "{program}",
        "name a part",
    ),
    Case(
        ProblemCode.PLACEHOLDER_FACT,
        HEAD + "  - {key: a, kind: say, text: 'You: {commitments}'}",
        "{commitments}",
        "block",
    ),
    Case(
        ProblemCode.PLACEHOLDER_FACT,
        HEAD + "  - {key: b, kind: text, text: What?}\n  - {key: a, kind: say, text: 'Hm: {b:label}'}",
        "{b:label}",
    ),
    Case(
        ProblemCode.TEXT_TOO_LONG,
        HEAD + f"  - {{key: a, kind: say, text: {'word ' * 601}}}",
        "word word",
        "Slack takes 3,000",
    ),
    Case(
        ProblemCode.TEXT_TOO_LONG,
        HEAD.replace("A sample", "s" * 151) + "  - {key: a, kind: say, text: Hi}",
        "sss",
        "151 characters",
    ),
    Case(
        ProblemCode.BUTTON_TOO_LONG,
        HEAD + f"  - {{key: a, kind: consent, purpose: take_part, text: May I?, agree: {'x' * 65}}}",
        "xxx",
        "65 characters",
    ),
    Case(
        ProblemCode.BUTTON_TOO_LONG,
        HEAD
        + "  - key: each\n    kind: block\n    repeat: {for_each: commitments, as: item}\n    steps:\n"
        + "      - {key: a, kind: select_many, text: Which?, choices: barriers_met,\n"
        + f"         promote: {{codes: item.foreseen_barriers, mark: {'m' * 50}}}}}",
        "mmm",
        "with its mark",
    ),
    Case(
        ProblemCode.TOO_MANY_BUTTONS,
        HEAD + "  - {key: a, kind: scale, text: How?, low: 0, high: 24, low_label: bad, high_label: good}",
        "{key: a",
        "25 buttons",
    ),
    Case(
        ProblemCode.TOO_MANY_PICKS,
        HEAD
        + "  - {key: a, kind: select_many, text: Which?, choices: many}\n"
        + "lists: {many: ["
        + ", ".join(f"{{code: c{n}, label: Choice {n}}}" for n in range(11))
        + "]}",
        "many}",
        "11 choices",
    ),
    Case(
        ProblemCode.READING_GRADE,
        PATIENTS
        + AGREE
        + "  - {key: a, kind: text, text: Describe interdisciplinary communication deficiencies.}\n"
        + STOP,
        "Describe inter",
        "patients' texts stay at 6",
    ),
    Case(
        ProblemCode.SENTENCES,
        PATIENTS + AGREE + "  - {key: a, kind: text, text: Sit down. Think back. What was it like?}\n" + STOP,
        "Sit down",
        "has 3 sentences",
    ),
    Case(
        ProblemCode.BANNED_WORD,
        PATIENTS + AGREE + "  - {key: a, kind: text, text: What were your options then?}\n" + STOP,
        "options then",
        "say 'choices'",
    ),
    Case(
        ProblemCode.COUNT_PROMISED,
        HEAD
        + "  - {key: s, kind: say, text: I ask 2 short questions.}\n  - {key: a, kind: text, text: What?}",
        "2 short",
        "write 1",
    ),
    Case(
        ProblemCode.MINUTES_PROMISED,
        HEAD + "  - {key: s, kind: say, text: It takes 9 minutes.}\n  - {key: a, kind: text, text: What?}",
        "9 minutes",
        "write 2",
    ),
    Case(ProblemCode.BLANK_TEXT, HEAD + "  - {key: a, kind: say, text: ' '}", "' '}"),
    Case(
        ProblemCode.QUESTIONS,
        HEAD + "".join(f"  - {{key: a{n}, kind: date, text: When?}}\n" for n in range(13)),
        "steps:",
        "13 counted questions",
    ),
    Case(
        ProblemCode.MINUTES,
        HEAD + "".join(f"  - {{key: a{n}, kind: text, text: What?}}\n" for n in range(11)),
        "steps:",
        "about 11 minutes",
    ),
    Case(
        ProblemCode.POINTS,
        PATIENTS.replace("steps:", "limits: {minutes: 60, questions: 60}\nsteps:")
        + AGREE
        + "".join(f"  - {{key: a{n}, kind: text, text: What was it?}}\n" for n in range(15))
        + STOP,
        "steps:",
        "91 points",
    ),
    Case(
        ProblemCode.OPEN_QUESTIONS,
        PATIENTS
        + AGREE
        + "".join(f"  - {{key: a{n}, kind: text, text: What was it?}}\n" for n in range(6))
        + STOP,
        "steps:",
        "6 open questions",
    ),
    Case(
        ProblemCode.DUPLICATE_CODE,
        HEAD
        + "  - {key: a, kind: select_one, text: Which?, choices: [{code: x, label: X}, {code: x, label: Y}]}",
        "{code: x, label: Y}",
    ),
    Case(
        ProblemCode.DUPLICATE_LABEL,
        HEAD
        + "  - {key: a, kind: select_one, text: Which?,\n"
        + "     choices: [{code: x, label: 'Yes!'}, {code: y, label: Y, aliases: ['yes']}]}",
        "{code: y",
        "'yes' means both 'x' and 'y'",
    ),
    Case(
        ProblemCode.NO_CHOICES,
        HEAD + "  - {key: a, kind: select_one, text: Which?}",
        "{key: a",
        "offers no choices",
    ),
    Case(
        ProblemCode.MAX_PICKS,
        HEAD
        + "  - {key: a, kind: select_many, text: Which?, max: 3, "
        + "choices: [{code: x, label: X}, {code: y, label: Y}]}",
        "3, choices",
        "write at most 2",
    ),
    Case(
        ProblemCode.REVERSED,
        HEAD + "  - {key: a, kind: scale, text: How?, low: 5, high: 1, low_label: bad, high_label: good}",
        "5, high",
    ),
    Case(
        ProblemCode.REVERSED, HEAD + "  - {key: a, kind: number, text: How many?, min: 9, max: 1}", "9, max"
    ),
    Case(
        ProblemCode.REVERSED,
        HEAD + "  - {key: a, kind: date, text: When?, earliest_days: 9, latest_days: 1}",
        "9, latest",
    ),
    Case(
        ProblemCode.REVERSED,
        HEAD + "  - {key: a, kind: number, text: How many?, bands: [{code: x, label: X, low: 4, high: 1}]}",
        "{code: x",
    ),
    Case(
        ProblemCode.CONSENT_LATE,
        HEAD + "  - {key: a, kind: text, text: What?}\n" + AGREE + STOP,
        "a, kind: text",
        "move it behind 'yes_i_do'",
    ),
    Case(
        ProblemCode.CONSENT_LATE,
        HEAD + AGREE.replace(", on_decline: stop", "") + "  - {key: a, kind: text, text: What?}",
        "yes_i_do, kind",
        "add `on_decline:`",
    ),
    Case(
        ProblemCode.NO_CONSENT,
        PATIENTS + "  - {key: a, kind: text, text: What was it?}",
        "steps:",
        "purpose: take_part",
    ),
    Case(
        ProblemCode.NOT_OPENED,
        FIRST + "  - {key: a, kind: text, text: What was it?}",
        "steps:",
        "`purpose: take_part`",
    ),
    Case(
        ProblemCode.NOT_OPENED,
        FIRST.replace("hcp", "educator") + "  - {key: a, kind: text, text: 'What, at {activity.title}?'}",
        "steps:",
        "{earlier.on:date}",
    ),
    Case(
        ProblemCode.NOT_OPENED,
        FIRST
        + "  - {key: a, kind: text, text: What?}\n  - {key: b, kind: say, text: 'Bye until {earlier.on:date}.'}",
        "steps:",
        "name there what it follows on",
    ),
    Case(
        ProblemCode.NOT_OPENED,
        FIRST + "  - {key: a, kind: text, text: What?}\n  - {key: b, kind: say, text: Hi, when: wave.last}",
        "steps:",
        "name there what it follows on",
    ),
    Case(
        ProblemCode.NO_CONSENT,
        PATIENTS + TOLD + "  - {key: a, kind: text, text: How are you now?}",
        "a, kind",
        "no question about what is told",
    ),
    Case(
        ProblemCode.NO_CONSENT,
        PATIENTS + TOLD + "  - {key: a, kind: text, text: How?, when: size(baseline) > 0}",
        "a, kind",
        "`counted: false`",
    ),
    Case(
        ProblemCode.NO_CONSENT,
        PATIENTS + TOLD + "  - {key: a, kind: text, text: How?, counted: false}",
        "a, kind",
        "with a `when`",
    ),
    Case(
        ProblemCode.NO_CONSENT,
        PATIENTS
        + TOLD
        + "  - {key: a, kind: text, text: How?, counted: false, when: participant.role == 'patient'}",
        "a, kind",
    ),
    Case(
        ProblemCode.NO_CONSENT,
        PATIENTS
        + TOLD
        + ABOUT_IT
        + "  - {key: b, kind: text, text: Why?, counted: false, when: a != null}\n"
        + "  - {key: c, kind: text, text: And you?, counted: false}",
        "c, kind",
    ),
    Case(
        ProblemCode.NO_CONSENT,
        PATIENTS + ABOUT_IT.replace("baseline", "activity.suggestions"),
        "steps:",
    ),
    Case(
        ProblemCode.UNKNOWN_KEY,
        HEAD + AGREE.replace("}\n", ", renews: 'hcp_commitment:c0'}\n") + STOP,
        "renews",
        "take it out",
    ),
    Case(
        ProblemCode.EFFECT_FIELD,
        HEAD
        + "  - {key: a, kind: text, text: What?}\n"
        + "  - {key: d, kind: do, effect: record_commitment, fields: {statement: a, cofidence: a}}",
        "cofidence",
        "did you mean 'confidence'?",
    ),
    Case(
        ProblemCode.EFFECT_FIELD_MISSING,
        HEAD + "  - {key: d, kind: do, effect: record_commitment}",
        "record_commitment",
        "add `statement:`",
    ),
    Case(
        ProblemCode.BAND_OVERLAP,
        HEAD
        + "  - {key: a, kind: number, text: How many?,\n"
        + "     bands: [{code: x, label: X, low: 1, high: 4}, {code: y, label: Y, low: 4}]}",
        "{code: y",
    ),
    Case(
        ProblemCode.NO_BANDS,
        HEAD + "  - {key: a, kind: number, text: How many?, keeps_number: a_number}",
        "a_number",
        "add bands",
    ),
    Case(
        ProblemCode.MERGED_CHOICE,
        HEAD
        + "  - {key: a, kind: select_many, text: Which?,\n"
        + "     choices: [{code: x, label: X}, {code: y, label: Y}, {code: z, label: Z, into: w}]}",
        "{code: z",
        "name one of x or y",
    ),
    Case(
        ProblemCode.DUPLICATE_STEP,
        HEAD
        + "  - {key: b, kind: text, text: What?}\n"
        + "  - {key: a, kind: number, text: How many?, keeps_number: b,\n"
        + "     bands: [{code: x, label: X, low: 1}, {code: y, label: Y, low: 0, high: 0}]}",
        "b,\n",
        "under another key",
    ),
    Case(
        ProblemCode.EFFECT_PLACE,
        HEAD
        + "  - {key: a, kind: text, text: What?}\n"
        + "  - {key: d, kind: do, effect: record_implementation, fields: {status: a}}",
        "record_implementation",
        "for_each: commitments",
    ),
    Case(
        ProblemCode.UNKNOWN_SOURCE,
        HEAD + "  - {key: a, kind: select_one, text: Which?, choices_from: activity.sugestions}",
        "activity.sugestions",
        "did you mean 'activity.suggestions'?",
    ),
    Case(
        ProblemCode.UNKNOWN_SOURCE,
        HEAD
        + "  - {key: a, kind: select_one, text: Which?, choices: statuses,\n"
        + "     promote: {codes: commitment.foreseen, mark: x}}",
        "commitment.foreseen",
    ),
    Case(
        ProblemCode.EARLIER_QUESTION,
        HEAD
        + "  - {key: a, kind: text, text: What?, keeps_pick: {question: nowhere, text: Keep?, label: Keep it}}",
        "nowhere",
        "name one that is asked before it",
    ),
    Case(
        ProblemCode.EARLIER_QUESTION,
        HEAD + "  - {key: a, kind: text, text: What?}\n"
        "  - {key: b, kind: number, text: How many?, no_more_than: a}",
        "a}",
        "'a' is no question of that kind before 'b'",
    ),
    Case(
        ProblemCode.NO_ENDS,
        HEAD + "  - {key: a, kind: number, text: How many?, min: 0, taps: true}",
        "true",
        "give whole numbers as `min` and `max`",
    ),
    Case(
        ProblemCode.OWN_WORDS,
        HEAD + "  - {key: a, kind: select_one, text: Which?, own_words: {choice: owm, question: b},\n"
        "     choices: [{code: x, label: X}, {code: own, label: My own}]}\n"
        "  - {key: b, kind: text, text: What?}",
        "owm",
        "did you mean 'own'?",
    ),
    Case(
        ProblemCode.OWN_WORDS,
        HEAD + "  - {key: a, kind: select_one, text: Which?, own_words: {choice: own, question: c},\n"
        "     choices: [{code: x, label: X}, {code: own, label: My own}]}\n"
        "  - {key: b, kind: say, text: Now}\n"
        "  - {key: c, kind: text, text: What?}",
        "c}",
        "'c' is not the text or date question right after 'a'",
    ),
    *(
        Case(
            ProblemCode.SAME_AS,
            FIRST
            + AGREE.replace("May I ask you?", f"'May {{program.team}} ask?', same_as: [{same_as}]")
            + "  - {key: b, kind: consent, purpose: contact_again, text: May I write?}\n"
            + STOP,
            at,
            message,
        )
        for same_as, at, message in (
            ("'May  {program.team} ask?'", "'May  {", "take it out"),
            ("'{program.team} asks', '{program.team}  asks'", "'{program.team}  asks'", "there already"),
            ("May I write?", "May I write?]", "the text of 'b'"),
            ("'{program.team asks'", "'{program.team asks'", "placeholders"),
            ("'{program.teem} {program.team}'", "'{program.teem}", "did you mean 'team'?"),
            ("May I ask?", "May I ask?]", "does not name '{program.team}'"),
        )
    ),
]

FILE_CODES = {code for code in ProblemCode if code.value.startswith("F")} | {ProblemCode.BAD_VALUE}
"""Shown in test_loader.py; a script has no key whose value only a validator of ours refuses."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_problem_is_found_at_its_place_with_its_remedy(case: Case) -> None:
    """Each mistake gives its code, at the line and column where it stands, and says what to do."""
    found = [problem for problem in check_flow_text(case.script, "sample.yaml") if problem.code == case.code]
    assert found, check_flow_text(case.script)
    shown = [str(problem) for problem in found]
    offset = case.script.index(case.at)
    line, column = case.script[:offset].count("\n") + 1, offset - case.script.rfind("\n", 0, offset)
    place = f"sample.yaml:{line}:{column} {case.code.value} "
    assert [text for text in shown if text.startswith(place) and case.message in text], shown
    assert all(re.fullmatch(r"sample\.yaml:\d+:\d+ [FSGCTLRP]\d{3} .+, .+", text) for text in shown)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_mistake_gives_no_problem_of_another_kind(case: Case) -> None:
    """A mistake is told once: it does not drag false alarms of other codes behind it."""
    also = {
        ProblemCode.POINTS: {ProblemCode.OPEN_QUESTIONS},
    }
    codes = {problem.code for problem in check_flow_text(case.script)}
    assert codes - also.get(case.code, set()) <= {case.code}


def test_every_code_has_a_script_that_triggers_it() -> None:
    """No code is documented that nothing can show."""
    shown = {case.code for case in CASES} | FILE_CODES
    assert {code for code in ProblemCode if not code.value.startswith(("P", "B"))} == shown


def test_every_code_is_explained() -> None:
    """No code is printed that the reference does not explain."""
    assert set(EXPLANATIONS) == set(ProblemCode)


def test_all_problems_come_at_once() -> None:
    """An author sees every mistake of a file in one run, also behind steps that cannot be read."""
    script = (
        HEAD
        + "  - {key: a, kind: text, text: What?, max_lenght: 3}\n"
        + "  - {key: b, kind: sey, text: Hi}\n"
        + "  - {key: c, kind: say, text: 'From {program.teem}', goto: nowhere}\n"
        + "  - {key: d, kind: say, text: Hi, when: x == 1}\n"
        + "  - {key: e, kind: say, text: 'Two: {a} {b:label}'}\n"
    )
    codes = [problem.code for problem in check_flow_text(script)]
    assert codes == ["S001", "S003", "T004", "G002", "C002"]


def test_what_hides_behind_an_unreadable_step_is_not_complained_about() -> None:
    """A step that cannot be read still has its key: what names it is not wrong for that."""
    script = (
        HEAD
        + "  - {key: a, kind: select_many, text: Which?, "
        + "choices: [{code: x, label: X}, {cod: y, label: Y}]}\n"
        + "  - {key: e, kind: block, repeat: {for_each: a, as: pick},\n"
        + "     steps: [{key: b, kind: say, text: '{pick.label}', when: a_more != null && 'x' in a}]}\n"
        + "  - {key: c, kind: say, text: '{a:label}', when: size(a) > 0}\n"
    )
    codes = {problem.code for problem in check_flow_text(script)}
    assert codes == {"S001", "S002", "C002"}


def test_a_clean_script_has_no_problems() -> None:
    """Jumps forward, blocks, guarded quotations and conditions over several rounds pass."""
    script = (
        PATIENTS
        + AGREE
        + "  - {key: a, kind: select_many, text: Which?, "
        + "choices: [{code: x, label: X}, {code: y, label: Y}]}\n"
        + "  - key: each\n    kind: block\n    repeat: {for_each: a, as: pick}\n    steps:\n"
        + "      - {key: b, kind: scale, text: '{pick.index} of {pick.count}. How is {pick.label}?',"
        + " low_label: bad, high_label: good}\n"
        + "      - {key: c, kind: text, text: Why?, when: b < 3}\n"
        + "  - {key: d, kind: say, text: 'So: {c}', when: size(c) > 0}\n"
        + "  - {key: s, kind: say, text: 'You can {{quote}} me.'}\n"
        + STOP
    )
    assert check_flow_text(script) == ()


@pytest.mark.parametrize(
    "steps",
    [
        TOLD + ABOUT_IT,
        TOLD + ABOUT_IT + "  - {key: b, kind: text, text: Why?, counted: false, when: a != null}\n",
        ABOUT_IT,
        FOR_EACH_CHANGE,
    ],
)
def test_patients_may_be_asked_about_what_they_are_told(steps: str) -> None:
    """What takes up an earlier talk, and is put only where there was one, needs no consent of its own."""
    assert ProblemCode.NO_CONSENT not in {one.code for one in check_flow_text(PATIENTS + steps + STOP)}


@pytest.mark.parametrize("flow", ["patient_follow_up", "patient_interview", "content_review"])
def test_an_interview_without_its_consent_is_refused(flow: str) -> None:
    """A talk with patients that is asked through cannot do without, whatever it names of an earlier talk."""
    text = (LIBRARY / f"{flow}.yaml").read_text(encoding="utf-8")
    [consent] = re.findall(r"    kind: consent\n    purpose: take_part\n", text)
    other = text.replace(consent, consent.replace("take_part", "contact_again"))
    assert ProblemCode.NO_CONSENT in {one.code for one in check_flow_text(other)}
