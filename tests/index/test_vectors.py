from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from index.vectors import FaissIndex
from tests.index.fakes import ListedVectors

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from index.vectors import VectorIndex

    Make = Callable[[NDArray[np.int64], NDArray[np.float32]], VectorIndex]

UNIT = np.eye(3, dtype=np.float32)
NUMBERS = np.array([10, 20, 30], np.int64)


def exact(numbers: NDArray[np.int64], vectors: NDArray[np.float32]) -> VectorIndex:
    return FaissIndex.build(numbers, vectors)


def by_lists(numbers: NDArray[np.int64], vectors: NDArray[np.float32]) -> VectorIndex:
    return FaissIndex.build(numbers, vectors, exact_up_to=0)


@pytest.fixture(params=[exact, by_lists, ListedVectors], ids=["exact", "by lists", "fake"])
def make(request: pytest.FixtureRequest) -> Make:
    made: Make = request.param
    return made


def test_nearest_vector_comes_first(make: Make) -> None:
    numbers, scores = make(NUMBERS, UNIT).search(np.array([0.6, 0.8, 0.0], np.float32), 2)
    assert numbers.tolist() == [20, 10]
    assert scores.tolist() == pytest.approx([0.8, 0.6], abs=0.01)


def test_asking_for_more_than_there_are_gives_all(make: Make) -> None:
    numbers, scores = make(NUMBERS, UNIT).search(UNIT[2], 10)
    assert sorted(numbers.tolist()) == [10, 20, 30]
    assert len(scores) == 3


def test_two_vectors_may_carry_one_number(make: Make) -> None:
    index = make(np.array([7, 7, 8], np.int64), UNIT)
    assert index.size == 3
    assert index.search(np.array([0.8, 0.6, 0.0], np.float32), 2)[0].tolist() == [7, 7]


def test_only_allowed_numbers_are_found(make: Make) -> None:
    index, query = make(NUMBERS, UNIT), np.array([0.6, 0.8, 0.0], np.float32)
    assert index.search(query, 3, np.array([10, 30], np.int64))[0].tolist() == [10, 30]
    assert index.search(query, 1, np.array([30], np.int64))[0].tolist() == [30]
    assert index.search(query, 3, np.array([5, 4000], np.int64))[0].tolist() == []
    assert index.search(query, 3, np.empty(0, np.int64))[0].tolist() == []


def test_a_query_of_another_dimension_is_refused(make: Make) -> None:
    with pytest.raises(ValueError, match="3 dimensions"):
        make(NUMBERS, UNIT).search(np.ones(2, np.float32), 1)


def test_saved_and_loaded_index_answers_alike(tmp_path: Path) -> None:
    FaissIndex.build(NUMBERS, UNIT).save(tmp_path / "v.faiss")
    again = FaissIndex.load(tmp_path / "v.faiss")
    assert again.size == 3
    assert again.search(UNIT[1], 1)[0].tolist() == [20]


def test_vectors_that_are_not_unit_are_refused() -> None:
    with pytest.raises(ValueError, match="vector 1 has length 2"):
        FaissIndex.build(np.array([0, 1], np.int64), np.array([[1, 0], [0, 2]], np.float32))


def test_numbers_must_be_as_many_as_vectors() -> None:
    with pytest.raises(ValueError, match="got 2 and 3"):
        FaissIndex.build(NUMBERS[:2], UNIT)


def test_a_folder_that_is_not_there_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot be written"):
        FaissIndex.build(NUMBERS, UNIT).save(tmp_path / "none" / "v.faiss")


def clustered(count: int) -> NDArray[np.float32]:
    """Vectors around 40 centres, as texts on 40 subjects lie."""
    random = np.random.default_rng(5)
    centres = random.standard_normal((40, 32))
    vectors = centres[random.integers(0, 40, count)] + 0.5 * random.standard_normal((count, 32))
    unit: NDArray[np.float32] = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


