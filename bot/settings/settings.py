"""Read the settings once at start: `config.toml`, overridden by SAID_... variables. Every error names its key.

The descriptions here are what `docs/reference/settings.md` prints.
"""

import os
import re
import tomllib
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import AfterValidator, Field, PrivateAttr, SecretStr, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)
from pydantic_settings import SettingsError as SourceError

from bot.channel_policy import ChannelPolicy, DeploymentProfile, policy_of
from bot.errors import SettingsError
from bot.settings.console import ConsoleSettings
from bot.settings.mail import EmailSettings
from bot.settings.section import Origin, SettingsSection, Url, secret_from_file
from flows.formats.plain_files import read_plain_file
from flows.heavy_packages import load
from flows.script.roles import Role

if TYPE_CHECKING:
    from flows.i18n.localized_flow import Localizations

PREFIX = "SAID_"
OTHER_VARIABLES = frozenset({"SAID_KEY", "SAID_CONFIG"})
"""Read elsewhere: the key of the addresses, and where the settings file is."""
MESSAGES_FOR_A_STAR = 10
"""What Telegram takes for a message beyond its free pace: 0.1 Stars."""
DEFAULT_CONFIG = Path("config.toml")
MOVED = {
    "email.show_question": "take it out; a programme that wants it says so in its file,"
    " as `schedule: {mails_show_question: true}`"
}
"""What is no setting any more, by its key, with where it is said now."""


class TelegramMode(StrEnum):
    """How Telegram's updates come: we ask for them, or they are posted to us."""

    POLLING = "polling"
    WEBHOOK = "webhook"


class SlackMode(StrEnum):
    """How Slack's events come: over Socket Mode, or as signed HTTP requests."""

    SOCKET = "socket"
    HTTP = "http"


