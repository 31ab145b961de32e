from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from eval.cases import Expect, Judged, QuestionFileError
from eval.datasets import is_beir, read_beir, read_squad
from eval.relevance import Relevance
from rag.types import Language
from tests.eval.conftest import write_lines

CONTEXT = "《战国策》是西汉刘向编订的国别体史书。原作者不明，一般认为非一人之作。"


def _squad(tmp_path: Path, **qa: Any) -> Path:
    question = {
        "id": "DEV 0",
        "question": "《战国策》是谁编订的？",
        "answers": [{"text": "刘向", "answer_start": 8}, {"text": "西汉刘向", "answer_start": 6}],
    }
    path = tmp_path / "cmrc.json"
    data = {"data": [{"paragraphs": [{"context": CONTEXT, "qas": [question | qa]}]}]}
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def test_squad_contexts_are_documents_and_their_sentences_evidence(tmp_path: Path) -> None:
    dataset = read_squad(_squad(tmp_path))
    (case,) = dataset.cases
    assert dataset.corpus.sources == (CONTEXT,)
    assert (case.id, case.lang, case.expect) == ("DEV_0", Language.ZH, Expect.ANSWER)
    assert case.evidence == ("《战国策》是西汉刘向编订的国别体史书。",)
    assert case.spans == ("刘向", "西汉刘向")
    assert case.must_include == (("刘向", "西汉刘向"),)
    assert Relevance(dataset.corpus).judge(case).missing == ()


def test_a_shifted_offset_is_mended(tmp_path: Path) -> None:
    (case,) = read_squad(_squad(tmp_path, answers=[{"text": "非一人之作", "answer_start": 3}])).cases
    assert case.evidence == ("原作者不明，一般认为非一人之作。",)


def test_a_question_without_answer_is_to_be_refused(tmp_path: Path) -> None:
    (case,) = read_squad(_squad(tmp_path, answers=[], is_impossible=True)).cases
    assert (case.expect, case.evidence, case.spans) == (Expect.REFUSE, (), ())


@pytest.mark.parametrize(
    ("content", "reason"),
    [("{", "not readable as JSON"), ("[]", "not SQuAD-style"), ('{"data": [{"paragraphs": [{}]}]}', "not SQuAD-style")],
)
def test_what_is_not_squad_is_refused(content: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(content)
    with pytest.raises(QuestionFileError, match=reason):
        read_squad(path)


def _beir(tmp_path: Path, qrels: str = "query-id\tcorpus-id\tscore\nq1\td2\t2\nq1\td1\t0\n") -> Path:
    folder = tmp_path / "scifact"
    (folder / "qrels").mkdir(parents=True)
    write_lines(
        folder / "corpus.jsonl",
        {"_id": "d1", "title": "One", "text": "Charging points were built."},
        {"_id": "d2", "title": "", "text": "GDP grew by five per cent."},
        {"_id": "d3", "title": "Copy", "text": "GDP grew by five per cent."},
    )
    write_lines(folder / "queries.jsonl", {"_id": "q1", "text": "growth of GDP"}, {"_id": "q2", "text": "unjudged"})
    (folder / "qrels" / "test.tsv").write_text(qrels)
    return folder


def test_beir_folders_are_judged_by_document(tmp_path: Path) -> None:
    folder = _beir(tmp_path)
    assert is_beir(folder)
    dataset = read_beir(folder)
    assert len(dataset.corpus.documents) == 2, "the same text twice is one document"
    (case,) = dataset.cases
    growth = next(d for d in dataset.corpus.documents if "GDP" in d.text)
    assert (case.id, case.lang, case.judged) == ("q1", Language.EN, (Judged(growth.id, 2),))


@pytest.mark.parametrize(
    ("qrels", "reason"),
    [
        ("q1\td9\t1\n", "test.tsv, line 1: d9 is not in corpus.jsonl"),
        ("q1\td1\tyes\n", "test.tsv, line 1: wanted query, document and score"),
        ("q7\td1\t1\n", "no query of queries.jsonl has a judgement"),
    ],
)
def test_faulty_judgements_are_refused(qrels: str, reason: str, tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match=reason):
        read_beir(_beir(tmp_path, qrels))


def test_a_faulty_line_of_a_folder_is_named(tmp_path: Path) -> None:
    folder = _beir(tmp_path)
    (folder / "queries.jsonl").write_text('{"_id": "q1", "text": "x"}\nnonsense\n')
    with pytest.raises(QuestionFileError, match=r"queries.jsonl, line 2: not JSON"):
        read_beir(folder)
