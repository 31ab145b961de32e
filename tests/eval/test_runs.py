from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import httpx
import pytest

from eval.ablations import ABLATIONS, DEFAULT
from eval.asking import ServiceError
from eval.bench import Bench, Progress, run
from eval.cases import Case
from eval.compare import ComparisonError, compare
from eval.corpora import Corpus
from eval.results import make_results, read_run
from eval.runs import Job, RunError, read_info
from eval.scores import ALL, Group, Scores, ScoresError, read_scores
from eval.suites import open_suites
from rag.settings import Settings
from tests.conftest import HashEncoder
from tests.eval.conftest import (
    LINE,
    REFUSAL,
    FakeBench,
    ScriptedAsker,
    growth_entry,
    make_case,
    make_job,
    make_run,
    write_lines,
)


@pytest.fixture
def script(corpus: Corpus) -> dict[str, dict[str, object]]:
    """Right about growth, wrongly refused about piles, rightly refused about the hotline."""
    return {"growth": growth_entry(corpus), "piles": REFUSAL, "hotline": REFUSAL}


def _value(scores: Scores, measure: str, group: Group = ALL) -> tuple[float, int] | None:
    found = scores.find(measure, group)
    return (round(found.value, 4), found.n) if found else None


def test_a_run_is_scored(corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path) -> None:
    scores = make_run(make_job(corpus, cases, tmp_path), script).scores
    assert _value(scores, "right") == (0.6667, 3)
    assert _value(scores, "correct") == (0.5, 2)
    assert _value(scores, "number_accuracy") == (0.5, 2)
    assert _value(scores, "recall@5") == (0.5, 2), "the refusal came without passages"
    assert _value(scores, "all_evidence@5") == (0.5, 2)
    assert _value(scores, "in_period@5") == (0.5, 2)
    assert _value(scores, "citation_recall") == (1, 1)
    assert _value(scores, "citation_precision") == (1, 1)
    assert _value(scores, "unsupported_numbers") == (0, 1)
    assert _value(scores, "verbatim_quotes") == (1, 1)
    assert _value(scores, "correct_dates") is None, "the invented district is in no gold table"
    assert _value(scores, "refusal_precision") == (0.5, 3)
    assert _value(scores, "refusal_recall") == (1, 3)
    assert _value(scores, "answered_recall") == (0.5, 3)
    # F1 of refusing 2/3, of answering 2 * 1 / (1 + 2) = 2/3.
    assert _value(scores, "grounded_refusal_f1") == (0.6667, 3)
    assert _value(scores, "total_p50") == (0.2, 3)
    assert _value(scores, "errors") == (0, 3)
    assert _value(scores, "language") == (0.6667, 3), "the English question was refused in Chinese"
    assert _value(scores, "right", Group("lang", "en")) == (0, 1)
    assert _value(scores, "right", Group("type", "result")) == (1, 1)
    assert _value(scores, "right", Group("corpus", "fake")) == (0.6667, 3)


def test_a_run_leaves_a_folder(corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path) -> None:
    finished = make_run(make_job(corpus, cases, tmp_path), script)
    folder = finished.folder
    assert folder.parent == tmp_path / "eval" / "runs"
    assert folder.name.endswith("-default")
    assert {path.name for path in folder.iterdir()} == {
        *("run.json", "answers.jsonl", "scores.json", "run.trec", "qrels.trec")
    }
    info = json.loads((folder / "run.json").read_text())
    assert {"started", "finished", "settings", "code", "versions", "machine", "files", "indexes"} <= info.keys()
    assert info["indexes"] == {"fake": {"encoder": "fake", "built_at": "now"}}
    assert info["machine"]["cpus"] > 0
    assert info["versions"]["ir-measures"]
    held = finished.items[0].record.passages[0].passage_id
    assert (folder / "run.trec").read_text().splitlines() == [f"growth Q0 {held} 1 1 default"]
    assert f"growth 0 {held} 1\n" in (folder / "qrels.trec").read_text()
    assert read_scores(folder / "scores.json") == finished.scores
    assert [json.loads(line)["id"] for line in (folder / "answers.jsonl").read_text().splitlines()] == [
        *("growth", "piles", "hotline")
    ]


