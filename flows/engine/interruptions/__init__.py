"""Interrupt the script with small exchanges of the engine's own, a class in a file each.

For `advance`: `table` knows all of them in order of precedence, `interruption` says what one is, `safety_response`
reacts to what a safety scan found. For whoever opens one: `later_menu`, `language_menu`, `zone_menu`, `leave_menu`,
`returned_menu`, `change_menu`, `answer_change`, `remark_offer`; `crisis_help` names the commands that work while the
script is halted. For the bot: `safety_notice` is what a scan hands over, `language_offer` tells when an offer may be
made. For `my data`: `safety_report` has its questions in words.

Nothing is imported here: what opens an interruption is also used by some of them.
"""

__all__ = [
    "answer_change",
    "change_menu",
    "crisis_help",
    "interruption",
    "language_menu",
    "language_offer",
    "later_menu",
    "leave_menu",
    "remark_offer",
    "returned_menu",
    "safety_notice",
    "safety_report",
    "safety_response",
    "table",
    "zone_menu",
]
