"""Commands about scripts and programs: check, translate, load and rehearse them, and answer reviewers."""
