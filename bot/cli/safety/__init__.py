"""Commands about safety cases: `safety` is the table of them, `shared` what they have in common."""
