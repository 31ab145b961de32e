from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.translations import TranslationKind
from corpus.types import Period, Status
from index.filter import Filter
from rag.generate import Statement
from rag.pipeline import QuestionError
from rag.types import Reason, Turn, answer_json
from tests.rag.conftest import make_pipeline

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from rag.pipeline import Pipeline
    from rag.types import Evidence, Question


def test_the_result_of_a_year_comes_from_the_report_of_the_next(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2030年地区生产总值增长多少?")
    assert "5.1%" in (answer.answer or "")
    assert "6%" not in (answer.answer or "")
    assert [(c.period, c.status) for c in answer.citations] == [("2030", "estimate")]


def test_the_target_of_a_year_is_told_from_its_result(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2031年公共充电桩的新增目标是多少?")
    assert "300" in (answer.answer or "")
    assert answer.citations[0].status == "target"
    assert "目标" in (answer.answer or "")


def test_a_list_cut_at_semicolons_is_given_whole(pipeline: Pipeline) -> None:
    answer = pipeline.ask("企业总部有哪些补贴?")
    assert "200 万元" in (answer.answer or "")
    assert "80 万元" in (answer.answer or "")


def test_an_english_question_gets_the_english_edition(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What subsidies do corporate headquarters get?")
    assert "RMB 2 million" in (answer.answer or "")
    citation = answer.citations[0]
    assert citation.translation is not None
    assert citation.translation_kind is TranslationKind.EDITION
    assert "200 万元" in citation.quote, "the citation is to the Chinese document"


def test_an_english_answer_says_so_where_no_translation_exists(pipeline: Pipeline) -> None:
    answer = pipeline.ask("How many charging points were added in 2030?")
    assert "No English translation" in (answer.answer or "")
    assert "public charging pile – 210" in (answer.answer or "")
    assert not re.search(r"[\u3400-\u9fff]", answer.answer or "")
    assert answer.citations[0].translation_kind is None


def test_another_district_is_refused(pipeline: Pipeline) -> None:
    answer = pipeline.ask("红河区2030年地区生产总值增长多少?")
    assert answer.status == "refused"
    assert answer.refusal is not None
    assert answer.refusal.reason is Reason.NO_SUCH
    assert "红河区" in answer.refusal.message


def test_another_year_is_refused_with_what_is_nearest(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2025年地区生产总值增长多少?")
    assert answer.refusal is not None
    assert answer.refusal.reason is Reason.OTHER_PERIOD
    assert "2025年的相关内容" in answer.refusal.message
    assert answer.refusal.nearest
    assert not answer.citations


@pytest.mark.parametrize("text", ["投诉热线电话号码是什么?", "How tall is the tower?"])
def test_what_the_documents_do_not_hold_is_refused(text: str, pipeline: Pipeline) -> None:
    assert pipeline.ask(text).status == "refused"


@pytest.mark.parametrize("text", ["", "   \n", "问" * 501])
def test_empty_and_overlong_questions_are_errors(text: str, pipeline: Pipeline) -> None:
    with pytest.raises(QuestionError):
        pipeline.ask(text)


def test_halves_of_characters_are_errors_wherever_they_stand(pipeline: Pipeline) -> None:
    with pytest.raises(QuestionError, match=r"^character 2 of what was said is half of one \(U\+D83D\)"):
        pipeline.ask("a\ud83d?")
    with pytest.raises(QuestionError, match="half of one"):
        pipeline.ask("那2031年呢?", [Turn("user", "\udc00")])


def test_an_english_search_shows_the_english_edition_of_a_passage(pipeline: Pipeline) -> None:
    assert "RMB 2 million" in (pipeline.search("subsidies for headquarters", 1)[0].translation or "")
    assert pipeline.search("企业总部补贴", 1)[0].translation is None


def test_a_filter_holds_what_is_found_and_quoted(pipeline: Pipeline) -> None:
    target = Filter((Period.year(2031),), (Status.TARGET,))
    answer = pipeline.ask("公共充电桩新增多少?", within=target)
    assert "300" in (answer.answer or "")
    assert "210" not in (answer.answer or "")
    assert {(p.period, p.status) for p in answer.passages} == {("2031", "target")}
    assert {(c.period, c.status) for c in answer.citations} == {("2031", "target")}
    assert all(p.title.startswith("青山区") for p in pipeline.search("补贴", 9, within=Filter(kinds=("article",))))


def test_one_year_set_as_a_filter_is_the_year_asked_about(pipeline: Pipeline) -> None:
    assert "5.1%" in (pipeline.ask("地区生产总值增长多少?", within=Filter((Period.year(2030),))).answer or "")


@pytest.mark.parametrize(
    ("text", "opening", "filter_words"),
    [
        ("公共充电桩新增多少?", "没有符合筛选条件的内容。", "年份 2025；性质 目标或规划；文件类型 文章；文件 none"),
        (
            "How many charging points?",
            "Nothing in the documents fits the filter.",
            "year 2025; status target or plan; kind article; document none",
        ),
    ],
)
def test_a_filter_that_nothing_fits_returns_nothing_and_says_so(
    text: str, opening: str, filter_words: str, pipeline: Pipeline
) -> None:
    within = Filter((Period.year(2025),), (Status.TARGET, Status.PLAN), ("article",), ("none",))
    answer = pipeline.ask(text, within=within)
    assert answer.refusal is not None
    assert answer.refusal.reason is Reason.FILTERED_OUT
    assert answer.refusal.message.startswith(opening)
    assert filter_words in answer.refusal.message
    assert not answer.passages
    assert pipeline.search(text, 5, within=within) == []


def test_a_refusal_under_a_filter_names_the_filter(pipeline: Pipeline) -> None:
    answer = pipeline.ask("2030年地区生产总值增长多少?", within=Filter(kinds=("article",)))
    assert answer.refusal is not None
    assert "筛选条件：文件类型 文章；范围之外的内容没有检索。" in answer.refusal.message


def test_a_series_keeps_to_the_filter(pipeline: Pipeline) -> None:
    question = "2030年地区生产总值的实际增长和2031年的目标增长分别是多少?"
    assert "5.1%" in (pipeline.ask(question).answer or "")
    limited = pipeline.ask(question, within=Filter(statuses=(Status.TARGET,)))
    assert "5.1%" not in (limited.answer or "")


@pytest.mark.parametrize("text", ["???", "。", "😀😀", "'; drop table passage; --", "{{7*7}}", "\x00\x01 a"])
def test_odd_questions_are_answered_or_refused(text: str, pipeline: Pipeline) -> None:
    assert pipeline.ask(text).status in ("answered", "refused")


class Backwards:
    """A fake Generator: says the best passage from its last sentence to its first, and that once more."""

    def compose(self, question: Question, evidence: Sequence[Evidence]) -> list[Statement]:
        places = [*reversed(range(len(evidence[0].hit.passage.sentences))), 0]
        items = [replace(evidence[0], sentence=place) for place in places]
        return [Statement(item.text, item) for item in items]


def test_a_quote_is_in_the_order_of_the_text_however_the_answer_says_it(tmp_path: Path) -> None:
    answer = make_pipeline(tmp_path, Backwards()).ask("2030年引进了哪些企业?")
    citation = answer.citations[0]
    assert (answer.answer or "").index("210个") > (answer.answer or "").index("绿舟科技"), "the last is said first"
    assert citation.quote.index("210个") < citation.quote.index("绿舟科技")
    assert citation.quote.count("210个") == 1


def test_sentences_of_one_passage_have_a_mark_for_every_period_and_status(tmp_path: Path) -> None:
    answer = make_pipeline(tmp_path, Backwards()).ask("2030年引进了哪些企业?")
    assert len({citation.passage_id for citation in answer.citations}) == 1
    assert [citation.status for citation in answer.citations] == [Status.ACTUAL, Status.ESTIMATE]
    assert "5.1%左右;区级财政收入88.8亿元,同比增长3%。[2]" in (answer.answer or "")


def test_marks_and_citations_belong_together(pipeline: Pipeline) -> None:
    for text in ("2030年地区生产总值增长多少?", "企业总部有哪些补贴?", "2030年有哪些企业落户?"):
        answer = pipeline.ask(text)
        marks = {f"[{c.marker}]" for c in answer.citations}
        assert all(mark in (answer.answer or "") for mark in marks), "nothing is cited that was not used"
        assert all(c.quote in p.text for c in answer.citations for p in answer.passages if p.passage_id == c.passage_id)


def test_the_json_has_the_promised_fields(pipeline: Pipeline) -> None:
    answered = answer_json(pipeline.ask("2030年地区生产总值增长多少?"))
    assert set(answered) == {
        *(
            "question",
            "language",
            "status",
            "answer",
            "refusal",
            "citations",
            "passages",
            "seconds",
            "standalone",
            "notice",
        ),
    }
    assert {"marker", "passage_id", "document_id", "title", "delivered", "posted", "headings", "period"} <= set(
        answered["citations"][0]
    )
    assert {"status", "quote", "source_text", "start", "end"} <= set(answered["citations"][0])
    assert {"passage_id", "document_id", "text", "source_text", "score"} <= set(answered["passages"][0])
    refused = answer_json(pipeline.ask("红河区2030年地区生产总值?"))
    assert set(refused["refusal"]) == {"reason", "message", "nearest"}


@pytest.fixture(scope="module")
def robust(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    return make_pipeline(tmp_path_factory.mktemp("robust"))


@given(text=st.text(min_size=1, max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_text_gives_an_answer_a_refusal_or_a_clear_error(text: str, robust: Pipeline) -> None:
    try:
        answer = robust.ask(text)
    except QuestionError:
        assert not text.strip()
    else:
        assert (answer.refusal is None) == (answer.status == "answered")


def test_a_follow_up_shows_how_it_was_understood(pipeline: Pipeline) -> None:
    before = [Turn("user", "2030年地区生产总值增长多少?"), Turn("assistant", "5.1%")]
    understood = pipeline.ask("那2031年呢?", before).standalone
    assert understood is not None
    assert "地区生产总值" in understood
    assert "2031年" in understood
    assert pipeline.ask(" 2030年地区生产总值  增长多少?").standalone is None, "spaces apart, it is as it was typed"
    assert pipeline.ask("2030年地區生產總值增長多少?").standalone is None, "so are traditional characters"
