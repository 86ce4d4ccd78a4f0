"""Interrupt the script with small exchanges of the engine's own, a class in a file each.

Public surface: `table` for `flows.engine.advance`, which knows all of them in order of precedence; the functions that
open one (`ask_...`, `offer_language`, `halt`, `begin_report`) for the rest of the engine; `language_offer` tells the
shell when an offer may be made. Nothing is imported here: what opens an interruption is also used by some of them.
"""