def test_a_run_against_itself_shows_no_difference(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    job = make_job(corpus, cases, tmp_path)
    found = compare(make_run(job, script).scores, make_run(job, script).scores)
    assert found.differences
    assert all(d.change.delta == d.change.low == d.change.high == 0 for d in found.differences)
    assert all(d.change.p == 1 for d in found.differences)
    assert (found.better, found.worse, found.shared, found.left_out) == ((), (), 3, 0)


def test_what_got_better_and_worse_is_told(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    job = make_job(corpus, cases, tmp_path)
    other = script | {"growth": REFUSAL, "piles": growth_entry(corpus, "There will be 300.[1]")}
    found = compare(make_run(job, script).scores, make_run(job, other).scores)
    assert (found.deciding, found.better, found.worse) == ("right", ("piles",), ("growth",))
    change = found.find("right", ALL)
    assert change is not None
    assert (change.delta, change.n) == (0, 3)


def test_only_the_same_questions_are_compared(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    before = make_run(make_job(corpus, cases, tmp_path), script).scores
    changed = (make_case("growth", question="另问"), *cases[1:2])
    found = compare(before, make_run(make_job(corpus, changed, tmp_path), script).scores)
    assert (found.shared, found.left_out) == (1, 2)
    with pytest.raises(ComparisonError, match="share no question"):
        compare(before, make_run(make_job(corpus, changed[:1], tmp_path), script).scores)


class _Stop(KeyboardInterrupt):
    pass


@pytest.mark.parametrize("stop", [_Stop(), ServiceError("the service is gone")])
def test_an_interrupted_run_resumes_without_asking_again(
    stop: BaseException, corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    job = make_job(corpus, cases, tmp_path)
    with pytest.raises(RunError, match="go on: python -m eval --resume"):
        make_run(job, script | {"piles": {"raise": stop}})
    (folder,) = (tmp_path / "eval" / "runs").iterdir()
    with (folder / "answers.jsonl").open("a") as file:
        file.write('{"id": "piles", "status": "answ')  # the machine was switched off
    asker = ScriptedAsker(script)
    finished = run(job, FakeBench(asker), Progress(), resume=folder)
    assert asker.asked == ["piles", "hotline"]
    assert finished.folder == folder
    whole = make_run(job, script)
    assert finished.scores == whole.scores


def test_errors_are_scored_and_asked_again_on_resuming(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    job = make_job(corpus, cases, tmp_path)
    broken = make_run(job, script | {"growth": {"status": "error", "error": "out of memory"}})
    assert _value(broken.scores, "errors") == (0.3333, 3)
    assert _value(broken.scores, "right") == (0.3333, 3)
    assert _value(broken.scores, "recall@5") == (0, 2)
    assert _value(make_run(job, script, broken.folder).scores, "errors") == (0, 3)


def test_a_question_that_was_never_answered_counts_as_an_error(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    from eval.scores import make_items, score

    job = make_job(corpus, cases, tmp_path)
    scores = score(make_items(job.opened.suites, job.opened.corpora, {}))
    assert _value(scores, "errors") == (1, 3)
    assert _value(scores, "right") == (0, 3)
    assert _value(scores, "language") == (0, 3)


def test_a_run_is_not_resumed_under_other_conditions(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    folder = make_run(make_job(corpus, cases, tmp_path), script).folder
    job = make_job(corpus, cases, tmp_path)
    other = Job(job.opened, DEFAULT, job.settings.model_copy(update={"passages": 5}))
    with pytest.raises(RunError, match="begun with another settings"):
        make_run(other, script, folder)
    with pytest.raises(RunError, match="begun with another files"):
        make_run(make_job(corpus, cases[:1], tmp_path), script, folder)


def test_an_index_built_anew_is_the_same_but_not_one_of_other_documents(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    job = make_job(corpus, cases, tmp_path)
    folder = make_run(job, script).folder
    info = read_info(folder)
    info.require_same(info.model_copy(update={"indexes": {"fake": {"encoder": "fake", "built_at": "later"}}}))
    with pytest.raises(RunError, match="the index of fake is another"):
        info.require_same(info.model_copy(update={"indexes": {"fake": {"encoder": "other", "built_at": "now"}}}))


def test_a_damaged_answer_in_the_middle_is_named(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    job = make_job(corpus, cases, tmp_path)
    folder = make_run(job, script).folder
    (folder / "answers.jsonl").write_text('{"id": "growth"}\n{"id": "piles", "status": "refused"}\n')
    with pytest.raises(ValueError, match=r"answers.jsonl, line 1: .*status"):
        make_run(job, script, folder)


def test_what_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"run.json: not there"):
        read_info(tmp_path)
    with pytest.raises(ScoresError, match="no scores there"):
        read_scores(tmp_path / "scores.json")
    (tmp_path / "run.json").write_text("{}")
    with pytest.raises(RunError, match="not a run of this version"):
        read_info(tmp_path)


def test_a_service_is_run_against(corpus: Corpus, cases: tuple[Case, ...], tmp_path: Path, monkeypatch) -> None:
    seen = []

    def handle(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"status": "ready"} if request.url.path == "/readyz" else REFUSAL)

    monkeypatch.setattr(httpx, "HTTPTransport", lambda retries: httpx.MockTransport(handle))
    job = make_job(corpus, cases, tmp_path)
    job = Job(job.opened, job.config, job.settings, url="http://service/")
    finished = run(job, Bench(), Progress(), key="secret")
    assert _value(finished.scores, "refusal_recall") == (1, 3)
    assert {request.headers["Authorization"] for request in seen} == {"Bearer secret"}
    assert (finished.info.url, finished.info.indexes) == ("http://service/", {"service": {"status": "ready"}})
    assert "secret" not in (finished.folder / "run.json").read_text()


def test_passages_that_are_cut_otherwise_are_warned_of(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    entry = growth_entry(corpus)
    other = entry | {"passages": [*entry["passages"], entry["passages"][0] | {"passage_id": "elsewhere:0-9"}]}
    job = make_job(corpus, cases, tmp_path)
    assert make_run(job, script).info.warnings == ()
    (warning,) = make_run(job, script | {"growth": other}).info.warnings
    assert warning.startswith("1 of 2 passages that came back are not known here")


def test_results_are_made_from_folders(corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path) -> None:
    job = make_job(corpus, cases, tmp_path)
    worse = Job(job.opened, ABLATIONS[1], job.settings)
    folders = [make_run(job, script).folder, make_run(worse, script | {"growth": REFUSAL}).folder]
    text = make_results([read_run(folder) for folder in folders])
    assert "| keyword-only | BM25 alone, no embeddings | `dense_weight=0.0`, `keyword_weight=1.0` |" in text
    _, first, ends, second = text.split("## Answers\n\n")[1].split("\n\n")[0].splitlines()[1:]
    assert first.startswith("| default | 66.7 |")
    assert ends.startswith("| *its 95 % interval* | *0.0–100.0* |")
    assert second.startswith("| keyword-only | 33.3 |")
    by_type = text.split("## `right` by type of question\n\n")[1].split("\n\n")[0].splitlines()
    assert by_type[0] == "| | n | default | keyword-only |"
    assert by_type[2].startswith("| result | 1 | 100.0 | 0.0")
    assert "## `ndcg@10` by file and language" in text
    assert text == make_results([read_run(folder) for folder in folders]), "the same runs give the same file"
    (folders[1] / "scores.json").unlink()
    with pytest.raises(ScoresError):
        read_run(folders[1])


def test_an_unfinished_run_gives_no_results(
    corpus: Corpus, cases: tuple[Case, ...], script: dict, tmp_path: Path
) -> None:
    with pytest.raises(RunError):
        make_run(make_job(corpus, cases, tmp_path), script | {"piles": {"raise": _Stop()}})
    (folder,) = (tmp_path / "eval" / "runs").iterdir()
    with pytest.raises(RunError, match="not finished"):
        read_run(folder)


def test_last_year_is_the_same_year_whenever_a_run_is_made(corpus: Corpus, tmp_path: Path, monkeypatch) -> None:
    days = []

    def make_pipeline(settings: Settings, encoder: object, today: Callable[[], date]) -> object:
        days.append(today())
        return object()

    monkeypatch.setattr("eval.bench.assemble.make_pipeline", make_pipeline)
    bench = Bench(lambda settings: HashEncoder())
    bench.asker(make_job(corpus, (), tmp_path), corpus, lambda done, total: None)
    assert days == [date(2026, 11, 25)]


def test_a_hidden_file_runs_unchanged_over_the_shipped_corpus(tmp_path: Path) -> None:
    """The whole way with a fake encoder: index, pipeline, answers, scores."""
    hidden = {
        "question": "2019年徐汇区地区生产总值增长多少?",
        "evidence": ["全年预计地区生产总值增长6.3%左右"],
        "answer": "增长6.3%左右。",
        "must_include": [["6.3%"]],
    }
    unknown = {"id": "h2", "evidence": [], "must_include": [], "question": "投诉热线电话?", "type": "furniture"}
    path = write_lines(tmp_path / "anything.jsonl", LINE | hidden, LINE | unknown)
    settings = Settings(data_dir=tmp_path)
    opened = open_suites([path], settings)
    assert (opened.warnings, list(opened.corpora)) == ((), ["district"])
    finished = run(Job(opened, DEFAULT, settings), Bench(lambda settings: HashEncoder()), Progress())
    assert finished.scores.find("right") is not None
    assert finished.items[0].judgement.missing == ()
    passages = Job(opened, ABLATIONS[1], settings, answers=False)
    retrieved = run(passages, Bench(lambda settings: HashEncoder()), Progress())
    assert retrieved.scores.find("right") is None
    assert retrieved.scores.find("recall@5") is not None
