from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np
import pytest

from corpus.passages import cut_passages
from eval import scale
from eval.corpora import Corpus
from eval.scale import ClusteredEncoder, table, varied
from tests.conftest import make_documents

if TYPE_CHECKING:
    from pathlib import Path


def test_copies_are_all_different_and_cut_alike() -> None:
    documents = make_documents()
    copies = list(varied(documents, 40))
    assert len({copy.id for copy in copies}) == len(copies)
    assert [len(copy.text) for copy in copies[:2]] == [len(document.text) for document in documents]
    assert sum(len(cut_passages(copy)) for copy in copies) >= 40
    assert copies[0].text != documents[0].text
    assert copies[0].text[:4].isdigit() == documents[0].text[:4].isdigit()


def test_stand_in_vectors_are_unit_and_gather() -> None:
    encoder = ClusteredEncoder()
    vectors = encoder.encode_passages([f"text {i}" for i in range(2000)])
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    nearest = np.sort(vectors @ vectors.T, axis=1)[:, -2]
    assert nearest.mean() > 3 * np.abs(vectors @ vectors[0]).mean()


def test_one_size_is_built_served_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scale, "load_corpus", lambda name, settings: Corpus(name, tuple(make_documents()), ()))
    monkeypatch.setattr(scale, "QUESTIONS", tmp_path)
    line = {"id": "q", "lang": "zh", "type": "t", "question": "充电桩多少个", "evidence": []}
    (tmp_path / "q.jsonl").write_text(json.dumps(line), encoding="utf-8")
    built = scale.build(tmp_path / "index", 30)
    served = scale.serve(tmp_path / "index")
    assert built.passages > 20
    assert served.total_p50 > 0
    assert served.answer_p50 > 0
    assert len({row.count("|") for row in table([(built, served)]).splitlines()}) == 1