class LogLevel(StrEnum):
    """The least severe event that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


_WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{32,256}")
"""Telegram takes 1 to 256 of these (setWebhook, `secret_token`); 32 of them cannot be guessed."""
_SIGNING_SECRET = re.compile(r"[!-~]{20,256}")
"""Slack makes them, 32 hexadecimal digits at present: what is much shorter was not copied whole."""


def _is_like(pattern: re.Pattern[str], secret: SecretStr | None) -> bool:
    return secret is not None and pattern.fullmatch(secret.get_secret_value()) is not None


class TelegramSettings(SettingsSection):
    """Telegram. Left out entirely, the channel is off."""

    token: SecretStr | None = Field(None, description="The bot's token from @BotFather.")
    token_file: Path | None = Field(None, description="A file that holds the token, instead of `token`.")
    bot_name: str | None = Field(
        None, description="The bot's user name, for invitation links. Telegram is asked if absent."
    )
    mode: TelegramMode = Field(
        TelegramMode.POLLING, description="'polling' needs no address of its own; 'webhook' needs https."
    )
    webhook_url: Url | None = Field(None, description="Where Telegram reaches `/telegram` here, with https.")
    webhook_secret: SecretStr | None = Field(None, description="What Telegram sends along to prove itself.")
    webhook_secret_file: Path | None = Field(None, description="A file that holds it, instead.")
    api_url: Url = Field("https://api.telegram.org", description="Another Bot API server, if you run one.")
    allow_paid_broadcast: bool = Field(
        False, description="Pay 0.1 Stars for each message that the free pace cannot carry, up to a ceiling."
    )
    paid_broadcast_rate: int = Field(
        200, ge=30, le=1000, description="Messages a second in all while messages are paid for."
    )
    paid_broadcast_stars: int | None = Field(
        None,
        gt=0,
        description="Stars that may be spent in a calendar month (UTC). Needed to pay for anything.",
    )

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return secret_from_file(values, "token", "webhook_secret")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.token is None:
            raise ValueError("token: is missing; set SAID_TELEGRAM__TOKEN or telegram.token_file")
        if self.mode is TelegramMode.WEBHOOK and self.webhook_url is None:
            raise ValueError("webhook_url: is needed in webhook mode")
        if self.mode is TelegramMode.WEBHOOK and self.webhook_secret is None:
            raise ValueError("webhook_secret: is needed in webhook mode; set SAID_TELEGRAM__WEBHOOK_SECRET")
        if self.mode is TelegramMode.WEBHOOK and not _is_like(_WEBHOOK_SECRET, self.webhook_secret):
            raise ValueError(
                "webhook_secret: must be 32 to 256 letters, digits, _ and -; make one with `openssl rand -hex 32`"
            )
        if self.allow_paid_broadcast and self.paid_broadcast_stars is None:
            raise ValueError("paid_broadcast_stars: is needed to pay; set how many Stars a month may cost")
        return self

    @property
    def paid_messages(self) -> int:
        """How many messages may be paid for in a month; 0 where none may be."""
        return MESSAGES_FOR_A_STAR * (self.paid_broadcast_stars or 0) if self.allow_paid_broadcast else 0


class SlackSettings(SettingsSection):
    """Slack. Left out entirely, the channel is off."""

    bot_token: SecretStr | None = Field(None, description="The bot token, xoxb-...")
    bot_token_file: Path | None = Field(None, description="A file that holds it, instead.")
    app_token: SecretStr | None = Field(None, description="The app-level token, xapp-... (socket mode).")
    app_token_file: Path | None = Field(None, description="A file that holds it, instead.")
    signing_secret: SecretStr | None = Field(None, description="The signing secret (http mode).")
    signing_secret_file: Path | None = Field(None, description="A file that holds it, instead.")
    mode: SlackMode = Field(
        SlackMode.SOCKET, description="'socket' needs no address of its own; 'http' needs https."
    )
    api_url: Url = Field("https://slack.com/api/", description="Another Web API address, for tests.")

    @model_validator(mode="before")
    @classmethod
    def _read_files(cls, values: Any) -> Any:
        return secret_from_file(values, "bot_token", "app_token", "signing_secret")

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.bot_token is None:
            raise ValueError("bot_token: is missing; set SAID_SLACK__BOT_TOKEN or slack.bot_token_file")
        if self.mode is SlackMode.SOCKET and self.app_token is None:
            raise ValueError("app_token: is needed in socket mode; set SAID_SLACK__APP_TOKEN")
        if self.mode is SlackMode.HTTP and self.signing_secret is None:
            raise ValueError("signing_secret: is needed in http mode; set SAID_SLACK__SIGNING_SECRET")
        if self.mode is SlackMode.HTTP and not _is_like(_SIGNING_SECRET, self.signing_secret):
            raise ValueError("signing_secret: is not one of Slack's; copy it whole from Basic Information")
        return self


class WebSettings(SettingsSection):
    """The address at which webhooks are received and pages served. Used only if a channel needs it."""

    host: str = Field("127.0.0.1", description="The address to listen at; put a proxy with https in front.")
    port: int = Field(8080, ge=0, le=65535, description="The port; 0 takes a free one.")
    public_url: Origin | None = Field(
        None,
        description="What browsers see, such as https://talk.example.org: with it people can talk in a browser, too."
        " Conversations in a browser are off if absent.",
    )
    behind_proxy: bool = Field(
        False,
        description="Whether a proxy of yours names the client in X-Forwarded-For: limits then count by that.",
    )


class HealthSettings(SettingsSection):
    """The address at which `/health` and `/metrics` are told, with polling too. Left out entirely, they are not."""

    host: str = Field("127.0.0.1", description="The address to listen at; this machine alone by default.")
    port: int = Field(8081, ge=0, le=65535, description="The port; 0 takes a free one.")


class PolicySettings(SettingsSection):
    """Who may be talked to where. The default keeps patients and carers away from Slack."""

    profile: DeploymentProfile = Field(
        DeploymentProfile.HIPAA,
        description="'hipaa' refuses patients and carers on Slack; 'open' refuses nobody.",
    )
    channels: dict[str, frozenset[Role]] = Field(
        {},
        description="The roles that a channel may carry, where they differ from the profile's:"
        " patient, carer, hcp, educator.",
    )


def _language(code: str) -> str:
    if not load("flows.formats.po_files").is_language(code):
        message = f"{code!r} is no language; write codes such as es or pt-BR"
        raise ValueError(message)
    return code


class LanguageSettings(SettingsSection):
    """Which languages people are offered. Without a line here: those that are complete and reviewed."""

    allow_drafts: bool = Field(
        False, description="Offer also translations that are complete but have not been reviewed."
    )
    offered: tuple[Annotated[str, AfterValidator(_language)], ...] = Field(
        (),
        description="Exactly these, reviewed or not; what they lack is shown in the script's language.",
    )
    folder: Path | None = Field(
        None,
        description="A folder of your own translations, such as reviewed ones of the shipped scripts; they come first.",
    )


class LogSettings(SettingsSection):
    """Logs: one JSON object a line, without anybody's words, address or token."""

    level: LogLevel = Field(LogLevel.INFO, description="debug, info, warning or error.")
    file: Path | None = Field(None, description="A file to append to; standard error if absent.")


