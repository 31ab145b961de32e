"""What the service counts and times, for Prometheus."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rag.types import Answer

#: The format that `render` returns.
CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4
#: Where several processes count together; prometheus_client reads it when it is imported.
SHARED_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
#: Seconds; answers take 0.01 to 1, with a language model up to minutes.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Counters and times of one process, or of several that share `SHARED_FOLDER`; safe to use from several threads.

    `state` is asked at every look for what is so at that moment: names, what they are, and values.
    """

    def __init__(self, state: Callable[[], Iterable[tuple[str, str, float]]] = tuple) -> None:
        self._state = state
        own = self._registry = CollectorRegistry()
        self._requests = Counter("district_qa_requests", "requests served", ("method", "route", "status"), registry=own)
        self._request_seconds = Histogram(
            "district_qa_request_seconds", "time of a request", ("route",), registry=own, buckets=_BUCKETS
        )
        self._answers = Counter(
            "district_qa_answers", "questions answered or refused", ("channel", "language", "status"), registry=own
        )
        self._refusals = Counter("district_qa_refusals", "refusals by reason", ("reason",), registry=own)
        self._stage_seconds = Histogram(
            "district_qa_stage_seconds", "time of a stage of answering", ("stage",), registry=own, buckets=_BUCKETS
        )
        self._feedback = Counter("district_qa_feedback", "what askers say of answers", ("verdict",), registry=own)
        self._model_errors = Counter("district_qa_model_errors", "answers that a model failed", registry=own)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request; `route` is the pattern of its path, so that there are few."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(route).observe(seconds)

    def answer(self, answer: Answer, channel: str) -> None:
        """Count an answer or a refusal, and the time of its stages."""
        self._answers.labels(channel, answer.language, answer.status).inc()
        if answer.refusal is not None:
            self._refusals.labels(answer.refusal.reason).inc()
        for stage in ("retrieve", "answer", "total"):
            self._stage_seconds.labels(stage).observe(getattr(answer.seconds, stage))

    def feedback(self, verdict: str) -> None:
        """Count what an asker says of an answer: `helpful`, or what is wrong."""
        self._feedback.labels(verdict).inc()

    def model_error(self) -> None:
        """Count an answer that a model should have had a part in and failed."""
        self._model_errors.inc()

    def render(self) -> bytes:
        """Return all figures in Prometheus' text format, of type `CONTENT_TYPE`."""
        registry = CollectorRegistry()
        if os.environ.get(SHARED_FOLDER):
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        else:
            registry.register(self._registry)
            ProcessCollector(registry=registry)
            PlatformCollector(registry=registry)
        registry.register(_State(self._state))
        return generate_latest(registry)


class _State(Collector):
    """What is so at the moment of asking."""

    def __init__(self, state: Callable[[], Iterable[tuple[str, str, float]]]) -> None:
        self._read = state

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for name, meaning, value in self._read():
            yield GaugeMetricFamily(f"district_qa_{name}", meaning, value=value)
