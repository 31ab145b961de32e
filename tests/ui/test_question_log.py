from __future__ import annotations

import csv
import io
import logging
import multiprocessing
import sqlite3
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.testing import CliRunner

from rag.settings import Keep
from ui import cli, question_log
from ui.logged import UnknownQuestionError, Why, installation_secret
from ui.question_log import QuestionLog
from ui.questions import gaps_csv, questions_csv

if TYPE_CHECKING:
    from rag.pipeline import Pipeline
    from rag.types import Trace
    from ui.postgres import PostgresServer

NOON = datetime(2032, 5, 1, 12, tzinfo=UTC)


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(tmp_path: Path, clock: Clock, server: PostgresServer | None) -> QuestionLog:
    return QuestionLog(tmp_path / "questions.db", now=clock, server=server)


@pytest.fixture(scope="module")
def answered(pipeline: Pipeline) -> Trace:
    return pipeline.trace("2030年新增公共充电桩多少个?")


@pytest.fixture(scope="module")
def refused(pipeline: Pipeline) -> Trace:
    return pipeline.trace("2019年新增公共充电桩多少个?")


def test_a_question_is_kept_with_its_reading_and_what_came_of_it(log: QuestionLog, answered: Trace) -> None:
    identity = log.record(answered, channel="api", address="10.0.0.7")
    (kept,) = log.questions()
    assert (kept.id, kept.asked_at, kept.channel, kept.language) == (identity, NOON, "api", "zh")
    assert (kept.text, kept.periods, kept.status, kept.reason) == (answered.question.text, ("2030",), "answered", None)
    assert kept.cited == tuple(citation.passage_id for citation in answered.answer.citations)
    assert kept.passages == tuple(passage.passage_id for passage in answered.answer.passages)
    assert (kept.seconds_total, kept.helpful) == (answered.answer.seconds.total, None)


def test_an_address_is_kept_only_as_a_hash_that_differs_between_installations(tmp_path: Path, answered: Trace) -> None:
    log = QuestionLog(tmp_path / "questions.db")
    other = QuestionLog(tmp_path / "other" / "questions.db")
    for one in (log, log, other):
        one.record(answered, channel="api", address="10.0.0.7")
    first, second = log.questions()
    assert first.asker == second.asker != other.questions()[0].asker
    assert b"10.0.0.7" not in b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert [path.stat().st_mode & 0o077 for path in (tmp_path / "questions.db", tmp_path / "secret")] == [0, 0]


def test_numbers_and_addresses_of_persons_are_blanked(log: QuestionLog, pipeline: Pipeline) -> None:
    typed = "我的电话13912345678,身份证11010519491231002X,邮箱li@example.com,201912345678901个充电桩?"
    log.record(pipeline.trace(typed), channel="chat")
    assert log.questions()[0].text == "我的电话***,身份证***,邮箱***,201912345678901个充电桩?"


def test_without_text_only_the_reading_is_kept(tmp_path: Path, pipeline: Pipeline) -> None:
    log = QuestionLog(tmp_path / "questions.db", keep=Keep.READING)
    identity = log.record(pipeline.trace("公共充电桩在王小明家旁边有几个?"), channel="api")
    log.feedback(identity, helpful=False, comment="王小明")
    (kept,) = log.questions()
    assert (kept.text, kept.standalone, kept.comment, kept.helpful) == (None, None, None, False)
    assert kept.subject == "公共充电桩"
    assert "王小明".encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_log_that_is_off_gives_ids_and_keeps_nothing(tmp_path: Path, answered: Trace) -> None:
    log = QuestionLog(tmp_path / "questions.db", keep=Keep.OFF)
    assert log.record(answered, channel="api") != log.record(answered, channel="api")
    assert (log.questions(), list(tmp_path.iterdir())) == ([], [])


def test_questions_are_filtered_and_come_latest_first(
    log: QuestionLog, clock: Clock, answered: Trace, refused: Trace
) -> None:
    ids = []
    for hour, (trace, channel) in enumerate([(answered, "api"), (refused, "chat"), (answered, "chat")]):
        clock.now = NOON + timedelta(hours=hour)
        ids.append(log.record(trace, channel=channel))
    log.feedback(ids[2], helpful=False, why=Why.WRONG_YEAR)

    def found(**wanted: object) -> list[str]:
        return [question.id for question in log.questions(**wanted)]  # type: ignore[arg-type]

    assert found() == ids[::-1]
    assert found(limit=1, skip=1) == [ids[1]]
    assert found(status="refused") == found(reason="other_period") == [ids[1]]
    assert found(channel="chat") == [ids[2], ids[1]]
    assert found(helpful=False) == [ids[2]]
    assert found(language="en") == []
    assert found(since=NOON + timedelta(hours=1), until=NOON + timedelta(hours=2)) == [ids[1]]


