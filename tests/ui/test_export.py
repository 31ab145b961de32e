from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import docx
import pytest
from markdown_it import MarkdownIt

from corpus.translations import TranslationKind
from corpus.types import Status
from index.filter import EVERYTHING, Filter
from rag.receipt import Basis, Receipt, make_receipt
from rag.types import Answer, Citation, Language, Reason, Refusal, Seconds
from ui.export import ExportError, export_answer, to_docx, to_markdown

CITATION = Citation(
    marker=1,
    passage_id="d:10-14",
    document_id="d",
    title="2031年青山区政府工作报告",
    delivered="2031-01-09",
    posted=("2032-03-01", "2032-03-02"),
    headings=("一、2030年工作回顾", "(一)<b>经济</b>"),
    period="2030",
    status=Status.ESTIMATE,
    quote="重大工程",
    marked="重[大]工程",
    source_text="重工程",
    translation="major projects",
    translation_kind=TranslationKind.EDITION,
    start=10,
    end=14,
)
ANSWER = Answer(
    question="<script>alert(1)</script> [x](http://a.b) 2030年?\n# 重大工程",
    language=Language.EN,
    status="answered",
    answer="There are major projects.[1]",
    refusal=None,
    citations=(CITATION,),
    passages=(),
    seconds=Seconds(0, 0, 0),
    standalone="2030年重大工程",
)
REFUSED = replace(
    ANSWER,
    language=Language.ZH,
    status="refused",
    answer=None,
    refusal=Refusal(Reason.NOT_FOUND, "文件没有说明。", (CITATION,)),
    citations=(),
    standalone=None,
)


def _receipt(answer: Answer) -> Receipt:
    basis = Basis(index="20320501", corpus="c0ffee", encoder="hash", program="p", settings={})
    return make_receipt(answer, (), EVERYTHING, basis, date(2032, 5, 1), datetime(2032, 5, 1, 8, 30, tzinfo=UTC))


def _shown_markdown(answer: Answer) -> str:
    """Return what a reader of the Markdown sees; fails where anything but the export's own markup is in it."""
    tokens = MarkdownIt("commonmark", {"html": True}).parse(to_markdown(answer, _receipt(answer)).decode())
    assert not [token for token in tokens if "html" in token.type]
    children = [child for token in tokens for child in token.children or ()]
    own = {"text", "text_special", "strong_open", "strong_close", "em_open", "em_close"}
    assert {child.type for child in children} <= own
    return "\n".join("".join(c.content for c in token.children or ()) for token in tokens if token.type == "inline")


def _shown_docx(answer: Answer) -> str:
    document = docx.Document(io.BytesIO(to_docx(answer, _receipt(answer))))
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


@pytest.mark.parametrize("shown", [_shown_markdown, _shown_docx])
def test_an_export_holds_answer_source_dates_period_quote_and_notes(shown: object) -> None:
    text = shown(ANSWER)  # type: ignore[operator]
    for part in (
        "<script>alert(1)</script> [x](http://a.b) 2030年?",
        "Understood as: 2030年重大工程",
        "There are major projects.[1]",
        "[1] 2031年青山区政府工作报告",
        "delivered 2031-01-09 · posted 2032-03-01, 2032-03-02",
        "一、2030年工作回顾 › (一)<b>经济</b>",
        "2030 estimate",
        "重[大]工程",
        "Characters in square brackets were missing",
        "English text: unofficial translation.",
        "major projects",
        "d:10-14",
        "20320501",
        "c0ffee",
        "2032-05-01T08:30:00+00:00",
        _receipt(ANSWER).answer,
    ):
        assert part in text


@pytest.mark.parametrize("shown", [_shown_markdown, _shown_docx])
def test_an_exported_refusal_gives_what_is_nearest(shown: object) -> None:
    text = shown(REFUSED)  # type: ignore[operator]
    assert "文件没有说明。" in text
    assert text.index("最接近的内容") < text.index("[1] 2031年青山区政府工作报告")
    assert "Understood" not in text
    assert "理解为" not in text


def test_an_export_names_the_filter_that_was_asked_for() -> None:
    receipt = _receipt(ANSWER).model_copy(update={"within": Filter.parse(["2030"])})
    assert b"**Only from** year 2030" in to_markdown(ANSWER, receipt)
    assert "Only from" not in _shown_markdown(ANSWER)


def test_a_whole_quote_has_no_note_on_restored_characters() -> None:
    whole = replace(ANSWER, citations=(replace(CITATION, marked=CITATION.quote),))
    assert "square brackets" not in _shown_markdown(whole)


def test_what_xml_cannot_hold_is_replaced() -> None:
    assert "a\ufffdb" in _shown_docx(replace(ANSWER, question="a\x00b"))


def test_the_same_answer_gives_the_same_markdown() -> None:
    assert to_markdown(ANSWER, _receipt(ANSWER)) == to_markdown(ANSWER, _receipt(ANSWER))


def test_the_ending_says_as_what(tmp_path: Path) -> None:
    export_answer(ANSWER, _receipt(ANSWER), tmp_path / "a.DOCX")
    assert (tmp_path / "a.DOCX").read_bytes().startswith(b"PK")
    with pytest.raises(ExportError, match=r"ends in '\.pdf'; an answer is exported to one of \.md, \.docx"):
        export_answer(ANSWER, _receipt(ANSWER), tmp_path / "a.pdf")
