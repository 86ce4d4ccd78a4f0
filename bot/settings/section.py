"""What every table of the settings is made of: unknown keys are refused, and a secret may stand in a file."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict

from flows.formats.plain_files import read_plain_file


def _https(url: str | None) -> str | None:
    if url is not None and not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise ValueError("must begin with https://")
    return url


Url = Annotated[str, AfterValidator(_https)]


def _origin(url: str | None) -> str | None:
    """Return the address without a slash at its end, if it has no path: links and cookies count from its root."""
    if url is None:
        return None
    parts = urlsplit(url.rstrip("/"))
    is_ours = parts.scheme == "https" or parts.hostname in ("localhost", "127.0.0.1")
    if (
        not is_ours
        or not parts.hostname
        or parts.path
        or parts.query
        or parts.fragment
        or "@" in parts.netloc
    ):
        raise ValueError("must be an address alone, such as https://talk.example.org; leave the path out")
    return url.rstrip("/")


Origin = Annotated[Url, AfterValidator(_origin)]


class SettingsSection(BaseModel):
    """A table of the file. Unknown keys are refused: a misspelt one must not pass in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def secret_from_file(values: Any, *names: str) -> Any:
    """Fill `name` from the file that `name_file` names, where only the latter is given."""
    if not isinstance(values, dict):
        return values
    filled = dict(values)
    for name in names:
        path = filled.get(f"{name}_file")
        if path is None or filled.get(name) is not None:
            continue
        try:
            filled[name] = read_plain_file(Path(path).expanduser()).decode().strip()
        except OSError as error:
            raise ValueError(f"{name}_file: {path} cannot be read ({error.strerror})") from error
        except UnicodeDecodeError as error:
            raise ValueError(f"{name}_file: {path} is not UTF-8") from error
    return filled