class Settings(BaseSettings):
    """All settings. Every one has a default: with none at all, the terminal and a local file are used."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    _source: Path | None = PrivateAttr(None)

    database: str = Field(
        "data/said.sqlite",
        min_length=1,
        description="The SQLite file. Made, with its folder, if it is not there.",
    )
    key_file: Path | None = Field(
        None,
        description="The key that seals addresses; beside the database, with the ending .key, if absent.",
    )
    flows: tuple[Path, ...] = Field(
        (),
        description="Folders or files of your own scripts; a shipped one of the same name gives way.",
    )
    tick_seconds: float = Field(
        15.0, ge=1, le=300, description="How often what is due is looked for, in seconds: 1 to 300."
    )
    reading_seconds: float = Field(
        6.0,
        ge=0,
        le=60,
        description="How long, at most, a question must have been shown before words typed under it count as its"
        " answer: 1 s, and 1 s for each 15 words. 0 takes whatever comes after the question.",
    )
    telegram: TelegramSettings | None = Field(None, description="Telegram; off if absent.")
    slack: SlackSettings | None = Field(None, description="Slack; off if absent.")
    email: EmailSettings | None = Field(None, description="E-mail; off if absent.")
    web: WebSettings = Field(
        default_factory=WebSettings, description="Where webhooks are received and pages served."
    )
    health: HealthSettings | None = Field(None, description="Where health is told; off if absent.")
    console: ConsoleSettings | None = Field(None, description="Where the team's pages are; off if absent.")
    policy: PolicySettings = Field(default_factory=PolicySettings, description="Who may be talked to where.")
    languages: LanguageSettings = Field(
        default_factory=LanguageSettings, description="Which languages people are offered."
    )
    log: LogSettings = Field(default_factory=LogSettings, description="What is logged, and where to.")

    @property
    def channels(self) -> tuple[str, ...]:
        """The names of the channels that are configured (telegram, slack, web, email); empty means the terminal."""
        configured = {
            "telegram": self.telegram is not None,
            "slack": self.slack is not None,
            "web": self.web.public_url is not None,
            "email": self.email is not None,
        }
        return tuple(name for name, is_set in configured.items() if is_set)

    def alone(self, channel: str) -> Self:
        """Return the settings with this channel as the only one that is configured."""
        changes: dict[str, Any] = {name: None for name in ("telegram", "slack", "email") if name != channel}
        if channel not in ("web", "email"):  # mails lead to the web page
            changes["web"] = self.web.model_copy(update={"public_url": None})
        return self.model_copy(update=changes)

    @model_validator(mode="after")
    def _mails_lead_somewhere(self) -> Self:
        if self.email is not None and self.web.public_url is None:
            raise ValueError("web.public_url: is needed by email, whose mails hold links; set it")
        return self

    def policy_now(self) -> ChannelPolicy:
        """Make the policy that says which roles may be served on which channel, from profile and exceptions."""
        bot = self.telegram.bot_name if self.telegram is not None else None
        name = bot.removeprefix("@") if bot else None
        policy = policy_of(self.policy.profile, self.policy.channels, name, self.web.public_url)
        return replace(policy, console_url=None if self.console is None else self.console.url)

    def localizations_now(self) -> "Localizations":
        """Make the localizations of all flows, from the shipped translations and those beside the scripts in `flows`.

        They offer people the languages that the settings allow. The bot's own sentences come from the same folders
        from then on, in all of this process.
        """
        load("flows.i18n.catalogs").use_folders(self.translation_folders)
        localized = load("flows.i18n.localized_flow")
        policy = localized.LanguagePolicy(self.languages.offered, self.languages.allow_drafts)
        made: Localizations = localized.Localizations(self.translation_folders, policy)
        return made

    @property
    def translation_folders(self) -> tuple[Path, ...]:
        """The folders with translations that come before the shipped ones: the own, then those beside the scripts."""
        own = () if self.languages.folder is None else (self.languages.folder.expanduser(),)
        beside = (place if place.is_dir() else place.parent for place in map(Path.expanduser, self.flows))
        return (*own, *(folder / "translations" for folder in beside))

    @property
    def source(self) -> Path | None:
        """The file that they were read from, for processes that are to read the same; None for none."""
        return self._source

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Return pydantic's sources of settings in order: the environment, then the file (given as arguments)."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


def load_settings(config: Path | None = None) -> Settings:
    """Read the settings from a file and the environment.

    `config` is the file; without it the one that SAID_CONFIG names, then `config.toml` if there is one.

    Raises:
        SettingsError: a file that cannot be read, an unknown key, or a value that cannot be.
    """
    _refuse_unknown_variables()
    try:
        read = Settings(**_read_file(config))
    except ValidationError as error:
        raise _explain(error) from error
    except SourceError as error:
        raise SettingsError(
            "(environment)", str(error), "give nested settings one by one, as SAID_WEB__PORT=8080"
        ) from error
    except RecursionError as error:
        raise SettingsError(
            "(environment)",
            "a variable is nested too deeply",
            "give nested settings one by one, as SAID_WEB__PORT=8080",
        ) from error
    read._source = config_path(config)  # noqa: SLF001 - it is known here alone
    return read


def config_path(config: Path | None = None) -> Path | None:
    """Return the settings file that is read; None if there is none.

    `config` itself if given, else the one that SAID_CONFIG names, else `config.toml` in the current folder if there.
    """
    named = config or (Path(os.environ["SAID_CONFIG"]) if os.environ.get("SAID_CONFIG") else None)
    if named is not None:
        return named
    return DEFAULT_CONFIG if DEFAULT_CONFIG.exists() else None


def _read_file(config: Path | None) -> dict[str, Any]:
    path = config_path(config)
    if path is None:
        return {}
    try:
        return tomllib.loads(read_plain_file(path).decode())
    except OSError as error:
        raise SettingsError(
            "(file)",
            f"{path} cannot be read ({error.strerror})",
            "check the path, or copy config.example.toml there",
        ) from error
    except RecursionError as error:
        raise SettingsError("(file)", f"{path} is nested too deeply", "take some brackets out") from error
    except ValueError as error:  # no TOML, not UTF-8, or a number of thousands of digits
        raise SettingsError("(file)", f"{path} is not TOML: {error}", "mend that line") from error


def _refuse_unknown_variables() -> None:
    """Refuse a SAID_ variable that is no setting.

    pydantic's own source passes over names that it does not know; a misspelt one must not pass in silence.

    Raises:
        SettingsError: with the variable's name.
    """
    for variable in os.environ:
        if not variable.upper().startswith(PREFIX) or variable.upper() in OTHER_VARIABLES:
            continue
        name = variable[len(PREFIX) :].split("__")[0].lower()
        if name not in Settings.model_fields:
            known = ", ".join(f"{PREFIX}{field.upper()}" for field in Settings.model_fields)
            raise SettingsError(variable, "is not a setting", f"the known ones begin with {known}")


def _explain(error: ValidationError) -> SettingsError:
    """Turn pydantic's error into ours: the first problem, by its key, with what to do."""
    problem = error.errors(include_url=False, include_input=False)[0]
    place = [str(part) for part in problem["loc"]]
    message = problem["msg"].removeprefix("Value error, ")
    # A rule over a whole section names the key within it first.
    if problem["type"] == "value_error" and ": " in message:
        key, _, message = message.partition(": ")
        place.append(key)
    message, _, remedy = message.partition("; ")
    if problem["type"] == "extra_forbidden":
        message = "is not a setting"
        remedy = MOVED.get(".".join(place), "see config.example.toml for the names")
    return SettingsError(".".join(place), message, remedy or "see config.example.toml for what it takes")
