"""Rehearse a program with synthetic participants: `run` moves the clock, `people` answer as `behaviour` says."""

__all__ = ["run"]
