from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from corpus.decode import SourceError
from corpus.holdings import Holdings
from index.build import BuildingError
from index.store import MismatchError, StoreError
from ui import worker as worker_module
from ui.indexer import Removals
from ui.jobs import Add, Job, Jobs, Remove, State
from ui.worker import Worker

if TYPE_CHECKING:
    from pathlib import Path

    from rag.pipeline import Pipeline
    from ui.jobs import Change
    from ui.postgres import PostgresServer

REMOVE = Remove(document="d", texts=("t",))


class Scripted:
    """A fake Performer: does what each job's turn in the script says, and remembers the jobs."""

    def __init__(self, *script: Callable[[], object]) -> None:
        self._script, self.done = list(script), list[str]()

    def perform(self, change: Change, files: list[Path], by: str, report: Callable[[Job], None], job: Job) -> Job:
        report(job.model_copy(update={"step": "indexing", "total": 3}))
        if self._script:
            self._script.pop(0)()
        self.done.append(job.id)
        return job.model_copy(update={"documents": ["d"], "total": 3})


@pytest.fixture(autouse=True)
def _hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_module, "_LOOK", 0.01)


@pytest.fixture
def jobs(tmp_path: Path, server: PostgresServer | None) -> Jobs:
    return Jobs(tmp_path / "jobs", server=server)


@contextmanager
def working(jobs: Jobs, performer: Scripted) -> Iterator[Worker]:
    worker = Worker(jobs, performer)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def followed(jobs: Jobs, job: Job) -> Job:
    """Return a job once it is over."""
    for _ in range(2000):
        found = jobs.get(job.id)
        assert found is not None
        if found.is_over:
            return found
        time.sleep(0.01)
    pytest.fail(f"{found} is not over")


def test_jobs_are_done_in_their_order_and_their_files_go(jobs: Jobs) -> None:
    folder = jobs.files_folder("0a")
    folder.mkdir(parents=True)
    first, second = jobs.add(Add(), "desk", "0a"), jobs.add(REMOVE, "desk")
    assert jobs.waiting() == 2
    performer = Scripted()
    with working(jobs, performer):
        last = followed(jobs, second)
    assert performer.done == [first.id, second.id]
    assert (last.state, last.done, last.total, last.documents, last.by) == (State.DONE, 3, 3, ["d"], "desk")
    assert last.began is not None
    assert last.ended is not None
    assert not folder.exists()
    assert jobs.waiting() == 0


def fail(error: Exception) -> Callable[[], object]:
    def raising() -> None:
        raise error

    return raising


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SourceError("/secret/folder/a.pdf", 3, "damaged"), "a.pdf, line 3: damaged"),
        (StoreError("the disk is full"), "the disk is full"),
        (OSError(28, "No space left on device", "/secret/folder"), "No space left on device"),
        (ZeroDivisionError("/secret/folder"), "in the service's log"),
    ],
)
def test_a_job_that_fails_says_why_without_our_folders_and_the_next_is_done(
    error: Exception, told: str, jobs: Jobs
) -> None:
    bad, good = jobs.add(REMOVE, ""), jobs.add(REMOVE, "")
    with working(jobs, Scripted(fail(error))):
        assert followed(jobs, good).state is State.DONE
    failed = followed(jobs, bad)
    assert (failed.state, told in (failed.error or "")) == (State.FAILED, True)
    assert "secret" not in (failed.error or "")


def test_a_job_waits_while_another_process_builds(jobs: Jobs) -> None:
    job = jobs.add(REMOVE, "")
    with working(jobs, Scripted(fail(BuildingError("busy")), fail(BuildingError("busy")))):
        assert (followed(jobs, job).state, followed(jobs, job).attempts) == (State.DONE, 1)


def test_of_two_processes_one_does_the_jobs(jobs: Jobs, tmp_path: Path, server: PostgresServer | None) -> None:
    performers = Scripted(), Scripted()
    with working(jobs, performers[0]), working(Jobs(tmp_path / "jobs", server=server), performers[1]):
        taken = [jobs.add(REMOVE, "").id for _ in range(5)]
        for job_id in taken:
            followed(jobs, Job(id=job_id, kind="remove", made=datetime.now(UTC)))
    assert [performer.done for performer in performers] in ([taken, []], [[], taken])


