"""Work on single texts: folding for comparison, templates, identifiers to redact, suggestions."""
