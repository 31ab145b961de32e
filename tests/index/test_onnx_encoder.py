"""The embedded model by ONNX Runtime, against sentence-transformers in float32 and against the folder's tokenizer."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
from tokenizers import Tokenizer

from corpus.library import read_library, seed_paths
from corpus.passages import cut_passages
from corpus.translations import load_translations
from index.backends import Backend, open_embedded
from index.converted import FLOAT, INT8, PIECES, REFERENCE
from index.e5 import e5_folder
from index.encoder import ModelError, SentenceTransformerEncoder
from index.onnx_encoder import OnnxEncoder
from index.pieces import Pieces, Vocabulary, write_pieces
from index.texts import passage_texts

if TYPE_CHECKING:
    from pathlib import Path

    from rag.settings import Settings

pytestmark = pytest.mark.slow

PREFIXES = ("query: ", "passage: ")


@pytest.fixture(scope="module")
def folder(real_settings: Settings) -> Path:
    return e5_folder(real_settings.data_dir)


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Texts of the passages as they are indexed, in both languages by turns."""
    translations = load_translations()
    pairs = [passage_texts(d, p, translations) for d in read_library(seed_paths()).documents for p in cut_passages(d)]
    return [text for pair in pairs for text in pair]


@pytest.fixture(scope="module")
def queries(texts: list[str]) -> list[str]:
    """25 Chinese and 25 English questions made of the texts' own words."""
    lines = [(text.splitlines()[-1], text.isascii()) for text in texts]
    chinese = [f"{line[:14]}是多少?" for line, english in lines if not english and line[0] > "\u4e00"]
    english = [f"what about {' '.join(line.split()[:8])}" for line, english in lines if english]
    assert min(len(chinese), len(english)) >= 25
    return chinese[:25] + english[:25]


@pytest.mark.parametrize(("graph", "least"), [(FLOAT, 0.9999), (INT8, 0.998)])
def test_vectors_are_those_of_sentence_transformers(
    folder: Path, texts: list[str], queries: list[str], graph: str, least: float
) -> None:
    ours, theirs = OnnxEncoder(folder, graph, *PREFIXES), SentenceTransformerEncoder(folder, *PREFIXES)
    passages = texts[:: len(texts) // 100][:100]
    assert np.einsum("ij,ij->i", ours.encode_passages(passages), theirs.encode_passages(passages)).min() >= least
    for query in queries:
        assert ours.encode_query(query) @ theirs.encode_query(query) >= least


def test_the_index_does_not_tell_engines_apart(folder: Path) -> None:
    assert OnnxEncoder(folder, INT8, *PREFIXES).name == SentenceTransformerEncoder(folder, *PREFIXES).name


def test_a_text_becomes_the_same_whatever_is_encoded_beside_it(folder: Path, texts: list[str]) -> None:
    encoder = OnnxEncoder(folder, INT8, *PREFIXES)
    told: list[int] = []
    together = encoder.encode_passages(texts[:9], told.append)
    alone = np.concatenate([encoder.encode_passages([text]) for text in texts[:9]])
    assert np.array_equal(together, alone)
    assert sum(told) == 9


def test_no_texts_give_no_vectors(folder: Path) -> None:
    encoder = OnnxEncoder(folder, INT8, *PREFIXES)
    assert encoder.encode_passages([]).shape == (0, encoder.dimension) == (0, 384)


@pytest.mark.parametrize("text", ["", " ", "\n", "字" * 5000, "😀" * 700, "\x00\x1b", "a" * 50_000])
def test_odd_and_endless_texts_have_vectors_of_length_1(folder: Path, text: str) -> None:
    vector = OnnxEncoder(folder, INT8, *PREFIXES).encode_query(text)
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


def test_a_repeated_question_comes_from_the_cache(folder: Path) -> None:
    encoder = OnnxEncoder(folder, INT8, *PREFIXES)
    assert encoder.encode_query("停车位") is encoder.encode_query("停车位")


def test_both_tokenizers_of_the_folder_give_the_same_ids(folder: Path, texts: list[str], queries: list[str]) -> None:
    theirs = Tokenizer.from_file(str(folder / "tokenizer.json"))
    theirs.enable_truncation(512)
    odd = ["  ends  and  middle ", "ａｂｃ①㎏½", "tab\tand\nline", "e\u0301 😀 徐汇區", ""]
    samples = [*texts, *queries, *odd, "长" * 3000]
    ours = Pieces(folder / PIECES).encode(samples, 512)
    assert [ids.tolist() for ids in ours] == [encoding.ids for encoding in theirs.encode_batch(samples)]


def test_special_tokens_cannot_be_typed(tmp_path: Path) -> None:
    pieces = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁", -1.0), ("<", -1.0), ("s", -1.0)]
    write_pieces(Vocabulary([*pieces, (">", -1.0)], begin=0, end=2, padding=1, unknown=3), tmp_path / "pieces")
    (ids,) = Pieces(tmp_path / "pieces").encode(["<s>"], 10)
    assert ids.tolist() == [0, 4, 5, 6, 7, 2]


def test_what_another_machine_would_compute_wrong_is_noticed(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "model"
    copy.mkdir()
    for path in folder.iterdir():
        if path.is_file() and path.name != REFERENCE:
            os.link(path, copy / path.name)  # the runtime follows no symbolic link out of the folder
    with np.load(folder / REFERENCE) as reference:
        np.savez(copy / REFERENCE, texts=reference["texts"], vectors=-reference["vectors"])
    with pytest.raises(ModelError, match="onnx-int8 reaches a cosine of -"):
        open_embedded(copy, Backend.ONNX_INT8, *PREFIXES)
    assert isinstance(open_embedded(folder, Backend.AUTO, *PREFIXES), OnnxEncoder)


def test_a_missing_graph_stops_with_the_way_out(folder: Path, tmp_path: Path) -> None:
    (tmp_path / PIECES).symlink_to(folder / PIECES)
    with pytest.raises(ModelError, match=r"model_int8\.onnx cannot be opened.*district-qa build"):
        OnnxEncoder(tmp_path, INT8, *PREFIXES)
