"""What the routers work with: the parts of a running service."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from index.store import StoreError, read_manifest
from rag import assemble
from ui.api.access import Access
from ui.database import RecordsError
from ui.desk import Desk
from ui.indexer import Indexer, Removals
from ui.jobs import Jobs
from ui.journal import Journal
from ui.keys import keys_of
from ui.metrics import Metrics
from ui.question_log import open_log
from ui.records import open_server
from ui.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    journal: Journal
    jobs: Jobs
    worker: Worker


def make_service(settings: Settings, pipeline: Callable[[], Pipeline], encoder: Encoder) -> Service:
    """Put the parts of a service together; `encoder` is what the index is built with."""
    server = open_server(settings)
    jobs, removals = Jobs(settings.data_dir / "jobs", server=server), Removals(settings.data_dir / "jobs")
    holdings = assemble.make_holdings(settings)
    desk = Desk(settings.questions_at_once, settings.questions_waiting, settings.request_seconds)
    log = open_log(settings, server)

    def current() -> Pipeline:
        answering = pipeline()
        removals.require_reached(answering, holdings)
        return answering

    def state() -> Iterator[tuple[str, str, float]]:
        yield "questions_at_desk", "questions being answered or waiting for it", desk.taken
        yield "question_log_waiting", "questions that could not be written to the log yet", log.waiting
        yield from _records_state(jobs)
        yield from _index_state(settings, current)

    return Service(
        settings=settings,
        pipeline=current,
        access=Access(
            keys_of(settings, server),
            rate_per_address=settings.rate_per_address,
            rate_per_key=settings.rate_per_key,
            origins=settings.cors_origins,
        ),
        desk=desk,
        journal=Journal(log, Metrics(state), tells_text=settings.log_text),
        jobs=jobs,
        worker=Worker(jobs, Indexer(settings, encoder, removals)),
    )


def _records_state(jobs: Jobs) -> Iterator[tuple[str, str, float]]:
    try:
        waiting = jobs.waiting()
    except RecordsError:
        yield "records_ready", "whether the service's own records can be used", 0
        return
    yield "records_ready", "whether the service's own records can be used", 1
    yield "jobs_waiting", "changes of documents that are not done", waiting


def _index_state(settings: Settings, pipeline: Callable[[], Pipeline]) -> Iterator[tuple[str, str, float]]:
    try:
        answering, built = pipeline(), read_manifest(settings.index_dir).built_at
    except StoreError:
        yield "ready", "whether the index can be used", 0
        return
    yield "ready", "whether the index can be used", 1
    yield "index_documents", "documents in the index", answering.document_count()
    yield "index_passages", "passages in the index", answering.passage_count()
    yield "index_age_seconds", "time since the index was built", time.time() - datetime.fromisoformat(built).timestamp()
