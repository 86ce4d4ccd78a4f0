"""Read what operators (`operators`) and the team in chat (`team`) look up. Codes only, nobody's words."""
