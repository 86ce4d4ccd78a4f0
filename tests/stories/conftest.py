"""Fixtures of the stories told as a chat whose messages have numbers that rise."""

import pytest

from bot.turns.runtime import Runtime, RuntimeOptions
from flows.script.loader import load_flow_text
from tests.support.ordered_chat import OrderedChat
from tests.support.read_back import READ_BACK
from tests.support.turn_world import flows, make_world


@pytest.fixture
def world(tmp_path):
    made = make_world(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def chat(world):
    return OrderedChat(world)


@pytest.fixture
def read_back(world):
    known = {**flows(), "read_back": load_flow_text(READ_BACK)}
    world.runtime = Runtime(world.database, known, world.clock, RuntimeOptions(opens=lambda _flow: True))
    return OrderedChat(world)
