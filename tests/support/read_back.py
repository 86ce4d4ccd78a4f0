"""A script that reads own words back, for tests of the yes to that."""

READ_BACK = """
flow: read_back
title: A read-back
language: en
audience: [hcp]
steps:
  - {key: w, kind: text, text: Say it.}
  - {key: ok, kind: confirm, text: "Did I get that right? {w}", agree: "Yes", change: Change it, changes: [w]}
  - {key: bye, kind: end, text: Goodbye.}
"""
