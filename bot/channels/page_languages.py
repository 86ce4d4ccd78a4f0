"""Read in which languages a browser asks for pages, and name languages there."""

from babel import Locale


def wished(header: str) -> tuple[str, ...]:
    """Return the languages in an Accept-Language header, the most wished for first; at most ten."""
    weighed = []
    for part in header[:500].split(","):
        code, _, weight = part.strip().partition(";q=")
        if code and code != "*":
            weighed.append((-_weight(weight), code))
    return tuple(code for _, code in sorted(weighed, key=_first))[:10]


def _first(one: tuple[float, str]) -> float:
    return one[0]


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0


def language_name(language: str) -> str:
    """Return what a language calls itself: 'Deutsch', 'Français'."""
    name = Locale.parse(language, sep="-").get_display_name() or language
    return name[:1].upper() + name[1:]
