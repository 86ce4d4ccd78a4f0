"""Promises of bot/turns/home_tab.py: a Home tab is told where somebody stands, and none of their words."""

from datetime import date, timedelta

from bot.channels.home import HomeStanding, HomeState


def home(world, name="ann"):
    return world.runtime.home(f"terminal:{name}")


async def test_from_stranger_to_the_end(world):
    """Each moment of a talk: before it, in it, paused, put off, idle, away, stopped."""
    ann = world.someone()
    assert await home(world) == HomeState()
    await ann.say("hello")
    assert await home(world) == HomeState()
    await ann.start(world.token())
    small = HomeState(HomeStanding.OPEN, "en", "A small talk", (1, 3))
    assert await home(world) == small
    await ann.say("red")
    await ann.say("pause")
    assert await home(world) == HomeState(HomeStanding.PAUSED, "en", "A small talk", (2, 3))
    await ann.say("later")
    await ann.say("9 March")
    assert await home(world) == HomeState(HomeStanding.PAUSED, "en", "A small talk", (2, 3), date(2026, 3, 9))
    await ann.say("because of the secret")
    assert await home(world) == HomeState(HomeStanding.OPEN, "en", "A small talk", (3, 3))
    await ann.say("4")
    assert (await home(world)).standing is HomeStanding.IDLE
    await ann.say("I am away until 20 March")
    away = await home(world)
    assert (away.standing, away.until) == (HomeStanding.IDLE, date(2026, 3, 20))
    world.clock.move(timedelta(days=30))
    assert (await home(world)).until is None
    await ann.say("stop")
    assert (await home(world)).standing is HomeStanding.STOPPED
    await ann.say("delete my data")
    await ann.say("yes")
    assert await home(world) == HomeState()


async def test_somebody_elses_talk_is_not_shown(world):
    """Where one stands is told of one's own address alone."""
    await world.someone("ann").start(world.token())
    assert await home(world, "bob") == HomeState()
