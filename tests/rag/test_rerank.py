"""The reranker's contract, held by a fake and by a real cross-encoder of two tiny layers with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.encoder import ModelError
from rag.assemble import make_reranker
from rag.rerank import CrossEncoderReranker
from rag.settings import Settings
from tests.rag.fakes import SharedCharacters

if TYPE_CHECKING:
    from rag.retrieve import Reranker

TEXTS = ["新增公共充电桩210个", "区级财政收入88.8亿元", "给予租金补贴", ""]


def save_tiny(folder: Path, outputs: int = 1) -> Path:
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    characters = sorted({c for text in [*TEXTS, "公共充电桩有多少"] for c in text})
    folder.mkdir()
    vocabulary = folder / "vocab.txt"
    vocabulary.write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters]), encoding="utf-8")
    torch.manual_seed(4)
    config = BertConfig(
        vocab_size=5 + len(characters),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        num_labels=outputs,
    )
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(str(vocabulary)).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_tiny(tmp_path_factory.mktemp("rerank") / "tiny")


@pytest.fixture(params=["fake", "real"])
def reranker(request: pytest.FixtureRequest, tiny: Path) -> Reranker:
    return SharedCharacters() if request.param == "fake" else CrossEncoderReranker(tiny)


def test_every_text_gets_one_score(reranker: Reranker) -> None:
    scores = reranker.score("公共充电桩有多少", TEXTS)
    assert scores.shape == (4,)
    assert scores.dtype == np.float32
    assert np.isfinite(scores).all()


def test_no_texts_get_no_scores(reranker: Reranker) -> None:
    assert reranker.score("公共充电桩有多少", []).shape == (0,)


def test_a_score_depends_on_question_and_text_and_not_on_the_company(reranker: Reranker) -> None:
    together = reranker.score("公共充电桩有多少", TEXTS)
    assert reranker.score("公共充电桩有多少", TEXTS[1:2]) == pytest.approx(together[1:2], abs=1e-5)
    assert reranker.score("公共充电桩有多少", TEXTS[::-1]) == pytest.approx(together[::-1], abs=1e-5)
    assert len({*together.tolist()}) > 1
    assert reranker.score("租金补贴", TEXTS).tolist() != together.tolist()


def test_a_model_that_is_not_there_stops_the_start_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ModelError, match=r"reranker .*empty cannot be loaded .*DISTRICT_QA_RERANKER"):
        make_reranker(Settings(data_dir=tmp_path, reranker=str(tmp_path / "empty")))


def test_a_model_of_several_outputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="gives 3 numbers a pair, wanted one score"):
        CrossEncoderReranker(save_tiny(tmp_path / "three", outputs=3))


def test_none_is_loaded_unless_one_is_set(tmp_path: Path) -> None:
    assert make_reranker(Settings(data_dir=tmp_path)) is None
