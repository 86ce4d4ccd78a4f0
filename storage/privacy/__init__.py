"""Give participants their data, end what they no longer agree to, and delete what may not be kept.

`subject_access` writes a participant's data, `consent_withdrawal` ends what a consent allowed, `erasure` deletes one
participant, and `retention` deletes what was kept long enough.
"""
