from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from corpus.types import Status
from eval.ablations import DEFAULT
from eval.bench import Bench, Progress, run
from eval.cases import Case, Expect
from eval.corpora import Corpus
from eval.records import Cited, Found, Outcome, Record, Refused, Took
from eval.runs import Finished, Job
from eval.suites import Opened, Suite
from rag.settings import Settings
from rag.types import Language
from tests.conftest import ARTICLE, REPORT, make_documents

if TYPE_CHECKING:
    from collections.abc import Callable

    from eval.asking import Asker

GROWTH = "全年预计地区生产总值增长5.1%左右"
PILES = "全年计划新增公共充电桩300个"
GRANT = "对新设立的企业总部,最高给予 200 万元的开办资助"


def make_case(identity: str = "q1", **changes: Any) -> Case:
    values: dict[str, Any] = {
        "id": identity,
        "lang": Language.ZH,
        "type": "result",
        "question": "2030年地区生产总值增长多少?",
        "history": (),
        "expect": Expect.ANSWER,
        "evidence": (GROWTH,),
        "answer": "2030年预计增长5.1%左右。",
        "must_include": (("5.1%",),),
        "must_not_include": (),
    }
    return Case(**(values | changes))


def unanswerable(identity: str) -> Case:
    return make_case(identity, type="unanswerable", expect=Expect.REFUSE, evidence=(), must_include=())


def make_cited(**changes: Any) -> Cited:
    values: dict[str, Any] = {
        "marker": 1,
        "passage_id": "d:0-20",
        "document_id": "d",
        "title": "2031年青山区政府工作报告",
        "delivered": "2031-01-09",
        "posted": ("2032-03-01",),
        "quote": GROWTH,
        "period": "2030",
        "status": Status.ESTIMATE,
    }
    return Cited(**(values | changes))


def make_found(passage_id: str, **changes: Any) -> Found:
    return Found(**({"passage_id": passage_id, "document_id": passage_id.split(":")[0], "text": GROWTH} | changes))


def answered(text: str, *citations: Cited, passages: tuple[Found, ...] = (), identity: str = "q1") -> Record:
    return Record(
        identity, Outcome.ANSWERED, answer=text, citations=citations, passages=passages, seconds=Took(0.1, 0.2, 0.3)
    )


def refused(message: str = "现有文件中没有说明这一点。", identity: str = "q1") -> Record:
    return Record(identity, Outcome.REFUSED, refusal=Refused("not_found", message))


@pytest.fixture(scope="session")
def corpus() -> Corpus:
    """The invented district as a corpus."""
    return Corpus("fake", tuple(make_documents()), (REPORT, ARTICLE))


@pytest.fixture
def cases() -> tuple[Case, ...]:
    return (
        make_case("growth"),
        make_case(
            "piles",
            lang=Language.EN,
            type="target",
            question="How many charging points are planned for 2031?",
            evidence=(PILES,),
            answer="300 charging points are planned.",
            must_include=(("300",),),
        ),
        unanswerable("hotline"),
    )


class ScriptedAsker:
    """A fake Asker: answers what the script holds and remembers what it was asked."""

    def __init__(self, script: dict[str, dict[str, Any]]) -> None:
        self.script, self.asked = script, list[str]()

    def ask(self, case: Case) -> dict[str, Any]:
        self.asked.append(case.id)
        entry = self.script[case.id]
        if "raise" in entry:
            raise entry["raise"]
        return entry


REFUSAL: dict[str, Any] = {
    "status": "refused",
    "refusal": {"reason": "not_found", "message": "现有文件中没有说明这一点。", "nearest": []},
    "passages": [],
    "seconds": {"retrieve": 0.1, "answer": 0.1, "total": 0.2},
}


class FakeBench(Bench):
    """A Bench whose every corpus is asked by one given Asker."""

    def __init__(self, asker: Asker) -> None:
        super().__init__()
        self._asker = asker

    def asker(self, job: Job, corpus: Corpus, progress: Callable[[int, int], object]) -> tuple[Asker, dict[str, Any]]:
        return self._asker, {"encoder": "fake", "built_at": "now"}


def make_job(corpus: Corpus, cases: tuple[Case, ...], folder: Path) -> Job:
    suite = Suite("fake.jsonl", folder / "fake.jsonl", "0" * 64, "fake", cases)
    return Job(Opened((suite,), {"fake": corpus}, ()), DEFAULT, Settings(data_dir=folder))


def make_run(job: Job, script: dict[str, dict[str, Any]], resume: Path | None = None) -> Finished:
    return run(job, FakeBench(ScriptedAsker(script)), Progress(), resume)


def growth_entry(corpus: Corpus, text: str = "【2030年 预计】地区生产总值增长5.1%左右。[1]") -> dict[str, Any]:
    """A right answer to the case `growth`, from the invented report's own text."""
    from corpus.passages import cut_passages

    report = corpus.documents[0]
    held = next(p for p in cut_passages(report) if GROWTH in p.text)
    passage = {
        "passage_id": held.id,
        "document_id": report.id,
        "title": report.title,
        "text": held.text,
        "source_text": held.source_text,
        "period": "2030",
        "status": "estimate",
        "score": 1.0,
    }
    citation = {
        "marker": 1,
        "passage_id": held.id,
        "document_id": report.id,
        "title": report.title,
        "delivered": "2031-01-09",
        "posted": ["2032-03-01"],
        "period": "2030",
        "status": "estimate",
        "quote": GROWTH,
    }
    return {
        "status": "answered",
        "answer": text,
        "citations": [citation],
        "passages": [passage],
        "seconds": {"retrieve": 0.1, "answer": 0.1, "total": 0.2},
    }


def write_lines(path: Path, *entries: object) -> Path:
    path.write_text("".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries), encoding="utf-8")
    return path


#: A line of a question file with all that must be there.
LINE: dict[str, Any] = {
    "id": "h1",
    "lang": "zh",
    "type": "result",
    "question": "2030年地区生产总值增长多少?",
    "evidence": [GROWTH],
    "answer": "增长5.1%左右。",
    "must_include": [["5.1%"]],
    "must_not_include": [],
}