_STUCK = """
import sys, time
from pathlib import Path
from ui.jobs import Jobs
from ui.worker import Worker
class Stuck:
    def perform(self, change, files, by, report, job):
        print("begun", flush=True)
        time.sleep(600)
Worker(Jobs(Path(sys.argv[1])), Stuck()).start()
time.sleep(600)
"""


def test_a_job_whose_process_was_killed_is_done_by_the_next(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "jobs")
    job = jobs.add(REMOVE, "")
    arguments = [sys.executable, "-c", _STUCK, str(tmp_path / "jobs")]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        process.send_signal(signal.SIGKILL)
    found = jobs.get(job.id)
    assert found is not None
    assert found.state is State.RUNNING
    with working(jobs, Scripted()):
        again = followed(jobs, job)
    assert (again.state, again.attempts) == (State.DONE, 2)


def test_a_job_that_ends_its_process_again_and_again_is_given_up(jobs: Jobs) -> None:
    job = jobs.add(REMOVE, "")
    for _ in range(3):
        found = jobs.next()
        assert found is not None
        jobs.save(jobs.begun(found[0]))
        jobs.recover()
    given_up = jobs.get(job.id)
    assert given_up is not None
    assert (given_up.state, "3 times" in (given_up.error or "")) == (State.FAILED, True)


def test_jobs_are_forgotten_after_a_month_and_those_waiting_are_not(
    tmp_path: Path, server: PostgresServer | None
) -> None:
    now = datetime(2032, 1, 1, tzinfo=UTC)
    jobs = Jobs(tmp_path / "jobs", lambda: now, server)
    old, waiting = jobs.add(REMOVE, ""), jobs.add(REMOVE, "")
    jobs.save(jobs.ended(old))
    now += timedelta(days=31)
    jobs.recover()
    assert jobs.get(old.id) is None
    assert jobs.get(waiting.id) is not None


def test_a_locked_file_holds_jobs_up_and_loses_none(tmp_path: Path) -> None:
    jobs = Jobs(tmp_path / "jobs")
    job = jobs.add(REMOVE, "")
    with closing(sqlite3.connect(tmp_path / "jobs" / "jobs.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        with working(jobs, Scripted()):
            time.sleep(0.2)
            found = jobs.get(job.id)  # reading waits for nobody
            assert found is not None
            assert found.state is State.WAITING
            other.execute("rollback")
            assert followed(jobs, job).state is State.DONE


def test_stopping_lets_the_job_under_way_end_and_begins_no_other(jobs: Jobs) -> None:
    begun, go = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        go.wait()

    first, second = jobs.add(REMOVE, ""), jobs.add(REMOVE, "")
    worker = Worker(jobs, Scripted(hold))
    worker.start()
    begun.wait()
    threading.Timer(0.1, go.set).start()
    worker.stop()
    assert [found.state for one in (first, second) if (found := jobs.get(one.id))] == [State.DONE, State.WAITING]


def test_what_was_removed_answers_nothing_where_the_index_could_not_be_built(
    tmp_path: Path, pipeline: Pipeline
) -> None:
    removals, holdings = Removals(tmp_path), Holdings(tmp_path / "library")
    removed = pipeline.documents()[0].id

    def remove(error: Exception) -> None:
        with removals.under_way():
            removals.require_reached(pipeline, holdings)  # while it is under way, the former index answers
            holdings.remove([removed])
            raise error

    with pytest.raises(BuildingError):
        remove(BuildingError("another process builds"))  # and will be tried again
    removals.require_reached(pipeline, holdings)
    with pytest.raises(OSError, match="full"):
        remove(OSError("the disk is full"))
    with pytest.raises(MismatchError, match=removed):
        removals.require_reached(pipeline, holdings)
    other: Any = Holdings(tmp_path / "other")
    removals.require_reached(pipeline, other)  # of an index that does not hold it
    with removals.under_way():
        pass
    removals.require_reached(pipeline, holdings)
