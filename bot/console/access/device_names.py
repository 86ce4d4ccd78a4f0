"""Name the device of somebody who signs in, by what its browser says of itself: short, and of known names alone.

The name tells one session of a member from another in the list of sessions. Nothing goes by it, since a browser may say
whatever it likes; and no more of what it says is kept.
"""

from collections.abc import Sequence
from typing import Final

_BROWSERS: Final = (
    ("edg", "Edge"),
    ("opr/", "Opera"),
    ("samsungbrowser/", "Samsung Internet"),
    ("firefox/", "Firefox"),
    ("fxios/", "Firefox"),
    ("crios/", "Chrome"),
    ("chrome/", "Chrome"),
    ("chromium/", "Chrome"),
    ("safari/", "Safari"),
)
"""What a browser's header holds, and its name: the first that is found, as most also name those that come after."""
_SYSTEMS: Final = (
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("android", "Android"),
    ("windows", "Windows"),
    ("cros ", "ChromeOS"),
    ("mac os x", "macOS"),
    ("linux", "Linux"),
)


def device_name(agent: str) -> str:
    """Return the browser and the system of a header `User-Agent`, as `Firefox on Windows`.

    Return one of the two where the other is unknown, and '' where both are.
    """
    said = agent[:512].lower()
    return " on ".join(name for name in (_first(_BROWSERS, said), _first(_SYSTEMS, said)) if name)


def _first(known: Sequence[tuple[str, str]], said: str) -> str:
    return next((name for mark, name in known if mark in said), "")
