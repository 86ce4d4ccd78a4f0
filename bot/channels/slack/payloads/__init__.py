"""Read what Slack sends: payloads whatever their shape (`fields`), what people write (`messages`), `emoji_names`."""

__all__ = ["emoji_names", "fields", "messages"]
