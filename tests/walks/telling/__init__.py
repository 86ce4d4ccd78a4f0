"""Tell what walks met: figures, and the shortest story that breaks an invariant."""
