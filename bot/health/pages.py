"""Serve `/health` and `/metrics`: the same figures, for people and monitors, and for Prometheus. Nobody's words."""

from collections.abc import Iterator
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.health.watch import HealthReport, HealthWatch
from storage.reports.health import HealthFigures

NOT_READY = 503


def health_routes(watch: HealthWatch) -> list[BaseRoute]:
    """Return the pages that tell how a bot stands.

    `/health` has all figures, `/health/live` and `/health/ready` a verdict each, by their status (200 or 503) too;
    `/health` has that of ready. `/metrics` is in the text format of Prometheus.
    """

    async def health(_request: Request) -> Response:
        report = await watch.report()
        return JSONResponse(as_json(report), 200 if report.is_ready else NOT_READY)

    async def live(_request: Request) -> Response:
        report = await watch.report()
        return _verdict("live", holds=report.is_live)

    async def ready(_request: Request) -> Response:
        report = await watch.report()
        return _verdict("ready", holds=report.is_ready)

    async def metrics(_request: Request) -> Response:
        registry = CollectorRegistry(auto_describe=False)
        registry.register(_ReportCollector(await watch.report()))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return [
        Route("/health", health),
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/metrics", metrics),
    ]


def as_json(report: HealthReport) -> dict[str, Any]:
    """Return a report as JSON: times in seconds, `null` for what could not be read."""
    figures = report.figures
    return {
        "live": report.is_live,
        "ready": report.is_ready,
        "troubles": [trouble.value for trouble in report.troubles],
        "channels": {
            name: {
                "heard": one.is_heard,
                "silent_seconds": round(one.silent_seconds, 1),
                "within_seconds": one.within_seconds,
            }
            for name, one in report.channels.items()
        },
        "unanswered": None
        if figures is None
        else {"messages": figures.unanswered, "oldest_seconds": round(report.oldest_seconds, 1)},
        "lanes": None if figures is None else {lane.value: depth for lane, depth in figures.lanes.items()},
        "safety_cases": None if figures is None else _cases(figures),
    }


def _cases(figures: HealthFigures) -> dict[str, int]:
    return {"open": figures.open_cases, "near_their_time": figures.near, "overdue": figures.overdue}


def _verdict(name: str, *, holds: bool) -> Response:
    return PlainTextResponse(f"{name}\n" if holds else f"not {name}\n", 200 if holds else NOT_READY)


class _ReportCollector(Collector):
    """Hands one report to Prometheus."""

    def __init__(self, report: HealthReport) -> None:
        self._report = report

    def collect(self) -> Iterator[Metric]:
        """Yield each figure; those of the database are left out where it could not be read."""
        report, figures = self._report, self._report.figures
        yield GaugeMetricFamily("said_live", "Whether the bot can read its database.", report.is_live)
        yield GaugeMetricFamily("said_ready", "Whether people are heard and answered.", report.is_ready)
        silent = GaugeMetricFamily(
            "said_channel_silent_seconds", "Since the platform was heard.", labels=["channel"]
        )
        within = GaugeMetricFamily(
            "said_channel_within_seconds", "Within which the platform is to be heard.", labels=["channel"]
        )
        for name, one in report.channels.items():
            silent.add_metric([name], one.silent_seconds)
            within.add_metric([name], one.within_seconds)
        yield silent
        yield within
        if figures is not None:
            yield from _of_database(figures, report.oldest_seconds)


def _of_database(figures: HealthFigures, oldest_seconds: float) -> Iterator[Metric]:
    yield GaugeMetricFamily(
        "said_unanswered_messages", "Messages that came in and are not answered.", figures.unanswered
    )
    yield GaugeMetricFamily(
        "said_unanswered_oldest_seconds", "Age of the oldest unanswered message.", oldest_seconds
    )
    depth = GaugeMetricFamily("said_lane_depth", "Messages that are not sent yet.", labels=["lane"])
    for lane, number in figures.lanes.items():
        depth.add_metric([lane.value], number)
    yield depth
    cases = GaugeMetricFamily("said_safety_cases", "Safety cases that are open.", labels=["time"])
    in_time = figures.open_cases - figures.near - figures.overdue
    for time, number in (("in_time", in_time), ("near", figures.near), ("overdue", figures.overdue)):
        cases.add_metric([time], number)
    yield cases
