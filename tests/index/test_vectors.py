from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.vectors import FaissIndex

UNIT = np.eye(3, dtype=np.float32)


def test_nearest_vector_comes_first() -> None:
    rows, scores = FaissIndex.build(UNIT).search(np.array([0.6, 0.8, 0.0], np.float32), 2)
    assert rows.tolist() == [1, 0]
    assert scores.tolist() == pytest.approx([0.8, 0.6])


def test_asking_for_more_than_there_are_gives_all() -> None:
    rows, _ = FaissIndex.build(UNIT).search(UNIT[2], 10)
    assert sorted(rows.tolist()) == [0, 1, 2]


def test_saved_and_loaded_index_answers_alike(tmp_path: Path) -> None:
    FaissIndex.build(UNIT).save(tmp_path / "v.faiss")
    again = FaissIndex.load(tmp_path / "v.faiss")
    assert again.size == 3
    assert again.search(UNIT[1], 1)[0].tolist() == [1]


def test_vectors_that_are_not_unit_are_refused() -> None:
    with pytest.raises(ValueError, match="vector 1 has length 2"):
        FaissIndex.build(np.array([[1, 0], [0, 2]], np.float32))


def test_a_query_of_another_dimension_is_refused() -> None:
    with pytest.raises(ValueError, match="3 dimensions"):
        FaissIndex.build(UNIT).search(np.ones(2, np.float32), 1)
