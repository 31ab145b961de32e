from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from rag.settings import Settings


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        timeout=300,
    )


def test_settings_can_be_printed_for_programs(tmp_path: Path) -> None:
    done = _run("settings", "--json", DISTRICT_QA_DATA_DIR=str(tmp_path), DISTRICT_QA_PORT="9000")
    assert json.loads(done.stdout)["port"] == 9000


def test_a_wrong_setting_is_one_line_not_a_traceback() -> None:
    done = _run("settings", DISTRICT_QA_PORT="99999999")
    assert done.returncode == 1
    assert "port" in done.stderr
    assert "Traceback" not in done.stderr


def test_documents_are_listed_without_an_index(tmp_path: Path) -> None:
    done = _run("documents", "--json", DISTRICT_QA_DATA_DIR=str(tmp_path))
    listed = json.loads(done.stdout)
    assert len(listed) == 7
    assert {"id", "title", "other_titles", "kind", "delivered", "posted"} <= set(listed[0])


@pytest.mark.slow
def test_asking_without_an_index_names_the_command(tmp_path: Path, real_settings: Settings) -> None:
    (tmp_path / "models").symlink_to(real_settings.data_dir / "models")
    done = _run("ask", "补贴有哪些", DISTRICT_QA_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "run: district-qa build" in done.stderr


@pytest.mark.slow
def test_a_batch_keeps_order_and_survives_bad_lines(tmp_path: Path, real_settings: Settings) -> None:
    lines = [json.dumps({"id": f"q{i}", "question": "2019年地区生产总值增长多少?"}).encode() for i in range(100)]
    lines[10] = json.dumps({"id": "q10", "question": ""}).encode()
    lines[20] = json.dumps({"id": "q20", "question": "问" * 20_000}).encode()
    lines[30] = b'{"id": "q30", "question": "\xff\xfe"}'
    lines[40] = b"not json"
    lines[50] = b'{"id": "q50", "question": "a", "history": ["x"]}'
    questions, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    questions.write_bytes(b"\n".join(lines) + b"\n")
    done = _run("ask", "--batch", str(questions), "--out", str(out), DISTRICT_QA_DATA_DIR=str(real_settings.data_dir))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(answers) == 100
    assert {i for i, a in enumerate(answers) if a["status"] == "error"} == {10, 20, 30, 40, 50}
    assert "empty" in answers[10]["error"]
    assert "20000 characters" in answers[20]["error"]
    assert "UTF-8" in answers[30]["error"]
    assert [a["id"] for a in answers[:10]] == [f"q{i}" for i in range(10)]
    assert all("6.3%" in a["answer"] for a in answers if a["status"] == "answered")


@pytest.mark.slow
def test_a_second_build_finds_the_index_current(real_settings: Settings) -> None:
    done = _run("build", DISTRICT_QA_DATA_DIR=str(real_settings.data_dir))
    assert done.returncode == 0
    assert "current" in done.stderr
    assert "encoding" not in done.stderr
