from __future__ import annotations

from pathlib import Path

from corpus.library import read_library, seed_paths
from index import tokenize
from ui.show import changes, document_details, document_text, documents_table

README = Path(__file__).parents[2] / "corpus" / "README.md"


def test_the_table_in_the_readme_is_what_the_code_understands_now() -> None:
    library = read_library(seed_paths(), word_score=tokenize.word_score)
    _, _, table = README.read_text(encoding="utf-8").partition("<!-- table -->\n")
    assert table.strip() == documents_table(library.documents), "run: make corpus-table"


def test_a_document_shows_its_sections_repairs_and_what_was_left_out() -> None:
    library = read_library(seed_paths())
    damaged = next(document for document in library.documents if document.repairs)
    details = document_details(damaged)
    assert {"period": "2018", "status": "actual"}.items() <= details["sections"][0].items()
    assert all(f"[{entry['character']}]" in entry["text"] for entry in details["restored"])
    assert {entry["reason"] for entry in details["left_out"]} == {"title repeated by the site"}
    assert "[2019 target]" in document_text(damaged)


def test_changes_between_editions_are_listed_by_sentence() -> None:
    from datetime import date

    from corpus.documents import make_document
    from corpus.types import Posting, RawText

    posting = Posting("公报", date(2031, 1, 1), "file")
    first = make_document([RawText(posting, "新增泊位900个。新建学校2所。")])
    second = make_document([RawText(posting, "新增泊位950个。新建学校2所。")])
    assert changes(first, second) == ["- 新增泊位900个。", "+ 新增泊位950个。"]