def test_characters_that_no_database_takes_lose_no_question(log: QuestionLog, answered: Trace) -> None:
    odd = replace(answered, question=replace(answered.question, text="充电\0桩\ud800?", standalone="\0"))
    identity = log.record(odd, channel="api")
    log.feedback(identity, helpful=False, comment="\0少\udfff")
    (kept,) = log.questions()
    assert (kept.text, kept.standalone, kept.comment, log.waiting) == ("充电桩??", "", "少?", 0)
    with pytest.raises(UnknownQuestionError):
        log.feedback("\0", helpful=True)


def test_feedback_is_kept_and_replaced_and_belongs_to_a_question(log: QuestionLog, answered: Trace) -> None:
    identity = log.record(answered, channel="chat")
    log.feedback(identity, helpful=False, why=Why.INCOMPLETE, comment="电话13912345678")
    (kept,) = log.questions()
    assert (kept.helpful, kept.why, kept.comment) == (False, "incomplete", "电话***")
    log.feedback(identity, helpful=True)
    (kept,) = log.questions()
    assert (kept.helpful, kept.why, kept.comment) == (True, None, None)
    with pytest.raises(UnknownQuestionError, match=r"no question 'x\\n'"):
        log.feedback("x\n", helpful=True)
    with pytest.raises(ValueError, match="2001 characters, at most 2000"):
        log.feedback(identity, helpful=False, comment="长" * 2001)
    with pytest.raises(ValueError, match="helpful=false only"):
        log.feedback(identity, helpful=True, why=Why.OTHER)


def test_gaps_unite_what_names_the_same_in_both_languages(
    log: QuestionLog, clock: Clock, pipeline: Pipeline, answered: Trace
) -> None:
    asked = ["2019年新增公共充电桩多少个?", "How many charging points were added in 2019?", "红河区有哪些补贴?"]
    for hour, text in enumerate(asked):
        clock.now = NOON + timedelta(hours=hour)
        log.record(pipeline.trace(text), channel="api")
    log.feedback(log.record(answered, channel="api"), helpful=False, why=Why.WRONG_EVIDENCE)
    gaps = log.gaps()
    first, second = gaps.refused
    assert (first.periods, first.reason, first.count) == (("2019",), "other_period", 2)
    assert first.latest == clock.now - timedelta(hours=1)
    assert first.example in asked
    assert (second.subject, second.reason, second.count) == ("补贴", "no_such", 1)
    assert [(group.count, group.reason) for group in gaps.asked] == [(2, ""), (1, ""), (1, "")]
    assert [(group.periods, group.reason) for group in gaps.wrong] == [(("2030",), "wrong_evidence")]


def test_what_has_been_kept_long_enough_is_deleted_also_from_the_disk(
    tmp_path: Path, clock: Clock, pipeline: Pipeline, answered: Trace
) -> None:
    log = QuestionLog(tmp_path / "questions.db", days=30, now=clock)
    log.record(pipeline.trace("充电桩在阿尔法贝塔的数量?"), channel="api")
    clock.now += timedelta(days=29)
    log.record(answered, channel="api")
    assert log.purge() == 0
    clock.now += timedelta(days=2)
    assert log.purge() == 1
    log.close()
    assert [kept.text for kept in log.questions()] == [answered.question.text]
    assert "阿尔法贝塔".encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_a_new_process_deletes_what_is_old_with_its_first_question(
    tmp_path: Path, clock: Clock, answered: Trace
) -> None:
    QuestionLog(tmp_path / "questions.db", days=30, now=clock).record(answered, channel="api")
    clock.now += timedelta(days=31)
    log = QuestionLog(tmp_path / "questions.db", days=30, now=clock)
    identity = log.record(answered, channel="api")
    assert [kept.id for kept in log.questions()] == [identity]


def test_a_clock_that_was_set_back_loses_nothing(log: QuestionLog, clock: Clock, answered: Trace) -> None:
    before = log.record(answered, channel="api")
    clock.now -= timedelta(days=365)
    after = log.record(answered, channel="api")
    assert log.purge() == 0
    assert [kept.id for kept in log.questions()] == [before, after]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question_log, "_PATIENCE", 0.01)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("is_new", [True, False])
def test_a_locked_file_fails_no_question_and_loses_none(
    tmp_path: Path, answered: Trace, caplog: pytest.LogCaptureFixture, is_new: bool
) -> None:
    path = tmp_path / "questions.db"
    if not is_new:
        QuestionLog(path).record(answered, channel="before")
    log = QuestionLog(path)
    other = sqlite3.connect(path)
    other.execute("begin exclusive")
    with caplog.at_level(logging.WARNING):
        ids = [log.record(answered, channel="api") for _ in range(3)]
    assert log.waiting == 3
    assert "database is locked" in caplog.text
    assert answered.question.text not in caplog.text
    with pytest.raises(question_log.LogBusyError, match="database is locked"):
        log.feedback(ids[0], helpful=True)
    other.rollback()
    other.close()
    ids.append(log.record(answered, channel="api"))
    assert log.waiting == 0
    assert [kept.id for kept in log.questions(channel="api")] == ids[::-1]


