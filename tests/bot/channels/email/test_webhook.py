from collections.abc import Sequence

import httpx
import pytest
from starlette.applications import Starlette

from bot.channels.email.bounces import MailBounce
from bot.channels.email.webhook import MAX_BODY, PATH, bounce_route

SECRET = "s" * 40
EVENT = {"type": "bounce", "message_id": "Abcdefghij-0123456789@example.org"}


class Taken:
    """Keeps what was posted, or fails."""

    def __init__(self) -> None:
        self.bounces: list[MailBounce] = []
        self.fails = False

    async def __call__(self, bounces: Sequence[MailBounce]) -> int:
        if self.fails:
            raise OSError("full")
        self.bounces += bounces
        return len(bounces)


@pytest.fixture
def taken() -> Taken:
    return Taken()


def _client(taken: Taken, secret: str = SECRET) -> httpx.AsyncClient:
    app = Starlette(routes=[bounce_route(SECRET, "example.org", taken)])
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://t", headers={"authorization": f"Bearer {secret}"}
    )


async def test_a_mail_service_posts_bounces(taken: Taken) -> None:
    """What whoever knows the secret posts is handed on, and then answered."""
    async with _client(taken) as client:
        assert (await client.post(PATH, json=EVENT)).status_code == 200
        assert (await client.post(PATH, json=[EVENT, {}])).status_code == 200
    assert [one.name for one in taken.bounces] == ["Abcdefghij-0123456789"] * 2


async def test_nobody_else_does(taken: Taken) -> None:
    """Without the secret, or with another one, nothing is read."""
    async with _client(taken, "wrong") as client:
        assert (await client.post(PATH, json=EVENT)).status_code == 401
        assert (await client.post(PATH, json=EVENT, headers={"authorization": ""})).status_code == 401
    assert taken.bounces == []


async def test_what_cannot_be_kept_is_to_be_posted_again(taken: Taken) -> None:
    """No JSON and too much of it are refused; while nothing can be kept the service is told to come again."""
    async with _client(taken) as client:
        assert (await client.post(PATH, content=b"{")).status_code == 400
        assert (await client.post(PATH, content=b"[" * 100_000)).status_code == 400
        assert (await client.post(PATH, content=b"x" * (MAX_BODY + 1))).status_code == 413
        taken.fails = True
        assert (await client.post(PATH, json=EVENT)).status_code == 503
