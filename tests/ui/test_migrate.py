"""Moving an index by the command line, while a pipeline answers from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from corpus.library import Library
from eval.engines import lite_server
from index.store import read_manifest
from rag import assemble
from rag.settings import Settings
from tests.conftest import HashEncoder, make_documents
from ui import cli

if TYPE_CHECKING:
    from pathlib import Path


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["district-qa", *arguments])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert not left.value.code


def test_a_running_service_goes_on_from_the_store_that_its_index_was_moved_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lite_server() as uri:
        monkeypatch.setenv("DISTRICT_QA_DATA_DIR", str(tmp_path))
        monkeypatch.setenv("DISTRICT_QA_MILVUS_URI", uri)
        assemble.make_index(Settings(), Library(tuple(make_documents())), HashEncoder(), lambda done, total: None)
        serving = assemble.make_serving(Settings(), HashEncoder())
        question = "2030年新增公共充电桩多少个?"
        answers = [serving.current().ask(question)]
        for store in ("milvus", "faiss"):
            run(monkeypatch, "migrate", "--to", store)
            assert read_manifest(Settings().index_dir).store == store
            serving.current().check()
            answers.append(serving.current().ask(question))
        assert answers[0].answer
        assert "210" in answers[0].answer
        assert len({(answer.answer, answer.citations) for answer in answers}) == 1


def test_what_is_not_set_up_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISTRICT_QA_DATA_DIR", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["district-qa", "migrate", "--to", "milvus"])
    with pytest.raises(SystemExit, match="1"):
        cli.main()
    assert "set milvus_uri (DISTRICT_QA_MILVUS_URI)" in capsys.readouterr().err
