from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from eval.cases import Case
from eval.compare import compare
from eval.corpora import Corpus
from eval.report import failures, make_report, terminal_table
from tests.eval.conftest import REFUSAL, growth_entry, make_case, make_job, make_run, unanswerable

SCRIPT = "<script>alert('x')</script>"


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def test_the_report_asks_nothing_of_any_network_and_escapes_what_it_shows(corpus: Corpus, tmp_path: Path) -> None:
    hostile = make_case("growth", question=SCRIPT, must_include=((SCRIPT,),), type=SCRIPT)
    job = make_job(corpus, (hostile, unanswerable("hotline")), tmp_path)
    run = make_run(job, {"growth": growth_entry(corpus, f"{SCRIPT} 5.1% [1]"[:20]), "hotline": growth_entry(corpus)})
    page = make_report(run, compare(run.scores, run.scores), SCRIPT)
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    parser = _Parser()
    parser.feed(page)
    assert not {"script", "img", "link", "iframe", "object"} & set(parser.tags)
    assert not {"src", "href", "onclick", "onload"} & parser.attributes
    assert not re.search(r"url\(|@import", page)
    assert "default-src" in page
    assert {"svg", "details", "table"} <= set(parser.tags)


def test_failures_come_gravest_first(corpus: Corpus, cases: tuple[Case, ...], tmp_path: Path) -> None:
    asked = (*cases, make_case("broken"), make_case("wrong"))
    script = {
        "growth": growth_entry(corpus),
        "piles": REFUSAL,
        "hotline": growth_entry(corpus),
        "broken": {"status": "error", "error": "500"},
        "wrong": growth_entry(corpus, "增长9%。[1]"),
    }
    run = make_run(make_job(corpus, asked, tmp_path), script)
    assert [(f.item.case.id, f.how) for f in failures(run.items)] == [
        ("broken", "error: 500"),
        ("hotline", "answered what the documents do not say"),
        ("wrong", "answered wrongly or incompletely"),
        ("piles", "refused although the documents answer it"),
    ]
    page = make_report(run)
    assert "4 of 5 questions" in page
    assert "<mark>" in page, "relevant passages stand out"


def test_a_comparison_shows_the_questions_that_changed_and_where(
    corpus: Corpus, cases: tuple[Case, ...], tmp_path: Path
) -> None:
    job = make_job(corpus, cases, tmp_path)
    before = make_run(job, {"growth": growth_entry(corpus), "piles": REFUSAL, "hotline": growth_entry(corpus)})
    after = make_run(job, {"growth": REFUSAL, "piles": REFUSAL, "hotline": REFUSAL})
    page = make_report(after, compare(before.scores, after.scores), "before")
    better, worse = page.split("Better by right: 1")[1].split("Worse by right: 1")
    assert "<b>hotline</b>" in better
    assert "<b>growth</b>" in worse.split("<h2>")[0]
    by_group = page.split("right by group")[1].split("</table>")[0]
    assert "<td>zh</td>" in by_group
    assert "<td>unanswerable</td>" in by_group


def test_every_measure_is_shown_by_every_kind_of_group(corpus: Corpus, cases: tuple[Case, ...], tmp_path: Path) -> None:
    run = make_run(make_job(corpus, cases, tmp_path), dict.fromkeys(["growth", "piles", "hotline"], REFUSAL))
    page = make_report(run)
    for kind in ("corpus", "lang", "type", "file"):
        measured = {score.measure for score in run.scores.scores if score.group.kind == kind}
        assert {"right", "refusal_recall", "recall@5", "total_p95"} <= measured
        table = page.split(f"every measure by {kind}</summary>")[1].split("</details>")[0]
        assert all(f"<td>{measure}</td>" in table for measure in measured)


def test_the_terminal_gets_a_short_table(corpus: Corpus, cases: tuple[Case, ...], tmp_path: Path) -> None:
    job = make_job(corpus, cases, tmp_path)
    table = terminal_table(make_run(job, {"growth": growth_entry(corpus), "piles": REFUSAL, "hotline": REFUSAL}).scores)
    head, first, *rest = table.splitlines()
    assert head.split() == ["all", "fake", "zh", "en"]
    assert first.split()[:5] == ["right", "66.7", "66.7", "100.0", "0.0"]
    assert not any(line.startswith("span_em") for line in rest), "nothing was measured there"
