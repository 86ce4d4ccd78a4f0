"""The pages of the emulated Slack's conversations.history and conversations.replies."""

from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]

USUAL = 100
MOST = 999


@dataclass
class Pages:
    """What is left of each list that was begun, by the cursor that asks for it."""

    left: dict[str, list[Json]] = field(default_factory=dict)

    def read(self, found: list[Json], arguments: Json) -> Json | None:
        """
        One page of messages in the order given; None where the cursor is none of ours.

        `oldest` and `latest` bound them, both left out themselves unless `inclusive` is set.
        """
        limit = min(int(arguments.get("limit") or USUAL), MOST)
        cursor = str(arguments.get("cursor") or "")
        if cursor and cursor not in self.left:
            return None
        rows = self.left[cursor] if cursor else [one for one in found if _within(one["ts"], arguments)]
        page: Json = {"messages": rows[:limit], "has_more": len(rows) > limit, "pin_count": 0}
        following = f"next:{len(self.left)}" if len(rows) > limit else ""
        if following:
            self.left[following] = rows[limit:]
        return page | {"response_metadata": {"next_cursor": following}}


def _within(ts: str, arguments: Json) -> bool:
    oldest, latest = float(arguments.get("oldest") or 0), float(arguments.get("latest") or "inf")
    if str(arguments.get("inclusive", "")).lower() in ("1", "true"):
        return oldest <= float(ts) <= latest
    return oldest < float(ts) < latest
