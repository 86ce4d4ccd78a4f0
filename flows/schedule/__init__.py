"""Compute when something is due and whether a participant may be contacted, from a given now."""
