"""Hold a conversation in the terminal: `session` is what `said run` opens where no channel is set."""

__all__ = ["session"]
