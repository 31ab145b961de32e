from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from corpus.library import Library
from index.store import MismatchError, MissingIndexError
from rag import assemble
from rag.settings import Settings
from tests.conftest import HashEncoder, make_documents

if TYPE_CHECKING:
    from pathlib import Path


def build(settings: Settings, documents: int = 2) -> None:
    library = Library(tuple(make_documents()[:documents]))
    assemble.make_index(settings, library, HashEncoder(), lambda done, total: None)


def test_nothing_answers_before_the_first_build(tmp_path: Path) -> None:
    with pytest.raises(MissingIndexError, match="run: district-qa build"):
        assemble.make_pipeline(Settings(data_dir=tmp_path), HashEncoder())


def test_a_service_answers_from_a_new_build_at_the_next_question(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    build(settings)
    serving = assemble.make_serving(settings, HashEncoder())
    article = make_documents()[1]
    question = "企业总部的租金补贴是多少?"
    assert article.id in {found.document_id for found in serving.current().search(question, 5)}
    build(settings, documents=1)
    assert article.id not in {found.document_id for found in serving.current().search(question, 5)}


def test_a_removal_cut_short_before_its_build_is_not_answered_from(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    build(settings)
    removed = make_documents()[1].id
    assemble.make_holdings(settings).remove({removed})
    with pytest.raises(MismatchError, match=f"still holds {removed}, removed since; run: district-qa build"):
        assemble.make_pipeline(settings, HashEncoder())
    build(settings, documents=1)
    assert [entry.id for entry in assemble.make_pipeline(settings, HashEncoder()).documents()] != [removed]


def test_an_index_is_current_until_a_document_changes(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    build(settings)
    both, one = Library(tuple(make_documents())), Library(tuple(make_documents()[:1]))
    assert assemble.is_current(settings, both, "hash")
    assert not assemble.is_current(settings, both, "another encoder")
    assert not assemble.is_current(settings, one)


def test_another_model_or_prefix_has_another_name(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    settings = Settings(data_dir=tmp_path, encoder=str(tmp_path))
    names = {
        assemble.encoder_name(settings),
        assemble.encoder_name(settings.model_copy(update={"query_prefix": "ask: "})),
        assemble.encoder_name(settings.model_copy(update={"encoder": "someone/model"})),
    }
    (tmp_path / "config.json").write_text('{"a": 1}')
    assert len(names | {assemble.encoder_name(settings)}) == 4
