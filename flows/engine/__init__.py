"""Play a flow: a state and an event go in, a new state and effects come out. Pure.

Public are `advance` (one turn), `events` and `effects` (what goes in and out), `state`, `safety_notice` (what a safety
scan found), `compiled` (a flow ready to play), `interruptions.language_offer` (when an offer may be made), and
`turn.has_consented`.
"""
