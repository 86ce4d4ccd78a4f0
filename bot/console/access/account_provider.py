"""Ask an organisation's own provider who somebody is: OpenID Connect Core 1.0, the authorization code flow with PKCE.

Theory. A browser is sent to the provider with a state, a nonce and the hash of a secret (RFC 7636). It comes back with
the state and a code, which we change for a signed statement of who that is. The state ties the answer to the browser,
the nonce to this very try, the secret to us. All three stand in a sealed cookie of this browser until it is back, so
that nothing is kept for those who never come back. Authlib speaks the protocol, and checks signature, issuer, audience,
time and nonce.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final

from flows.heavy_packages import load

SIGNED_BY: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""How a statement may be signed: by a key whose other half the provider alone has."""
AWAY_AT_MOST: Final = timedelta(minutes=15)
"""How long somebody may be at the provider."""
_SECONDS: Final = 10
"""That the provider has to answer."""


@cache
def _failures() -> tuple[type[Exception], ...]:
    """Return what is raised where a provider is not reached, or answers otherwise than the protocol says.

    httpx: not reached, too late, an error's status, an address that is none. Authlib: an error of the protocol, or
    (RuntimeError) an address that the provider does not tell. joserfc: a statement or a key that does not hold. The
    rest is what both raise where JSON is none, or a list or a number stands where the protocol has something else.
    """
    httpx, errors = load("httpx"), load("authlib.common.errors")
    return (
        httpx.HTTPError,
        httpx.InvalidURL,
        errors.AuthlibBaseError,
        load("joserfc.errors").JoseError,
        RuntimeError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
    )


class ProviderFailed(Exception):
    """The provider did not say who that is: not reached, refused, or not in a way that can be believed."""


@dataclass(frozen=True, slots=True)
class ProviderOptions:
    """Which provider is asked, and what we are called there. `name` is what people call it."""

    issuer: str
    client_id: str
    client_secret: str
    name: str


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """Somebody who was sent to the provider: what must come back with them. `session` is theirs, if they were in."""

    state: str
    nonce: str
    verifier: str
    at: datetime
    session: int | None = None

    def written(self) -> str:
        """Return it as text, to be sealed."""
        told = [self.state, self.nonce, self.verifier, self.at.isoformat(), self.session]
        return json.dumps(told)

    @classmethod
    def read(cls, text: str) -> "OpenSignIn":
        """Return what `written` wrote."""
        state, nonce, verifier, at, session = json.loads(text)
        return cls(state, nonce, verifier, datetime.fromisoformat(at), session)

    def is_answered_by(self, state: str, now: datetime) -> bool:
        """Return whether an answer with this state belongs to it, and came in time; compared in constant time."""
        return hmac.compare_digest(self.state.encode(), state.encode()) and now - self.at <= AWAY_AT_MOST


class AccountProvider:
    """One provider, which leads back to `back`. What it says of itself is read at the first use, and kept."""

    def __init__(self, options: ProviderOptions, back: str, *, http: Mapping[str, Any] | None = None) -> None:
        """Make it; `http` are more options of httpx, such as a transport."""
        self.name = options.name
        self._issuer, self._back = options.issuer.rstrip("/"), back
        self._app = load("authlib.integrations.starlette_client").StarletteOAuth2App(
            None,
            name="provider",
            client_id=options.client_id,
            client_secret=options.client_secret,
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid",
                "code_challenge_method": "S256",
                "timeout": _SECONDS,
                **(http or {}),
            },
        )

    async def send(self, now: datetime, session: int | None = None) -> tuple[str, OpenSignIn]:
        """Return the address to send a browser to, and what to keep of it until it is back.

        Raises:
            ProviderFailed: it could not be asked where that is.
        """
        await self._know()
        try:
            made = await self._app.create_authorization_url(self._back)
        except _failures() as error:
            raise ProviderFailed(type(error).__name__) from error
        return made["url"], OpenSignIn(made["state"], made["nonce"], made["code_verifier"], now, session)

    async def subject(self, code: str, left: OpenSignIn) -> str:
        """Return who came back with a code: the issuer and its lasting name for them, with a space between.

        Raises:
            ProviderFailed: it does not say so, or cannot be believed.
        """
        await self._know()
        try:
            token = await self._app.fetch_access_token(
                self._back, code=code, code_verifier=left.verifier, grant_type="authorization_code"
            )
            expected = {
                "iss": self._said_issuer(),
                "aud": self._app.client_id,
            }  # one of several audiences will do
            claims = await self._app.parse_id_token(
                token, left.nonce, {name: {"essential": True, "value": one} for name, one in expected.items()}
            )
        except _failures() as error:
            raise ProviderFailed(type(error).__name__) from error
        if not claims:
            raise ProviderFailed("no statement of who that is")
        return f"{claims['iss']} {claims['sub']}"

    async def _know(self) -> None:
        """Read what the provider says of itself, once.

        Raises:
            ProviderFailed: it is not reached, or is another than it was taken for.
        """
        try:
            told = await self._app.load_server_metadata()
            offered = set(told.get("id_token_signing_alg_values_supported") or ["RS256"])
        except _failures() as error:
            self._app.server_metadata.clear()
            raise ProviderFailed(type(error).__name__) from error
        if self._said_issuer().rstrip("/") != self._issuer:
            self._app.server_metadata.clear()
            raise ProviderFailed("it names another issuer")
        told["id_token_signing_alg_values_supported"] = [one for one in SIGNED_BY if one in offered]

    def _said_issuer(self) -> str:
        """Return what it calls itself: statements name just that."""
        return str(self._app.server_metadata.get("issuer", ""))