def test_a_file_that_is_no_database_fails_no_question_and_says_so(
    tmp_path: Path, answered: Trace, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "questions.db"
    path.write_bytes(b"no database at all" * 100)
    log = QuestionLog(path)
    assert log.record(answered, channel="api")
    assert "file is not a database" in caplog.text
    with pytest.raises(question_log.LogBusyError, match=r"questions\.db cannot be used"):
        log.questions()
    assert path.read_bytes().startswith(b"no database at all"), "whatever it is, it is not written over"


@pytest.mark.usefixtures("impatient")
def test_of_too_many_that_wait_the_oldest_are_given_up(
    tmp_path: Path, answered: Trace, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(question_log, "_MOST_WAITING", 2)
    path = tmp_path / "questions.db"
    log = QuestionLog(path)
    path.write_bytes(b"no database at all")
    ids = [log.record(answered, channel="api") for _ in range(3)]
    assert "the oldest is given up" in caplog.text
    path.unlink()
    log.close()
    assert [kept.id for kept in QuestionLog(path).questions()] == ids[:0:-1]


def test_threads_write_every_question_once(log: QuestionLog, answered: Trace) -> None:
    ids: list[str] = []

    def ask() -> None:
        ids.extend([log.record(answered, channel="api") for _ in range(25)])

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert log.waiting == 0
    assert sorted(kept.id for kept in log.questions(limit=1000)) == sorted(ids)


def _record_many(path: Path, trace: Trace) -> None:
    log = QuestionLog(path)
    for _ in range(20):
        log.record(trace, channel="api", address="::1")
    log.close()


def test_processes_that_begin_together_share_one_file_and_one_secret(tmp_path: Path, answered: Trace) -> None:
    path = tmp_path / "questions.db"
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=_record_many, args=(path, answered)) for _ in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    kept = QuestionLog(path).questions(limit=1000)
    assert (len(kept), len({question.asker for question in kept})) == (60, 1)
    assert installation_secret(tmp_path / "secret") == (tmp_path / "secret").read_bytes()
    names = {file.name.removesuffix("-wal").removesuffix("-shm") for file in tmp_path.iterdir()}
    assert names == {"secret", "questions.db"}


def test_an_export_holds_every_field_and_no_formula(log: QuestionLog, pipeline: Pipeline) -> None:
    log.record(pipeline.trace('=HYPERLINK("http://x","充电桩")'), channel="api")
    (row,) = csv.DictReader(io.StringIO(questions_csv(log.questions())))
    assert row["text"] == '\'=HYPERLINK("http://x","充电桩")'
    assert row["asked_at"] == "2032-05-01T12:00:00+00:00"
    gaps = list(csv.DictReader(io.StringIO(gaps_csv(log.gaps()))))
    assert {one["gap"] for one in gaps} >= {"asked"}
    assert not any(value.startswith("=") for one in gaps for value in one.values())


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ((), 2),
        (("--refused",), 1),
        (("--wrong",), 1),
        (("--refused", "--wrong"), 0),
        (("--since", "2100-01-01"), 0),
        (("--limit", "1"), 1),
    ],
)
def test_the_command_line_lists_questions(
    tmp_path: Path,
    answered: Trace,
    refused: Trace,
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    shown: int,
) -> None:
    monkeypatch.setenv("DISTRICT_QA_DATA_DIR", str(tmp_path))
    log = QuestionLog(tmp_path / "questions.db")
    log.feedback(log.record(answered, channel="chat"), helpful=False, why=Why.OTHER)
    log.record(refused, channel="chat")
    run = CliRunner()
    said = run.invoke(cli.app, ["questions", *options], catch_exceptions=False).stdout
    assert said.count("  chat  ") == shown
    done = run.invoke(cli.app, ["questions", *options, "--csv", str(tmp_path / "q.csv")], catch_exceptions=False)
    assert done.exit_code == 0
    table = (tmp_path / "q.csv").read_text(encoding="utf-8-sig")
    assert len(list(csv.reader(io.StringIO(table)))) == shown + 1


def test_the_command_line_groups_gaps_and_tells_an_empty_log(
    tmp_path: Path, refused: Trace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISTRICT_QA_DATA_DIR", str(tmp_path))
    run = CliRunner()
    assert run.invoke(cli.app, ["questions"], catch_exceptions=False).stdout == "no questions\n"
    assert list(tmp_path.iterdir()) == [], "looking makes no file"
    QuestionLog(tmp_path / "questions.db").record(refused, channel="chat")
    said = run.invoke(cli.app, ["questions", "--gaps"], catch_exceptions=False).stdout
    assert "refused:\n     1  other_period" in said
    assert run.invoke(cli.app, ["questions", "--gaps", "--wrong"]).exit_code == 2
