"""`/health` and `/metrics` tell the same figures, by HTTP, with the verdict as the status."""

import asyncio
import json
import socket
import urllib.error
import urllib.request
from datetime import timedelta
from types import SimpleNamespace

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.channels.hearing import PlatformHearing
from bot.health.pages import health_routes
from bot.health.watch import HealthWatch
from bot.webhooks import serving
from tests.support.turn_world import make_world


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


def fetched(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


async def pages(world, **channels) -> dict[str, tuple[int, str]]:
    """Every page: its status and text."""
    watch = HealthWatch(world.database, world.clock, channels)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        async with serving(health_routes(watch), listener):
            paths = ("/health", "/health/live", "/health/ready", "/metrics")
            urls = [f"http://127.0.0.1:{port}{path}" for path in paths]
            answers = await asyncio.gather(*(asyncio.to_thread(fetched, url) for url in urls))
    return dict(zip(paths, answers, strict=True))


async def test_a_bot_that_is_well_answers_200(world):
    """Each page; and what waits is told."""
    await world.someone().start(world.token())
    found = await pages(world, telegram=SimpleNamespace(hearing=PlatformHearing(timedelta(seconds=60))))
    assert {status for status, _ in found.values()} == {200}
    told = json.loads(found["/health"][1])
    assert (told["live"], told["ready"], told["troubles"]) == (True, True, [])
    assert told["channels"]["telegram"]["heard"] is True
    assert told["lanes"]["reply"] > 0
    assert told["safety_cases"] == {"open": 0, "near_their_time": 0, "overdue": 0}
    assert found["/health/live"][1] == "live\n"


async def test_a_silent_channel_makes_the_bot_not_ready(world):
    """503 for whoever watches for ready, 200 for whoever would restart it."""
    found = await pages(world, slack=SimpleNamespace(hearing=PlatformHearing(timedelta(seconds=-1))))
    assert {path: status for path, (status, _) in found.items()} == {
        "/health": 503, "/health/live": 200, "/health/ready": 503, "/metrics": 200
    }  # fmt: skip
    assert json.loads(found["/health"][1])["troubles"] == ["channel_silent"]


async def test_prometheus_reads_the_same_figures(world):
    """Its own parser finds each figure that `/health` has."""
    await world.someone().start(world.token())
    await world.runtime.receive([world.someone("bea").inbound("text", text="hello")])
    found = await pages(world, slack=SimpleNamespace(hearing=PlatformHearing(timedelta(seconds=60))))
    told = json.loads(found["/health"][1])
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(found["/metrics"][1])
        for sample in family.samples
    }
    assert samples["said_live",] == samples["said_ready",] == 1
    assert samples["said_unanswered_messages",] == told["unanswered"]["messages"] == 1
    assert {lane: samples["said_lane_depth", lane] for lane in told["lanes"]} == told["lanes"]
    assert samples["said_channel_within_seconds", "slack"] == 60
    assert ("said_safety_cases", "overdue") in samples
    assert not {"hello", "ann", "bea"} & set(found["/metrics"][1].split())