def test_many_vectors_are_searched_by_lists_and_the_recall_is_measured() -> None:
    vectors = clustered(4000)
    numbers = np.arange(4000, dtype=np.int64) * 3
    index, all_of_them = FaissIndex.build(numbers, vectors, exact_up_to=1000), ListedVectors(numbers, vectors)
    assert index.kind.startswith("8 bits")
    queries = vectors[::100] * 0.9 + vectors[1::100] * 0.1
    right = [len({*index.search(q, 10)[0].tolist()} & {*all_of_them.search(q, 10)[0].tolist()}) / 10 for q in queries]
    assert index.recall >= 0.9
    assert np.mean(right) >= 0.85


@pytest.mark.parametrize("share", [2, 20, 400, 4000])
def test_a_narrow_limit_costs_no_recall(share: int) -> None:
    """Also where all that is allowed lies in lists far from the query: clusters are numbered together."""
    vectors = clustered(4000)
    order = np.argsort(vectors @ vectors[0])  # the farthest from the first vector get the lowest numbers
    vectors, numbers = vectors[order], np.arange(4000, dtype=np.int64)
    index, listed = FaissIndex.build(numbers, vectors, exact_up_to=0), ListedVectors(numbers, vectors)
    allowed = numbers[: 4000 // share]
    for query in (vectors[-1], vectors[2000], vectors[0]):
        found, right = index.search(query, 10, allowed)[0], listed.search(query, 10, allowed)[0]
        assert len(found) == len(right) == min(10, len(allowed))
        assert np.isin(found, right).mean() >= 0.7


def test_a_wide_limit_is_searched_until_enough_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("index.vectors.EXACT_UP_TO", 10)
    vectors, numbers = clustered(4000), np.arange(4000, dtype=np.int64)
    index, listed = FaissIndex.build(numbers, vectors, exact_up_to=0), ListedVectors(numbers, vectors)
    near, far = (np.sort(np.argsort(sign * (vectors @ vectors[0]))[:2000]) for sign in (-1, 1))
    right = listed.search(vectors[0], 10, near)[0]
    assert np.isin(index.search(vectors[0], 10, near)[0], right).mean() >= 0.8
    assert len(index.search(vectors[0], 1500, far)[0]) == 1500


@pytest.mark.parametrize("exact_up_to", [0, 1000])
def test_a_changed_index_is_as_one_built_of_what_is_left(tmp_path: Path, exact_up_to: int) -> None:
    vectors, numbers = clustered(400), np.arange(400, dtype=np.int64) // 2
    FaissIndex.build(numbers[:300], vectors[:300], exact_up_to=exact_up_to).save(tmp_path / "old")
    before = (tmp_path / "old").read_bytes()
    opened = FaissIndex.load(tmp_path / "old")
    changed = FaissIndex.load(tmp_path / "old", for_change=True)
    changed.change(np.arange(50, dtype=np.int64), numbers[300:], vectors[300:])
    changed.save(tmp_path / "new")
    new = FaissIndex.load(tmp_path / "new")
    assert new.size == 300
    for row in (0, 99, 150, 310, 399):
        found = new.search(vectors[row], 300)[0].tolist()
        assert not {*found} & {*range(50)}, "removed numbers are never found"
        assert (found[0] == numbers[row]) == (numbers[row] >= 50)
    assert (tmp_path / "old").read_bytes() == before
    assert opened.search(vectors[0], 1)[0].tolist() == [0], "who has the old one open keeps it"


def test_an_index_far_outgrown_asks_to_be_built_anew() -> None:
    few = FaissIndex.build(NUMBERS, UNIT)
    assert few.suits(1000, exact_up_to=1000)
    assert not few.suits(1001, exact_up_to=1000)
    many = FaissIndex.build(np.arange(2000, dtype=np.int64), clustered(2000), exact_up_to=1000)
    assert many.suits(4000, exact_up_to=1000)
    assert not many.suits(20_000, exact_up_to=1000)
    assert not many.suits(400, exact_up_to=1000)
