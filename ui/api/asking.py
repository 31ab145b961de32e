"""Asking, whatever form the request has: the steps of an answer, taken down when it is whole."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING

from rag.types import Done
from ui.api.problems import documented

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from fastapi import Request

    from index.filter import Filter
    from rag.pipeline import Pipeline
    from rag.types import Progress, Trace, Turn
    from ui.api.bodies import AskBody
    from ui.api.service import Service

#: What a request that asks can come to.
ASKING_ERRORS = documented(
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNPROCESSABLE_ENTITY,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it came: through which channel, from which address; `id` is that of its answer, for feedback."""

    question: str
    turns: Sequence[Turn]
    within: Filter
    channel: str
    address: str
    id: str = field(default_factory=lambda: secrets.token_hex(16))  # whoever knows it may give feedback

    def steps(self, service: Service) -> Generator[Progress]:
        """Yield the steps of the answer; see `Pipeline.stream`."""
        with closing(service.pipeline().stream(self.question, self.turns, self.within)) as made:
            for step in made:
                if isinstance(step, Done):
                    self._take_down(service, step.trace)
                yield step

    def trace(self, service: Service, pipeline: Pipeline) -> Trace:
        """Return the answer of a pipeline with all that led to it; see `Pipeline.trace`."""
        trace = pipeline.trace(self.question, self.turns, self.within)
        self._take_down(service, trace)
        return trace

    def _take_down(self, service: Service, trace: Trace) -> None:
        service.journal.answered(trace, channel=self.channel, address=self.address, identity=self.id)


def asked_in(body: AskBody, request: Request) -> Asked:
    """Return what a request of the API asks.

    Raises:
        FilterError: its filter cannot be.
    """
    return Asked(body.question, body.turns(), body.filter.filter(), "api", request.state.caller.address)
