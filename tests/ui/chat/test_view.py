"""Titles of documents for readers of either language."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rag.types import Language
from ui.chat.view import document_choices, plain_text, title_of
from ui.footnotes import footnotes

if TYPE_CHECKING:
    from rag.pipeline import Pipeline


def test_a_title_without_english_is_told_by_kind_and_year_to_english_readers(pipeline: Pipeline) -> None:
    report = next(entry for entry in pipeline.documents() if entry.kind == "report")
    year = report.delivered.date.year if report.delivered.date else "none"
    assert title_of(pipeline, Language.EN, report.id, report.title).short == f"{report.title} (report, {year})"
    assert title_of(pipeline, Language.ZH, report.id, report.title).short == report.title
    assert title_of(pipeline, Language.EN, "gone", "通知").short == "通知"
    assert (f"{report.title} (report, {year})", report.id) in document_choices(pipeline, Language.EN)


def test_what_is_copied_and_sent_to_programs_names_a_document_in_both_languages(pipeline: Pipeline) -> None:
    answer = pipeline.ask("What subsidies are there for headquarters?")
    citation = replace(answer.citations[0], title="补贴办法", title_translation="Measures on subsidies")
    answer = replace(answer, citations=(citation,))
    for text in (plain_text(answer), footnotes(answer)):
        assert "[1] Measures on subsidies (补贴办法)" in text
