"""Putting a run together from settings: encoder, indexes and pipelines, or a service."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from typing import TYPE_CHECKING, Any

from eval import asking
from eval.asking import LocalAsker, PassageAsker, ServiceAsker, ServiceError
from eval.corpora import ensure_index, index_settings
from eval.runs import RunError, ask_all, describe, finish, new_folder, read_info, write_info
from index.store import read_manifest
from rag import assemble

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from eval.asking import Asker
    from eval.corpora import Corpus
    from eval.runs import Finished, Job, RunInfo
    from index.encoder import Encoder
    from rag.settings import Settings

#: The day on which a question is asked here. Some say 去年 or "this year"; without a fixed day their answers, and with
#: them every comparison of runs, would change at the turn of the year.
ASKED_ON = date(2026, 11, 25)


class Bench:
    """Makes the parts of runs in this process; an encoder is loaded once and serves every run that can share it."""

    def __init__(self, encoders: Callable[[Settings], Encoder] = assemble.make_encoder) -> None:
        self._make_encoder = encoders
        self._encoders: dict[tuple[str, str, str], Encoder] = {}

    def asker(self, job: Job, corpus: Corpus, progress: Callable[[int, int], object]) -> tuple[Asker, dict[str, Any]]:
        """Return what asks a corpus, and the manifest of the index that it uses; built where it is not current."""
        own = index_settings(job.settings, corpus.name, job.config.own_index)
        encoder = self._encoder(job.settings)
        ensure_index(own, corpus, encoder, progress)
        pipeline = assemble.make_pipeline(own, encoder, lambda: ASKED_ON)
        asker = LocalAsker(pipeline) if job.answers else PassageAsker(pipeline, job.settings.passages)
        return asker, read_manifest(own.index_dir).model_dump()

    def _encoder(self, settings: Settings) -> Encoder:
        key = (settings.encoder, settings.query_prefix, settings.passage_prefix)
        if key not in self._encoders:
            self._encoders[key] = self._make_encoder(settings)
        return self._encoders[key]


class Progress:
    """What a run tells while it goes on; this one is silent."""

    def building(self, corpus: str) -> Callable[[int, int], object]:
        """Return what is told how many texts of an index are encoded, and of how many."""
        return lambda done, total: None

    def asking(self, total: int) -> Callable[[], object]:
        """Return what is called after each of `total` questions."""
        return lambda: None


def run(job: Job, bench: Bench, progress: Progress, resume: Path | None = None, key: str | None = None) -> Finished:
    """Make a run, or go on with one, to its end; the report is apart.

    Raises:
        RunError, RecordError, ServiceError, StoreError, ModelError: what is in the way. Answers up to there are kept.
    """
    if job.url:
        with closing(asking.connect(job.url, key)) as client:
            asker = ServiceAsker(client)
            ready = {"service": client.get("/readyz").json()}
            return _run(job, dict.fromkeys(job.opened.corpora, asker), describe(job, ready), progress, resume)
    askers: dict[str, Asker] = {}
    manifests = {}
    for name, corpus in job.opened.corpora.items():
        askers[name], manifests[name] = bench.asker(job, corpus, progress.building(name))
    return _run(job, askers, describe(job, manifests), progress, resume)


def _run(job: Job, askers: Mapping[str, Asker], info: RunInfo, progress: Progress, resume: Path | None) -> Finished:
    if resume:
        begun = read_info(resume)
        begun.require_same(info)
        folder, info = resume, begun
    else:
        folder = new_folder(job.settings.data_dir, job.config.name)
        write_info(folder, info)
    try:
        ask_all(folder, job.opened.suites, askers, progress.asking(len(job.opened.cases)))
    except (KeyboardInterrupt, ServiceError) as error:
        why = str(error) or "interrupted"
        raise RunError(f"{why}; the answers so far are kept, go on: python -m eval --resume {folder}") from error
    return finish(folder, job, info)
