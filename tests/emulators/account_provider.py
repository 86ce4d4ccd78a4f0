"""A provider of accounts, as OpenID Connect Core 1.0 and RFC 7636 have it: it holds its clients to their rules.

Whoever comes is known at once as `subject`. A test may have it break a rule of its own (`lies`).
"""

import base64
import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

ISSUER = "https://login.example.org/staff"
CLIENT, SECRET = "said", "a secret of the client"


@dataclass
class ProviderEmulator:
    """The provider. `back` is the only address that it leads browsers back to; `now` gives its time in seconds."""

    back: str
    now: Any
    subject: str = "jane-17"
    issuer: str = ISSUER
    lies: dict[str, Any] = field(default_factory=dict)
    """Claims that stand in a statement in place of the right ones; `None` leaves one out."""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: Any = None
    """Another key to sign with than the one that it shows."""
    algorithm: str = "RS256"
    _given: dict[str, dict[str, str]] = field(default_factory=dict)

    def transport(self) -> httpx.ASGITransport:
        """How its client reaches it."""
        app = Starlette(
            routes=[
                Route("/staff/.well-known/openid-configuration", self._configuration),
                Route("/staff/keys", self._keys),
                Route("/staff/authorize", self._authorize),
                Route("/staff/token", self._token, methods=["POST"]),
            ]
        )
        return httpx.ASGITransport(app)

    async def _configuration(self, _request: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{ISSUER}/authorize",
                "token_endpoint": f"{ISSUER}/token",
                "jwks_uri": f"{ISSUER}/keys",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    async def _keys(self, _request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["redirect_uri"] == self.back
        assert "openid" in asked["scope"].split()
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self._given[code] = asked
        return RedirectResponse(f"{self.back}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request: Request) -> Response:
        form = {key: str(value) for key, value in (await request.form()).items()}
        wanted = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        asked = self._given.pop(form.get("code", ""), None)
        if request.headers.get("authorization") != f"Basic {wanted}":
            return JSONResponse({"error": "invalid_client"}, 401)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        is_right = asked is not None and asked["code_challenge"] == challenge
        if (
            not is_right
            or form.get("redirect_uri") != self.back
            or form["grant_type"] != "authorization_code"
        ):
            return JSONResponse({"error": "invalid_grant"}, 400)
        assert asked is not None
        return JSONResponse(
            {"access_token": "not used", "token_type": "Bearer", "id_token": self._statement(asked["nonce"])}
        )

    def _statement(self, nonce: str) -> str:
        now = int(self.now())
        claims = {
            "iss": self.issuer, "sub": self.subject, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": nonce,
        }  # fmt: skip
        told = {key: value for key, value in (claims | self.lies).items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        key = self.signs_with or self.key
        return jwt.encode(header, told, key, algorithms=[self.algorithm])


def by_the_client_s_secret(emulator: ProviderEmulator) -> None:
    """Have it sign with what it and its client share: a client must not take that for the provider's own."""
    emulator.algorithm, emulator.signs_with = "HS256", OctKey.import_key(SECRET * 2)
