"""The secret in the cookie: who has it has the pages, and nothing that is kept leads back to it."""

import pytest
from starlette.responses import Response

from bot.channels.web.device import (
    COOKIE,
    SECURE_COOKIE,
    address_of,
    csrf_of,
    delivery_of,
    forget,
    new_secret,
    remember,
    secret_from,
    secret_in,
)


def test_an_address_tells_nothing_of_its_secret():
    """It is 32 hexadecimal digits, the same each time, and neither it nor the form's mark holds the secret."""
    secret = new_secret()
    address = address_of(secret)
    assert address == address_of(secret)
    assert address.startswith("web:")
    assert len(address) == 36
    assert int(address.removeprefix("web:"), 16) >= 0
    assert secret not in address + csrf_of(secret)
    assert csrf_of(secret) not in address


def test_no_two_secrets_are_alike():
    """A thousand new ones differ, and so do their addresses and marks."""
    secrets = {new_secret() for _ in range(1000)}
    assert len(secrets) == len(set(map(address_of, secrets))) == len(set(map(csrf_of, secrets))) == 1000


def test_one_form_makes_one_device():
    """The key of a form gives the same secret each time, which has the form of all secrets."""
    key = new_secret()
    assert secret_from(key) == secret_from(key) != secret_from(f"{key}-1")
    assert secret_in({COOKIE: secret_from(key)}, secure=False) == secret_from(key)


def test_the_name_of_a_delivery_does_not_hold_the_key_of_its_form():
    """The name is kept, and the key makes the secret; one form has one name."""
    key = new_secret()
    assert delivery_of(key) == delivery_of(key) != delivery_of(f"{key}-1")
    assert key not in delivery_of(key)


@pytest.mark.parametrize("cookie", ["", "short", "a" * 42, "a" * 44, "a" * 42 + "\n", "a" * 42 + "%"])
def test_what_could_not_be_a_secret_is_none(cookie):
    """A cookie of another form is as good as none."""
    assert secret_in({COOKIE: cookie}, secure=False) is None
    assert secret_in({}, secure=True) is None


@pytest.mark.parametrize("secure", [True, False])
def test_the_cookie_is_for_this_host_and_no_script(secure):
    """It is HttpOnly and Lax, for the whole host and 400 days, and goes over https alone where there is https."""
    kept, gone = Response(), Response()
    remember(kept, new_secret(), secure=secure)
    forget(gone, secure=secure)
    for response, age in ((kept, "Max-Age=34560000"), (gone, "Max-Age=0")):
        cookie = response.headers["set-cookie"]
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"httponly", "samesite=lax", "path=/", age.lower()} <= parts
        assert ("secure" in parts) is secure
        assert not any(part.startswith("domain") for part in parts)


def test_over_https_no_other_host_can_set_the_cookie():
    """Its name has the prefix that browsers take from this host alone, without a Domain; the plain one is not read."""
    secret, response = new_secret(), Response()
    remember(response, secret, secure=True)
    told = response.headers["set-cookie"]
    assert told.startswith(f"__Host-said_device={secret};")
    assert "domain" not in told.lower()
    assert secret_in({COOKIE: secret}, secure=True) is None
    assert secret_in({SECURE_COOKIE: secret, COOKIE: new_secret()}, secure=True) == secret
