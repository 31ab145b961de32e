from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from corpus.holdings import Holdings
from corpus.readers import Skipped
from corpus.types import Posting, RawText, text_id

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


def test_what_was_left_out_of_the_sources_is_told_with_its_line(tmp_path: Path) -> None:
    done = _run("documents", "--left-out", "--json", DISTRICT_QA_DATA_DIR=str(tmp_path))
    entries = json.loads(done.stdout)
    assert {
        "file": "district-news.txt",
        "line": 49,
        "reason": "site furniture",
        "text": "有想补充的信息?点我投稿",
    } in entries


def test_the_answers_may_not_go_over_the_questions(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_text('{"id": "q", "question": "a"}', encoding="utf-8")
    done = _run("ask", "--batch", str(path), "--out", str(tmp_path / "." / "q.jsonl"))
    assert done.returncode == 2
    assert "is the file of questions itself" in " ".join(done.stderr.replace("│", " ").split()), (
        "the box that wraps it apart"
    )
    assert path.read_text(encoding="utf-8") == '{"id": "q", "question": "a"}'


def test_every_shipped_document_has_its_english(tmp_path: Path) -> None:
    done = _run("translations", "--json", DISTRICT_QA_DATA_DIR=str(tmp_path))
    listed = json.loads(done.stdout)
    assert len(listed) == 7
    assert all(row["edition"] == row["texts"] and row["machine"] == 0 for row in listed)


def test_the_report_of_the_english_edition_gives_a_reason_for_every_exception(tmp_path: Path) -> None:
    done = _run("translations", "--check", "--json", DISTRICT_QA_DATA_DIR=str(tmp_path))
    report = json.loads(done.stdout)
    assert (done.returncode, report["faults"], report["unused"]) == (0, [], [])
    assert all(excused["reason"] for excused in report["excused"])


def test_translating_without_a_translator_says_what_to_do(tmp_path: Path) -> None:
    done = _run("translate", DISTRICT_QA_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "district-qa translate --missing FILE" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_an_added_document_is_translated_from_a_file_and_keeps_it_when_added_again(
    tmp_path: Path, real_settings: Settings
) -> None:
    (tmp_path / "models").symlink_to(real_settings.data_dir / "models")
    shutil.copytree(real_settings.data_dir / "index", tmp_path / "index")
    environment = {"DISTRICT_QA_DATA_DIR": str(tmp_path)}
    note, file = tmp_path / "note.md", tmp_path / "missing.jsonl"
    note.write_text("# 青山湾码头\n\n2030年青山湾码头建成，总投资3.5亿元。\n\n码头有5个泊位。\n", encoding="utf-8")
    (added,) = json.loads(_run("add", str(note), "--json", **environment).stdout)
    assert added["new"]
    assert _run("translate", "--missing", str(file), **environment).returncode == 0
    entries = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    english = {
        "青山湾码头": "Qingshan Bay Pier",
        "2030年青山湾码头建成，总投资3.5亿元。": "Qingshan Bay Pier was completed in 2030 with RMB 350 million.",
        "码头有5个泊位。": "The pier has 6 berths.",
    }
    lines = [json.dumps(entry | {"en": english[entry["zh"]]}, ensure_ascii=False) for entry in entries]
    file.write_text("\n".join(lines), encoding="utf-8")
    done = _run("translate", "--from", str(file), **environment)
    assert "not used: number" in done.stderr
    assert "2 translated, 1 still without English" in done.stderr
    rows = json.loads(_run("translations", "--json", **environment).stdout)
    (row,) = (row for row in rows if row["title"] == "青山湾码头")
    assert (row["texts"], row["machine"]) == (3, 2)
    _run("remove", row["document"], **environment)
    _run("add", str(note), **environment)
    rows = json.loads(_run("translations", "--json", **environment).stdout)
    assert row in rows


def test_an_export_of_no_known_format_is_refused_before_anything_is_loaded(tmp_path: Path) -> None:
    done = _run("ask", "GDP", "--export", str(tmp_path / "a.pdf"), DISTRICT_QA_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "exported to one of .md, .docx" in done.stderr


def test_files_and_explanations_are_for_one_question(tmp_path: Path) -> None:
    done = _run("ask", "--batch", "q.jsonl", "--out", "a.jsonl", "--receipt", str(tmp_path / "r.json"))
    assert done.returncode == 2
    assert "are for one question" in " ".join(done.stderr.replace("│", " ").split())


@pytest.mark.slow
def test_a_receipt_is_replayed_and_tells_what_differs(tmp_path: Path, real_settings: Settings) -> None:
    environment = {"DISTRICT_QA_DATA_DIR": str(real_settings.data_dir)}
    receipt, export, history = (tmp_path / name for name in ("r.json", "a.md", "h.json"))
    history.write_text(json.dumps([{"role": "user", "content": "2019年公共充电桩新增了多少个?"}]), encoding="utf-8")
    asked = ("ask", "那2018年呢?", "--history", str(history), "--receipt", str(receipt), "--export", str(export))
    done = _run(*asked, **environment)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("理解为：")
    assert "381" in export.read_text(encoding="utf-8")
    again = _run("replay", str(receipt), "--history", str(history), **environment)
    assert (again.returncode, again.stdout) == (0, "The answer is the same.\n")
    alone = _run("replay", str(receipt), **environment)
    assert alone.returncode == 1
    assert "give it with --history FILE" in alone.stderr
    weighed = {"DISTRICT_QA_DENSE_WEIGHT": "0", "DISTRICT_QA_PASSAGES": "1"}
    other = json.loads(
        _run("replay", str(receipt), "--history", str(history), "--json", **environment, **weighed).stdout
    )
    assert {"settings.dense_weight", "settings.passages"} <= {one["name"] for one in other["differences"]}


@pytest.mark.slow
def test_an_explained_answer_is_json_for_programs(real_settings: Settings) -> None:
    done = _run(
        "ask", "2019年地区生产总值增长多少?", "--explain", "--json", DISTRICT_QA_DATA_DIR=str(real_settings.data_dir)
    )
    told = json.loads(done.stdout)
    assert set(told) == {"question", "hits", "evidence", "notes", "drafts", "answer"}
    assert any(item["kept"] and "6.3%" in item["text"] for item in told["evidence"])


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
    lines[60] = b'{"id": "q60", "question": "\\ud800"}'
    questions, out = tmp_path / "q.jsonl", tmp_path / "a.jsonl"
    questions.write_bytes(b"\n".join(lines) + b"\n")
    done = _run("ask", "--batch", str(questions), "--out", str(out), DISTRICT_QA_DATA_DIR=str(real_settings.data_dir))
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert len(answers) == 100
    assert {i for i, a in enumerate(answers) if a["status"] == "error"} == {10, 20, 30, 40, 50, 60}
    assert "empty" in answers[10]["error"]
    assert "20000 characters" in answers[20]["error"]
    assert "UTF-8" in answers[30]["error"]
    assert [a["id"] for a in answers[:10]] == [f"q{i}" for i in range(10)]
    assert answers[60]["question"] == "\ud800", "half of a character is written as its escape"
    assert all("6.3%" in a["answer"] for a in answers if a["status"] == "answered")
    assert done.stderr.count("question/s") < 20, "progress is told rarely where no terminal redraws it"


@pytest.mark.slow
def test_documents_are_added_corrected_and_removed_for_programs(tmp_path: Path, real_settings: Settings) -> None:
    data = tmp_path / "data"
    shutil.copytree(real_settings.data_dir, data)
    page = tmp_path / "page.txt"
    page.write_text(
        "首页\n• 【青浦区招商】青浦区政策发布\n青浦区对企业给予 20 万元奖励。\n2031-02-03\n", encoding="utf-8"
    )
    environment = {"DISTRICT_QA_DATA_DIR": str(data)}
    added = _run("add", str(page), "--json", **environment)
    assert json.loads(added.stdout)[0]["left_out"] == [
        {"file": "page.txt", "line": 1, "reason": "site furniture", "text": "首页"}
    ]
    assert "page.txt: left out as site furniture: 1 (lines 1 to 1)" in added.stderr
    listed = json.loads(_run("documents", "--json", **environment).stdout)
    identity = next(document["id"] for document in listed if "青浦" in document["title"])
    corrected = json.loads(_run("correct", identity, "--kind", "report", "--json", **environment).stdout)
    assert (corrected["id"], corrected["kind"]) == (identity, "report")
    assert json.loads(_run("remove", identity, "--json", **environment).stdout) == {"removed": identity}


@pytest.mark.slow
def test_a_second_build_finds_the_index_current(real_settings: Settings) -> None:
    done = _run("build", DISTRICT_QA_DATA_DIR=str(real_settings.data_dir))
    assert done.returncode == 0
    assert "current" in done.stderr
    assert "encoding" not in done.stderr


POLICY = (
    "青山区办法\n一、对象\n新设立的企业总部。\n二、标准\n（一）总部\n最高200万元。\n"
    "三、附则\n（一）总部\n另行规定。\n2032年3月1日"
)


@pytest.fixture
def data(tmp_path: Path) -> tuple[Path, str]:
    """A data folder that holds one policy, and the policy's id."""
    path = tmp_path / "policy.txt"
    path.write_text(POLICY, encoding="utf-8")
    raw = RawText(Posting("青山区办法", None, "policy.txt"), POLICY)
    Holdings(tmp_path / "data" / "library").add(path, [raw], "li", None, [Skipped(path, 3, "首页", "navigation")])
    return tmp_path / "data", text_id(POLICY)


def test_show_tells_who_added_a_document_what_was_left_out_and_every_sentence(data: tuple[Path, str]) -> None:
    done = _run("show", data[1], "--text", DISTRICT_QA_DATA_DIR=str(data[0]))
    assert done.returncode == 0, done.stderr
    assert " by li from policy.txt" in done.stdout
    assert "3: '首页': navigation" in done.stdout
    assert "二、标准 > （一）总部\n  [2032 none] 最高200万元。" in done.stdout
    shown = json.loads(_run("show", data[1], "--json", DISTRICT_QA_DATA_DIR=str(data[0])).stdout)
    assert shown["files"][0]["left_out"] == [{"line": 3, "text": "首页", "reason": "navigation"}]


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        (("--section", "四、其他"), "none"),
        (("--section", "（一）总部", "--period", "2032"), "二、标准 > （一）总部; 三、附则 > （一）总部"),
        (("--section", "二、标准 > （一）总部", "--period", "soon"), "'soon' is no period; write 2025 or 2021-2025"),
        (("--kind", "memo"), "kind: Input should be 'report' or 'article', got 'memo'"),
    ],
)
def test_a_correction_that_cannot_be_made_is_refused_with_the_way_out(
    options: tuple[str, ...], fault: str, data: tuple[Path, str]
) -> None:
    done = _run("correct", data[1], *options, DISTRICT_QA_DATA_DIR=str(data[0]), COLUMNS="400")
    assert done.returncode != 0
    assert fault in done.stderr
    assert "Traceback" not in done.stderr
    assert not (data[0] / "library" / "corrections.json").exists()


@pytest.mark.slow
def test_asking_tells_of_documents_that_are_held_and_not_in_the_index(
    data: tuple[Path, str], real_settings: Settings
) -> None:
    for part in ("models", "index"):
        (data[0] / part).symlink_to(real_settings.data_dir / part)
    done = _run("ask", "对外资总部有哪些补贴", DISTRICT_QA_DATA_DIR=str(data[0]))
    assert done.returncode == 0
    assert "1 documents are held and not in the index" in done.stderr
