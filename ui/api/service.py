"""What the routers work with: the parts of a running service."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.api.access import Access
from ui.api.desk import Desk
from ui.indexer import Indexer
from ui.jobs import Jobs, Worker
from ui.keys import keys_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from index.encoder import Encoder
    from rag.pipeline import Pipeline
    from rag.settings import Settings


@dataclass(frozen=True, slots=True)
class Service:
    """The parts; `pipeline` is asked once a request, so that a new index answers from then on."""

    settings: Settings
    pipeline: Callable[[], Pipeline]
    access: Access
    desk: Desk
    jobs: Jobs
    worker: Worker


def make_service(settings: Settings, pipeline: Callable[[], Pipeline], encoder: Encoder) -> Service:
    """Put the parts of a service together; `encoder` is what the index is built with."""
    jobs = Jobs(settings.data_dir / "jobs")
    return Service(
        settings=settings,
        pipeline=pipeline,
        access=Access(
            keys_of(settings),
            rate_per_address=settings.rate_per_address,
            rate_per_key=settings.rate_per_key,
            origins=settings.cors_origins,
        ),
        desk=Desk(settings.questions_at_once, settings.questions_waiting, settings.request_seconds),
        jobs=jobs,
        worker=Worker(jobs, Indexer(settings, encoder)),
    )
