"""Settings: a file and the environment become one value, and every error names its key and the remedy."""

import os
import re
from pathlib import Path

import pytest

from bot.errors import SettingsError
from bot.settings.mail import EmailSettings, email_config
from bot.settings.settings import TelegramMode, load_settings

ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for name in ("SAID_CONFIG", "SAID_DATABASE"):
        monkeypatch.delenv(name, raising=False)


def write(text: str, tmp_path: Path) -> Path:
    file = tmp_path / "settings.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_nothing_configured_is_the_terminal_and_a_local_file():
    """Without any setting there is no channel, and the database is a local file with its key beside it."""
    settings = load_settings()
    assert settings.channels == ()
    assert settings.database == "data/said.sqlite"
    assert settings.key_file is None


def test_the_example_loads():
    """config.example.toml is a settings file as it stands."""
    assert load_settings(ROOT / "config.example.toml").channels == ()


def test_every_line_of_the_example_loads(tmp_path):
    """The lines of the example with their marks taken off are settings too, and no setting is left out."""
    example = (ROOT / "config.example.toml").read_text(encoding="utf-8")
    for name in (
        "telegram",
        "telegram-webhook",
        "slack-bot",
        "slack-app",
        "slack-signing",
        "smtp",
        "mail-webhook",
        "accounts",
    ):
        (tmp_path / name).write_text("secret\n", encoding="utf-8")
    text = re.sub(r"^# (?=\w+ = |\[[\w.]+\])", "", example, flags=re.MULTILINE)
    settings = load_settings(write(text.replace("/run/secrets", str(tmp_path)), tmp_path))
    assert settings.channels == ("telegram", "slack", "web", "email")
    assert settings.telegram is not None
    assert settings.slack is not None
    assert settings.email is not None
    mails = settings.email
    for section in (
        settings,
        settings.telegram,
        settings.slack,
        mails,
        settings.web,
        settings.policy,
        settings.log,
    ):
        assert set(type(section).model_fields) - section.model_fields_set == set()


def test_addresses_of_mails_are_kept_as_mail_servers_know_them():
    """Brackets and capitals go, and a domain is written as DNS has it: a header field takes nothing else."""
    made = EmailSettings(host="h", sender=" <Talk@M\u00fcnchen.example>")
    assert made.sender == "talk@xn--mnchen-3ya.example"
    assert email_config(made, "https://talk.example").domain == "xn--mnchen-3ya.example"


def test_a_public_address_makes_the_pages_a_channel(tmp_path):
    """With it, without a slash at its end, people can talk in a browser; each channel can be had alone."""
    text = (
        "[web]\npublic_url = 'https://talk.example.org/'\n[slack]\nbot_token = 'xoxb-1'\napp_token = 'xapp-1'"
    )
    settings = load_settings(write(text, tmp_path))
    assert settings.web.public_url == "https://talk.example.org"
    assert settings.policy_now().web_url == "https://talk.example.org"
    assert settings.channels == ("slack", "web")
    assert [settings.alone(name).channels for name in ("slack", "web")] == [("slack",), ("web",)]


def test_the_environment_wins(monkeypatch, tmp_path):
    """A variable overrides the file, also one key of a section."""
    file = write('[telegram]\ntoken = "from-file"\nbot_name = "a_bot"\n', tmp_path)
    monkeypatch.setenv("SAID_TELEGRAM__TOKEN", "from-environment")
    telegram = load_settings(file).telegram
    assert telegram is not None
    assert telegram.token is not None
    assert (telegram.token.get_secret_value(), telegram.bot_name) == ("from-environment", "a_bot")
    assert telegram.mode is TelegramMode.POLLING


def test_the_environment_alone_is_enough(monkeypatch):
    """Slack is on when its two tokens are in the environment."""
    monkeypatch.setenv("SAID_SLACK__BOT_TOKEN", "xoxb-1")
    monkeypatch.setenv("SAID_SLACK__APP_TOKEN", "xapp-1")
    assert load_settings().channels == ("slack",)


