"""Put a backup in the place of the database, and tell it of whoever left since it was made.

`place` does it, as a whole or not at all; `replay` does again to a database what stands in entries of its journal.
"""

__all__ = ["place", "replay"]
