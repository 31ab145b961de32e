from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from rag.settings import Settings
from tests.ui.api.conftest import invented_service, local_client
from tests.ui.postgres_server import PASSWORD
from ui import postgres as postgres_module
from ui.api.app import make_api
from ui.database import RecordsError
from ui.keys import Keys, Role
from ui.logged import LogBusyError
from ui.postgres import PostgresServer
from ui.question_log import QuestionLog
from ui.records import open_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from rag.pipeline import Pipeline
    from tests.ui.postgres_server import Postgres


class Clock:
    """Seconds that pass only when they are told to."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds

    def rest(self) -> None:
        self.seconds += postgres_module._REST


@contextmanager
def stopped(postgres: Postgres) -> Iterator[None]:
    postgres.stop()
    try:
        yield
    finally:
        postgres.start()


def test_while_the_server_is_away_questions_wait_and_are_written_when_it_is_back(
    tmp_path: Path, postgres: Postgres, pipeline: Pipeline
) -> None:
    clock = Clock()
    log = QuestionLog(tmp_path / "questions.db", server=PostgresServer(postgres.new_database(), clock))
    trace = pipeline.trace("2030年新增公共充电桩多少个?")
    ids = [log.record(trace, channel="api")]
    with stopped(postgres):
        ids += [log.record(trace, channel="api") for _ in range(3)]
        assert log.waiting == 3
        with pytest.raises(LogBusyError, match="cannot be used"):
            log.feedback(ids[0], helpful=True)
    clock.rest()
    ids.append(log.record(trace, channel="api"))
    assert log.waiting == 0
    assert [kept.id for kept in log.questions()] == ids[::-1]
    log.close()
    assert not (tmp_path / "questions.db").exists()


def test_a_restart_between_two_statements_is_not_noticed(
    tmp_path: Path, postgres: Postgres, database: PostgresServer
) -> None:
    keys = Keys(tmp_path / "keys.db", server=database)
    token = keys.add("desk", Role.ASK)
    with stopped(postgres):
        pass
    assert keys.find(token) is not None


def test_a_restart_within_a_transaction_keeps_nothing_of_it(postgres: Postgres, database: PostgresServer) -> None:
    database.make_tables(lambda connection: connection.exec_driver_sql("create table t (n integer)"))

    def write() -> None:
        with database.begin() as connection:
            connection.execute(text("insert into t values (1)"))
            with stopped(postgres):
                pass
            connection.execute(text("insert into t values (2)"))

    with pytest.raises(RecordsError, match="cannot be used"):
        write()
    database._away_until = 0
    with database.begin() as connection:
        assert connection.execute(text("select count(*) from t")).scalar() == 0


def test_a_server_that_is_away_is_not_asked_again_at_once(postgres: Postgres) -> None:
    clock = Clock()
    server = PostgresServer(postgres.new_database(), clock)
    with stopped(postgres), pytest.raises(RecordsError, match=r"refused.*database_url"):
        server.check()
    with pytest.raises(RecordsError, match=r"refused.*database_url"):
        server.check()  # it is back, and this is still what was found a moment ago
    clock.rest()
    server.check()
    server.close()


def test_a_statement_that_takes_too_long_is_ended_and_others_do_not_wait_as_long(database: PostgresServer) -> None:
    def wait() -> None:
        with database.begin() as connection:
            connection.execute(text("set local statement_timeout = 20"))
            connection.execute(text("select pg_sleep(30)"))

    with pytest.raises(RecordsError, match="statement timeout"):
        wait()
    with pytest.raises(RecordsError, match="statement timeout"):
        database.check()


def test_a_writer_waits_for_another_only_as_long_as_it_may(tmp_path: Path, database: PostgresServer) -> None:
    keys = Keys(tmp_path / "keys.db", server=database)
    token = keys.add("desk", Role.ASK)
    with database.begin() as connection:
        connection.execute(text("select * from key for update"))
        assert keys.find(token) is not None
    assert keys.all()[0].last_used is None
    keys.find(token)
    assert keys.all()[0].last_used is not None


@pytest.mark.parametrize("user", ["dqa", "nobody"])
def test_a_wrong_password_is_told_and_never_shown(postgres: Postgres, user: str) -> None:
    server = PostgresServer(postgres.url("postgres").replace(f"dqa:{PASSWORD}", f"{user}:wrong"))
    with pytest.raises(RecordsError, match="password authentication failed") as told:
        server.check()
    assert "wrong" not in f"{told.value} {server!r}"


def test_a_database_that_is_not_there_is_named(postgres: Postgres) -> None:
    with pytest.raises(RecordsError, match='database "elsewhere" does not exist'):
        PostgresServer(postgres.url("elsewhere")).check()


@pytest.mark.parametrize(
    "url", ["mysql://u:geheim@h/d", "geheim", "postgresql://u:geheim@h:port/d", "redis://u:geheim@h"]
)
def test_what_is_no_address_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(RecordsError, match="wanted postgresql://USER:PASSWORD@HOST") as told:
        open_server(Settings(database_url=url))  # type: ignore[arg-type]
    assert "geheim" not in str(told.value)


def test_processes_that_begin_together_make_the_tables_once(tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.new_database()
    begin, faults = threading.Barrier(4), list[RecordsError]()

    def add(number: int) -> None:
        server = PostgresServer(url)
        begin.wait()
        try:
            Keys(tmp_path / "keys.db", server=server).add(f"desk {number}", Role.ASK)
        except RecordsError as error:
            faults.append(error)
        server.close()

    threads = [threading.Thread(target=add, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    server = PostgresServer(url)
    assert len(Keys(tmp_path / "keys.db", server=server).all()) == 4
    server.close()


def test_a_service_over_the_database_says_that_it_is_away_and_heals(
    tmp_path: Path, postgres: Postgres, pipeline: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postgres_module, "_REST", 0.0)
    service = invented_service(tmp_path, pipeline, database_url=postgres.new_database())
    with local_client(make_api(service)) as client:
        ask = {"question": "2030年新增公共充电桩多少个?"}
        assert client.post("/api/v1/ask", json=ask).json()["status"] == "answered"
        assert client.get("/readyz").json()["records"] == "ready"
        with stopped(postgres):
            refused = client.post("/api/v1/ask", json=ask)
            assert refused.status_code == 503, "who may ask stands in the database"
            assert refused.headers["retry-after"]
            assert "127.0.0.1" not in refused.text
            ready = client.get("/readyz")
            assert (ready.status_code, ready.json()["records"]) == (200, "away")
            trace = service.pipeline().trace(ask["question"])
            assert service.journal.answered(trace, channel="chat"), "the page answers"
        assert client.get("/readyz").json()["records"] == "ready"
        assert client.post("/api/v1/ask", json=ask).status_code == 200
        assert [kept.channel for kept in service.journal.questions.questions()] == ["api", "chat", "api"]
        assert "records_ready 1" in client.get("/metrics").text
