"""Doing jobs: one after the other in the background, in one process of all that share a data folder."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from filelock import FileLock, Timeout

from corpus.decode import SourceError
from corpus.holdings import HoldingsError
from index.build import BuildingError
from index.encoder import ModelError
from index.store import StoreError
from ui.database import RecordsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ui.jobs import Change, Job, Jobs

#: Seconds between two looks for jobs that another process has taken down, and between two tries while another builds.
_LOOK = 2.0
#: Seconds for which a job waits while a command line builds the index.
_LONGEST_BUILD = 1800.0
#: Seconds between two notes of how far a job is.
_NOTE = 0.5

_LOG = logging.getLogger(__name__)


class Performer(Protocol):
    """Makes a change and brings the index up to date."""

    def perform(self, change: Change, files: list[Path], by: str, report: Callable[[Job], None], job: Job) -> Job:
        """Return the job with what came of it; `report` is called as it goes.

        Raises:
            SourceError, HoldingsError, StoreError, ModelError, OSError: it cannot be done; nothing is half done.
            BuildingError: another process builds the index at the moment.
        """
        ...


class Worker:
    """Does the jobs of a data folder in a thread, as long as no other process does."""

    def __init__(self, jobs: Jobs, performer: Performer) -> None:
        self._jobs, self._performer = jobs, performer
        self._wake, self._stopped = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)

    def start(self) -> None:
        """Begin; jobs left from an earlier run are done first."""
        self._thread.start()

    def wake(self) -> None:
        """Tell that there is a new job."""
        self._wake.set()

    def stop(self) -> None:
        """Begin nothing new and wait for the job under way; one that is killed meanwhile is done again later."""
        self._stopped.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                with FileLock(self._jobs.lock, timeout=0):
                    self._jobs.recover()
                    self._work()
            except Timeout:
                pass  # another process does them
            except RecordsError as error:
                _LOG.warning("the jobs cannot be read or written (%s); trying again", error)
            except OSError:
                _LOG.exception("the jobs cannot be read or written; trying again")
            self._sleep()

    def _work(self) -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="job") as threads:
            while not self._stopped.is_set():
                found = self._jobs.next()
                if found is None:
                    self._sleep()
                    continue
                job, change = self._jobs.begun(found[0]), found[1]
                self._jobs.save(job)
                doing = threads.submit(self._do, job, change)
                error = doing.exception()  # waits
                job = self._told(job, error) if error else self._jobs.ended(doing.result())
                self._jobs.save(job)
                fields = {"job": job.id, "kind": job.kind, "state": job.state.value, "by": job.by, "error": job.error}
                _LOG.info("job", extra=fields)

    def _do(self, job: Job, change: Change) -> Job:
        files = sorted(self._jobs.files_folder(job.id).glob("*/*"))
        until, noted = time.monotonic() + _LONGEST_BUILD, 0.0

        def report(now: Job) -> None:
            nonlocal noted
            if time.monotonic() - noted >= _NOTE:
                noted = time.monotonic()
                with suppress(RecordsError):  # how far it is can be told with the next note
                    self._jobs.save(now)

        while True:
            try:
                return self._performer.perform(change, files, job.by, report, job)
            except BuildingError:
                if time.monotonic() > until or self._stopped.is_set():
                    raise
                time.sleep(_LOOK)

    def _told(self, job: Job, error: BaseException) -> Job:
        """Return a job as failed, with what its caller may know."""
        match error:
            case SourceError():  # without the folder that the file lay in
                line = f", line {error.line}" if error.line is not None else ""
                told = f"{error.path.name}{line}: {error.fault}"
            case HoldingsError() | StoreError() | ModelError():
                told = str(error)
            case OSError():
                told = f"a file could not be read or written ({error.strerror}); make room or mend the disk, then again"
            case _:
                _LOG.error("job %s failed", job.id, exc_info=error)
                told = "the service failed at this; it is in the service's log; please report it"
        return self._jobs.failed(job, told)

    def _sleep(self) -> None:
        if not self._stopped.is_set():
            self._wake.wait(_LOOK)
            self._wake.clear()
