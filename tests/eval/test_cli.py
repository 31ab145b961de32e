from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import eval.__main__ as cli
from eval.bench import Bench
from tests.conftest import HashEncoder
from tests.eval.conftest import LINE, write_lines

GDP: dict[str, Any] = {
    "question": "2019年徐汇区地区生产总值增长多少?",
    "evidence": ["全年预计地区生产总值增长6.3%左右"],
    "must_include": [["6.3%"]],
}


@pytest.fixture(autouse=True, scope="module")
def _data(tmp_path_factory: pytest.TempPathFactory) -> Any:
    patch = pytest.MonkeyPatch()
    patch.setenv("DISTRICT_QA_DATA_DIR", str(tmp_path_factory.mktemp("data")))
    patch.setattr(cli, "Bench", lambda: Bench(lambda settings: HashEncoder()))
    yield
    patch.undo()


def _start(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["eval", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        cli.start()
    return int(stopped.value.code or 0)


def test_a_run_prints_its_scores_and_writes_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "q.jsonl", LINE | GDP)
    assert _start(monkeypatch, path, "--json") == 0
    first = json.loads(capsys.readouterr().out)
    assert set(first) == {"run", "scores"}
    assert (Path(first["run"]) / "report.html").stat().st_size > 1000
    assert _start(monkeypatch, path, "--against", first["run"], "--fail-under", "errors=0") == 0
    out = capsys.readouterr().out
    assert "0 questions better, 0 worse" in out
    assert _start(monkeypatch, "--resume", first["run"]) == 0


@pytest.mark.parametrize(
    ("gate", "code"),
    [("recall@10=0", 0), ("recall@10=1.01", 1), ("total_p95=1000", 0), ("total_p95=0", 1), ("span_em=0", 1)],
)
def test_gates(gate: str, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_lines(tmp_path / "q.jsonl", LINE | GDP)
    assert _start(monkeypatch, path, "--fail-under", gate) == code


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--fail-under", "beauty=1"], "there is no measure 'beauty'"),
        (["--fail-under", "correct"], "wanted MEASURE=VALUE"),
        (["--split", "train"], "wanted dev or test"),
        (["--config", "nonsense"], "there is no configuration 'nonsense'; known are default, keyword-only"),
        (["--against", "nowhere"], "give the folder of a finished run"),
        (["--url", "http://127.0.0.1:9", "--config", "dense-only"], "cannot be used together"),
        (["--resume", "x", "--split", "dev"], "cannot be used together"),
        (["--results"], "there is no run"),
        (["missing.jsonl"], "missing.jsonl: cannot be read"),
        (["--split", "dev", "missing.jsonl"], "--split chooses among the shipped files"),
        (["--corpus", "atlantis", "{file}"], "there is no corpus 'atlantis'; known are district and provinces"),
        (["{faulty}"], "faulty.jsonl, line 1: lang"),
        (["{file}", "{copy}"], "the id h1 is used in q.jsonl too"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    arguments: list[str],
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    names = {
        "file": write_lines(tmp_path / "q.jsonl", LINE | GDP),
        "copy": write_lines(tmp_path / "copy.jsonl", LINE | GDP),
        "faulty": write_lines(tmp_path / "faulty.jsonl", LINE | {"lang": "xx"}),
    }
    assert _start(monkeypatch, *(argument.format(**names) for argument in arguments)) == 2
    message = capsys.readouterr().err
    assert reason in message
    assert "Traceback" not in message


def test_a_service_that_is_not_there_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_lines(tmp_path / "q.jsonl", LINE | GDP)
    assert _start(monkeypatch, path, "--url", "http://127.0.0.1:9") == 3
    assert "cannot be asked" in capsys.readouterr().err


def test_a_service_is_asked_about_one_corpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = write_lines(tmp_path / "provinces-x.jsonl", LINE | {"id": "p"})
    path = write_lines(tmp_path / "q.jsonl", LINE | GDP)
    assert _start(monkeypatch, path, other, "--url", "http://127.0.0.1:9") == 2
    assert "a service has one corpus" in capsys.readouterr().err
