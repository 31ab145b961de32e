"""The log of questions: what was asked, how it was read, what came of it, and what askers said of the answer.

It is kept in a SQLite file of the data folder, or in the database server that is set, for as many days as are set. An
answer never waits long for it and never fails with it: what cannot be written at once is written with the next one.

No history is kept, no key, and no address: of an address only a hash with a secret of this installation, by which the
questions of one asker can be told to be of one. Telephone and identity numbers and mail addresses are blanked in texts.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import sqlite3
import threading
import time
import uuid
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from rag.settings import Keep
from ui.log_table import QUESTIONS, LogFile, LogInServer
from ui.logged import (
    Gaps,
    Group,
    LogBusyError,
    LoggedQuestion,
    UnknownQuestionError,
    installation_secret,
    subject_of,
    without_personal,
)
from ui.records import open_server

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import ColumnElement, Connection, Row

    from rag.settings import Settings
    from rag.types import Trace
    from ui.log_table import LogPlace
    from ui.logged import Why
    from ui.postgres import PostgresServer

_LOG = logging.getLogger(__name__)

#: Seconds to wait for another process that is writing; one writes for milliseconds.
_PATIENCE = 1.0
#: Questions that wait in memory while the file cannot be written; beyond that the oldest are given up.
_MOST_WAITING = 1000
#: Seconds between looks for what is to be deleted.
_PURGED_EVERY = 3600.0
_MOST_COMMENT = 2000

_COLUMNS = QUESTIONS.c
#: What a database, or the disk below it, may say.
_FAULTS = (DBAPIError, sqlite3.Error, OSError)


class QuestionLog:
    """The log in one place; safe to use from several threads and several processes."""

    def __init__(
        self,
        path: Path,
        *,
        keep: Keep = Keep.TEXT,
        days: int = 180,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        server: PostgresServer | None = None,
    ) -> None:
        """Use the file at `path`, which is made when the first question is recorded, or `server` where one is given.

        `days` is how long a question is kept; the installation's secret lies beside `path` in either case.
        """
        self._secret = path.with_name("secret")
        self._place: LogPlace = LogInServer(server) if server else LogFile(path, _PATIENCE)
        self._keep, self._days, self._now = keep, days, now
        self._waiting: deque[dict[str, Any]] = deque(maxlen=_MOST_WAITING)
        self._changing, self._writing = threading.Lock(), threading.Lock()
        self._next_purge = 0.0

    def record(self, trace: Trace, *, channel: str, address: str | None = None, identity: str | None = None) -> str:
        """Record what came of a question; return its id, for feedback. Never fails, whatever the place's state.

        `channel` is where it was asked (`api`, `chat`, …). An `identity` that the caller has made becomes the id; it
        must be one that cannot be guessed, for who knows it may give feedback.
        """
        identity = identity or uuid.uuid4().hex
        if self._keep is not Keep.OFF:
            entry = self._entry(trace, channel, address, identity)
            with self._changing:
                if len(self._waiting) == _MOST_WAITING:
                    _LOG.error("%d questions wait for the question log; the oldest is given up", _MOST_WAITING)
                self._waiting.append(entry)
            try:
                self._write_waiting()
            except _FAULTS as error:
                _LOG.warning("the question log cannot be written (%s); %d questions wait", _why(error), self.waiting)
        return identity

    @property
    def waiting(self) -> int:
        """How many questions are not written yet."""
        return len(self._waiting)

    def feedback(self, identity: str, *, helpful: bool, why: Why | None = None, comment: str = "") -> None:
        """Keep what the asker says of an answer; what is said later replaces it.

        Raises:
            ValueError: the comment is too long, or a reason is given with praise.
            UnknownQuestionError: no such question is in the log.
            LogBusyError: it cannot be kept now.
        """
        if len(comment) > _MOST_COMMENT:
            raise ValueError(f"the comment has {len(comment)} characters, at most {_MOST_COMMENT} are kept; shorten it")
        if helpful and why is not None:
            raise ValueError(f"helpful came with why={why}; a reason goes with helpful=false only")
        said = without_personal(comment) if self._keep is Keep.TEXT and comment.strip() else None
        values = {"helpful": helpful, "why": why, "comment": said}
        try:
            self._write_waiting()
            with self._place.begin() as connection:
                done = connection.execute(update(QUESTIONS).where(_COLUMNS.id == identity).values(values))
        except _FAULTS as error:
            raise self._busy(error) from error
        if not done.rowcount:
            raise UnknownQuestionError(
                f"no question {identity[:64]!a} is in the log; it is kept for {self._days} days, if at all"
            )

    def questions(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        status: str | None = None,
        reason: str | None = None,
        language: str | None = None,
        channel: str | None = None,
        helpful: bool | None = None,
        limit: int = 100,
        skip: int = 0,
    ) -> list[LoggedQuestion]:
        """Return the questions that fit all that is given, the latest first; times without a zone are UTC.

        Raises:
            LogBusyError: it cannot be read now.
        """
        same = {"status": status, "reason": reason, "language": language, "channel": channel, "helpful": helpful}
        wanted = [_COLUMNS[name] == value for name, value in same.items() if value is not None]
        wanted += _between(since, until)
        chosen = select(QUESTIONS).where(*wanted).order_by(_COLUMNS.asked_at.desc(), _COLUMNS.number.desc())
        return [_logged(row) for row in self._read(chosen.limit(limit).offset(skip))]

    def gaps(self, *, since: datetime | None = None, until: datetime | None = None, most: int = 20) -> Gaps:
        """Return what is asked most, what was refused and why, and what was marked wrong, grouped by what they name.

        Raises:
            LogBusyError: it cannot be read now.
        """
        period = _between(since, until)
        return Gaps(
            asked=self._groups(None, period, most),
            refused=self._groups(_COLUMNS.reason, [*period, _COLUMNS.status == "refused"], most),
            wrong=self._groups(_COLUMNS.why, [*period, _COLUMNS.helpful.is_(False)], most),
        )

    def purge(self) -> int:
        """Delete what has been kept long enough; return how many questions.

        Raises:
            LogBusyError: it cannot be done now.
        """
        if not self._place.exists:
            return 0
        try:
            with self._place.begin() as connection:
                return self._purge(connection)
        except _FAULTS as error:
            raise self._busy(error) from error

    def close(self) -> None:
        """Write what waits, and close the place."""
        try:
            self._write_waiting()
        except _FAULTS as error:
            _LOG.error("the question log cannot be written (%s); %d questions are lost", _why(error), self.waiting)
        self._place.close()

    def _entry(self, trace: Trace, channel: str, address: str | None, identity: str) -> dict[str, Any]:
        question, answer = trace.question, trace.answer
        keeps_text = self._keep is Keep.TEXT
        return {
            "id": identity,
            "asked_at": _utc(self._now()),
            "channel": channel,
            "asker": self._asker(address) if address else "",
            "language": question.language,
            "text": without_personal(question.text) if keeps_text else None,
            "standalone": without_personal(question.standalone) if keeps_text else None,
            "subject": without_personal(subject_of(question, plain_words=keeps_text)),
            "periods": " ".join(map(str, question.periods))[:200],
            "wants": question.wants,
            "kind": question.kind,
            "filtered": bool(question.within),
            "status": answer.status,
            "reason": answer.refusal.reason if answer.refusal else None,
            "cited": [citation.passage_id for citation in answer.citations],
            "passages": [passage.passage_id for passage in answer.passages],
            "seconds_retrieve": answer.seconds.retrieve,
            "seconds_answer": answer.seconds.answer,
            "seconds_total": answer.seconds.total,
        }

    def _asker(self, address: str) -> str:
        try:
            secret = installation_secret(self._secret)
        except OSError as error:
            _LOG.warning("the secret of the question log cannot be used (%s); a question is kept without asker", error)
            return ""
        return hmac.new(secret, address.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]

    def _write_waiting(self) -> None:
        """Write what waits, oldest first; where another thread is at it, leave it to that one."""
        while self._waiting and self._writing.acquire(blocking=False):
            try:
                with self._changing:
                    entries = list(self._waiting)
                with self._place.begin() as connection:
                    if time.monotonic() >= self._next_purge:
                        self._purge(connection)
                    connection.execute(insert(QUESTIONS), entries)
                with self._changing:
                    for entry in entries:
                        if self._waiting[0] is entry:  # else it was given up meanwhile
                            self._waiting.popleft()
            finally:
                self._writing.release()

    def _purge(self, connection: Connection) -> int:
        until = _utc(self._now()) - timedelta(days=self._days)
        done = connection.execute(delete(QUESTIONS).where(_COLUMNS.asked_at < until))
        self._next_purge = time.monotonic() + _PURGED_EVERY
        return done.rowcount

    def _read(self, statement: Any) -> Sequence[Row[Any]]:
        if not self._place.exists:
            return []
        try:
            with self._place.begin() as connection:
                return connection.execute(statement).all()
        except _FAULTS as error:
            raise self._busy(error) from error

    def _groups(
        self, reason: ColumnElement[Any] | None, wanted: Sequence[ColumnElement[bool]], most: int
    ) -> tuple[Group, ...]:
        number, latest = func.count().label("number"), func.max(_COLUMNS.asked_at).label("latest")
        keys = [_COLUMNS.subject, _COLUMNS.periods, *([] if reason is None else [reason])]
        rows = self._read(
            select(*keys, number, latest, func.min(_COLUMNS.standalone).label("example"))
            .where(*wanted)
            .group_by(*keys)
            .order_by(number.desc(), latest.desc())
            .limit(most)
        )
        return tuple(
            Group(
                subject=row.subject,
                periods=tuple(row.periods.split()),
                reason="" if reason is None else (row._mapping[reason] or ""),
                count=row.number,
                latest=row.latest.replace(tzinfo=UTC),
                example=row.example,
            )
            for row in rows
        )

    def _busy(self, error: Exception) -> LogBusyError:
        return LogBusyError(
            f"the question log {self._place} cannot be used ({_why(error)}); try again, then see doctor"
        )


def open_log(settings: Settings, server: PostgresServer | None = None) -> QuestionLog:
    """Return the log of an installation, as its settings want it; `server` is the one set, where it is open already."""
    return QuestionLog(
        settings.data_dir / "questions.db",
        keep=settings.question_log,
        days=settings.question_log_days,
        server=server or open_server(settings),
    )


def _between(since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if since is not None:
        wanted.append(_COLUMNS.asked_at >= _utc(since))
    if until is not None:
        wanted.append(_COLUMNS.asked_at < _utc(until))
    return wanted


def _utc(moment: datetime) -> datetime:
    """Return a moment in UTC as databases hold it, without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _logged(row: Row[Any]) -> LoggedQuestion:
    values = dict(row._mapping)
    del values["number"]
    values |= {name: tuple(values[name]) for name in ("cited", "passages")}
    values |= {"periods": tuple(row.periods.split()), "asked_at": row.asked_at.replace(tzinfo=UTC)}
    return LoggedQuestion(**values)


def _why(error: Exception) -> str:
    """Return what a database says, without the statement and the values that were to be written."""
    return str(error.orig) if isinstance(error, DBAPIError) else str(error)
