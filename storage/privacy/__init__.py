"""Give participants their data, end what they no longer agree to, and delete what may not be kept.

`subject_access` writes a participant's data, `consent_withdrawal` ends what a consent allowed, `consent_answers` keeps
answers in step with it, `waiting_words` finds what waits for a consent, `erasure` deletes one participant, and
`retention` deletes what was kept long enough, and asks `contact_times` whether anything was; `word_erasure` empties
conversations for it. `requested_erasures` keeps what is to be deleted once a second coordinator has confirmed it.
`closing` closes a program and puts it away, and `resumed_programs` has go on what a pause of one put off.
"""

__all__ = [
    "closing",
    "consent_answers",
    "consent_withdrawal",
    "contact_times",
    "erasure",
    "requested_erasures",
    "resumed_programs",
    "retention",
    "subject_access",
    "waiting_words",
    "word_erasure",
]
