"""The rules of `said check`, one small file a family. `flows.check` runs them all."""
