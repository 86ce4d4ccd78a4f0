"""Promises of the clock of bench/wave.py: time in which nothing is to be done is skipped, and no other."""

import asyncio
import time
from datetime import timedelta

from bench.in_checkout.skipping_clock import LoopClock, SkippingLoop
from bench.wave import NOON


def run(work):
    """Run a coroutine function on a loop that skips, with a clock of that loop."""

    async def begin():
        loop = asyncio.get_running_loop()
        return await work(loop, LoopClock(loop, NOON))

    with asyncio.Runner(loop_factory=SkippingLoop) as runner:
        return runner.run(begin())


def test_nobody_waits_for_hours():
    """Half a day of waiting is over at once, and the clock says that it has passed."""

    async def wait(_loop, clock):
        await asyncio.sleep(12 * 3_600)
        return clock.now()

    assert timedelta(hours=12) <= run(wait) - NOON < timedelta(hours=12, minutes=1)


def test_what_comes_first_comes_first():
    """Moments are reached in their order."""

    async def three(_loop, _clock):
        reached = []

        async def after(hours):
            await asyncio.sleep(hours * 3_600)
            reached.append(hours)

        await asyncio.gather(after(3), after(1), after(2))
        return reached

    assert run(three) == [1, 2, 3]


def test_work_in_a_thread_is_waited_for():
    """An hour that somebody waits for is not skipped while a thread works: the work is done first."""

    async def both(loop, _clock):
        done = []

        async def work():
            loop.at_work += 1
            await asyncio.to_thread(time.sleep, 0.02)
            loop.at_work -= 1
            done.append("work")

        async def wait():
            await asyncio.sleep(3_600)
            done.append("hour")

        await asyncio.gather(wait(), work())
        return done

    assert run(both) == ["work", "hour"]