def test_a_secret_from_a_file(tmp_path):
    """A token may stand in a file of its own; its line's end is not part of it; printing does not show it."""
    (tmp_path / "token").write_text("12:abc\n", encoding="utf-8")
    settings = load_settings(write(f'[telegram]\ntoken_file = "{tmp_path}/token"\n', tmp_path))
    assert settings.telegram is not None
    assert settings.telegram.token is not None
    assert settings.telegram.token.get_secret_value() == "12:abc"
    assert "abc" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "key", "remedy"),
    [
        ("databse = 'x'", "databse", "config.example.toml"),
        ("[telegram]\nbot_name = 'x'", "telegram.token", "SAID_TELEGRAM__TOKEN"),
        ("[telegram]\ntoken = '1:a'\ntokken = 'x'", "telegram.tokken", "config.example.toml"),
        ("[telegram]\ntoken = '1:a'\nmode = 'webhook'", "telegram.webhook_url", "config.example.toml"),
        (
            "[telegram]\ntoken = '1:a'\nmode = 'webhook'\nwebhook_url = 'https://a.example'",
            "telegram.webhook_secret",
            "SAID_TELEGRAM__WEBHOOK_SECRET",
        ),
        (
            "[telegram]\ntoken = '1:a'\nwebhook_url = 'http://a.example'",
            "telegram.webhook_url",
            "config.example.toml",
        ),
        ("[telegram]\ntoken_file = 'absent'", "telegram.token_file", "config.example.toml"),
        ("[slack]\nbot_token = 'xoxb-1'", "slack.app_token", "SAID_SLACK__APP_TOKEN"),
        (
            "[slack]\nbot_token = 'xoxb-1'\nmode = 'http'",
            "slack.signing_secret",
            "SAID_SLACK__SIGNING_SECRET",
        ),
        *[
            (
                f"[telegram]\ntoken='1:a'\nmode='webhook'\nwebhook_url='https://a.example'\nwebhook_secret='{secret}'",
                "telegram.webhook_secret",
                "openssl rand",
            )
            for secret in ("", "s" * 31, "s" * 257, "s" * 31 + " ", "s" * 31 + "é")
        ],
        *[
            (
                f"[slack]\nbot_token = 'xoxb-1'\nmode = 'http'\nsigning_secret = '{secret}'",
                "slack.signing_secret",
                "copy it whole",
            )
            for secret in ("", "short", "s" * 20 + " ")
        ],
        (
            "[email]\nhost = 'h'\nsender = 'talk@example.org'\nshow_question = false",
            "email.show_question",
            "schedule: {mails_show_question: true}",
        ),
        ("[web]\nport = 'x'", "web.port", "config.example.toml"),
        ("[web]\npublic_url = 'http://talk.example.org'", "web.public_url", "config.example.toml"),
        *[
            (f"[web]\npublic_url = '{url}'", "web.public_url", "leave the path out")
            for url in (
                "https://talk.example.org/said",
                "https://talk.example.org?a=1",
                "https://user@talk.example.org",
                "https://",
                "http://localhost.example.org",
            )
        ],
        ("[log]\nlevel = 'loud'", "log.level", "config.example.toml"),
        ("tick_seconds = 0", "tick_seconds", "config.example.toml"),
        ("tick_seconds = 0.01", "tick_seconds", "config.example.toml"),
        ("tick_seconds = 1e9", "tick_seconds", "config.example.toml"),
        ("a = ", "(file)", "mend that line"),
    ],
)
def test_errors_name_the_key_and_the_remedy(text, key, remedy, tmp_path):
    """Whatever is wrong, one line says which setting it is and what to do."""
    with pytest.raises(SettingsError) as caught:
        load_settings(write(text, tmp_path))
    assert caught.value.key == key
    assert remedy in str(caught.value)
    assert "\n" not in str(caught.value).strip()


def test_a_file_that_is_not_there(tmp_path):
    """A settings file that was named must exist."""
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path / "absent.toml")


def test_a_misspelt_variable_is_refused(monkeypatch):
    """A variable that begins with SAID_ and is no setting does not pass in silence."""
    monkeypatch.setenv("SAID_TELEGRM__TOKEN", "x")
    with pytest.raises(SettingsError, match="SAID_TELEGRM__TOKEN"):
        load_settings()


def test_errors_never_show_the_value(tmp_path):
    """A value that is refused may be a secret in the wrong place; it is not printed."""
    with pytest.raises(SettingsError) as caught:
        load_settings(write("telegram = 'hunter2'", tmp_path))
    assert "hunter2" not in str(caught.value)


def test_nothing_is_paid_for_unless_somebody_says_so(tmp_path):
    """Paid broadcast is off; it needs a ceiling in Stars, and its rate is one that Telegram takes."""
    token = '[telegram]\ntoken = "1:a"\n'
    plain = load_settings(write(token, tmp_path)).telegram
    assert (plain.allow_paid_broadcast, plain.paid_messages) == (False, 0)
    assert load_settings(write(token + "paid_broadcast_stars = 5\n", tmp_path)).telegram.paid_messages == 0
    on = token + "allow_paid_broadcast = true\n"
    assert load_settings(write(on + "paid_broadcast_stars = 5\n", tmp_path)).telegram.paid_messages == 50
    for more, key in (("", "stars"), ("paid_broadcast_stars = 5\npaid_broadcast_rate = 1001\n", "rate")):
        with pytest.raises(SettingsError, match=f"paid_broadcast_{key}"):
            load_settings(write(on + more, tmp_path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a=" + "[" * 100_000, "nested too deeply"),
        ("a=" + "9" * 5000, "is not TOML"),
        ("[web]\nport=99999999999999999999999", "web.port"),
        ('database="\\ud800"', "is not TOML"),
    ],
)
def test_a_file_of_settings_that_goes_too_far_is_refused_in_one_line(text, said, tmp_path):
    """Nesting, digits and half characters are said, and never a traceback."""
    with pytest.raises(SettingsError, match=said):
        load_settings(write(text, tmp_path))


def test_a_variable_that_is_nested_too_deeply_is_refused(monkeypatch):
    """Nested settings may be JSON."""
    monkeypatch.setenv("SAID_WEB", "[" * 100_000)
    with pytest.raises(SettingsError, match="environment"):
        load_settings()


def test_a_pipe_is_no_file_of_settings(tmp_path):
    """It is not waited for, as settings or as a secret."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="no plain file"):
        load_settings(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="no plain file"):
        load_settings(write(f'[telegram]\ntoken_file = "{tmp_path / "pipe"}"', tmp_path))
