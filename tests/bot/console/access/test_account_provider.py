"""What a browser takes along to the provider of accounts: written and read, and when it is answered."""

from datetime import UTC, datetime, timedelta

import httpx
import pytest

from bot.console.access.account_provider import (
    AWAY_AT_MOST,
    AccountProvider,
    OpenSignIn,
    ProviderFailed,
    ProviderOptions,
)

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_an_open_sign_in_is_read_as_it_was_written():
    """Nothing of it is lost on the way, with a session or without."""
    for session in (None, 17):
        left = OpenSignIn("state", "nonce", "verifier", NOW, session)
        assert OpenSignIn.read(left.written()) == left


def test_an_open_sign_in_is_answered_by_its_state_in_time():
    """Another state, none, or the right one too late is no answer."""
    left = OpenSignIn("state", "nonce", "verifier", NOW)
    assert left.is_answered_by("state", NOW + AWAY_AT_MOST)
    assert not left.is_answered_by("state", NOW + AWAY_AT_MOST + timedelta(seconds=1))
    assert not left.is_answered_by("", NOW)
    assert not left.is_answered_by("stat\u00e9", NOW)


ISSUER = "https://login.example.org"
METADATA = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
}
TOKEN = {"access_token": "a", "token_type": "Bearer", "id_token": "e30.e30.e30"}
LEFT = OpenSignIn("state", "nonce", "verifier", NOW)
WELL_KNOWN = "/.well-known/openid-configuration"


def provider(answers) -> AccountProvider:
    """A provider that answers each path so: JSON, a response, or an error that is raised."""

    def handler(request: httpx.Request) -> httpx.Response:
        answer = answers.get(request.url.path, METADATA)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, httpx.Response) else httpx.Response(200, json=answer)

    transport = httpx.MockTransport(handler)
    options = ProviderOptions(ISSUER, "said", "secret", "Example Hospital")
    return AccountProvider(
        options, "https://team.example.org/team/account/back", http={"transport": transport}
    )


@pytest.mark.parametrize(
    "answer",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("late"),
        httpx.Response(500),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, content=b"\xff\xfe"),
        httpx.Response(302, headers={"location": "https://[half"}),
        [],
        5,
        "text",
        None,
        {},
        {**METADATA, "issuer": "https://evil.example.org"},
        {**METADATA, "id_token_signing_alg_values_supported": 5},
        {**METADATA, "authorization_endpoint": None},
        {**METADATA, "authorization_endpoint": 5},
    ],
    ids=repr,
)
async def test_a_provider_that_cannot_be_asked_fails_and_is_asked_again(answer):
    """Not reached, an error, or not in the protocol: one error of ours, and nothing of it is kept."""
    answers = {WELL_KNOWN: answer}
    asked = provider(answers)
    with pytest.raises(ProviderFailed):
        await asked.send(NOW)
    if not (isinstance(answer, dict) and answer.get("issuer") == ISSUER):
        answers[WELL_KNOWN] = METADATA
        assert (await asked.send(NOW))[0].startswith(f"{ISSUER}/authorize")


@pytest.mark.parametrize(
    "answers",
    [
        {"/token": httpx.ConnectError("refused")},
        {"/token": httpx.Response(400, json={"error": "invalid_grant"})},
        {"/token": httpx.Response(500)},
        {"/token": httpx.Response(200, text="no JSON")},
        {"/token": []},
        {"/token": 5},
        {"/token": {}},
        {"/token": {**TOKEN, "id_token": 5}},
        {"/token": {**TOKEN, "id_token": "no statement"}},
        {"/token": {**TOKEN, "id_token": None}},
        {"/token": TOKEN, "/keys": httpx.ReadTimeout("late")},
        {"/token": TOKEN, "/keys": httpx.Response(404)},
        {"/token": TOKEN, "/keys": []},
        {"/token": TOKEN, "/keys": {}},
        {"/token": TOKEN, "/keys": {"keys": [{}]}},
        {"/token": TOKEN, "/keys": {"keys": [{"kty": "RSA", "n": "%%", "e": "x"}]}},
        {"/token": TOKEN, "/keys": {"keys": 5}},
        {WELL_KNOWN: {**METADATA, "jwks_uri": ""}, "/token": TOKEN},
        {WELL_KNOWN: {**METADATA, "token_endpoint": ""}, "/token": TOKEN},
        {WELL_KNOWN: {**METADATA, "token_endpoint": 5}, "/token": TOKEN},
    ],
    ids=repr,
)
async def test_a_statement_that_does_not_hold_fails(answers):
    """Whatever is wrong with it, and wherever: one error of ours, and nobody is named."""
    with pytest.raises(ProviderFailed):
        await provider(answers).subject("code", LEFT)
