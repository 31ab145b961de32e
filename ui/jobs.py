"""Changes of what is held as jobs, kept among the service's records; `ui.worker` does them.

A job is taken down before it is promised, so it survives a restart: what was waiting waits on, what was being done is
done again. Of several processes over one data folder one does the jobs, the one that holds `jobs.lock`; when it ends,
however it ends, another takes over. Questions are answered from the former index until a job is done.
"""

from __future__ import annotations

import secrets
import shutil
import time
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from corpus.corrections import Correction
from ui.changes import Said
from ui.records import make_database

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from ui.postgres import PostgresServer

_TABLES = """
create table if not exists job (number {counter}, id text not null unique, state text not null,
    made text not null, change text not null, body text not null);
create index if not exists job_state on job (state, number)
"""
#: Jobs are forgotten after this time.
_KEPT = timedelta(days=30)
#: A job that ended its process so often is not begun again.
_MOST_ATTEMPTS = 3


class Add(BaseModel):
    """Add the files of the job's folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["add"] = "add"
    said: Said = Said()


class Remove(BaseModel):
    """Remove a document with all texts that it was made of."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["remove"] = "remove"
    document: str
    texts: tuple[str, ...]


class Correct(BaseModel):
    """Correct what was read from a document."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["correct"] = "correct"
    document: str
    correction: Correction


Change = Add | Remove | Correct
_CHANGE: TypeAdapter[Change] = TypeAdapter(Annotated[Change, Field(discriminator="kind")])


class State(StrEnum):
    """How far a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class JobFile(BaseModel):
    """What became of one file of a job."""

    file: str = Field(description="its name, as it is kept")
    new: bool = Field(description="false where the same content was held already")
    texts: int = Field(description="articles or reports that were read from it")
    left_out: int = Field(description="parts of it that are no text of a document; see the document's details")


class Job(BaseModel):
    """A change of what is held: what it is, and how far it is."""

    id: str
    kind: Literal["add", "remove", "correct"]
    state: State = State.WAITING
    step: Literal["", "reading", "indexing"] = Field("", description="what is being done")
    done: int = Field(0, description="sentences of new documents that are indexed")
    total: int = Field(0, description="sentences of new documents")
    made: datetime
    began: datetime | None = None
    ended: datetime | None = None
    by: str = Field("", description="name of the key that asked for it; empty without one")
    attempts: int = Field(0, description="how often it was begun; more than once where the service was stopped in it")
    documents: list[str] = Field([], description="ids of the documents added, removed or corrected, once it is done")
    files: list[JobFile] = []
    error: str | None = Field(None, description="why it failed, and what to do")

    @property
    def is_over(self) -> bool:
        """Whether nothing more will come of it."""
        return self.state in (State.DONE, State.FAILED)


class Jobs:
    """All jobs of the last month, with a folder for the files of each that is not done.

    Every method raises `RecordsError` where they cannot be read or written.
    """

    def __init__(
        self,
        folder: Path,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        server: PostgresServer | None = None,
    ) -> None:
        """Keep files in `folder`, and jobs in a file there, or in `server` where one is given."""
        self._folder, self._now = folder, now
        self._database = make_database(folder / "jobs.db", _TABLES, server)

    @property
    def lock(self) -> Path:
        """The file that the process which does the jobs holds."""
        return self._folder / "jobs.lock"

    def new_id(self) -> str:
        """Return the id of a job to be; its files go to `files_folder` before it is taken down."""
        return secrets.token_hex(8)

    def files_folder(self, job_id: str) -> Path:
        """Return the folder for the files of a job."""
        return self._folder / "files" / job_id

    def add(self, change: Change, by: str, job_id: str | None = None) -> Job:
        """Take a job down."""
        job = Job(id=job_id or self.new_id(), kind=change.kind, made=self._now(), by=by)
        values = {
            "id": job.id,
            "state": job.state.value,
            "made": job.made.isoformat(),
            "change": change.model_dump_json(),
            "body": job.model_dump_json(),
        }
        with self._database.transaction() as database:
            database.execute(
                "insert into job (id, state, made, change, body) values (:id, :state, :made, :change, :body)", values
            )
        return job

    def get(self, job_id: str) -> Job | None:
        """Return a job, or None where there is none with this id."""
        with self._database.transaction() as database:
            row = database.execute("select body from job where id = :id", {"id": job_id}).fetchone()
        return Job.model_validate_json(row["body"]) if row else None

    def waiting(self) -> int:
        """Return how many jobs are not over."""
        with self._database.transaction() as database:
            rows = database.execute("select count(*) as number from job where state in ('waiting', 'running')")
            return sum(row["number"] for row in rows)

    def next(self) -> tuple[Job, Change] | None:
        """Return the oldest job that waits."""
        with self._database.transaction() as database:
            row = database.execute(
                "select body, change from job where state = 'waiting' order by number limit 1"
            ).fetchone()
        return (Job.model_validate_json(row["body"]), _CHANGE.validate_json(row["change"])) if row else None

    def save(self, job: Job) -> None:
        """Write down how far a job is; of one that is over, the files go."""
        with self._database.transaction() as database:
            values = {"state": job.state.value, "body": job.model_dump_json(), "id": job.id}
            database.execute("update job set state = :state, body = :body where id = :id", values)
        if job.is_over:
            shutil.rmtree(self.files_folder(job.id), ignore_errors=True)

    def recover(self) -> None:
        """Let what a stopped process was doing wait again, and sweep what nobody needs; with the lock held only."""
        for job in self._of_state(State.RUNNING):
            if job.attempts < _MOST_ATTEMPTS:
                self.save(job.model_copy(update={"state": State.WAITING, "step": ""}))
            else:
                self.save(self.failed(job, f"the service ended {job.attempts} times while doing this; see its log"))
        with self._database.transaction() as database:
            old = (self._now() - _KEPT).isoformat()
            database.execute("delete from job where made < :old and state in ('done', 'failed')", {"old": old})
            known = {row["id"] for row in database.execute("select id from job where state = 'waiting'")}
        for folder in (self._folder / "files").glob("*"):
            is_old = time.time() - folder.stat().st_mtime > _KEPT.total_seconds() / 30
            if folder.name not in known and is_old:  # a younger one may be an upload that is just coming in
                shutil.rmtree(folder, ignore_errors=True)

    def failed(self, job: Job, error: str) -> Job:
        """Return a job as failed."""
        return job.model_copy(update={"state": State.FAILED, "error": error, "ended": self._now()})

    def begun(self, job: Job) -> Job:
        """Return a job as begun."""
        changes = {"state": State.RUNNING, "began": self._now(), "attempts": job.attempts + 1}
        return job.model_copy(update=changes)

    def ended(self, job: Job) -> Job:
        """Return a job as done."""
        return job.model_copy(update={"state": State.DONE, "done": job.total, "ended": self._now()})

    def _of_state(self, state: State) -> list[Job]:
        with self._database.transaction() as database:
            found = "select body from job where state = :state order by number"
            return [Job.model_validate_json(row["body"]) for row in database.execute(found, {"state": state.value})]
